package import Domain

/// USB HID scales of usage page 0x8D (USB-IF, HID Point of Sale Usage Tables 1.02, §4).
///
/// Where the fields stand is read from the report descriptor, so any layout that the tables allow
/// will do; the ids of the sample descriptor are a convention that not all scales keep.
package struct HIDPointOfSale: ScaleProtocol {
  package static let identifier = "hid-pos"
  package static let title = Text(zh: "USB HID 标准电子秤", en: "USB HID Point of Sale scale")
  package static let wire = ScaleWire.hid

  /// The usage page of scales.
  static let page: UInt32 = 0x8D
  /// Powers of ten beyond these mean that the field is not understood.
  private static let exponents = -12...9

  private let descriptor: ReportDescriptor
  private let weight: ReportDescriptor.Field
  private let scaling: ReportDescriptor.Field?
  private let unit: ReportDescriptor.Field
  private let status: [ReportDescriptor.Field]
  private let zero: ScaleOrder?
  /// The bytes that the fields need, the id not counted.
  private let needed: Int

  package init(_ settings: ScaleSettings) throws(PortError) {
    guard let descriptor = ReportDescriptor(settings.descriptor),
      descriptor.collections.contains(where: { $0 >> 16 == Self.page })
    else { throw .unsuitable(reason: "it is a HID device but not a scale of usage page 0x8D") }
    let field = { (ids: ClosedRange<UInt32>) in
      descriptor.fields.filter { field in
        field.kind == .input
          && field.usages.contains { $0 >> 16 == Self.page && ids.contains($0 & 0xFFFF) }
      }
    }
    guard let weight = field(0x40...0x40).first else {
      throw .unsuitable(reason: "its report descriptor has no weight (usage 40)")
    }
    let sameReport = { (field: ReportDescriptor.Field) in field.reportID == weight.reportID }
    guard let unit = field(0x51...0x5C).first(where: sameReport) else {
      throw .unsuitable(reason: "its report descriptor has no weight unit (usages 51 to 5C)")
    }
    let status = field(0x71...0x78).filter(sameReport)
    guard !status.isEmpty else {
      throw .unsuitable(reason: "its report descriptor has no status (usages 71 to 78)")
    }
    self.descriptor = descriptor
    self.weight = weight
    self.unit = unit
    self.status = status
    scaling = field(0x41...0x41).first(where: sameReport)
    zero = settings.zero ?? Self.zero(descriptor)
    let fields = [weight, unit, scaling].compactMap(\.self) + status
    needed = ((fields.map { $0.bitOffset + $0.bitSize }.max() ?? 0) + 7) / 8
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    let prefix = descriptor.usesReportIDs ? 1 : 0
    let report = ReportDescriptor.Report(
      kind: .input,
      id: descriptor.usesReportIDs ? bytes[0] : 0
    )
    guard let bits = descriptor.bits[report] else { return .noise }
    let length = prefix + (bits + 7) / 8
    guard bytes.count >= length || (place.isLast && bytes.count >= prefix + needed) else {
      return .incomplete
    }
    // Some scales pad their reports beyond what their descriptor says.
    let end = place.isLast ? bytes.count : length
    guard report.id == weight.reportID else { return .frame(end, .nothing) }
    let data = (prefix..<end).map { bytes[$0] }
    return .frame(end, .weight(weighing(data[...])))
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? { request == .zero ? zero : nil }

  private func weighing(_ data: ArraySlice<UInt8>) -> Weighing {
    let status = mostForbidding(in: data)
    switch status {
    case 0x76: return .over
    case 0x71: return .fault(reason: "the scale reports a fault")
    case 0x77: return .fault(reason: "the scale needs calibration")
    case 0x78: return .fault(reason: "the scale needs to be set to zero")
    case 0x72, 0x73, 0x74, 0x75: break
    default: return .fault(reason: "its status is none that is known")
    }
    let exponent = scaling.map { $0.value(in: data) } ?? 0
    guard let raw = weight.value(in: data), let exponent, Self.exponents.contains(exponent) else {
      return .fault(reason: "its weight or its power of ten is not understood")
    }
    guard let unit = unit.usage(in: data).flatMap(Self.unit) else {
      return .fault(reason: "its unit is unknown or ambiguous; set the scale to kg")
    }
    // The weight is unsigned on most scales: below zero, the sign is the status.
    let number = WireNumber(digits: status == 0x75 ? -abs(raw) : raw, decimals: -exponent)
    return .weight(number, unit, status == 0x73 ? .moving : .stable, isZero: status == 0x72)
  }

  /// Where several flags are up, the one that forbids most counts.
  private func mostForbidding(in data: ArraySlice<UInt8>) -> UInt32? {
    let usages = status.compactMap { field in
      field.isArray
        ? field.usage(in: data) : field.value(in: data) == 1 ? field.usages.first : nil
    }
    return ([0x71, 0x77, 0x78, 0x76, 0x75, 0x73, 0x72, 0x74] as [UInt32]).first { usage in
      usages.contains(Self.page << 16 | usage)
    }
  }

  private static func unit(_ usage: UInt32) -> WeightUnit? {
    switch usage & 0xFFFF {
    case 0x51: .milligram
    case 0x52: .gram
    case 0x53: .kilogram
    case 0x54: .carat
    case 0x56: .grain
    case 0x57: .pennyweight
    case 0x58: .tonne
    case 0x59: .shortTon
    case 0x5A: .troyOunce
    case 0x5B: .ounce
    case 0x5C: .pound
    default: nil
    }
  }

  /// The report that raises usage 80, Zero Scale, where the descriptor has it.
  private static func zero(_ descriptor: ReportDescriptor) -> ScaleOrder? {
    let field = descriptor.fields.first { field in
      field.kind != .input && field.usages == [page << 16 | 0x80]
    }
    guard let field, field.bitSize == 1 else { return nil }
    let bits = descriptor.bits[.init(kind: field.kind, id: field.reportID)] ?? 0
    var report = [UInt8](repeating: 0, count: (bits + 7) / 8)
    report[field.bitOffset / 8] |= 1 << UInt8(field.bitOffset % 8)
    // hidraw wants an id in any case, 0 where the device has none.
    report.insert(field.reportID, at: 0)
    return field.kind == .feature ? .feature(report) : .bytes(report)
  }
}
