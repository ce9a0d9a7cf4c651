package import Domain

/// NCI and Weigh-Tronix SCP-01, also named ECR (Avery 7821, Brecknell 3700LP, MT DIVA manuals).
///
/// LF, weight and unit, CR; then LF, one to four bytes of status, with `S` before them in strict
/// ECR, CR, ETX. In motion, beyond its range and in fault it sends the status only.
package struct NCISCP01: ScaleProtocol {
  package static let identifier = "nci-scp01"
  package static let title = Text(zh: "NCI SCP-01（ECR）", en: "NCI, Weigh-Tronix SCP-01 (ECR)")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600, dataBits: 7, parity: .even))

  /// Pounds and ounces in high resolution, as `123LB 12.345OZ`, and some more.
  private static let longestField = 20

  private let unit: WeightUnit?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == 0x0A else { return .noise }
    switch Self.field(in: bytes, from: 1) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .ends(let first):
      guard first + 1 < bytes.count else { return .incomplete }
      let head = bytes.extracting(1..<first)
      if bytes[first + 1] == 0x03 {
        guard let message = message(alone: head) else { return .noise }
        return .frame(first + 2, message)
      }
      guard bytes[first + 1] == 0x0A else { return .noise }
      return match(bytes, head, from: first + 2)
    }
  }

  package func order(for request: ScaleRequest) -> ScaleOrder? {
    switch request {
    case .weigh: .bytes(Array("W\r".utf8))
    case .zero: .bytes(Array("Z\r".utf8))
    case .stream, .tare, .clearTare: nil
    }
  }

  private func match(_ bytes: Span<UInt8>, _ head: Span<UInt8>, from start: Int) -> FrameMatch {
    switch Self.field(in: bytes, from: start) {
    case .none: return .noise
    case .incomplete: return .incomplete
    case .ends(let end):
      guard let status = Status(bytes.extracting(start..<end)) else { return .noise }
      guard end + 1 < bytes.count else { return .incomplete }
      guard bytes[end + 1] == 0x03 else { return .noise }
      return .frame(end + 2, message(head, status))
    }
  }

  private enum Field {
    /// Where its CR stands.
    case ends(Int)
    case incomplete
    case none
  }

  private static func field(in bytes: Span<UInt8>, from start: Int) -> Field {
    var index = start
    while index < bytes.count {
      if bytes[index] == 0x0D { return index > start ? .ends(index) : .none }
      guard index - start < longestField, (0x20...0x7F).contains(bytes[index]) else { return .none }
      index += 1
    }
    return .incomplete
  }

  private func message(alone content: Span<UInt8>) -> ScaleMessage? {
    if content.count == 1, content[0] == UInt8(ascii: "?") { return .notUnderstood }
    guard let status = Status(content) else { return nil }
    if let verdict = status.verdict { return .weight(verdict) }
    if status.isMoving { return .weight(.moving) }
    return status.isAtZero ? .weight(.zero) : .nothing
  }

  private func message(_ content: Span<UInt8>, _ status: Status) -> ScaleMessage {
    // The answer to M, raw counts for the calibration.
    if content.count >= 2, content[content.count - 1] == UInt8(ascii: "M"),
      content[content.count - 2] == UInt8(ascii: "M")
    {
      return .nothing
    }
    if let verdict = status.verdict { return .weight(verdict) }
    guard let quantity = WireQuantity(ascii: content) else {
      // The answer to U names the new unit without a number.
      if WeightUnit(wire: content) != nil { return .nothing }
      return .weight(.fault(reason: "it sends no number that can be read"))
    }
    let isZero = status.isAtZero && !status.isNet
    return .weight(
      quantity.weighing(unit: unit, status.isMoving ? .moving : .stable, isZero: isZero)
    )
  }
}

/// The status bytes of SCP-01, bits numbered from the lowest.
private struct Status {
  private var bits: (UInt8, UInt8, UInt8, UInt8) = (0x30, 0x30, 0x30, 0x30)
  private var isCutShort = false

  /// Reads one to four bytes; each has bits 4 and 5 up, and bit 6 where another follows.
  init?(_ field: Span<UInt8>) {
    let start = !field.isEmpty && field[0] == UInt8(ascii: "S") ? 1 : 0
    let count = field.count - start
    guard (1...4).contains(count) else { return nil }
    for index in 0..<count {
      let byte = field[start + index]
      guard byte & 0x30 == 0x30 else { return nil }
      switch index {
      case 0: bits.0 = byte
      case 1: bits.1 = byte
      case 2: bits.2 = byte
      default: bits.3 = byte
      }
      isCutShort = index < 3 && byte & 0x40 != 0
    }
  }

  var isMoving: Bool { bits.0 & 1 != 0 }
  var isAtZero: Bool { bits.0 & 2 != 0 }
  var isNet: Bool { bits.2 & 4 != 0 }

  /// What makes any number worthless.
  var verdict: Weighing? {
    if bits.0 & 0x0C != 0 || bits.1 & 0x04 != 0 {
      return .fault(reason: "it reports a memory error (RAM, ROM or EEPROM): have it repaired")
    }
    if bits.1 & 0x08 != 0 { return .fault(reason: "it reports a bad calibration") }
    if bits.2 & 0x08 != 0 {
      return .fault(reason: "it found no zero: clear the pan, switch it off and on")
    }
    if isCutShort { return .fault(reason: "its status is cut short") }
    if bits.1 & 0x02 != 0 { return .over }
    return bits.1 & 0x01 != 0 ? .under : nil
  }
}
