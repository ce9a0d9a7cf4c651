package import Domain

/// A binary format of counting scales (计数秤): FF, flags, six digits in BCD, the lowest pair first.
///
/// Unconfirmed: no device was seen. It stands in Yousheng's JCS-B manual (友声, page 6), with a sixth
/// byte for the unit, and on one page of an unnamed maker, without. Flags: bits 0 to 2 decimals, 3
/// and 4 what it does, 5 minus, 6 at rest, 7 beyond the range. That page counts the decimals from
/// one, the manual from zero, as here: compare the first weight with the display.
///
/// FF cannot stand anywhere else in a frame. The byte behind the digits tells the two forms apart:
/// the unit, 0 kg or 1 lb, or the FF of the next frame. There is no checksum.
package struct BinaryBCD: ScaleProtocol {
  package static let identifier = "bcd-ff"
  package static let title = Text(
    zh: "FF 开头 BCD 格式（友声等，未核实）",
    en: "FF and packed decimals (unconfirmed)"
  )
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == 0xFF else { return .noise }
    guard bytes.count > 1 else { return .incomplete }
    let flags = bytes[1]
    guard flags & 0x07 <= 5, flags & 0x18 != 0x18 else { return .noise }
    var digits = 0
    for index in stride(from: min(bytes.count, 5) - 1, to: 1, by: -1) {
      let (high, low) = (bytes[index] >> 4, bytes[index] & 15)
      guard high < 10, low < 10 else { return .noise }
      digits = digits * 100 + Int(high * 10 + low)
    }
    guard bytes.count > 5 || (bytes.count == 5 && place.isLast) else { return .incomplete }
    let number = WireNumber(digits: flags & 0x20 != 0 ? -digits : digits, decimals: Int(flags & 7))
    guard bytes.count > 5, bytes[5] != 0xFF else {
      return .frame(5, .weight(Self.weighing(number, unit, flags)))
    }
    guard bytes[5] <= 1 else { return .noise }
    return .frame(6, .weight(Self.weighing(number, bytes[5] == 0 ? .kilogram : .pound, flags)))
  }

  private static func weighing(_ number: WireNumber, _ unit: WeightUnit, _ flags: UInt8)
    -> Weighing
  {
    guard flags & 0x18 == 0 else { return .fault(reason: "it counts; switch it to weighing") }
    if flags & 0x80 != 0 { return flags & 0x20 != 0 ? .under : .over }
    return .weight(number, unit, flags & 0x40 != 0 ? .stable : .moving)
  }
}
