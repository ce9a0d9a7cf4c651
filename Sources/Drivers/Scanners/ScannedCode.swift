package import Domain

/// What a code says, once it has been tidied.
package enum ScannedCode: Hashable, Sendable {
  /// A courier's number (运单号): 8 to 35 capitals, digits and hyphens.
  case waybill(String)
  /// The card of a courier (公司卡), by the courier's id.
  case carrier(String)
  /// A label of a station of ours.
  case parcel(ParcelNumber)
  /// Nothing that belongs on a parcel; the reason is for the technician.
  case other(reason: String)

  /// Tidies and sorts a scan: spaces and line ends around it go, small letters become capitals.
  package init(_ scan: Scan) {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    var bytes = Array(scan.bytes.drop(while: isSpace))
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    let (code, prefix) = AIMPrefix.split(bytes)
    // FNC1 at the front only says that GS1's grammar holds (GS1 General Specifications, 7.8).
    let text = Array(code.drop { $0 == GS1.separator })
    guard !text.isEmpty else {
      self = .other(reason: "an empty code")
      return
    }
    let symbology = scan.symbology ?? prefix ?? ""
    // The box may show the barcode of what is in it, as long as a waybill of some couriers.
    guard !symbology.hasPrefix("]E") else {
      self = .other(reason: "the barcode of an article (EAN), not of a parcel")
      return
    }
    let isGS1 = GS1.symbologies.contains(symbology)
    guard isGS1 || text.contains(GS1.separator) else {
      self = Self.plain(text)
      return
    }
    // Some print their own numbers with FNC1 before them.
    self = GS1.elements(text).map(Self.container) ?? Self.plain(text)
  }

  /// A GS1 code names a parcel by its serial shipping container code, identifier 00.
  private static func container(_ elements: [GS1Element]) -> ScannedCode {
    guard let number = elements.first(where: { $0.identifier == "00" })?.value else {
      let names = elements.map { "(\($0.identifier))" }.joined(separator: " ")
      return .other(reason: "a GS1 code of \(names), and not of a parcel, which has (00)")
    }
    return .waybill(number)
  }

  private static func plain(_ bytes: [UInt8]) -> ScannedCode {
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return .other(reason: "a code with control bytes, spaces or other scripts")
    }
    let text = String(decoding: bytes, as: UTF8.self).uppercased()
    if text.hasPrefix(CommandCard.mark) { return card(text) }
    if let number = ParcelNumber(text) { return .parcel(number) }
    if text.hasPrefix("HTTP") || text.contains("=") {
      return .other(reason: "a web address or a form, not a waybill")
    }
    let isWaybill = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2D
    }
    guard isWaybill else { return .other(reason: "a code with signs that no waybill has") }
    guard (8...35).contains(text.utf8.count) else {
      return .other(reason: "a code of \(text.utf8.count) characters; waybills have 8 to 35")
    }
    return .waybill(text)
  }

  private static func card(_ text: String) -> ScannedCode {
    do throws(CommandCard.Mistake) {
      let card = try CommandCard(text)
      return switch card.verb {
      case .carrier: .carrier(card.value.lowercased())
      case .operator: .other(reason: "the card of an operator: this station asks for none")
      }
    } catch {
      return .other(reason: error.reason)
    }
  }

  /// The code for people, and for telling one from another.
  package var text: String {
    switch self {
    case .waybill(let text), .carrier(let text), .other(let text): text
    case .parcel(let number): number.text
    }
  }
}
