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

  /// What a courier's card begins with.
  package static let cardMark = "YZ:CARRIER:"

  /// Tidies and sorts a scan: spaces and line ends around it go, small letters become capitals.
  package init(_ scan: Scan) {
    let isSpace = { (byte: UInt8) in [0x20, 0x09, 0x0A, 0x0D].contains(byte) }
    var bytes = Array(scan.bytes.drop(while: isSpace))
    while let last = bytes.last, isSpace(last) { bytes.removeLast() }
    let (code, prefix) = AIMPrefix.split(bytes)
    // FNC1 at the front only says that GS1's rules hold (GS1 General Specifications, 7.8).
    let isGS1 = ["]C1", "]d2", "]Q3", "]e0", "]J1"].contains(scan.symbology ?? prefix ?? "")
    let text = Array(code.drop { $0 == Self.separator })
    guard !text.isEmpty else {
      self = .other(reason: "an empty code")
      return
    }
    if text.contains(Self.separator) {
      self =
        Self.serialShippingContainer(text) ?? .other(reason: "a GS1 code without a number of ours")
      return
    }
    if isGS1, let code = Self.serialShippingContainer(text) {
      self = code
      return
    }
    self = Self.plain(text)
  }

  /// The group separator, FNC1 in transmission.
  private static let separator: UInt8 = 0x1D

  private static func plain(_ bytes: [UInt8]) -> ScannedCode {
    guard bytes.allSatisfy({ (0x21...0x7E).contains($0) }) else {
      return .other(reason: "a code with control bytes, spaces or other scripts")
    }
    let text = String(decoding: bytes, as: UTF8.self).uppercased()
    if text.hasPrefix(cardMark) {
      let id = text.dropFirst(cardMark.count).lowercased()
      return id.isEmpty ? .other(reason: "a courier's card without a courier") : .carrier(id)
    }
    if text.hasPrefix("YZ:") {
      return .other(reason: "a card that this version does not know: \(text)")
    }
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

  /// The shipping container's code of a GS1 code, application identifier 00 with 18 digits.
  private static func serialShippingContainer(_ bytes: [UInt8]) -> ScannedCode? {
    let isDigit = { (byte: UInt8) in (0x30...0x39).contains(byte) }
    guard bytes.starts(with: Array("00".utf8)), bytes.count >= 20,
      bytes.prefix(20).allSatisfy(isDigit)
    else { return nil }
    return .waybill(String(decoding: bytes[2..<20], as: UTF8.self))
  }

  /// The code for people, and for telling one from another.
  package var text: String {
    switch self {
    case .waybill(let text), .carrier(let text), .other(let text): text
    case .parcel(let number): number.text
    }
  }
}
