import Crypto
package import Domain

/// The public half of a station's key: whoever has it can tell what that box has signed.
package struct VerificationKey: Hashable, Sendable, CustomStringConvertible {
  /// The 32 bytes of RFC 8032.
  package let bytes: [UInt8]

  private static let prefix = "ed25519:"

  /// Takes the 32 bytes; `nil` for any other number of them.
  package init?(bytes: [UInt8]) {
    guard bytes.count == 32 else { return nil }
    self.bytes = bytes
  }

  /// Reads a text as ``description`` writes it.
  package init?(_ text: String) {
    guard text.hasPrefix(Self.prefix),
      let bytes = Base64.decode(String(text.dropFirst(Self.prefix.count)))
    else { return nil }
    self.init(bytes: bytes)
  }

  /// The key as text, as `ed25519:` and base64.
  package var description: String { Self.prefix + Base64.encode(bytes) }

  /// What two people compare over the telephone: 80 bits of the key's SHA-256 in Crockford's
  /// base 32, as `7K3D-0Q9F-XW2M-41TB`.
  package var fingerprint: String {
    let alphabet = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ")
    var (text, bits, held) = ("", 0, 0)
    for byte in SHA256.hash(data: bytes).prefix(10) {
      bits = bits << 8 | Int(byte)
      held += 8
      while held >= 5 {
        held -= 5
        text.append(alphabet[bits >> held & 31])
        bits &= (1 << held) - 1
      }
    }
    return stride(from: 0, to: 16, by: 4).map { String(text.dropFirst($0).prefix(4)) }
      .joined(separator: "-")
  }

  /// The text of the code that enrols a box: a URI with site and key.
  package func enrolmentCode(_ site: SiteID) -> String {
    // The characters of base64 that mean something in a query.
    let key = description.replacing("+", with: "%2B").replacing("/", with: "%2F")
      .replacing("=", with: "%3D")
    return "yizhan:enroll?site=\(site)&key=\(key)"
  }

  /// Whether the key's owner signed exactly these bytes.
  package func hasSigned(_ message: [UInt8], with signature: [UInt8]) -> Bool {
    guard let key = try? Curve25519.Signing.PublicKey(rawRepresentation: bytes) else {
      return false
    }
    return key.isValidSignature(signature, for: message)
  }
}

/// The key of one box, made by itself; it never leaves it.
package struct StationKey: Sendable {
  /// What the hub is told.
  package let publicKey: VerificationKey
  private let key: Curve25519.Signing.PrivateKey

  /// Makes a new one.
  package init() { self.init(Curve25519.Signing.PrivateKey()) }

  /// Takes the 32 bytes of a key that was made before.
  init?(seed: [UInt8]) {
    guard let key = try? Curve25519.Signing.PrivateKey(rawRepresentation: seed) else { return nil }
    self.init(key)
  }

  private init(_ key: Curve25519.Signing.PrivateKey) {
    guard let publicKey = VerificationKey(bytes: Array(key.publicKey.rawRepresentation)) else {
      preconditionFailure("an Ed25519 key has 32 bytes")
    }
    self.key = key
    self.publicKey = publicKey
  }

  var seed: [UInt8] { Array(key.rawRepresentation) }

  /// Signs bytes.
  package func signature(of message: [UInt8]) -> [UInt8] {
    guard let signature = try? key.signature(for: message) else {
      preconditionFailure("signing needs nothing that could be missing")
    }
    return Array(signature)
  }
}
