import Domain

/// Reads bytes as people write them: `02 2B`, `022b`, `0x02, 0x2B`, `02:2B`.
///
/// It takes text piece by piece, so that what is typed or piped is read as it comes.
package struct HexReader: Sendable {
  /// What is no byte, and where it stands.
  package struct Mistake: Error, Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
      /// It is no hexadecimal digit.
      case stranger(String)
      /// One digit alone; a byte has two.
      case half(String)
      /// `0x`, and nothing behind it.
      case bare
    }

    package var kind: Kind
    /// 1 and up.
    package var line: Int
    /// 1 and up, counted in characters.
    package var column: Int

    package init(kind: Kind, line: Int, column: Int) {
      self.kind = kind
      self.line = line
      self.column = column
    }

    /// The mistake with its place.
    package func words(_ say: Speech) -> String {
      let place =
        line == 1
        ? say("第 \(column) 个字符", "character \(column)")
        : say("第 \(line) 行第 \(column) 个字符", "line \(line), character \(column)")
      switch kind {
      case .stranger(let text):
        return say(
          "\(place)“\(Terminal.plain(text))”不是十六进制数字",
          "\(place), `\(Terminal.plain(text))`, is no hexadecimal digit"
        )
      case .half(let digit):
        return say(
          "\(place)“\(digit)”只有一位，一个字节要两位",
          "\(place), `\(digit)`, stands alone; a byte has two digits"
        )
      case .bare: return say("\(place) 0x 后面没有数字", "nothing follows the `0x` at \(place)")
      }
    }
  }

  private enum State {
    /// Before a byte.
    case between
    case half(digit: UInt8, column: Int, isPrefixed: Bool)
    /// Behind `0x`.
    case prefix(column: Int)
  }

  private var state = State.between
  private var line = 1
  private var column = 0
  /// The start of a character whose rest has not come yet.
  private var tail: [UInt8] = []

  package init() {}

  /// Reads a whole text.
  ///
  /// - Throws: The first mistake.
  package static func bytes(_ text: String) throws(Mistake) -> [UInt8] {
    var reader = HexReader()
    return try reader.take(Array(text.utf8)) + reader.finish()
  }

  /// Takes a piece of UTF-8 text.
  ///
  /// - Returns: The bytes that are complete.
  /// - Throws: The first mistake.
  package mutating func take(_ piece: [UInt8]) throws(Mistake) -> [UInt8] {
    tail += piece
    // Cut behind an ASCII character, never within another.
    let end = tail.lastIndex { $0 < 0x80 }.map { $0 + 1 } ?? (tail.count > 64 ? tail.count : 0)
    let text = String(decoding: tail[..<end], as: UTF8.self)
    tail.removeFirst(end)
    return try read(text)
  }

  /// Ends the text.
  ///
  /// - Returns: The last byte, where it was one digit behind `0x`.
  /// - Throws: What was left unfinished.
  package mutating func finish() throws(Mistake) -> [UInt8] {
    let rest = String(decoding: tail, as: UTF8.self)
    tail = []
    var bytes = try read(rest)
    if let byte = try close() { bytes.append(byte) }
    return bytes
  }

  private mutating func read(_ text: String) throws(Mistake) -> [UInt8] {
    var bytes: [UInt8] = []
    for scalar in text.unicodeScalars {
      column += 1
      if let byte = try take(scalar) { bytes.append(byte) }
      if scalar == "\n" {
        line += 1
        column = 0
      }
    }
    return bytes
  }

  private mutating func take(_ scalar: Unicode.Scalar) throws(Mistake) -> UInt8? {
    if Self.separates(scalar) { return try close() }
    if let digit = Self.digit(scalar) { return take(digit) }
    guard scalar == "x" || scalar == "X", case .half(0, let column, false) = state else {
      throw Mistake(kind: .stranger(String(scalar)), line: line, column: column)
    }
    state = .prefix(column: column)
    return nil
  }

  private mutating func take(_ digit: UInt8) -> UInt8? {
    switch state {
    case .between: state = .half(digit: digit, column: column, isPrefixed: false)
    case .prefix(let column): state = .half(digit: digit, column: column, isPrefixed: true)
    case .half(let first, _, _):
      state = .between
      return first << 4 | digit
    }
    return nil
  }

  /// Ends a byte, if one has begun.
  private mutating func close() throws(Mistake) -> UInt8? {
    defer { state = .between }
    switch state {
    case .between: return nil
    case .half(let digit, _, isPrefixed: true): return digit
    case .half(let digit, let column, isPrefixed: false):
      let text = String(digit, radix: 16, uppercase: true)
      throw Mistake(kind: .half(text), line: line, column: column)
    case .prefix(let column): throw Mistake(kind: .bare, line: line, column: column)
    }
  }

  /// White space, commas and colons; also the wide ones of Chinese keyboards.
  private static func separates(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar {
    case ",", ":", "，", "：": true
    default: scalar.properties.isWhitespace
    }
  }

  private static func digit(_ scalar: Unicode.Scalar) -> UInt8? {
    switch scalar {
    case "0"..."9": UInt8(scalar.value - 0x30)
    case "A"..."F": UInt8(scalar.value - 0x41 + 10)
    case "a"..."f": UInt8(scalar.value - 0x61 + 10)
    default: nil
    }
  }
}

extension [UInt8] {
  /// Pairs of capital digits with spaces between them, `02 2B`.
  package var hex: String {
    let digits = Array("0123456789ABCDEF".utf8)
    var text: [UInt8] = []
    text.reserveCapacity(count * 3)
    for byte in self {
      if !text.isEmpty { text.append(0x20) }
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(decoding: text, as: UTF8.self)
  }
}
