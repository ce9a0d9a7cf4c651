package import Domain

/// KERN's own line (科恩) of balances that are asked with `w`, `s` and `t`.
///
/// Blank or `M`, eleven places of sign and number, a blank, the unit in three, CR LF. Without the
/// unit, whether blank or left out, it is not at rest; `Error` comes alone among blanks (PCB-BA-e,
/// 9.3; FKB_A-BA-e, KDE-T-BA_IA-e and FKT-BA-e). Also 572, 573, KB, DS and EMB. KERN's FTC speaks
/// Toledo, its KFN-TM and KXS-TM `ST,GS`, newer ones KCP, which is MT-SICS. Nothing marks the start of
/// a line: it is only looked for where one starts.
package struct Kern: ScaleProtocol {
  package static let identifier = "kern"
  package static let title = Text(zh: "科恩 KERN（w、s、t 指令）", en: "KERN, asked with w, s and t")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard place.startsLine, bytes[0] == 0x20 || bytes[0] == UInt8(ascii: "M") else {
      return .noise
    }
    switch WireLine.find(in: bytes, longest: 16, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      guard let weighing = weighing(bytes.extracting(0..<line.content)) else { return .noise }
      return .frame(line.total, .weight(weighing))
    }
  }

  /// Single letters: most models must not be sent CR LF behind them, the FKT wants it.
  ///
  /// None of them sets to zero.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([UInt8(ascii: "w")])
    case .tare: .bytes([UInt8(ascii: "t")])
    case .stream, .zero, .clearTare: nil
    }
  }

  private func weighing(_ line: Span<UInt8>) -> Weighing? {
    if WireWord(ascii: line) == .error {
      return .fault(reason: "it reports an error instead of a weight")
    }
    guard line.count == 16 || line.count == 13, line[12] == 0x20,
      let number = WireNumber(ascii: line.extracting(1..<12))
    else { return nil }
    let name = line.extracting(13..<line.count)
    if let unit = WeightUnit(wire: name) { return .weight(number, unit, .stable) }
    for index in name.indices where name[index] != 0x20 {
      return .fault(reason: "it counts, or its unit is unknown; set it to kg or g")
    }
    guard let unit else { return .moving }
    return .weight(number, unit, .moving)
  }
}

extension WireWord {
  fileprivate static let error = WireWord("ERROR")
}
