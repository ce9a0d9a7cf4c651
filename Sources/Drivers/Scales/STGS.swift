package import Domain

/// The line of most Chinese counting and bench scales (计重秤), as `ST,GS,+  1.234kg`.
///
/// State, then what weight it is, sign, number, unit, CR LF, padded as each maker likes: 16 to 22
/// bytes. Seen in the manuals of Bison (jswjk.com), Excell AM4 and H3, Salter Brecknell S122,
/// Selleton SL-7516, T-Scale and KERN KFN-TM, KXS-TM and GAB-N. The second part may be missing, or
/// end in a blank (`ST,GS 1.000KG`), and a comma may stand before the unit. Without a unit it is
/// the profile's, or kg. Beyond the range there is only a sign (`OL,GS,-`).
package struct STGS: ScaleProtocol {
  package static let identifier = "st-gs"
  package static let title = Text(zh: "通用 ST,GS 格式", en: "ST,GS lines (most Chinese scales)")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private static let longest = 40

  private let unit: WeightUnit

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard StateHeader.mayStart(bytes) else { return .noise }
    guard bytes.count > 2 else { return .incomplete }
    guard bytes[2] == 0x2C, let state = StateHeader(bytes) else { return .noise }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      guard let message = message(state, bytes.extracting(3..<line.content)) else { return .noise }
      return .frame(line.total, message)
    }
  }

  /// Keys of Bison's "command format A", which Excell has too.
  ///
  /// That page has no end for them; CR LF is unconfirmed. Its commands to read a weight (`RW`) bring
  /// a bare number, which is another format, and `%` stops the stream.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .zero: .bytes(Array("MZ\r\n".utf8))
    case .tare: .bytes(Array("MT\r\n".utf8))
    case .clearTare: .bytes(Array("CT\r\n".utf8))
    case .weigh, .stream: nil
    }
  }

  /// - Returns: `nil` for what is not one whole line.
  private func message(_ state: StateHeader, _ line: Span<UInt8>) -> ScaleMessage? {
    var start = 0
    while start < line.count, (0x41...0x5A).contains(line[start] & 0xDF) { start += 1 }
    let kind = Self.kind(line.extracting(0..<start))
    if start > 0, start < line.count, line[start] == 0x2C { start += 1 }
    guard kind != .none, let weighing = weighing(state, line.extracting(start..<line.count)) else {
      return nil
    }
    // The weight of the vessel that was tared is not what lies on the pan.
    return kind == .tare ? .nothing : .weight(weighing)
  }

  private enum Kind {
    case weight
    case tare
    case none
  }

  private static func kind(_ name: Span<UInt8>) -> Kind {
    guard let word = WireWord(ascii: name) else { return .none }
    if word.isEmpty { return .weight }
    switch word {
    case .gs, .nt, .g, .n, .gw, .nw: return .weight
    case .tr, .tw, .t, .pt: return .tare
    default: return .none
    }
  }

  private func weighing(_ state: StateHeader, _ value: Span<UInt8>) -> Weighing? {
    if let verdict = state.verdict(value) { return verdict }
    guard let motion = state.motion else { return nil }
    var comma = 0
    while comma < value.count, value[comma] != 0x2C { comma += 1 }
    guard comma < value.count else {
      return WireQuantity(ascii: value)?.weighing(unit: unit, motion)
    }
    guard let number = WireNumber(ascii: value.extracting(0..<comma)),
      let unit = WeightUnit(wire: value.extracting(comma + 1..<value.count))
    else { return nil }
    return .weight(number, unit, motion)
  }
}

/// The first two letters of a line: what state the weight is in.
enum StateHeader {
  case stable
  case moving
  case counting
  case over
  case under

  init?(_ bytes: Span<UInt8>) {
    switch (bytes[0] & 0xDF, bytes[1] & 0xDF) {
    case (0x53, 0x54): self = .stable  // ST
    case (0x55, 0x53): self = .moving  // US
    case (0x51, 0x54): self = .counting  // QT
    case (0x4F, 0x4C): self = .over  // OL
    case (0x55, 0x4C): self = .under  // UL
    default: return nil
    }
  }

  /// Whether it is a header, or may become one.
  static func mayStart(_ bytes: Span<UInt8>) -> Bool {
    guard bytes.count > 1 else {
      let first = bytes[0] & 0xDF
      return first == 0x53 || first == 0x55 || first == 0x51 || first == 0x4F
    }
    return StateHeader(bytes) != nil
  }

  /// Whether the load is at rest; `nil` where there is no weight.
  var motion: Weighing.Motion? {
    switch self {
    case .stable: .stable
    case .moving: .moving
    case .counting, .over, .under: nil
    }
  }

  /// What a line means without regard to its number.
  ///
  /// - Returns: `nil` where the number counts, or where the rest of the line is the start of another.
  func verdict(_ rest: Span<UInt8>) -> Weighing? {
    for index in rest.indices {
      guard (0x20...0x7E).contains(rest[index]), rest[index] != 0x2C else { return nil }
    }
    switch self {
    case .stable, .moving: return nil
    case .counting: return .fault(reason: "it counts pieces; switch it to weighing")
    case .over: return Self.isMinus(rest) ? .under : .over
    case .under: return .under
    }
  }

  /// Whether the first sign is a minus; dashes in a row are a display without digits.
  static func isMinus(_ field: Span<UInt8>) -> Bool {
    var index = 0
    while index < field.count, field[index] != 0x2B, field[index] != 0x2D { index += 1 }
    guard index < field.count, field[index] == 0x2D else { return false }
    return index + 1 == field.count || field[index + 1] != 0x2D
  }
}

extension WireWord {
  fileprivate static let gs = WireWord("GS")
  fileprivate static let nt = WireWord("NT")
  fileprivate static let g = WireWord("G")
  fileprivate static let n = WireWord("N")
  fileprivate static let gw = WireWord("GW")
  fileprivate static let nw = WireWord("NW")
  fileprivate static let tr = WireWord("TR")
  fileprivate static let tw = WireWord("TW")
  fileprivate static let t = WireWord("T")
  fileprivate static let pt = WireWord("PT")
}
