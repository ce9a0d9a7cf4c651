package import Domain

/// Yaohua XK3190 command mode (耀华 指令方式, tF=1), as A9+, A23P and DS1 answer in it.
///
/// Question and answer alike: STX, address, command, data, two nibbles of the XOR of what stands
/// between, ETX (A9+ user manual, pages 10 and 11). The weight is asked for gross (command B): a
/// sign, six digits, how many of them are decimals; neither unit nor a sign of rest. Net (D), if
/// another asks for it, is a weight too; tare (C) is none of the load. Several indicators may share
/// one RS-485 line: what others answer, and what comes back of the own question, is passed over.
package struct XK3190Command: ScaleProtocol {
  package static let identifier = "xk3190-command"
  package static let title = Text(zh: "耀华 XK3190 指令方式", en: "Yaohua XK3190, command mode")
  package static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  /// More than any answer has between STX and ETX: the number of a truck or of its load.
  private static let longest = 32

  private let unit: WeightUnit
  private let address: UInt8?

  package init(_ settings: ScaleSettings) {
    unit = settings.unit ?? .kilogram
    address = settings.address
  }

  package func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    guard bytes[0] == 0x02 else { return .noise }
    var end = 1
    while end < bytes.count, bytes[end] != 0x03 {
      guard end <= Self.longest, Self.mayStand(bytes[end], at: end) else { return .noise }
      end += 1
    }
    guard end < bytes.count else { return .incomplete }
    guard end >= 5 else { return .noise }
    var check: UInt8 = 0
    for index in 1..<end - 2 { check ^= bytes[index] }
    guard XORNibbles.spell(check, bytes[end - 2], bytes[end - 1]) else { return .noise }
    return .frame(end + 1, message(bytes.extracting(1..<end - 2)))
  }

  /// Nothing sets to zero: only the A22 has such a command, and it answers in another format.
  package func order(for request: ScaleRequest) -> ScaleOrder? {
    guard request == .weigh else { return nil }
    let (address, command) = (address ?? UInt8(ascii: "A"), UInt8(ascii: "B"))
    let check = address ^ command
    return .bytes([
      0x02, address, command, XORNibbles.digit(check >> 4), XORNibbles.digit(check & 15), 0x03,
    ])
  }

  /// An address is a letter; EOT in place of a command says that it was a wrong one.
  private static func mayStand(_ byte: UInt8, at index: Int) -> Bool {
    index == 1
      ? (0x41...0x5A).contains(byte)
      : (0x20...0x7E).contains(byte) || (index == 2 && byte == 0x04)
  }

  private func message(_ body: Span<UInt8>) -> ScaleMessage {
    guard address == nil || body[0] == address else { return .nothing }
    switch body[1] {
    case 0x04: return .notUnderstood
    case UInt8(ascii: "B") where body.count == 10, UInt8(ascii: "D") where body.count == 10:
      return .weight(weighing(body))
    default: return .nothing
    }
  }

  private func weighing(_ body: Span<UInt8>) -> Weighing {
    let decimals = body[9] &- 0x30
    guard body[2] == 0x2B || body[2] == 0x2D, decimals <= 4,
      var number = WireNumber(ascii: body.extracting(2..<9)), number.decimals == 0
    else { return .fault(reason: "it sends no number that can be read") }
    number.decimals = Int(decimals)
    return .weight(number, unit, .unknown)
  }
}

/// A checksum as two characters, the high nibble first (耀华: 0–9 +30h, A–F +37h; A22 +30h always).
enum XORNibbles {
  static func digit(_ nibble: UInt8) -> UInt8 { nibble &+ (nibble < 10 ? 0x30 : 0x37) }

  /// Whether two characters spell a checksum, in either way.
  static func spell(_ check: UInt8, _ high: UInt8, _ low: UInt8) -> Bool {
    spells(check >> 4, high) && spells(check & 15, low)
  }

  private static func spells(_ nibble: UInt8, _ character: UInt8) -> Bool {
    character == digit(nibble) || character == nibble &+ 0x30
  }
}
