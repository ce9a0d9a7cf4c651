/// The form of a courier's numbers, in a few signs.
///
/// Letters, digits and `-` stand for themselves; `#` is a digit, `@` a letter, `*` either; `{13}` or
/// `{8,20}` repeats what stands before it; `[268|368]` is one of several beginnings or middles. A
/// number is compared in one pass, whatever the pattern.
package struct CarrierPattern: Hashable, Sendable {
  private enum Element: Hashable, Sendable {
    case any(of: [[UInt8]])
    case run(Kind, ClosedRange<Int>)
  }

  private enum Kind: Hashable, Sendable {
    case digit, letter, either
    case exactly(UInt8)

    func accepts(_ byte: UInt8) -> Bool {
      let isDigit = (0x30...0x39).contains(byte)
      let isLetter = (0x41...0x5A).contains(byte)
      return switch self {
      case .digit: isDigit
      case .letter: isLetter
      case .either: isDigit || isLetter
      case .exactly(let own): byte == own
      }
    }
  }

  /// As it is written.
  package let text: String
  private var elements: [Element] = []

  /// Reads a pattern.
  ///
  /// - Returns: `nil` where it breaks the rules above, or could be longer than 64 characters.
  package init?(_ text: String) {
    self.text = text
    var rest = Array(text.utf8)[...]
    while let sign = rest.popFirst() {
      switch sign {
      case UInt8(ascii: "["):
        guard let end = rest.firstIndex(of: UInt8(ascii: "]")) else { return nil }
        let words = rest[..<end].split(
          separator: UInt8(ascii: "|"),
          omittingEmptySubsequences: false
        )
        guard words.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isLiteral) }) else { return nil }
        elements.append(.any(of: words.map(Array.init)))
        rest = rest[(end + 1)...]
      default:
        guard let kind = Self.kind(sign) else { return nil }
        guard let count = Self.count(&rest) else { return nil }
        elements.append(.run(kind, count))
      }
    }
    guard !elements.isEmpty, longest <= 64 else { return nil }
  }

  /// Whether a number has this form from its first to its last character.
  package func fits(_ number: String) -> Bool {
    let bytes = Array(number.utf8)
    guard bytes.count <= 64 else { return false }
    // The places that can be reached; the same set after each element, so no path is tried twice.
    var places: Set<Int> = [0]
    for element in elements {
      var next: Set<Int> = []
      for place in places {
        switch element {
        case .any(let words):
          for word in words where bytes[place...].starts(with: word) {
            next.insert(place + word.count)
          }
        case .run(let kind, let count):
          var end = place
          while end < bytes.count, end - place < count.upperBound, kind.accepts(bytes[end]) {
            end += 1
          }
          for length in count where length <= end - place { next.insert(place + length) }
        }
      }
      places = next
    }
    return places.contains(bytes.count)
  }

  private var longest: Int {
    elements.reduce(0) { sum, element in
      switch element {
      case .any(let words): sum + (words.map(\.count).max() ?? 0)
      case .run(_, let count): sum + count.upperBound
      }
    }
  }

  private static func isLiteral(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2D
  }

  private static func kind(_ sign: UInt8) -> Kind? {
    switch sign {
    case UInt8(ascii: "#"): .digit
    case UInt8(ascii: "@"): .letter
    case UInt8(ascii: "*"): .either
    default: isLiteral(sign) ? .exactly(sign) : nil
    }
  }

  /// Reads `{13}` or `{8,20}`; 1 where there is none.
  private static func count(_ rest: inout ArraySlice<UInt8>) -> ClosedRange<Int>? {
    guard rest.first == UInt8(ascii: "{") else { return 1...1 }
    guard let end = rest.firstIndex(of: UInt8(ascii: "}")) else { return nil }
    let inside = String(decoding: rest[(rest.startIndex + 1)..<end], as: UTF8.self)
    rest = rest[(end + 1)...]
    let bounds = inside.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
    guard (1...2).contains(bounds.count), let low = bounds[0], let high = bounds[bounds.count - 1],
      (0...64).contains(low), (1...64).contains(high), low <= high
    else { return nil }
    return low...high
  }
}
