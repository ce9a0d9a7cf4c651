import Crypto

/// The SHA-256 of a server's public key (its SPKI, as RFC 7469 takes it), in base64.
package struct KeyPin: Hashable, Sendable, CustomStringConvertible {
  package let base64: String

  private static let prefix = "sha256//"

  /// Reads a pin as `yizhan-hub` prints it, with `sha256//` before the base64 or without.
  package init?(_ text: String) {
    let digits = text.hasPrefix(Self.prefix) ? String(text.dropFirst(Self.prefix.count)) : text
    guard Base64.decode(digits)?.count == 32 else { return nil }
    base64 = digits
  }

  /// The pin of a public key in DER.
  package init(ofPublicKey der: [UInt8]) {
    base64 = Base64.encode(Array(SHA256.hash(data: der)))
  }

  package var description: String { Self.prefix + base64 }
}
