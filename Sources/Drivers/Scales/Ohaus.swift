package import Domain

/// Ohaus's own lines (奥豪斯), as `   12.345 kg   ?G`.
///
/// Sign, the number right-justified in nine to twelve places, unit, `?` where it is not at rest,
/// then `G`, `NET`, `T`, a time or nothing. So do Defender 3000 (5.2), Defender 5000, Ranger RC, AS,
/// Navigator and Scout Pro (RS232 Interface manual). Nothing marks the start of a line, so it is
/// only looked for where one starts, and a number that ends before its ninth place lost a byte.
///
/// What comes beyond the range no manual says: dashes are a fault, and the errors 8.3 and 8.4 of the
/// display are taken for over and under (unconfirmed).
package struct Ohaus: ScaleProtocol {
  package static let identifier = "ohaus"
  package static let title = Text(zh: "奥豪斯 Ohaus", en: "Ohaus")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  private static let longest = 60

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard place.startsLine, (0x20...0x7E).contains(bytes[0]) else { return .noise }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      guard let message = message(bytes.extracting(0..<line.content)) else { return .noise }
      return .frame(line.total, message)
    }
  }

  /// `IP` and `CP` are switched off in scales that are sealed for trade; `P` is not.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes(Array("IP\r\n".utf8))
    case .stream: .bytes(Array("CP\r\n".utf8))
    case .zero: .bytes(Array("Z\r\n".utf8))
    case .tare: .bytes(Array("T\r\n".utf8))
    case .clearTare: nil
    }
  }

  private func message(_ line: Span<UInt8>) -> ScaleMessage? {
    // Where the number ends, and where the blanks behind it do.
    var (end, next) = (0, 0)
    scan: while next < line.count {
      switch line[next] {
      case 0x20: break
      case 0x2B, 0x2D, 0x2E, 0x30...0x39: end = next + 1
      default: break scan
      }
      next += 1
    }
    guard let number = WireNumber(ascii: line.extracting(0..<end)) else { return Self.words(line) }
    guard end >= 9 || Self.isNarrow(line, end) else { return nil }
    guard let tail = Tail(line, from: next) else { return nil }
    if tail.isTare { return .nothing }
    let motion: Weighing.Motion = tail.isMoving ? .moving : .stable
    guard let name = tail.unit else {
      guard let unit else {
        return .weight(.fault(reason: "it names no unit; set `unit` in its profile"))
      }
      return .weight(.weight(number, unit, motion))
    }
    guard let unit = WeightUnit(wire: line.extracting(name)), !tail.hasNumber else {
      return .weight(.fault(reason: "it counts, or its unit is not a plain one; set it to kg"))
    }
    return .weight(.weight(number, unit, motion))
  }

  /// Whether it has the number in eight places, as the Defender 3000 sends it (captured), and all
  /// other fields where they belong: else it is a longer one that lost a byte.
  private static func isNarrow(_ line: Span<UInt8>, _ end: Int) -> Bool {
    end == 8 && line.count == 16 && line[13] == 0x20 && line[15] != 0x20
  }

  /// Lines without a number.
  private static func words(_ line: Span<UInt8>) -> ScaleMessage? {
    var (dashes, blanks) = (0, 0)
    for index in line.indices {
      if line[index] == 0x2D { dashes += 1 }
      if line[index] == 0x20 { blanks += 1 }
    }
    if dashes > 1, dashes + blanks == line.count {
      return .weight(.fault(reason: "it shows no weight"))
    }
    switch WireWord(ascii: line) {
    case .es: return .notUnderstood
    case .ol: return .weight(.over)
    case .ul: return .weight(.under)
    case .err, .error:
      switch errorNumber(line) {
      case 83: return .weight(.over)
      case 84: return .weight(.under)
      default: return .weight(.fault(reason: "it reports an error instead of a weight"))
      }
    default: return nil
    }
  }

  /// The digits of `Err 8.3` as 83.
  private static func errorNumber(_ line: Span<UInt8>) -> Int {
    var number = 0
    for index in line.indices where line[index] &- 0x30 < 10 && number < 100 {
      number = number * 10 + Int(line[index] - 0x30)
    }
    return number
  }
}

/// What stands behind the number: words with blanks between them.
private struct Tail {
  private(set) var unit: Range<Int>?
  private(set) var isMoving = false
  private(set) var isTare = false
  /// As the ounces in `1 lb  3.5 oz`; a time is none.
  private(set) var hasNumber = false

  /// - Returns: `nil` for what is no text.
  init?(_ line: Span<UInt8>, from start: Int) {
    var index = start
    var isFirst = true
    while index < line.count {
      let first = index
      while index < line.count, line[index] != 0x20 {
        guard (0x21...0x7E).contains(line[index]) else { return nil }
        index += 1
        // The mark of motion may stand close to what follows.
        if line[index - 1] == UInt8(ascii: "?") { break }
      }
      guard index > first else {
        index += 1
        continue
      }
      take(line, first..<index, isFirst: isFirst)
      isFirst = false
    }
  }

  private mutating func take(_ line: Span<UInt8>, _ word: Range<Int>, isFirst: Bool) {
    let end = word.upperBound - 1
    if line[end] == UInt8(ascii: "?") {
      isMoving = true
      if isFirst, word.count > 1 { unit = word.lowerBound..<end }
      return
    }
    // In capitals: `g` is a unit, `G` is gross.
    switch WireWord(ascii: line.extracting(word)) {
    case .g where line[word.lowerBound] == UInt8(ascii: "G"): return
    case .n, .net: return
    case .t where line[word.lowerBound] == UInt8(ascii: "T"), .pt, .total: isTare = true
    default:
      if isFirst {
        unit = word
      } else if line[word.lowerBound] &- 0x30 < 10 || line[word.lowerBound] == 0x2E {
        hasNumber = hasNumber || !Self.isTime(line, word)
      }
    }
  }

  private static func isTime(_ line: Span<UInt8>, _ word: Range<Int>) -> Bool {
    for index in word where line[index] == UInt8(ascii: ":") || line[index] == UInt8(ascii: "/") {
      return true
    }
    return false
  }
}

extension WireWord {
  fileprivate static let es = WireWord("ES")
  fileprivate static let ol = WireWord("OL")
  fileprivate static let ul = WireWord("UL")
  fileprivate static let err = WireWord("ERR")
  fileprivate static let error = WireWord("ERROR")
  fileprivate static let g = WireWord("G")
  fileprivate static let n = WireWord("N")
  fileprivate static let net = WireWord("NET")
  fileprivate static let t = WireWord("T")
  fileprivate static let pt = WireWord("PT")
  fileprivate static let total = WireWord("TOTAL")
}
