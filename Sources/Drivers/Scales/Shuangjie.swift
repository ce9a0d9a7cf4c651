package import Domain

/// Shuangjie balances (双杰电子天平), 14 characters (the maker's 电子天平通讯协议).
///
/// Sign, eight places of weight, three of the unit, CR LF; G&G's PLC series sends the same. No sign
/// of rest. Nothing marks the start of a line: it is only looked for where one starts, or behind what
/// is no text. The byte before a command is that of the balance as it leaves the works, ESC.
package struct Shuangjie: ScaleProtocol {
  package static let identifier = "shuangjie"
  package static let title = Text(zh: "双杰 14字符", en: "Shuangjie, 14 characters")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard place.startsText, bytes[0] == 0x20 || bytes[0] == 0x2D || bytes[0] == 0x2B else {
      return .noise
    }
    for index in 1..<max(1, min(12, bytes.count)) where !(0x20...0x7E).contains(bytes[index]) {
      return .noise
    }
    guard bytes.count >= 14 else { return .incomplete }
    guard bytes[12] == 0x0D, bytes[13] == 0x0A else { return .noise }
    return .frame(14, .weight(weighing(bytes)))
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([0x1B, 0x70])
    case .tare: .bytes([0x1B, 0x74])
    case .stream, .zero, .clearTare: nil
    }
  }

  private func weighing(_ bytes: Span<UInt8>) -> Weighing {
    guard let number = WireNumber(ascii: bytes.extracting(0..<9)) else {
      return .fault(reason: "it sends no number that can be read")
    }
    let name = bytes.extracting(9..<12)
    if let unit = WeightUnit(wire: name) { return .weight(number, unit, .unknown) }
    guard let unit, name[0] == 0x20, name[1] == 0x20, name[2] == 0x20 else {
      return .fault(reason: "it counts, or its unit is unknown; set it to g")
    }
    return .weight(number, unit, .unknown)
  }
}
