package import Domain

/// USB HID scanners of usage page 0x8C (USB-IF, HID Point of Sale Usage Tables 1.02, §3).
///
/// Where the fields stand is read from the report descriptor; makers differ in ids and sizes. A code
/// longer than one report goes on in the next, as the flag of usage FF says.
package struct HIDScanner: ScannerProtocol {
  package static let identifier = "hid-pos-scanner"
  package static let title = Text(zh: "USB HID-POS 扫码枪", en: "USB HID Point of Sale scanner")
  package static let wire = ScannerWire.hid

  /// The usage page of scanners.
  static let page: UInt32 = 0x8C
  /// The next part of a code must come within this.
  private static let patience = Duration.milliseconds(300)
  /// More than the largest QR code holds (ISO/IEC 18004, version 40-L: 4296 characters).
  private static let longest = 4296

  private let settings: ScannerSettings
  private let usesReportIDs: Bool
  private let reportID: UInt8
  private let length: ReportDescriptor.Field?
  private let symbology: [ReportDescriptor.Field]
  private let data: [ReportDescriptor.Field]
  private let continued: ReportDescriptor.Field?
  private var begun: (bytes: [UInt8], symbology: String?)?
  package private(set) var deadline: Instant?

  package init(_ settings: ScannerSettings) throws(PortError) {
    guard let descriptor = ReportDescriptor(settings.descriptor),
      descriptor.collections.contains(where: { $0 >> 16 == Self.page })
    else { throw .unsuitable(reason: "it is a HID device but not a scanner of usage page 0x8C") }
    let inputs = descriptor.fields.filter { $0.kind == .input }
    let data = inputs.filter { $0.usages.contains(Self.page << 16 | 0xFE) && $0.bitSize == 8 }
    guard let first = data.first else {
      throw .unsuitable(reason: "its report descriptor has no decoded data (usage FE)")
    }
    let field = { (usage: UInt32) in
      inputs.first { $0.reportID == first.reportID && $0.usages == [usage] }
    }
    self.settings = settings
    self.data = data.filter { $0.reportID == first.reportID }
    usesReportIDs = descriptor.usesReportIDs
    reportID = first.reportID
    length = field(0x01 << 16 | 0x3B)
    symbology = (0xFB...0xFD).compactMap { field(Self.page << 16 | $0) }
    continued = field(Self.page << 16 | 0xFF)
  }

  package mutating func receive(_ report: [UInt8], at now: Instant) -> [ScannerOutput] {
    guard !report.isEmpty else {
      guard let deadline, deadline <= now else { return [] }
      return drop("the rest of a code did not come within \(Self.patience.milliseconds) ms")
    }
    guard let body = body(of: report) else { return [] }
    let count = length.map { $0.value(in: body) } ?? data.count
    guard let count, (0...data.count).contains(count) else {
      return drop("a report that claims more bytes than it has room for")
    }
    let bytes = data.prefix(count).compactMap { $0.value(in: body) }
    guard bytes.count == count else { return drop("a report that is cut short") }
    let whole = (begun?.bytes ?? []) + bytes.map { UInt8(truncatingIfNeeded: $0) }
    let name = begun?.symbology ?? symbologyName(in: body)
    guard whole.count <= Self.longest else {
      return drop("a code of more than \(Self.longest) bytes")
    }
    if continued?.value(in: body) == 1 {
      begun = (whole, name)
      deadline = now + Self.patience
      return []
    }
    begun = nil
    deadline = nil
    guard !whole.isEmpty else { return [] }
    return [.scan(Scan(bytes: settings.stripped(whole), symbology: name, at: now))]
  }

  private func body(of report: [UInt8]) -> ArraySlice<UInt8>? {
    guard usesReportIDs else { return report[...] }
    return report.first == reportID ? report.dropFirst() : nil
  }

  private func symbologyName(in body: ArraySlice<UInt8>) -> String? {
    let marks = symbology.compactMap { $0.value(in: body) }
    guard marks.count == 3, marks[0] == 0x5D, marks.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return String(decoding: marks.map { UInt8($0) }, as: UTF8.self)
  }

  private mutating func drop(_ reason: String) -> [ScannerOutput] {
    begun = nil
    deadline = nil
    return [.dropped(reason: reason)]
  }
}
