package import Domain

/// Toledo continuous output (托利多连续), with and without a checksum.
///
/// 17 bytes: STX, status words A, B and C, six digits of weight, six of tare, CR; then, if it is
/// so set, what makes the low seven bits of all bytes add up to zero. Leading zeros may be spaces.
/// From the manuals of Wildcat (tables 6-8 to 6-11), Fairbanks FB3000 and Kern FTC. Terminals may
/// be set to 7 or 8 data bits: newer ones and the Chinese indicators come with 8N1.
package struct ToledoContinuous: ScaleProtocol {
  package static let identifier = "toledo-continuous"
  package static let title = Text(zh: "托利多连续输出", en: "Toledo continuous output")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let checksum: ScaleSettings.Checksum

  package init(_ settings: ScaleSettings) {
    checksum = settings.checksum
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == 0x02 else { return .noise }
    guard bytes.count >= 17 else { return .incomplete }
    // Bits that always stand so. Bit 5 of B does not: Fairbanks keeps it down.
    guard bytes[16] == 0x0D, bytes[1] & 0xE0 == 0x20, bytes[2] & 0x80 == 0, bytes[3] & 0xA0 == 0x20
    else { return .noise }
    let length: Int
    switch ending(of: bytes, place) {
    case .noise: return .noise
    case .incomplete: return .incomplete
    case .after(let count): length = count
    }
    guard Self.digits(bytes, from: 10) != .none else { return .noise }
    let (b, c) = (bytes[2], bytes[3])
    // Beyond the range the display may show anything.
    if let verdict = Self.verdict(b: b, c: c) { return .frame(length, .weight(verdict)) }
    switch Self.digits(bytes, from: 4) {
    case .none: return .noise
    case .blank: return .frame(length, .weight(.fault(reason: "its display is blank")))
    case .value(let value):
      guard let unit = Self.unit(b: b, c: c) else {
        return .frame(
          length,
          .weight(.fault(reason: "its unit is one of its own making; set it to kg"))
        )
      }
      let number = WireNumber(
        digits: b & 0x02 != 0 ? -value : value,
        decimals: Int(bytes[1] & 0x07) - 2
      )
      return .frame(length, .weight(.weight(number, unit, b & 0x08 != 0 ? .moving : .stable)))
    }
  }

  /// Single letters; a terminal that does not need CR LF passes over it.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .zero: .bytes(Array("Z\r\n".utf8))
    case .tare: .bytes(Array("T\r\n".utf8))
    case .clearTare: .bytes(Array("C\r\n".utf8))
    case .weigh, .stream: nil
    }
  }

  private enum Ending {
    /// So many bytes from STX on.
    case after(Int)
    case incomplete
    case noise
  }

  private func ending(of bytes: Span<UInt8>, _ place: FramePlace) -> Ending {
    switch checksum {
    case .absent: return .after(17)
    case .required:
      guard bytes.count >= 18 else { return .incomplete }
      return Self.sum(bytes) == 0 ? .after(18) : .noise
    case .either:
      guard bytes.count >= 18 else { return place.isLast ? .after(17) : .incomplete }
      guard Self.sum(bytes) == 0 else { return bytes[17] == 0x02 ? .after(17) : .noise }
      guard bytes[17] == 0x02 else { return .after(18) }
      // A checksum of 2, or the STX of the next frame that fits by chance: word A tells them apart.
      guard bytes.count > 18 else { return place.isLast ? .after(18) : .incomplete }
      return .after(bytes[18] & 0xE0 == 0x20 ? 17 : 18)
    }
  }

  private static func sum(_ bytes: Span<UInt8>) -> UInt8 {
    var sum: UInt8 = 0
    for index in 0..<18 { sum &+= bytes[index] }
    return sum & 0x7F
  }

  private enum Digits: Equatable {
    case value(Int)
    case blank
    case none
  }

  /// Six places, of which the first may be spaces.
  private static func digits(_ bytes: Span<UInt8>, from start: Int) -> Digits {
    var value = 0
    var isBlank = true
    for index in start..<start + 6 {
      let digit = bytes[index] &- 0x30
      if digit < 10 {
        value = value * 10 + Int(digit)
        isBlank = false
      } else if bytes[index] != 0x20 || !isBlank {
        return .none
      }
    }
    return isBlank ? .blank : .value(value)
  }

  /// What makes any number worthless; the one that forbids most.
  private static func verdict(b: UInt8, c: UInt8) -> Weighing? {
    if b & 0x40 != 0 {
      return .fault(reason: "it has not been set to zero since it was switched on")
    }
    if b & 0x04 != 0 { return b & 0x02 != 0 ? .under : .over }
    // The manuals do not say whether the point moves with the tenfold resolution.
    if c & 0x10 != 0 {
      return .fault(reason: "its display is expanded tenfold (×10); switch that off")
    }
    return nil
  }

  /// Word B tells kg from lb where word C names no other unit.
  private static func unit(b: UInt8, c: UInt8) -> WeightUnit? {
    switch c & 0x07 {
    case 0: b & 0x10 != 0 ? .kilogram : .pound
    case 1: .gram
    case 2: .tonne
    case 3: .ounce
    case 4: .troyOunce
    case 5: .pennyweight
    case 6: .shortTon
    default: nil
    }
  }
}
