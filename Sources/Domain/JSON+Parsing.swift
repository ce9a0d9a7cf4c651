extension JSON {
  /// Why a text is not a value of this subset, and where.
  package struct ParseError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The offset of the first byte that does not fit.
    package var offset: Int
    package var reason: String

    package var description: String { "byte \(offset): \(reason)" }
  }

  /// Reads one JSON text.
  ///
  /// Refused beyond RFC 8259's grammar: fractions and exponents, integers beyond 64 bits, a key
  /// twice in one object, lone surrogates, invalid UTF-8, and nesting deeper than 32.
  ///
  /// - Parameter bytes: The text in UTF-8, with nothing but white space around it.
  /// - Throws: Where and why it is refused.
  package init(parsing bytes: [UInt8]) throws(ParseError) {
    var parser = Parser(bytes: bytes)
    self = try parser.document()
  }
}

private struct Parser {
  let bytes: [UInt8]
  var offset = 0

  static let deepest = 32

  mutating func document() throws(JSON.ParseError) -> JSON {
    let value = try value(depth: 0)
    skipSpace()
    guard offset == bytes.count else { throw error("something follows the value") }
    return value
  }

  private var next: UInt8? { offset < bytes.count ? bytes[offset] : nil }

  private func error(_ reason: String) -> JSON.ParseError {
    JSON.ParseError(offset: offset, reason: reason)
  }

  private mutating func skipSpace() {
    while let byte = next, byte == 0x20 || byte == 0x09 || byte == 0x0A || byte == 0x0D {
      offset += 1
    }
  }

  private mutating func take(_ byte: Unicode.Scalar) -> Bool {
    guard next == UInt8(ascii: byte) else { return false }
    offset += 1
    return true
  }

  private mutating func value(depth: Int) throws(JSON.ParseError) -> JSON {
    guard depth <= Self.deepest else { throw error("nested deeper than \(Self.deepest)") }
    skipSpace()
    switch next {
    case UInt8(ascii: "{"): return try object(depth: depth)
    case UInt8(ascii: "["): return try array(depth: depth)
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "-"), (0x30...0x39)?: return try number()
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case nil: throw error("the text ends where a value should stand")
    default: throw error("a value cannot start so")
    }
  }

  private mutating func word(_ word: String, _ value: JSON) throws(JSON.ParseError) -> JSON {
    guard bytes[offset...].starts(with: word.utf8) else { throw error("expected \(word)") }
    offset += word.utf8.count
    return value
  }

  private mutating func number() throws(JSON.ParseError) -> JSON {
    let start = offset
    _ = take("-")
    let digits = offset
    while let byte = next, (0x30...0x39).contains(byte) { offset += 1 }
    guard offset > digits else { throw error("a digit should stand here") }
    guard bytes[digits] != 0x30 || offset == digits + 1 else {
      throw error("a number has a leading zero")
    }
    if let byte = next, byte == 0x2E || byte | 0x20 == 0x65 {
      throw error("only whole numbers are kept")
    }
    guard let value = Int(String(decoding: bytes[start..<offset], as: UTF8.self)) else {
      throw error("a number beyond 64 bits")
    }
    return .int(value)
  }

  private mutating func array(depth: Int) throws(JSON.ParseError) -> JSON {
    offset += 1
    var values: [JSON] = []
    skipSpace()
    if take("]") { return .array(values) }
    while true {
      values.append(try value(depth: depth + 1))
      skipSpace()
      if take("]") { return .array(values) }
      guard take(",") else { throw error("expected , or ]") }
    }
  }

  private mutating func object(depth: Int) throws(JSON.ParseError) -> JSON {
    offset += 1
    var fields: [String: JSON] = [:]
    skipSpace()
    if take("}") { return .object(fields) }
    while true {
      skipSpace()
      guard next == UInt8(ascii: "\"") else { throw error("expected a key") }
      let key = try string()
      skipSpace()
      guard take(":") else { throw error("expected :") }
      let value = try value(depth: depth + 1)
      guard fields.updateValue(value, forKey: key) == nil else {
        throw error("the key \"\(key)\" stands twice")
      }
      skipSpace()
      if take("}") { return .object(fields) }
      guard take(",") else { throw error("expected , or }") }
    }
  }

  private mutating func string() throws(JSON.ParseError) -> String {
    offset += 1
    var out: [UInt8] = []
    while let byte = next {
      switch byte {
      case 0x22:
        offset += 1
        guard let text = String(validating: out, as: UTF8.self) else {
          throw error("a string is not UTF-8")
        }
        return text
      case 0x5C:
        offset += 1
        try escape(into: &out)
      case 0x00..<0x20: throw error("a control character stands unescaped")
      default:
        out.append(byte)
        offset += 1
      }
    }
    throw error("a string does not end")
  }

  private mutating func escape(into out: inout [UInt8]) throws(JSON.ParseError) {
    guard let byte = next else { throw error("a string does not end") }
    offset += 1
    switch byte {
    case 0x22, 0x5C, 0x2F: out.append(byte)
    case UInt8(ascii: "b"): out.append(0x08)
    case UInt8(ascii: "f"): out.append(0x0C)
    case UInt8(ascii: "n"): out.append(0x0A)
    case UInt8(ascii: "r"): out.append(0x0D)
    case UInt8(ascii: "t"): out.append(0x09)
    case UInt8(ascii: "u"): out.append(contentsOf: try scalar().utf8Bytes)
    default: throw error("an unknown escape")
    }
  }

  private mutating func scalar() throws(JSON.ParseError) -> Unicode.Scalar {
    let high = try unit()
    if let scalar = Unicode.Scalar(high) { return scalar }
    guard high < 0xDC00, take("\\"), take("u") else { throw error("a lone surrogate") }
    let low = try unit()
    guard (0xDC00...0xDFFF).contains(low) else { throw error("a lone surrogate") }
    let value = 0x10000 + (UInt32(high) - 0xD800) << 10 + (UInt32(low) - 0xDC00)
    guard let scalar = Unicode.Scalar(value) else { throw error("a lone surrogate") }
    return scalar
  }

  private mutating func unit() throws(JSON.ParseError) -> UInt16 {
    guard offset + 4 <= bytes.count else { throw error("an escape does not end") }
    let digits = bytes[offset..<offset + 4]
    guard digits.allSatisfy(\.isHexDigit),
      let value = UInt16(String(decoding: digits, as: UTF8.self), radix: 16)
    else { throw error("an escape is not hexadecimal") }
    offset += 4
    return value
  }
}

extension UInt8 {
  fileprivate var isHexDigit: Bool {
    (0x30...0x39).contains(self) || (0x41...0x46).contains(self) || (0x61...0x66).contains(self)
  }
}

extension Unicode.Scalar {
  fileprivate var utf8Bytes: [UInt8] { Array(String(Character(self)).utf8) }
}
