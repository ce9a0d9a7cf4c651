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

  private let settings: ScannerSettings
  private let usesReportIDs: Bool
  private let reportID: UInt8
  private let length: ReportDescriptor.Field?
  private let symbology: [ReportDescriptor.Field]
  /// The bytes of the decoded data.
  private let data: [ReportDescriptor.Field]
  private let continued: ReportDescriptor.Field?
  private var begun: Code?
  package private(set) var deadline: Instant?

  /// What has come of a code so far.
  private struct Code: Sendable {
    var bytes: [UInt8] = []
    var symbology: String?
    /// Why nothing good can come of it any more.
    var fault: String?
  }

  package init(_ settings: ScannerSettings) throws(PortError) {
    guard let descriptor = ReportDescriptor(settings.descriptor),
      descriptor.collections.contains(where: { $0 >> 16 == Self.page })
    else { throw .unsuitable(reason: "it is a HID device but not a scanner of usage page 0x8C") }
    let inputs = descriptor.fields.filter { $0.kind == .input }
    let decoded = inputs.filter { $0.usages == [Self.page << 16 | 0xFE] && $0.bitSize == 8 }
    guard let first = decoded.first else {
      throw .unsuitable(reason: "its report descriptor has no decoded data (usage FE)")
    }
    let report = inputs.filter { $0.reportID == first.reportID }
    let field = { (usage: UInt32) in report.first { $0.usages == [usage] } }
    self.settings = settings
    data = decoded.filter { $0.reportID == first.reportID }
    usesReportIDs = descriptor.usesReportIDs
    reportID = first.reportID
    length = field(0x01 << 16 | 0x3B)
    symbology = (0xFB...0xFD).compactMap { field(Self.page << 16 | $0) }
    continued = field(Self.page << 16 | 0xFF)
  }

  package mutating func receive(_ report: [UInt8], at now: Instant) -> [ScannerOutput] {
    guard !report.isEmpty else {
      guard let deadline, deadline <= now else { return [] }
      let reason = "the rest of a code did not come within \(Self.patience.milliseconds) ms"
      return finish(fault: begun?.fault ?? reason, at: now)
    }
    guard let body = body(of: report) else { return [] }
    var code = begun ?? Code(symbology: symbologyName(in: body))
    if let bytes = bytes(in: body) {
      code.bytes += bytes
    } else {
      code.fault = "a report that is cut short, or claims more bytes than it has room for"
    }
    if code.bytes.count > CodeText.longest {
      code.fault = "a code of more than \(CodeText.longest) bytes"
      code.bytes = []
    }
    begun = code
    guard continued?.value(in: body) != 1 else {
      // Also of a code that is spoilt: what follows is its rest, and no code of its own.
      deadline = now + Self.patience
      return []
    }
    return finish(fault: code.fault, at: now)
  }

  private mutating func finish(fault: String?, at now: Instant) -> [ScannerOutput] {
    defer {
      begun = nil
      deadline = nil
    }
    if let fault { return [.dropped(reason: fault)] }
    let code = settings.stripped(begun?.bytes ?? [])
    guard !code.isEmpty else { return [] }
    guard let symbology = begun?.symbology else {
      let (text, prefix) = AIMPrefix.split(code)
      return [.scan(Scan(bytes: text, symbology: prefix, at: now))]
    }
    return [.scan(Scan(bytes: code, symbology: symbology, at: now))]
  }

  private func body(of report: [UInt8]) -> ArraySlice<UInt8>? {
    guard usesReportIDs else { return report[...] }
    return report.first == reportID ? report.dropFirst() : nil
  }

  /// The decoded data of a report; `nil` where it breaks its own rules.
  private func bytes(in body: ArraySlice<UInt8>) -> [UInt8]? {
    // Without its last byte nothing tells whether the code goes on.
    if let continued, continued.value(in: body) == nil { return nil }
    var bytes = data.compactMap { $0.value(in: body) }.map { UInt8(truncatingIfNeeded: $0) }
    guard let length else {
      // Without a count the zeros behind the code are padding.
      while bytes.last == 0 { bytes.removeLast() }
      return bytes
    }
    guard let count = length.value(in: body), (0...bytes.count).contains(count) else { return nil }
    return Array(bytes.prefix(count))
  }

  private func symbologyName(in body: ArraySlice<UInt8>) -> String? {
    let marks = symbology.compactMap { $0.value(in: body) }
    guard marks.count == 3, marks[0] == 0x5D, marks.allSatisfy({ (0x21...0x7E).contains($0) })
    else { return nil }
    return String(decoding: marks.map { UInt8($0) }, as: UTF8.self)
  }
}
