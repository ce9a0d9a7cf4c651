package import Domain

/// Mettler Toledo 8217, and 8213, single letters (DIVA service manual; Transcell PC150, B.1.4).
///
/// A weight comes as STX, digits with a point, `N` where it is net, CR; it is at rest and valid.
/// Otherwise `?` and a status come instead. No unit is sent: without one in the profile, two
/// decimals are taken for lb and three or, in high resolution, four for kg.
package struct Toledo8217: ScaleProtocol {
  package static let identifier = "toledo-8217"
  package static let title = Text(zh: "托利多 8217", en: "Toledo 8217 and 8213")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600, dataBits: 7, parity: .even))

  /// STX and what may stand before CR: eight places and `N`.
  private static let longest = 10

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    switch bytes[0] {
    case 0x02: break
    // In echo mode it sends back what it was asked.
    case UInt8(ascii: "W"), UInt8(ascii: "Z"), UInt8(ascii: "T"), UInt8(ascii: "C"):
      return .frame(1, .nothing)
    default: return .noise
    }
    var end = 1
    while end < bytes.count, bytes[end] != 0x0D {
      guard end < Self.longest, bytes[end] >= 0x20 else { return .noise }
      end += 1
    }
    guard end < bytes.count else { return .incomplete }
    guard let message = message(bytes.extracting(1..<end)) else { return .noise }
    return .frame(end + 1, message)
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([UInt8(ascii: "W")])
    case .zero: .bytes([UInt8(ascii: "Z")])
    case .tare: .bytes([UInt8(ascii: "T")])
    case .clearTare: .bytes([UInt8(ascii: "C")])
    case .stream: nil
    }
  }

  private func message(_ content: Span<UInt8>) -> ScaleMessage? {
    // The start of the confidence test.
    guard !content.isEmpty else { return .nothing }
    if content[0] == UInt8(ascii: "?") { return status(content.extracting(1..<content.count)) }
    // The result of that test, or `E` for the echo mode.
    if content.count == 1, (0x40...0x7F).contains(content[0]) { return .nothing }
    let isNet = content[content.count - 1] == UInt8(ascii: "N")
    let field = content.extracting(0..<content.count - (isNet ? 1 : 0))
    guard let number = WireNumber(ascii: field), Self.isWhole(field) else { return nil }
    guard let unit = unit ?? Self.unit(decimals: number.decimals) else {
      return .weight(.fault(reason: "its unit cannot be told; set `unit` in its profile"))
    }
    return .weight(.weight(number, unit, .stable))
  }

  /// Two places at least stand before the point: with one, a digit was lost on the way.
  private static func isWhole(_ field: Span<UInt8>) -> Bool {
    field.count >= 4 && field[0] != UInt8(ascii: ".") && field[1] != UInt8(ascii: ".")
  }

  private static func unit(decimals: Int) -> WeightUnit? {
    switch decimals {
    case 2: .pound
    case 3, 4: .kilogram
    default: nil
    }
  }

  /// One status byte, of an 8213 two; the bit that forbids most counts.
  private func status(_ bytes: Span<UInt8>) -> ScaleMessage? {
    guard (1...2).contains(bytes.count) else { return nil }
    var bits: UInt8 = 0
    for index in bytes.indices {
      // Bit 6 is always up; bit 7 is parity.
      guard bytes[index] & 0x40 != 0 else { return nil }
      bits |= bytes[index]
    }
    if bits & 0x02 != 0 { return .weight(.over) }
    if bits & 0x04 != 0 { return .weight(.under) }
    if bits & 0x01 != 0 { return .weight(.moving) }
    // Any load lies outside the range that can be zeroed, so this bit may come with motion. Alone
    // it means that the scale found no zero when it was switched on, and gives no weight.
    if bits & 0x08 != 0 {
      return .weight(.fault(reason: "it found no zero: clear the pan, switch it off and on"))
    }
    return bits & 0x10 != 0 ? .weight(.zero) : .nothing
  }
}
