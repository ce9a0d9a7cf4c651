package import Domain

/// CAS's stream of 22 bytes (CI-400, CI-600D, Caston-III and PDS manuals).
///
/// Header, gross or net, number and lamps of the scale, eight places of data, one more, the unit,
/// CR LF. The place before the unit is a space, or the state of the relays: it is not looked at.
/// The lamps have bit 7 up, so the line needs eight data bits.
package struct CAS22: ScaleProtocol {
  package static let identifier = "cas-22"
  package static let title = Text(zh: "凯士 CAS 22字节", en: "CAS, 22 bytes")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let device: UInt8

  package init(_ settings: ScaleSettings) {
    // `A` is the first scale on the line, number 1.
    device = (settings.address ?? UInt8(ascii: "A")) &- 0x40
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard let header = CASHeader(bytes) else {
      return CASHeader.mayFollow(bytes) ? .incomplete : .noise
    }
    guard bytes.count >= 22 else { return .incomplete }
    guard bytes[8] == 0x2C, bytes[20] == 0x0D, bytes[21] == 0x0A else { return .noise }
    // Bit 0 is the lamp of zero, which is that of the gross weight.
    let isZero = bytes[7] & 0x81 == 0x81 && header.isGross
    guard let weighing = header.weighing(bytes, data: 9, unit: 18, isZero: isZero) else {
      return .noise
    }
    return .frame(22, .weight(weighing))
  }

  /// The keys, as Caston-III, NT-200 and PDS take them: number of the scale, two letters, CR LF.
  ///
  /// The CI indicators have other commands for the same stream, and pass over these.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .zero: .bytes([device] + Array("ZE\r\n".utf8))
    case .tare: .bytes([device] + Array("TR\r\n".utf8))
    case .weigh, .stream, .clearTare: nil
    }
  }
}

/// CAS's stream of 18 bytes, "AND 18" (CI-400 and CI-600D manuals).
///
/// Header, gross or net, eight places of data, the unit, CR LF.
package struct CAS18: ScaleProtocol {
  package static let identifier = "cas-18"
  package static let title = Text(zh: "凯士 CAS 18字节（AND）", en: "CAS, 18 bytes (AND)")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard let header = CASHeader(bytes) else {
      return CASHeader.mayFollow(bytes) ? .incomplete : .noise
    }
    guard bytes.count >= 18 else { return .incomplete }
    guard bytes[16] == 0x0D, bytes[17] == 0x0A else { return .noise }
    guard let weighing = header.weighing(bytes, data: 6, unit: 14, isZero: false) else {
      return .noise
    }
    return .frame(18, .weight(weighing))
  }
}

/// CAS's stream of 10 bytes (CI-400 and CI-600D manuals): eight places of data, CR LF.
///
/// Neither unit nor a sign of rest. Nothing marks the start of a frame: it is only looked for where
/// a line starts, or behind what is no text, for the end of a longer line would read as a number.
package struct CAS10: ScaleProtocol {
  package static let identifier = "cas-10"
  package static let title = Text(zh: "凯士 CAS 10字节", en: "CAS, 10 bytes")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard place.startsText else { return .noise }
    for index in 0..<min(8, bytes.count) where !(0x20...0x7E).contains(bytes[index]) {
      return .noise
    }
    guard bytes.count >= 10 else { return .incomplete }
    guard bytes[8] == 0x0D, bytes[9] == 0x0A else { return .noise }
    guard let number = WireNumber(ascii: bytes.extracting(0..<8)) else {
      return .frame(10, .weight(.fault(reason: "it sends no number that can be read")))
    }
    return .frame(10, .weight(.weight(number, unit, .unknown)))
  }
}

/// The first six bytes of a frame: `ST`, `US` or `OL`, comma, `GS` or `NT`, comma.
private struct CASHeader {
  private enum State {
    case stable
    case moving
    case over
  }

  private let state: State
  let isGross: Bool

  init?(_ bytes: Span<UInt8>) {
    guard bytes.count >= 6, bytes[2] == 0x2C, bytes[5] == 0x2C else { return nil }
    switch (bytes[0], bytes[1]) {
    case (0x53, 0x54): state = .stable  // ST
    case (0x55, 0x53): state = .moving  // US
    case (0x4F, 0x4C): state = .over  // OL
    default: return nil
    }
    switch (bytes[3], bytes[4]) {
    case (0x47, 0x53): isGross = true  // GS
    case (0x4E, 0x54): isGross = false  // NT
    default: return nil
    }
  }

  /// Whether a header may be cut short after its first letter.
  static func mayFollow(_ bytes: Span<UInt8>) -> Bool {
    bytes.count < 6 && (bytes[0] == 0x53 || bytes[0] == 0x55 || bytes[0] == 0x4F)
  }

  /// What the frame says.
  ///
  /// - Returns: `nil` where its data are no text.
  func weighing(_ bytes: Span<UInt8>, data: Int, unit: Int, isZero: Bool) -> Weighing? {
    for index in data..<data + 8 {
      guard (0x20...0x7E).contains(bytes[index]) else { return nil }
    }
    if state == .over {
      return StateHeader.isMinus(bytes.extracting(data..<data + 8)) ? .under : .over
    }
    guard let number = WireNumber(ascii: bytes.extracting(data..<data + 8)) else {
      return .fault(reason: "it sends no number that can be read")
    }
    guard let unit = WeightUnit(wire: bytes.extracting(unit..<unit + 2)) else {
      return .fault(reason: "its unit is unknown or ambiguous; set the scale to kg")
    }
    switch state {
    case .stable: return .weight(number, unit, .stable, isZero: isZero)
    case .moving: return .weight(number, unit, .moving)
    case .over: return .over
    }
  }
}
