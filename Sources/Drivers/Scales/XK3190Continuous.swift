package import Domain

/// Yaohua XK3190 continuous format 1 (耀华 连续方式1, tF=0), as A9, A9+, A26, A23P send it.
///
/// 12 bytes: STX, sign, six digits, how many of them are decimals, two nibbles of the XOR of what
/// stands between, ETX. It has neither unit nor a sign of rest.
package struct XK3190Continuous: ScaleProtocol {
  package static let identifier = "xk3190-continuous"
  package static let title = Text(zh: "耀华 XK3190 连续方式1", en: "Yaohua XK3190, continuous format 1")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == 0x02 else { return .noise }
    guard bytes.count >= 12 else { return .incomplete }
    guard bytes[11] == 0x03, bytes[1] == 0x2B || bytes[1] == 0x2D else { return .noise }
    guard (0x30...0x34).contains(bytes[8]) else { return .noise }
    var digits = 0
    var check: UInt8 = bytes[1] ^ bytes[8]
    for index in 2..<8 {
      let digit = bytes[index] &- 0x30
      guard digit < 10 else { return .noise }
      digits = digits * 10 + Int(digit)
      check ^= bytes[index]
    }
    guard XORNibbles.spell(check, bytes[9], bytes[10]) else { return .noise }
    let number = WireNumber(
      digits: bytes[1] == 0x2D ? -digits : digits,
      decimals: Int(bytes[8] - 0x30)
    )
    return .frame(12, .weight(.weight(number, unit, .unknown)))
  }
}
