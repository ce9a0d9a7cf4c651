/// Finds where the parts of a JSON text begin and end, without judging what is inside them.
///
/// A batch is split with it before each part is parsed strictly, so that one unreadable row costs
/// that row only. It keeps no stack and looks at each byte once.
struct RawJSON {
  let bytes: [UInt8]

  /// The elements of the array that fills a range; `nil` if it is none.
  func elements(of range: Range<Int>) -> [Range<Int>]? {
    parts(of: range, open: UInt8(ascii: "["), close: UInt8(ascii: "]"))
  }

  /// The members of the object that fills a range, as ranges of key and value.
  func members(of range: Range<Int>) -> [(key: Range<Int>, value: Range<Int>)]? {
    let parts = parts(of: range, open: UInt8(ascii: "{"), close: UInt8(ascii: "}"))
    guard let parts else { return nil }
    var members: [(key: Range<Int>, value: Range<Int>)] = []
    for part in parts {
      guard bytes[part.lowerBound] == UInt8(ascii: "\"") else { return nil }
      let keyEnd = endOfString(part.lowerBound, before: part.upperBound)
      guard let keyEnd else { return nil }
      let rest = trimmed(keyEnd..<part.upperBound)
      guard let colon = rest.first, bytes[colon] == UInt8(ascii: ":") else { return nil }
      let value = trimmed(colon + 1..<part.upperBound)
      guard !value.isEmpty else { return nil }
      members.append((part.lowerBound..<keyEnd, value))
    }
    return members
  }

  private func parts(of range: Range<Int>, open: UInt8, close: UInt8) -> [Range<Int>]? {
    let range = trimmed(range)
    guard range.count >= 2, bytes[range.lowerBound] == open,
      bytes[range.upperBound - 1] == close
    else { return nil }
    let inside = trimmed(range.lowerBound + 1..<range.upperBound - 1)
    if inside.isEmpty { return [] }
    var (parts, start): ([Range<Int>], Int) = ([], inside.lowerBound)
    while true {
      guard let end = endOfPart(start, before: inside.upperBound) else { return nil }
      let part = trimmed(start..<end)
      guard !part.isEmpty else { return nil }
      parts.append(part)
      if end == inside.upperBound { return parts }
      start = end + 1
    }
  }

  /// The next comma outside strings and brackets, or the end.
  private func endOfPart(_ start: Int, before end: Int) -> Int? {
    var (offset, depth) = (start, 0)
    while offset < end {
      switch bytes[offset] {
      case UInt8(ascii: "\""):
        guard let next = endOfString(offset, before: end) else { return nil }
        offset = next
        continue
      case UInt8(ascii: "["), UInt8(ascii: "{"): depth += 1
      case UInt8(ascii: "]"), UInt8(ascii: "}"):
        depth -= 1
        if depth < 0 { return nil }
      case UInt8(ascii: ",") where depth == 0: return offset
      default: break
      }
      offset += 1
    }
    return depth == 0 ? end : nil
  }

  private func endOfString(_ start: Int, before end: Int) -> Int? {
    var offset = start + 1
    while offset < end {
      if bytes[offset] == UInt8(ascii: "\"") { return offset + 1 }
      offset += bytes[offset] == UInt8(ascii: "\\") ? 2 : 1
    }
    return nil
  }

  private func trimmed(_ range: Range<Int>) -> Range<Int> {
    var (start, end) = (range.lowerBound, range.upperBound)
    while start < end, isSpace(bytes[start]) { start += 1 }
    while end > start, isSpace(bytes[end - 1]) { end -= 1 }
    return start..<end
  }

  private func isSpace(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D
  }
}
