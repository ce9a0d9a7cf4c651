/// A word of a frame in capitals, packed into a number: no text is made for each of many frames.
package struct WireWord: Hashable, Sendable {
  private let letters: UInt64

  /// A word to compare with: up to eight letters.
  package init(_ text: String) {
    letters = text.utf8.reduce(0) { $0 << 8 | UInt64($1 & 0xDF) }
  }

  /// Reads up to eight letters in capitals or not; spaces and points are passed over.
  ///
  /// Reading ends at the first digit, so that `Err 054` is the word `ERR`.
  ///
  /// - Returns: `nil` for anything else. A field without letters is the word without letters.
  package init?(ascii bytes: Span<UInt8>) {
    var letters: UInt64 = 0
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x20 || byte == 0x2E { continue }
      if byte &- 0x30 < 10 { break }
      guard letters >> 56 == 0, (0x41...0x5A).contains(byte & 0xDF) else { return nil }
      letters = letters << 8 | UInt64(byte & 0xDF)
    }
    self.letters = letters
  }

  /// Whether there is no letter in it.
  package var isEmpty: Bool { letters == 0 }
}
