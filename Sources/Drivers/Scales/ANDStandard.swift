package import Domain

/// A&D's standard format (艾安得标准格式), 15 characters and CR LF, as `ST,+00123.45  g`.
///
/// State, comma, sign and number with leading zeros in nine places, unit in three (GX-A
/// communication manual, 7-2; EK-L, HC-i and GC manuals). A result of the comparator (`OK`) or, of
/// the indicators, gross or net (`GS`) may stand between. The dump print of the balances,
/// `WT   +123.45  g`, is read too. Beyond the range the digits mean nothing (`9999999E+19`).
///
/// A line whose number has leading zeros must have its full length: a shorter one has lost a digit,
/// or the `k` of its unit, on the way. Clones that pad with blanks, or not at all, are read as they
/// come.
package struct ANDStandard: ScaleProtocol {
  package static let identifier = "and"
  package static let title = Text(zh: "艾安得 A&D 标准格式", en: "A&D standard format")
  package static let wire = ScaleWire.serial(SerialLine(baud: 2400, dataBits: 7, parity: .even))

  private static let longest = 40

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    switch bytes[0] {
    // Taken: the answer to a command that brings no data.
    case 0x06: return .frame(1, .nothing)
    case UInt8(ascii: "S"), UInt8(ascii: "U"), UInt8(ascii: "Q"), UInt8(ascii: "O"): break
    case UInt8(ascii: "E"), UInt8(ascii: "T"): break
    // Without a comma nothing tells a header from the tail of a word.
    case UInt8(ascii: "W") where place.startsLine, UInt8(ascii: "?") where place.startsLine: break
    case 0x20 where place.startsLine: break
    default: return .noise
    }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      let content = bytes.extracting(0..<line.content)
      guard let message = Self.message(content, place) else { return .noise }
      return .frame(line.total, message)
    }
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes(Array("Q\r\n".utf8))
    case .stream: .bytes(Array("SIR\r\n".utf8))
    case .zero: .bytes(Array("Z\r\n".utf8))
    case .tare: .bytes(Array("T\r\n".utf8))
    case .clearTare: nil
    }
  }

  private static func message(_ line: Span<UInt8>, _ place: FramePlace) -> ScaleMessage? {
    if line.count == 1, line[0] == UInt8(ascii: "?") { return .notUnderstood }
    if line.count > 0, line[0] == 0x20 { return dumpedVerdict(line).map { .weight($0) } }
    guard line.count > 3 else { return nil }
    guard line[2] == 0x2C else {
      return line[2] == 0x20 && place.startsLine ? dumped(line).map { .weight($0) } : nil
    }
    switch (line[0], line[1]) {
    case (UInt8(ascii: "E"), UInt8(ascii: "C")): return error(line.extracting(3..<line.count))
    case (UInt8(ascii: "T"), UInt8(ascii: "R")): return tare(line.extracting(3..<line.count))
    default: return state(line).flatMap { standard($0, line) }
    }
  }

  /// `WT`, `US` or `QT` and blanks.
  private static func dumped(_ line: Span<UInt8>) -> Weighing? {
    guard let state = state(line) else { return nil }
    return weighing(state, line.extracting(2..<line.count), isWhole: true)
  }

  /// Dump print says `WT` for what is at rest.
  private static func state(_ line: Span<UInt8>) -> StateHeader? {
    let isDumped = line[0] == UInt8(ascii: "W") && line[1] == UInt8(ascii: "T")
    return isDumped ? .stable : StateHeader(line)
  }

  private static func standard(_ state: StateHeader, _ line: Span<UInt8>) -> ScaleMessage? {
    guard line.count > 6, line[5] == 0x2C else {
      let value = line.extracting(3..<line.count)
      return weighing(state, value, isWhole: line.count == 15).map { .weight($0) }
    }
    let value = line.extracting(6..<line.count)
    switch (line[3], line[4]) {
    case (UInt8(ascii: "T"), UInt8(ascii: "R")), (UInt8(ascii: "P"), UInt8(ascii: "T")):
      return tare(value)
    case (UInt8(ascii: "G"), UInt8(ascii: "S")), (UInt8(ascii: "N"), UInt8(ascii: "T")):
      let isWhole = line.count == 16 || line.count == 17
      return weighing(state, value, isWhole: isWhole).map { .weight($0) }
    case (UInt8(ascii: "O"), UInt8(ascii: "K")), (UInt8(ascii: "H"), UInt8(ascii: "I")),
      (UInt8(ascii: "L"), UInt8(ascii: "O")), (0x2D, 0x2D), (0x20, 0x20):
      return weighing(state, value, isWhole: line.count == 18).map { .weight($0) }
    default: return nil
    }
  }

  /// The weight of the vessel that was tared is not what lies on the pan.
  private static func tare(_ value: Span<UInt8>) -> ScaleMessage? {
    WireQuantity(ascii: value) == nil ? nil : .nothing
  }

  private static func weighing(_ state: StateHeader, _ value: Span<UInt8>, isWhole: Bool)
    -> Weighing?
  {
    for index in value.indices where value[index] == 0x2C { return nil }
    if let verdict = state.verdict(value) { return verdict }
    guard let motion = state.motion, let quantity = WireQuantity(ascii: value),
      isWhole || !hasLeadingZero(value)
    else { return nil }
    return quantity.weighing(unit: nil, motion)
  }

  private static func hasLeadingZero(_ value: Span<UInt8>) -> Bool {
    var start = 0
    while start < value.count, isBlankOrSign(value[start]) { start += 1 }
    return start + 1 < value.count && value[start] == 0x30 && value[start + 1] &- 0x30 < 10
  }

  private static func isBlankOrSign(_ byte: UInt8) -> Bool {
    byte == 0x20 || byte == 0x2B || byte == 0x2D
  }

  /// `EC,E01`: only some of the errors mean that the line or the command is wrong.
  private static func error(_ code: Span<UInt8>) -> ScaleMessage? {
    guard (2...3).contains(code.count), code[0] == UInt8(ascii: "E") else { return nil }
    var number = 0
    for index in 1..<code.count {
      guard code[index] &- 0x30 < 10 else { return nil }
      number = number * 10 + Int(code[index] - 0x30)
    }
    switch number {
    // Communication, undefined command, too many characters, format (GX and HC-i manuals).
    case 0, 1, 4, 6: return .notUnderstood
    default: return .nothing
    }
  }

  /// Dump print has no header for what is beyond the range, only `E` or `-E` among blanks.
  private static func dumpedVerdict(_ line: Span<UInt8>) -> Weighing? {
    var start = 0
    while start < line.count, line[start] == 0x20 { start += 1 }
    let isUnder = start < line.count && line[start] == 0x2D
    if isUnder { start += 1 }
    guard start < line.count, line[start] == UInt8(ascii: "E") else { return nil }
    for index in start + 1..<line.count where line[index] != 0x20 { return nil }
    return isUnder ? .under : .over
  }
}
