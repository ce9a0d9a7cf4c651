package import Domain

// Formats without an end, a checksum or a sign of rest: `=` and eight places. That there are eight,
// neither more nor less, is all that tells a frame from half of one, so the next `=` (or silence)
// must have come first. Clones that leave out the sign and send seven are refused: what they send
// cannot be told from a frame that lost a digit.

/// Yaohua XK3190 "continuous 2" (耀华 连续方式2): `=`, seven places from the lowest on, the sign.
///
/// A26 manual, continuous format 1; A12+E, A7, A22 and many clones (`=000.3000` is 3.000). The
/// A22's manual has 1 for minus where all others have `-`; as nobody has seen it, it is refused.
package struct XK3190EqualsA: ScaleProtocol {
  package static let identifier = "xk3190-equals-a"
  package static let title = Text(
    zh: "耀华 XK3190 “=”格式，低位在前",
    en: "Yaohua XK3190, `=` and the lowest place first"
  )
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    EqualsField.match(bytes, place, unit) { EqualsField.number($0, sign: 8, highest: 7, step: -1) }
  }
}

/// Yaohua XK3190 "continuous 3" (耀华 连续方式3): `=`, the sign, seven places from the highest on.
///
/// A23P and A26 manuals (`=0003.000` is 3.000). A frame of the reversed format may read as one of
/// this: only the profile tells them apart.
package struct XK3190EqualsB: ScaleProtocol {
  package static let identifier = "xk3190-equals-b"
  package static let title = Text(
    zh: "耀华 XK3190 “=”格式，高位在前",
    en: "Yaohua XK3190, `=` and the highest place first"
  )
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    EqualsField.match(bytes, place, unit, EqualsField.straight)
  }
}

/// Yaohua XK3190 "continuous 4" (耀华 连续方式4), of indicators that reckon prices.
///
/// As "continuous 3", then the unit, `;` unit price `;` amount (A23P manual, pages 22 and 23:
/// `=0002.000kg;0001.00;0002.00`); A26 leaves out the unit. Money is passed over, up to ten places
/// each. Pieces (`pc`) are no weight.
package struct XK3190EqualsC: ScaleProtocol {
  package static let identifier = "xk3190-equals-c"
  package static let title = Text(
    zh: "耀华 XK3190 “=”格式，带单价金额",
    en: "Yaohua XK3190, `=` with unit price and amount"
  )
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private static let longestPrice = 10

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard EqualsField.mayStart(bytes) else { return .noise }
    var end = 9
    while end < bytes.count, end < 11, (0x41...0x5A).contains(bytes[end] & 0xDF) { end += 1 }
    // Two letters: with one, the other was lost, and `g` for `kg` is another weight.
    guard end != 10 || end == bytes.count else { return .noise }
    let name = end
    for _ in 0..<2 {
      guard end < bytes.count else { return place.isLast ? .noise : .incomplete }
      guard bytes[end] == UInt8(ascii: ";") else { return .noise }
      end += 1
      let start = end
      while end < bytes.count, end - start < Self.longestPrice, EqualsField.mayStand(bytes[end]) {
        end += 1
      }
      guard end > start || (end == bytes.count && !place.isLast) else { return .noise }
    }
    guard end < bytes.count || place.isLast else { return .incomplete }
    guard end == bytes.count || EqualsField.mayFollow(bytes[end]) else { return .noise }
    guard let number = EqualsField.straight(bytes) else { return .noise }
    return .frame(end, .weight(weighing(number, bytes.extracting(9..<name))))
  }

  private func weighing(_ number: WireNumber, _ name: Span<UInt8>) -> Weighing {
    guard let unit = name.isEmpty ? unit : WeightUnit(wire: name) else {
      return .fault(reason: "it counts, or its unit is unknown; set it to kg")
    }
    return .weight(number, unit, .unknown)
  }
}

/// The eight places behind `=`.
private enum EqualsField {
  /// A frame of nine bytes, once it is certain that it is not longer.
  static func match(
    _ bytes: Span<UInt8>,
    _ place: FramePlace,
    _ unit: WeightUnit,
    _ number: (Span<UInt8>) -> WireNumber?
  ) -> FrameMatch {
    guard mayStart(bytes) else { return .noise }
    guard bytes.count > 9 || place.isLast else { return .incomplete }
    guard bytes.count > 9 ? mayFollow(bytes[9]) : bytes.count == 9 else { return .noise }
    guard let number = number(bytes) else { return .noise }
    return .frame(9, .weight(.weight(number, unit, .unknown)))
  }

  /// The sign, then the places from the highest on.
  static func straight(_ bytes: Span<UInt8>) -> WireNumber? {
    number(bytes, sign: 1, highest: 2, step: 1)
  }

  static func mayStart(_ bytes: Span<UInt8>) -> Bool {
    guard bytes[0] == UInt8(ascii: "=") else { return false }
    for index in 1..<max(1, min(9, bytes.count)) where !mayStand(bytes[index]) { return false }
    return true
  }

  /// A digit, the point, a minus, a blank.
  static func mayStand(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte == 0x2E || byte == 0x2D || byte == 0x20
  }

  /// The next frame, or the end of a line that some clones add.
  static func mayFollow(_ byte: UInt8) -> Bool {
    byte == UInt8(ascii: "=") || byte == 0x0D || byte == 0x0A
  }

  /// Reads a sign and seven places; blanks only above the highest digit, at most one point.
  static func number(_ bytes: Span<UInt8>, sign: Int, highest: Int, step: Int) -> WireNumber? {
    let isNegative = bytes[sign] == 0x2D
    guard isNegative || bytes[sign] == 0x30 || bytes[sign] == 0x20 else { return nil }
    var (digits, decimals, count) = (0, 0, 0)
    var hasPoint = false
    for place in 0..<7 {
      let byte = bytes[highest + step * place]
      switch byte {
      case 0x30...0x39:
        digits = digits * 10 + Int(byte - 0x30)
        count += 1
        if hasPoint { decimals += 1 }
      case 0x2E where !hasPoint: hasPoint = true
      case 0x20 where count == 0 && !hasPoint: break
      default: return nil
      }
    }
    guard count > 0 else { return nil }
    var number = WireNumber(digits: isNegative ? -digits : digits, decimals: decimals)
    number.isNegative = isNegative
    return number
  }
}
