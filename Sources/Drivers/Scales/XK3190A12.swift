package import Domain

/// Yaohua XK3190-A12 (耀华 台秤仪表), lines of text as `ww012.345kg`.
///
/// `ww` gross, `wn` net, `wt` tare, a number, its unit, LF or CR LF; so do A27 and Anheng CHS-D.
/// How wide the number is differs between makers; there is no sign of rest. From public drivers,
/// which quote the makers' examples; the letters of its command mode are unconfirmed, and so is that
/// they need no end.
package struct XK3190A12: ScaleProtocol {
  package static let identifier = "xk3190-a12"
  package static let title = Text(zh: "耀华 XK3190-A12（ww 文本）", en: "Yaohua XK3190-A12, text lines")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private static let longest = 20

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == UInt8(ascii: "w") else { return .noise }
    guard bytes.count > 1 else { return .incomplete }
    switch bytes[1] {
    case UInt8(ascii: "w"), UInt8(ascii: "n"), UInt8(ascii: "t"): break
    default: return .noise
    }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      // Two letters: with one, the other was lost, and `g` for `kg` is another weight.
      guard line.content > 4,
        let number = WireNumber(ascii: bytes.extracting(2..<line.content - 2)),
        let unit = WeightUnit(wire: bytes.extracting(line.content - 2..<line.content))
      else { return .noise }
      // The weight of the vessel that was tared is not what lies on the pan.
      if bytes[1] == UInt8(ascii: "t") { return .frame(line.total, .nothing) }
      return .frame(line.total, .weight(.weight(number, unit, .unknown)))
    }
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([UInt8(ascii: "R")])
    case .zero: .bytes([UInt8(ascii: "Z")])
    case .tare: .bytes([UInt8(ascii: "T")])
    case .stream, .clearTare: nil
    }
  }
}

/// Yaohua XK3190-A12(E) (耀华 A12(E) 台秤仪表), 15 bytes with a checksum (user manual, page 12).
///
/// `WG` gross or `WN` net, seven places of weight, the unit, two nibbles of the XOR of these
/// eleven, CR LF. Beyond the range nine blanks and `OL` or `LO` come instead. No sign of rest.
package struct XK3190A12E: ScaleProtocol {
  package static let identifier = "xk3190-a12e"
  package static let title = Text(
    zh: "耀华 XK3190-A12(E)（15字节）",
    en: "Yaohua XK3190-A12(E), 15 bytes"
  )
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard Self.mayStart(bytes) else { return .noise }
    guard bytes.count >= 15 else { return .incomplete }
    guard bytes[13] == 0x0D, bytes[14] == 0x0A else { return .noise }
    var check: UInt8 = 0
    for index in 0..<11 { check ^= bytes[index] }
    guard XORNibbles.spell(check, bytes[11], bytes[12]) else { return .noise }
    if bytes[0] == 0x20 {
      switch (bytes[9], bytes[10]) {
      case (UInt8(ascii: "O"), UInt8(ascii: "L")): return .frame(15, .weight(.over))
      case (UInt8(ascii: "L"), UInt8(ascii: "O")): return .frame(15, .weight(.under))
      default: return .noise
      }
    }
    return .frame(15, .weight(Self.weighing(bytes)))
  }

  private static func mayStart(_ bytes: Span<UInt8>) -> Bool {
    switch bytes[0] {
    case UInt8(ascii: "W"):
      return bytes.count == 1 || bytes[1] == UInt8(ascii: "G") || bytes[1] == UInt8(ascii: "N")
    case 0x20:
      for index in 0..<min(9, bytes.count) where bytes[index] != 0x20 { return false }
      return true
    default: return false
    }
  }

  private static func weighing(_ bytes: Span<UInt8>) -> Weighing {
    guard let number = WireNumber(ascii: bytes.extracting(2..<9)) else {
      return .fault(reason: "it sends no number that can be read")
    }
    guard let unit = WeightUnit(wire: bytes.extracting(9..<11)) else {
      return .fault(reason: "its unit is unknown or ambiguous; set the scale to kg")
    }
    return .weight(number, unit, .unknown)
  }
}
