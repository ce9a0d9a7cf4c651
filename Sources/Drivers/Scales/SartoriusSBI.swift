package import Domain

/// Sartorius SBI (赛多利斯) without identification: 14 places and CR LF.
///
/// Sign, blank, the number up to the eleventh place, the unit in the last three (Cubis MSE,
/// Entris II, CPA and LE manuals). Without a unit it is not at rest. Digits in brackets are not
/// verified, but belong to the number. Messages stand alone among blanks: `H` or `High`, `L` or
/// `Low`, `C` or `Cal. Ext.`, `Err 054`. Nothing marks the start of a line: it is only looked for
/// where one starts, or behind what is no text.
package struct SartoriusSBI16: ScaleProtocol {
  package static let identifier = "sbi-16"
  package static let title = Text(zh: "赛多利斯 SBI 16字符", en: "Sartorius SBI, 16 characters")
  package static let wire = SBILine.wire

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard let isWhole = SBILine.isWhole(bytes, content: 14, place) else { return .noise }
    guard isWhole else { return .incomplete }
    let field = bytes.extracting(0..<14)
    guard let message = SBILine.weighing(field, unit) ?? SBILine.words(field) else { return .noise }
    return .frame(16, message)
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? { SBILine.order(for: request) }
}

/// Sartorius SBI (赛多利斯) with identification: six places more before those of SBI 16.
///
/// `N`, `N1` and `G` name a weight, `Qnt` and `Prc` a count or a percentage, `Stat` a message;
/// anything else, as `T1` for the tare, is none of the load (ME and MSE manuals).
package struct SartoriusSBI22: ScaleProtocol {
  package static let identifier = "sbi-22"
  package static let title = Text(zh: "赛多利斯 SBI 22字符", en: "Sartorius SBI, 22 characters")
  package static let wire = SBILine.wire

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard let isWhole = SBILine.isWhole(bytes, content: 20, place) else { return .noise }
    guard isWhole else { return .incomplete }
    guard let message = message(bytes.extracting(0..<6), bytes.extracting(6..<20)) else {
      return .noise
    }
    return .frame(22, message)
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? { SBILine.order(for: request) }

  private func message(_ name: Span<UInt8>, _ field: Span<UInt8>) -> ScaleMessage? {
    // `G#` is the Combics; its `n` counts transactions.
    if name[0] == UInt8(ascii: "n") { return .nothing }
    let letters = name.extracting(0..<(name[1] == UInt8(ascii: "#") ? 1 : name.count))
    return switch WireWord(ascii: letters) {
    case .n, .g, .net, .gross: SBILine.weighing(field, unit) ?? SBILine.words(field)
    case .stat: SBILine.words(field)
    case .qnt, .prc: .weight(.fault(reason: "it counts; switch it to weighing"))
    default: .nothing
    }
  }
}

/// What both kinds of lines have in common.
private enum SBILine {
  /// As it leaves the works (CP, LP and Master series manuals); newer balances come with other
  /// settings.
  static let wire = ScaleWire.serial(SerialLine(baud: 1200, dataBits: 7, parity: .odd))

  /// Whether a line of so many places and CR LF has come; `nil` where none begins here.
  static func isWhole(_ bytes: Span<UInt8>, content: Int, _ place: FramePlace) -> Bool? {
    guard place.startsText else { return nil }
    for index in 0..<min(content, bytes.count) where !(0x20...0x7E).contains(bytes[index]) {
      return nil
    }
    guard bytes.count >= content + 2 else { return false }
    return bytes[content] == 0x0D && bytes[content + 1] == 0x0A ? true : nil
  }

  /// - Returns: `nil` where there is no number in the first eleven places.
  static func weighing(_ field: Span<UInt8>, _ fallback: WeightUnit?) -> ScaleMessage? {
    guard let number = number(field.extracting(0..<11)) else { return nil }
    let name = field.extracting(11..<14)
    if let unit = WeightUnit(wire: name) { return .weight(.weight(number, unit, .stable)) }
    for index in name.indices where name[index] != 0x20 {
      return .weight(.fault(reason: "its unit is unknown or ambiguous; set it to kg or g"))
    }
    guard let fallback else { return .weight(.moving) }
    return .weight(.weight(number, fallback, .moving))
  }

