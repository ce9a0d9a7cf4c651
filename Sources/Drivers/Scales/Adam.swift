package import Domain

/// Adam Equipment (艾德姆), lines with a number and its unit, as `  1.234kg` or `Gross Wt  1.234 Kg`.
///
/// AZextra (user manual, 3.10), CBC, CPWplus and Highland. The text before the number, if there is
/// any, tells gross and net from tare, piece weight and the rest. How a line is padded differs, and
/// there is no sign of rest: an AZextra answers a weight only once, and beeps when it is asked
/// again. Nothing marks the start of a line: it is only looked for where one starts.
package struct Adam: ScaleProtocol {
  package static let identifier = "adam"
  package static let title = Text(zh: "艾德姆 Adam", en: "Adam Equipment")
  package static let wire = ScaleWire.serial(SerialLine(baud: 4800))

  private static let longest = 48

  package init(_ settings: ScaleSettings) {}

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard place.startsLine, (0x20...0x7E).contains(bytes[0]) else { return .noise }
    switch WireLine.find(in: bytes, longest: Self.longest, place) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .line(let line):
      guard let message = Self.message(bytes.extracting(0..<line.content)) else { return .noise }
      return .frame(line.total, message)
    }
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes(Array("P\r\n".utf8))
    case .zero: .bytes(Array("Z\r\n".utf8))
    case .tare: .bytes(Array("T\r\n".utf8))
    case .stream, .clearTare: nil
    }
  }

  private static func message(_ line: Span<UInt8>) -> ScaleMessage? {
    var start = 0
    while start < line.count, !isOfNumber(line[start]) || line[start] == 0x2E {
      guard (0x20...0x7E).contains(line[start]) else { return nil }
      start += 1
    }
    // A digit stands before the point: without one, it was lost on the way.
    guard start == 0 || line[start - 1] != 0x2E, hasWhole(line, from: start) else { return nil }
    var end = start
    while end < line.count, isOfNumber(line[end]) || line[end] == 0x20 { end += 1 }
    var over = end
    while over < line.count, (0x41...0x5A).contains(line[over] & 0xDF) { over += 1 }
    // More may follow, as a price, but not close to the unit: that would be `2.00/kg`.
    guard over > end, over == line.count || line[over] == 0x20 else { return nil }
    guard let number = WireNumber(ascii: line.extracting(start..<end)) else { return nil }
    guard isWeight(line.extracting(0..<start)) else { return .nothing }
    guard let unit = WeightUnit(wire: line.extracting(end..<over)) else {
      return .weight(.fault(reason: "it counts, or its unit is unknown; set it to kg"))
    }
    return .weight(.weight(number, unit, .unknown))
  }

  private static func isOfNumber(_ byte: UInt8) -> Bool {
    byte &- 0x30 < 10 || byte == 0x2E || byte == 0x2B || byte == 0x2D
  }

  private static func hasWhole(_ line: Span<UInt8>, from start: Int) -> Bool {
    var index = start
    while index < line.count, line[index] == 0x20 || line[index] == 0x2B || line[index] == 0x2D {
      index += 1
    }
    return index < line.count && line[index] != 0x2E
  }

  /// Whether the text before a number names the weight on the pan.
  private static func isWeight(_ name: Span<UInt8>) -> Bool {
    var start = 0
    while start < name.count, name[start] == 0x20 { start += 1 }
    guard start < name.count else { return true }
    switch name[start] & 0xDF {
    case UInt8(ascii: "G"), UInt8(ascii: "N"), UInt8(ascii: "W"): return true
    default: return false
    }
  }
}
