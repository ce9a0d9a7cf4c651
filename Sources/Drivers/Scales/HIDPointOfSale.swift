package import Domain

/// USB HID scales of usage page 0x8D (USB-IF, HID Point of Sale Usage Tables 1.02, §4).
///
/// Where the fields stand is read from the report descriptor, so any layout that the tables allow
/// will do; the ids of the sample descriptor are a convention that not all scales keep.
package struct HIDPointOfSale: HIDScaleProtocol {
  package static let identifier = "hid-pos"

  /// The usage page of scales.
  static let page: UInt32 = 0x8D
  /// Powers of ten beyond these mean that the field is not understood.
  private static let exponents = -12...9

  private let usesReportIDs: Bool
  private let weight: ReportDescriptor.Field
  private let scaling: ReportDescriptor.Field?
  private let unit: ReportDescriptor.Field
  private let status: [ReportDescriptor.Field]

  package init(descriptor bytes: [UInt8]) throws(PortError) {
    guard let descriptor = ReportDescriptor(bytes),
      descriptor.collections.contains(where: { $0 >> 16 == Self.page })
    else { throw .unsuitable(reason: "it is a HID device but not a scale of usage page 0x8D") }
    let field = { (ids: ClosedRange<UInt32>) in
      descriptor.fields.filter { field in
        field.usages.contains { $0 >> 16 == Self.page && ids.contains($0 & 0xFFFF) }
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
    usesReportIDs = descriptor.usesReportIDs
    self.weight = weight
    self.unit = unit
    self.status = status
    scaling = field(0x41...0x41).first(where: sameReport)
  }

  package func reading(of report: [UInt8], at instant: Instant) -> Reading? {
    guard let data = data(of: report) else { return nil }
    guard let raw = weight.value(in: data), unit.value(in: data) != nil else { return nil }
    let exponent = scaling.map { $0.value(in: data) } ?? 0
    guard let exponent else { return nil }

    let reading = { (state: Reading.State, mass: Mass?) in
      Reading(state: state, mass: mass, raw: report, at: instant)
    }
    let state = state(in: data)
    switch state {
    case .over, .under, .fault, .stale: return reading(state, nil)
    case .stable, .moving, .zero, .negative:
      guard let nanograms = unit.usage(in: data).flatMap(Self.nanograms),
        Self.exponents.contains(exponent)
      else { return reading(.fault, nil) }
      guard let mass = Self.mass(raw, exponent: exponent, nanograms: nanograms) else {
        return reading(.over, nil)
      }
      // The weight is unsigned on most scales: below zero, the sign is the status.
      let signed = state == .negative ? Mass(grams: -mass.magnitude.grams) : mass
      return reading(signed.grams < 0 && state == .stable ? .negative : state, signed)
    }
  }

  private func data(of report: [UInt8]) -> ArraySlice<UInt8>? {
    guard usesReportIDs else { return report[...] }
    guard report.first == weight.reportID else { return nil }
    return report.dropFirst()
  }

  private func state(in data: ArraySlice<UInt8>) -> Reading.State {
    let usages = status.compactMap { field in
      field.isArray
        ? field.usage(in: data) : field.value(in: data) == 1 ? field.usages.first : nil
    }
    // Where several flags are up, the one that forbids most counts.
    for usage in [0x71, 0x77, 0x78, 0x76, 0x75, 0x73, 0x72, 0x74] as [UInt32]
    where usages.contains(Self.page << 16 | usage) {
      switch usage {
      case 0x72: return .zero
      case 0x73: return .moving
      case 0x74: return .stable
      case 0x75: return .negative
      case 0x76: return .over
      default: return .fault
      }
    }
    return .fault
  }

  /// The exact size of a unit; tael is refused because three different ones are in use.
  private static func nanograms(_ usage: UInt32) -> Int128? {
    switch usage & 0xFFFF {
    case 0x51: 1_000_000
    case 0x52: 1_000_000_000
    case 0x53: 1_000_000_000_000
    case 0x54: 200_000_000
    case 0x56: 64_798_910
    case 0x57: 1_555_173_840
    case 0x58: 1_000_000_000_000_000
    case 0x59: 907_184_740_000_000
    case 0x5A: 31_103_476_800
    case 0x5B: 28_349_523_125
    case 0x5C: 453_592_370_000
    default: nil
    }
  }

  private static func mass(_ value: Int, exponent: Int, nanograms: Int128) -> Mass? {
    let power = (0..<abs(exponent)).reduce(Int128(1)) { product, _ in product * 10 }
    let total = Int128(value) * nanograms * (exponent > 0 ? power : 1)
    return Rounding.halfToEven(total, 1_000_000_000 * (exponent < 0 ? power : 1)).map {
      Mass(grams: $0)
    }
  }
}

/// Rounding of measured values (GB/T 8170-2008, 3.2: 四舍六入五成双).
package enum Rounding {
  /// Divides and rounds to the nearest whole number, halves to the even neighbour.
  ///
  /// - Parameters:
  ///   - value: The dividend.
  ///   - divisor: Above zero.
  /// - Returns: `nil` where the result does not fit.
  package static func halfToEven(_ value: Int128, _ divisor: Int128) -> Int? {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    let twice = (rest < 0 ? -rest : rest) * 2
    let away: Int128 = value < 0 ? -1 : 1
    let rounds = twice > divisor || (twice == divisor && quotient % 2 != 0)
    return Int(exactly: rounds ? quotient + away : quotient)
  }
}
