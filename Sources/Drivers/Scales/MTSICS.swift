package import Domain

/// Mettler Toledo's standard interface command set, levels 0 and 1 (MT-SICS reference manual).
///
/// Lines of words: the command, a letter for what became of it, then values. Ohaus Ranger and
/// Defender speak it too where they are set to it.
package struct MTSICS: ScaleProtocol {
  package static let identifier = "mt-sics"
  package static let title = Text(zh: "梅特勒-托利多 MT-SICS", en: "Mettler Toledo MT-SICS")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  /// Longer than any answer to I2, model and capacity.
  private static let longest = 120
  /// The field of the weight; more signs than this are two frames in one.
  private static let field = 10

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    switch bytes[0] {
    case UInt8(ascii: "S"), UInt8(ascii: "T"), UInt8(ascii: "Z"), UInt8(ascii: "I"): break
    // The tail of any text may be two letters: an error is only believed at the start of a line.
    case UInt8(ascii: "E") where place.startsLine: break
    default: return .noise
    }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      guard let message = message(bytes.extracting(0..<line.content)) else { return .noise }
      return .frame(line.total, message)
    }
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes(Array("SI\r\n".utf8))
    case .stream: .bytes(Array("SIR\r\n".utf8))
    case .zero: .bytes(Array("Z\r\n".utf8))
    case .tare: .bytes(Array("T\r\n".utf8))
    case .clearTare: .bytes(Array("TAC\r\n".utf8))
    }
  }

  private func message(_ line: Span<UInt8>) -> ScaleMessage? {
    // The command as one number of up to three letters.
    var (command, end) = (0, 0)
    while end < line.count, line[end] != 0x20 {
      guard end < 3 else { return nil }
      command = command << 8 | Int(line[end])
      end += 1
    }
    let rest = line.extracting(min(end + 1, line.count)..<line.count)
    switch command {
    case 0x53: return weighing(rest).map { .weight($0) }
    case 0x5A, 0x5A49: return answer(to: .zero, rest)  // Z, ZI
    case 0x54, 0x5449, 0x5441: return answer(to: .tare, rest)  // T, TI, TA
    case 0x54_4143: return answer(to: .clearTare, rest)  // TAC
    case 0x4553, 0x4554, 0x454C: return rest.isEmpty ? .notUnderstood : nil  // ES, ET, EL
    case 0x4930...0x4939, 0x49_3030...0x49_3939: return information(command, rest)  // I0 to I99
    default: return nil
    }
  }

  /// What stands behind `S`, the answer to S, SI, SIR and SR alike.
  private func weighing(_ rest: Span<UInt8>) -> Weighing? {
    guard let status = status(rest) else { return nil }
    switch status {
    case UInt8(ascii: "S"): return weight(rest.extracting(1..<rest.count), .stable)
    case UInt8(ascii: "D"): return weight(rest.extracting(1..<rest.count), .moving)
    case UInt8(ascii: "I"): return rest.count == 1 ? .moving : nil
    case UInt8(ascii: "+"): return rest.count == 1 ? .over : nil
    case UInt8(ascii: "-"): return rest.count == 1 ? .under : nil
    default: return nil
    }
  }

  private func weight(_ value: Span<UInt8>, _ motion: Weighing.Motion) -> Weighing? {
    guard let quantity = WireQuantity(ascii: value) else {
      return isError(value) ? .fault(reason: "it reports an error instead of a weight") : nil
    }
    var width = 0
    for index in value.indices where (0x2B...0x39).contains(value[index]) { width += 1 }
    guard width <= Self.field else { return nil }
    return quantity.weighing(unit: unit, motion)
  }

  /// Newer balances put `Error` and a code where the weight would be.
  private func isError(_ value: Span<UInt8>) -> Bool {
    var index = 0
    while index < value.count, value[index] == 0x20 { index += 1 }
    return index + 1 < value.count && value[index] == UInt8(ascii: "E")
      && value[index + 1] == UInt8(ascii: "r")
  }

  private func answer(to request: ScaleRequest, _ rest: Span<UInt8>) -> ScaleMessage? {
    guard let status = status(rest) else { return nil }
    switch status {
    case UInt8(ascii: "A"), UInt8(ascii: "S"), UInt8(ascii: "D"): return .answer(request, .done)
    case UInt8(ascii: "I"):
      return .answer(request, .refused(reason: "it is busy, or the load does not come to rest"))
    case UInt8(ascii: "L"):
      return .answer(request, .refused(reason: "the value is not one that it takes"))
    case UInt8(ascii: "+"):
      return .answer(request, .refused(reason: "the load is above the range for it"))
    case UInt8(ascii: "-"):
      return .answer(request, .refused(reason: "the load is below the range for it"))
    default: return nil
    }
  }

  private func information(_ command: Int, _ rest: Span<UInt8>) -> ScaleMessage? {
    guard let status = status(rest) else { return nil }
    switch status {
    // The serial number is never asked for: it comes when the scale starts.
    case UInt8(ascii: "A"): return command == 0x4934 ? .restarted : .nothing
    case UInt8(ascii: "B"), UInt8(ascii: "I"), UInt8(ascii: "L"): return .nothing
    default: return nil
    }
  }

  /// The letter that says what became of a command; it stands alone.
  private func status(_ rest: Span<UInt8>) -> UInt8? {
    guard !rest.isEmpty, rest.count == 1 || rest[1] == 0x20 else { return nil }
    return rest[0]
  }
}
