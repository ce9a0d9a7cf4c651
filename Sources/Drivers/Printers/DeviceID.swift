/// The IEEE 1284 device id of a printer: `KEY:VALUE;` pairs behind a length of two bytes.
package struct DeviceID: Hashable, Sendable {
  package var manufacturer: String
  package var model: String
  /// The languages it announces, upper case; makers write all kinds of things here.
  package var commandSets: [String]
  package var serialNumber: String

  /// Reads what `GET_DEVICE_ID` returned.
  ///
  /// The length counts itself and is big-endian; where that cannot be, little-endian is tried, as
  /// some printers send it. Keys are matched without case; a missing last `;`, NULs and bytes
  /// beyond ASCII do not hurt.
  ///
  /// - Returns: `nil` where no pair can be found.
  package init?(_ bytes: [UInt8]) {
    guard bytes.count > 2 else { return nil }
    let big = Int(bytes[0]) << 8 | Int(bytes[1])
    let little = Int(bytes[1]) << 8 | Int(bytes[0])
    let fits = { (length: Int) in length >= 14 && length <= bytes.count }
    let length = fits(big) ? big : fits(little) ? little : bytes.count
    let text = bytes[2..<length].filter { $0 != 0 }.map { Character(Unicode.Scalar($0)) }

    var fields: [String: String] = [:]
    for pair in String(text).split(separator: ";") {
      let parts = pair.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      fields[Self.trim(parts[0]).uppercased()] = Self.trim(parts[1])
    }
    guard !fields.isEmpty else { return nil }
    let first = { (keys: [String]) in keys.lazy.compactMap { fields[$0] }.first ?? "" }
    manufacturer = first(["MFG", "MANUFACTURER", "MFR"])
    model = first(["MDL", "MODEL"])
    commandSets = first(["CMD", "COMMAND SET"]).split(separator: ",")
      .map { Self.trim($0).uppercased() }
    serialNumber = first(["SN", "SERN", "SERIALNUMBER"])
  }

  /// The first language in our list that the printer announces.
  package var language: (any LabelLanguage.Type)? {
    LabelLanguages.all.first { language in
      language.announcedAs.contains { commandSets.contains($0) }
    }
  }

  private static func trim(_ text: some StringProtocol) -> String {
    let core = text.drop { $0.isWhitespace }
    guard let last = core.lastIndex(where: { !$0.isWhitespace }) else { return "" }
    return String(core[...last])
  }
}
