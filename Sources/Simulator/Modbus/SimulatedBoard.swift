package import Domain
package import Drivers

/// A relay and input board on Modbus, by its profile: the device's side of the wire.
package struct SimulatedBoard: Sendable {
  package let profile: BoardProfile
  package let address: UInt8
  /// The contacts at its inputs.
  package var inputs: [Bool]
  /// How often each relay has pulled: what a test counts, so that no pulse ever comes twice.
  package private(set) var actuations: [Int]
  /// How often each relay has closed from open.
  package private(set) var closings: [Int]
  /// Whether a pulse that comes while one runs begins anew; else it is without effect.
  package var lengthensPulses = true
  /// Until when each relay is on; `nil` where it is off.
  private var on: [Instant?]

  /// Takes a model, at the address that its maker sets or another.
  package init(_ profile: BoardProfile, address: UInt8? = nil) {
    self.profile = profile
    self.address = address ?? profile.address
    inputs = [Bool](repeating: false, count: profile.inputs?.count ?? 0)
    let count = profile.outputs?.count ?? 0
    actuations = [Int](repeating: 0, count: count)
    closings = actuations
    on = [Instant?](repeating: nil, count: count)
  }

  /// Which relays are on.
  package func relays(at now: Instant) -> [Bool] { on.map { $0.map { $0 > now } ?? false } }

  /// Loses its supply for a moment: all relays drop.
  package mutating func restart() { on = on.map { _ in nil } }

  /// Switches a relay as somebody does who is not the station.
  package mutating func force(_ channel: Int, _ isOn: Bool, at now: Instant) {
    turn(channel - 1, isOn ? .init(nanoseconds: .max) : nil, now)
  }

  /// Does what is asked.
  package mutating func answer(_ request: ModbusRequest, at now: Instant) -> ModbusReply {
    switch request {
    case .read(let table, let start, let count): return read(table, start, count, now)
    case .writeCoil(let place, let value):
      return write(.writeCoil, place, value, now)
    case .writeRegister(let place, let value):
      return write(.writeRegister, place, value, now)
    case .writeCoils(let start, let bits):
      guard let all = profile.outputs?.all else { return .refusal(1) }
      let first = Int(start) - Int(all)
      guard first >= 0, first + bits.count <= on.count else { return .refusal(2) }
      for (index, bit) in bits.enumerated() {
        turn(first + index, bit ? .init(nanoseconds: .max) : nil, now)
      }
      return .wrote(at: start, UInt16(bits.count))
    case .writeRegisters: return .refusal(1)
    }
  }

  private func read(_ table: ModbusTable, _ start: UInt16, _ count: Int, _ now: Instant)
    -> ModbusReply
  {
    let (reading, levels) =
      profile.inputs?.reading.table == table
      ? (profile.inputs?.reading, inputs) : (profile.outputs?.reading, relays(at: now))
    guard let reading, reading.table == table else { return .refusal(1) }
    let first = Int(start) - Int(reading.first)
    guard first >= 0, first + count <= max(levels.count, reading.count) else { return .refusal(2) }
    let asked = (first..<first + count).map { levels.indices.contains($0) && levels[$0] }
    return table.hasBits ? .bits(asked.packed) : .registers(asked.map { $0 ? reading.on : 0 })
  }

  private mutating func write(
    _ function: BoardProfile.Switch.Function,
    _ place: UInt16,
    _ value: UInt16,
    _ now: Instant
  ) -> ModbusReply {
    guard let outputs = profile.outputs else { return .refusal(1) }
    let firsts = [
      (outputs.way.function, outputs.way.first), outputs.pulse.map { ($0.function, $0.first) },
    ].compactMap(\.self).filter { $0.0 == function }.map(\.1)
    guard !firsts.isEmpty else { return .refusal(1) }
    let channels = firsts.map { Int(place) - Int($0) }.filter { on.indices.contains($0) }
    guard !channels.isEmpty else { return .refusal(2) }
    let switched = Int(place) - Int(outputs.way.first)
    if function == outputs.way.function, on.indices.contains(switched),
      value == outputs.way.on || value == outputs.way.off
    {
      turn(switched, value == outputs.way.on ? .init(nanoseconds: .max) : nil, now)
      return .wrote(at: place, value)
    }
    guard let pulse = outputs.pulse, pulse.function == function, value >= pulse.base,
      value <= pulse.base + UInt16(pulse.most)
    else { return .refusal(3) }
    let pulsed = Int(place) - Int(pulse.first)
    guard on.indices.contains(pulsed) else { return .refusal(2) }
    let units = pulse.most > 0 ? Int(value - pulse.base) : 1
    turn(pulsed, now + .milliseconds(units * pulse.unit), now)
    return .wrote(at: place, value)
  }

  private mutating func turn(_ index: Int, _ until: Instant?, _ now: Instant) {
    guard on.indices.contains(index) else { return }
    // A pulse is an actuation even where the relay is on: the machine sees a new start.
    let isPulse = until.map { $0.nanoseconds != .max } ?? false
    let wasOn = relays(at: now)[index]
    if until != nil, isPulse || !wasOn { actuations[index] += 1 }
    if until != nil, !wasOn { closings[index] += 1 }
    guard lengthensPulses || !wasOn || !isPulse else { return }
    on[index] = until
  }
}

extension ModbusReply {
  static func refusal(_ code: UInt8) -> ModbusReply { .exception(ModbusException(code: code)) }
}

extension [Bool] {
  /// Bits as they travel: the first is the lowest of the first byte.
  fileprivate var packed: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (count + 7) / 8)
    for (index, bit) in enumerated() where bit { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return bytes
  }
}