  /// Reads a number of which the last digits may stand in brackets.
  private static func number(_ field: Span<UInt8>) -> WireNumber? {
    var open = 0
    while open < field.count, field[open] != UInt8(ascii: "[") { open += 1 }
    guard open < field.count else { return WireNumber(ascii: field) }
    guard var number = WireNumber(ascii: field.extracting(0..<open)), field[open - 1] != 0x20
    else { return nil }
    let hasPoint = number.decimals > 0 || field[open - 1] == 0x2E
    var index = open + 1
    while index < field.count, field[index] &- 0x30 < 10 {
      let digit = Int(field[index] - 0x30)
      number.digits = number.digits * 10 + (number.isNegative ? -digit : digit)
      if hasPoint { number.decimals += 1 }
      index += 1
    }
    guard index > open + 1, index < field.count, field[index] == UInt8(ascii: "]") else {
      return nil
    }
    for rest in index + 1..<field.count where field[rest] != 0x20 { return nil }
    return number
  }

  /// What a line without a number says; blanks alone say nothing.
  static func words(_ field: Span<UInt8>) -> ScaleMessage? {
    guard let word = WireWord(ascii: field) else {
      return isDashes(field) ? .weight(.fault(reason: "it shows no weight")) : nil
    }
    switch word {
    case .h, .high: return .weight(.over)
    case .l, .low: return .weight(.under)
    case .c, .cal, .calExt, .calInt: return .weight(.fault(reason: "it is being adjusted; wait"))
    case .e, .err, .appErr, .disErr, .prtErr, .appEr, .disEr, .prtEr:
      return .weight(.fault(reason: "it reports an error instead of a weight"))
    // The limits of its checkweighing.
    case .hh, .ll: return .nothing
    default: return word.isEmpty && isBlank(field) ? .nothing : nil
    }
  }

  /// The sign of a display that is not yet final.
  private static func isDashes(_ field: Span<UInt8>) -> Bool {
    var dashes = 0
    for index in field.indices {
      if field[index] == 0x2D { dashes += 1 } else if field[index] != 0x20 { return false }
    }
    return dashes > 1
  }

  private static func isBlank(_ field: Span<UInt8>) -> Bool {
    for index in field.indices where field[index] != 0x20 { return false }
    return true
  }

  static func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes([0x1B, UInt8(ascii: "P"), 0x0D, 0x0A])
    case .zero: .bytes([0x1B, UInt8(ascii: "V"), 0x0D, 0x0A])
    case .tare: .bytes([0x1B, UInt8(ascii: "U"), 0x0D, 0x0A])
    case .stream, .clearTare: nil
    }
  }
}

extension WireWord {
  fileprivate static let n = WireWord("N")
  fileprivate static let g = WireWord("G")
  fileprivate static let net = WireWord("NET")
  fileprivate static let gross = WireWord("GROSS")
  fileprivate static let stat = WireWord("STAT")
  fileprivate static let qnt = WireWord("QNT")
  fileprivate static let prc = WireWord("PRC")
  fileprivate static let h = WireWord("H")
  fileprivate static let high = WireWord("HIGH")
  fileprivate static let hh = WireWord("HH")
  fileprivate static let l = WireWord("L")
  fileprivate static let low = WireWord("LOW")
  fileprivate static let ll = WireWord("LL")
  fileprivate static let c = WireWord("C")
  fileprivate static let cal = WireWord("CAL")
  fileprivate static let calExt = WireWord("CALEXT")
  fileprivate static let calInt = WireWord("CALINT")
  fileprivate static let e = WireWord("E")
  fileprivate static let err = WireWord("ERR")
  fileprivate static let appErr = WireWord("APPERR")
  fileprivate static let disErr = WireWord("DISERR")
  fileprivate static let prtErr = WireWord("PRTERR")
  fileprivate static let appEr = WireWord("APPER")
  fileprivate static let disEr = WireWord("DISER")
  fileprivate static let prtEr = WireWord("PRTER")
}
