/// The number that a station gives to a parcel (包裹号), as `SM017-K3F9-000042-7`.
///
/// Site, four characters of the ledger's epoch, a running serial number, and a check character
/// over all of them (ISO/IEC 7064, MOD 37,36). It is issued without a link and does not collide.
package struct ParcelNumber: Hashable, Sendable, CustomStringConvertible {
  package let text: String

  /// Issues the number for one serial of a ledger.
  ///
  /// - Parameters:
  ///   - site: The issuing site.
  ///   - epoch: The epoch of the ledger that counts the serials.
  ///   - serial: 1 and up.
  package init(site: SiteID, epoch: Epoch, serial: Int) {
    let digits = String(serial)
    let padded = String(repeating: "0", count: max(0, 6 - digits.count)) + digits
    let body = "\(site)-\(epoch.tag)-\(padded)"
    text = body + "-" + String(CheckCharacter.of(body))
  }

  /// Reads a number and checks its check character.
  ///
  /// - Returns: `nil` where the form or the check character is wrong.
  package init?(_ text: String) {
    let parts = text.split(separator: "-", omittingEmptySubsequences: false)
    guard parts.count == 4, SiteID(String(parts[0])) != nil else { return nil }
    guard parts[1].utf8.count == 4, parts[1].utf8.allSatisfy(CheckCharacter.isAlphanumeric)
    else { return nil }
    guard parts[2].utf8.count >= 6, parts[2].utf8.allSatisfy({ (0x30...0x39).contains($0) })
    else { return nil }
    // Only the first million is padded: one serial has one text.
    guard parts[2].utf8.count == 6 || parts[2].utf8.first != 0x30 else { return nil }
    let body = parts[0...2].joined(separator: "-")
    // Bytes, because a Kelvin sign equals a K for `==`.
    guard parts[3].utf8.elementsEqual(CheckCharacter.of(body).utf8) else { return nil }
    self.text = text
  }

  package var description: String { text }
}

/// ISO/IEC 7064:2003, MOD 37,36 (hybrid system): one check character over letters and digits.
package enum CheckCharacter {
  private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

  static func isAlphanumeric(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte)
  }

  /// Computes the check character; anything but `0`–`9` and `A`–`Z` is passed over.
  package static func of(_ text: String) -> Character {
    var product = 36
    for byte in text.utf8 where isAlphanumeric(byte) {
      let value = Int(byte) - (byte < 0x41 ? 0x30 : 0x41 - 10)
      let sum = (product + value) % 36
      product = (sum == 0 ? 36 : sum) * 2 % 37
    }
    return alphabet[(37 - product) % 36]
  }
}
