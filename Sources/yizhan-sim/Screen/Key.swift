/// A key of the keyboard, as a terminal in raw mode tells of it.
package enum Key: Hashable, Sendable {
  case character(Character)
  /// A letter with the control key, in lower case.
  case control(Character)
  case enter
  case escape
  case tab
  case backspace
  case up
  case down
  case left
  case right

  /// Reads the keys out of what one read brought, which holds whole sequences as a rule.
  package static func parse(_ bytes: [UInt8]) -> [Key] {
    var keys: [Key] = []
    var rest = bytes[...]
    while let first = rest.first {
      if first == 0x1B {
        let (key, length) = sequence(rest)
        if let key { keys.append(key) }
        rest = rest.dropFirst(length)
      } else if first < 0x20 || first == 0x7F {
        if let key = control(first) { keys.append(key) }
        rest = rest.dropFirst()
      } else {
        let text = rest.prefix { $0 >= 0x20 && $0 != 0x7F }
        keys += String(decoding: text, as: UTF8.self).map(Key.character)
        rest = rest.dropFirst(text.count)
      }
    }
    return keys
  }

  private static func control(_ byte: UInt8) -> Key? {
    switch byte {
    case 0x09: .tab
    case 0x0A, 0x0D: .enter
    case 0x08, 0x7F: .backspace
    case 0x01...0x1A: .control(Character(Unicode.Scalar(byte + 0x60)))
    default: nil
    }
  }

  /// An escape sequence (ECMA-48 CSI, or SS3) at the start of these bytes, and its length.
  private static func sequence(_ bytes: ArraySlice<UInt8>) -> (Key?, Int) {
    let tail = bytes.dropFirst()
    guard let kind = tail.first, kind == UInt8(ascii: "[") || kind == UInt8(ascii: "O") else {
      return (.escape, 1)
    }
    let body = tail.dropFirst()
    guard let end = body.firstIndex(where: { (0x40...0x7E).contains($0) }) else {
      return (nil, bytes.count)
    }
    let length = end - bytes.startIndex + 1
    switch body[end] {
    case UInt8(ascii: "A"): return (.up, length)
    case UInt8(ascii: "B"): return (.down, length)
    case UInt8(ascii: "C"): return (.right, length)
    case UInt8(ascii: "D"): return (.left, length)
    default: return (nil, length)
    }
  }
}
