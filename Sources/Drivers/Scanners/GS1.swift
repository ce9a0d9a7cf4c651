/// One element string of a GS1 code: what it is, and its value.
package struct GS1Element: Hashable, Sendable {
  /// The application identifier, as `00`.
  package var identifier: String
  package var value: String

  package init(identifier: String, value: String) {
    self.identifier = identifier
    self.value = value
  }
}

/// The grammar of GS1 codes (GS1 General Specifications, 7.8): element strings in a row, those
/// without a fixed length ended by FNC1, which scanners send as the group separator.
package enum GS1 {
  /// FNC1 as it is transmitted.
  static let separator: UInt8 = 0x1D
  /// What AIM calls the codes that begin with FNC1: GS1-128, DataMatrix, QR, DataBar, Dot Code.
  static let symbologies: Set<String> = ["]C1", "]d2", "]Q3", "]e0", "]J1"]

  /// How many digits an identifier has, by its first two; those that are not here are unassigned.
  private static let identifierLengths: [Int: Int] = {
    let groups: [(Int, [ClosedRange<Int>])] = [
      (2, [0...4, 10...22, 30...30, 37...37, 90...99]),
      (3, [23...25, 40...42, 71...71]),
      (4, [31...36, 39...39, 43...43, 70...70, 72...72, 80...82]),
    ]
    var lengths: [Int: Int] = [:]
    for (length, starts) in groups {
      for start in starts.joined() { lengths[start] = length }
    }
    return lengths
  }()

  /// How long a value is whose identifier begins with these digits; all others end with FNC1.
  private static func fixedLength(_ start: Int) -> Int? {
    switch start {
    case 0: 18
    case 1...3: 14
    case 4: 16
    case 11...19, 31...36: 6
    case 20: 2
    case 41: 13
    default: nil
    }
  }

  /// Takes a code apart; a leading FNC1 is passed over.
  ///
  /// - Returns: `nil` where it breaks the grammar.
  package static func elements(_ bytes: [UInt8]) -> [GS1Element]? {
    var rest = bytes.drop { $0 == separator }
    var elements: [GS1Element] = []
    while !rest.isEmpty {
      guard let start = number(rest.prefix(2)), let length = identifierLengths[start] else {
        return nil
      }
      guard number(rest.prefix(length)) != nil, rest.count > length else { return nil }
      let identifier = rest.prefix(length)
      rest = rest.dropFirst(length)
      let value: ArraySlice<UInt8>
      if let fixed = fixedLength(start) {
        value = rest.prefix(fixed)
        guard value.count == fixed, value.allSatisfy(isDigit) else { return nil }
      } else {
        value = rest.prefix { $0 != separator }
        // No value is longer (identifiers 91 to 99).
        guard (1...90).contains(value.count) else { return nil }
      }
      guard value.allSatisfy({ (0x21...0x7E).contains($0) }) else { return nil }
      let element = GS1Element(
        identifier: String(decoding: identifier, as: UTF8.self),
        value: String(decoding: value, as: UTF8.self)
      )
      elements.append(element)
      // A separator behind a fixed length is superfluous, and allowed.
      rest = rest.dropFirst(value.count)
      if rest.first == separator { rest = rest.dropFirst() }
    }
    return elements.isEmpty ? nil : elements
  }

  /// The number that digits make; `nil` where they are too few or none.
  private static func number(_ digits: ArraySlice<UInt8>) -> Int? {
    guard digits.count >= 2, digits.allSatisfy(isDigit) else { return nil }
    return digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }
  }

  private static func isDigit(_ byte: UInt8) -> Bool { (0x30...0x39).contains(byte) }
}
