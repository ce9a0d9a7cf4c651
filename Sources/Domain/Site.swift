/// The identity of a service point (网点), as the county registers it: 2 to 12 of `A`–`Z`, `0`–`9`.
package struct SiteID: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// Checks the form of an identity.
  ///
  /// - Returns: `nil` where the text is not 2 to 12 upper-case ASCII letters and digits.
  package init?(_ text: String) {
    let letters = text.utf8
    guard (2...12).contains(letters.count) else { return nil }
    guard letters.allSatisfy(CheckCharacter.isAlphanumeric) else { return nil }
    self.text = text
  }

  package var description: String { text }
}

/// The number of a ledger's life: random, made together with its file.
///
/// A replaced or cloned card thus shows up as another epoch instead of overwriting records.
package struct Epoch: Hashable, Sendable, CustomStringConvertible {
  package let value: UInt64

  package init(_ value: UInt64) {
    self.value = value
  }

  /// Reads the 16 lower-case hexadecimal digits of ``description``.
  package init?(_ text: String) {
    guard text.utf8.count == 16, let value = UInt64(text, radix: 16) else { return nil }
    self.value = value
    guard description == text else { return nil }
  }

  package var description: String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 16 - digits.count) + digits
  }

  /// Four characters of the epoch for people and labels, in Crockford's base 32.
  package var tag: String {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    return String((0..<4).map { alphabet[Int(value >> (UInt64($0) * 5) & 31)] })
  }
}
