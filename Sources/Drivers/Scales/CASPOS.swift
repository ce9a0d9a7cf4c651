package import Domain

/// CAS's exchange with tills, as AP, AD, PD and SW have it (CAS PD-II manual, 3.1.6).
///
/// ENQ is answered by ACK, then DC1 by SOH, STX, `S` or `U`, sign, six places of weight, two of
/// unit, the XOR of what stands between, ETX, EOT.
package struct CASPOS: ScaleProtocol {
  package static let identifier = "cas-pos"
  package static let title = Text(zh: "凯士 CAS 收银秤", en: "CAS retail scale at a till")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    switch bytes[0] {
    case 0x01: break
    case 0x06: return .frame(1, .proceed([0x11]))
    case 0x15: return .frame(1, .nothing)
    default: return .noise
    }
    guard bytes.count >= 15 else { return .incomplete }
    guard bytes[1] == 0x02, bytes[13] == 0x03, bytes[14] == 0x04 else { return .noise }
    var check: UInt8 = 0
    for index in 2..<12 { check ^= bytes[index] }
    guard check == bytes[12] else { return .noise }
    let motion: Weighing.Motion
    switch bytes[2] {
    // Beyond its range, or not zeroed at the start (Pinnacle OS2CX manual, p. 16).
    case UInt8(ascii: "F"): return .frame(15, .weight(.over))
    case UInt8(ascii: "S"): motion = .stable
    case UInt8(ascii: "U"): motion = .moving
    default: return .noise
    }
    return .frame(15, .weight(weighing(bytes, motion)))
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([0x05])
    case .zero: .bytes([0x3C, 0x5A, 0x4B, 0x3E, 0x09])
    case .tare: .bytes([0x3C, 0x54, 0x4B, 0x3E, 0x09])
    case .stream, .clearTare: nil
    }
  }

  private func weighing(_ bytes: Span<UInt8>, _ motion: Weighing.Motion) -> Weighing {
    if bytes[3] == UInt8(ascii: "F") || bytes[4] == UInt8(ascii: "F") { return .over }
    guard bytes[3] == 0x20 || bytes[3] == UInt8(ascii: "-"),
      let number = WireNumber(ascii: bytes.extracting(3..<10))
    else { return .fault(reason: "it sends no number that can be read") }
    guard let unit = WeightUnit(wire: bytes.extracting(10..<12)) else {
      return .fault(reason: "its unit is unknown or ambiguous; set the scale to kg")
    }
    return .weight(number, unit, motion)
  }
}
