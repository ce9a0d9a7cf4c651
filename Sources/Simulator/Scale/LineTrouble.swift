/// What a bad cable, a wrong setting or a second device makes of the bytes on a serial wire.
struct LineTrouble: Sendable {
  private var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  /// The bytes as they arrive; those of USB have a checksum of their own and arrive as they are.
  mutating func spoil(
    _ bytes: [UInt8],
    _ fault: SimulatedScale.Fault,
    _ wire: SimulatedScale.Wire
  ) -> [UInt8] {
    guard wire != .hid, !bytes.isEmpty else { return bytes }
    switch fault {
    case .garbled: return garbled(bytes)
    case .halved: return halved(bytes)
    case .wrongBaud: return misread(bytes)
    case .parityBits: return bytes.map { $0.nonzeroBitCount % 2 == 0 ? $0 : $0 ^ 0x80 }
    case .none, .silent, .faultStatus, .stuckMoving, .repeatsLast, .twoIndicators, .overloadText:
      return bytes
    }
  }

  private mutating func garbled(_ bytes: [UInt8]) -> [UInt8] {
    guard Int.random(in: 0..<3, using: &random) > 0 else { return bytes }
    var bytes = bytes
    bytes[Int.random(in: bytes.indices, using: &random)] ^=
      1 << UInt8.random(in: 0..<8, using: &random)
    return bytes
  }

  private mutating func halved(_ bytes: [UInt8]) -> [UInt8] {
    guard bytes.count > 1 else { return [] }
    let kept = Int.random(in: 1..<bytes.count, using: &random)
    return Array(Bool.random(using: &random) ? bytes.prefix(kept) : bytes.suffix(kept))
  }

  /// At half the speed, two bits are taken for one: fewer bytes, with ones from the idle line.
  private mutating func misread(_ bytes: [UInt8]) -> [UInt8] {
    (0..<(bytes.count + 1) / 2).map { _ in
      let byte = UInt8.random(in: 0...255, using: &random)
      return Int.random(in: 0..<4, using: &random) > 0 ? byte | 0x80 : byte
    }
  }
}
