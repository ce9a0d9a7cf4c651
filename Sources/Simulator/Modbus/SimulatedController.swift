package import Domain
package import Drivers
import Glibc

/// A temperature controller with something that it heats.
package struct SimulatedController: Sendable {
  package let profile: ControllerProfile
  package let address: UInt8
  /// What it is to be, in thousandths of a degree.
  package private(set) var sv: Int
  /// How often the set value was written: its memory wears out.
  package private(set) var writes = 0
  /// Whether its keys are locked: it answers, and takes nothing.
  package var isLocked = false
  /// How fast the heat follows: after so long two thirds of the way are done.
  package var timeConstant = Duration.seconds(60)

  private var pv: Double
  private var at: Instant?
  private var random: SeededRandom
  private let noise: Double

  /// Sets it up at room temperature.
  ///
  /// - Parameters:
  ///   - profile: Its model.
  ///   - address: Its address; the maker's otherwise.
  ///   - sv: The set value in thousandths of a degree.
  ///   - noise: How far the measured value jumps, in thousandths of a degree.
  ///   - seed: What the jumps follow from.
  package init(
    _ profile: ControllerProfile,
    address: UInt8? = nil,
    sv: Int = 150_000,
    noise: Int = 200,
    seed: UInt64 = 1
  ) {
    self.profile = profile
    self.address = address ?? profile.address
    self.sv = sv
    self.noise = Double(noise)
    pv = 20_000
    random = SeededRandom(seed: seed)
  }

  /// The temperature now, without the noise of its sensor.
  package mutating func temperature(at now: Instant) -> Temperature {
    settle(now)
    return Temperature(thousandths: Int(pv.rounded()))
  }

  /// Does what is asked.
  package mutating func answer(_ request: ModbusRequest, at now: Instant) -> ModbusReply {
    settle(now)
    switch request {
    case .read(let table, let start, let count):
      let tables = Set(profile.blocks.map(\.table))
      guard tables.contains(table) else { return .refusal(1) }
      var words: [UInt16] = []
      for place in Int(start)..<Int(start) + count {
        guard let word = word(table, place) else { return .refusal(2) }
        words.append(word)
      }
      return .registers(words)
    case .writeRegister(let place, let value):
      guard write(place, value) else { return .refusal(isLocked ? 4 : 2) }
      return .wrote(at: place, value)
    case .writeRegisters(let start, let values):
      guard values.count == 1, write(start, values[0]) else { return .refusal(isLocked ? 4 : 2) }
      return .wrote(at: start, 1)
    case .writeCoil, .writeCoils: return .refusal(1)
    }
  }

  /// Does what is asked in AIBUS.
  package mutating func answer(_ request: AIBUSRequest, at now: Instant) -> AIBUSReply {
    settle(now)
    if request.order == .write, request.parameter == 0, !isLocked { store(request.value) }
    let set = raw(sv)
    return AIBUSReply(
      pv: raw(measured()),
      sv: set,
      mv: Int8(clamping: max(0, min(100, (sv - Int(pv)) / 500))),
      alarm: 0,
      value: request.parameter == 0 ? set : 0
    )
  }

  private mutating func word(_ table: ModbusTable, _ place: Int) -> UInt16? {
    for block in profile.blocks where block.table == table {
      let index = place - Int(block.first)
      guard (0..<block.count).contains(index) else { continue }
      switch index {
      case block.pv: return UInt16(bitPattern: raw(measured()))
      case block.sv: return UInt16(bitPattern: raw(sv))
      case block.decimals: return UInt16(profile.decimals)
      default: return 0
      }
    }
    return nil
  }

  private mutating func write(_ place: UInt16, _ value: UInt16) -> Bool {
    guard place == profile.write?.at, !isLocked else { return false }
    store(Int16(bitPattern: value))
    return true
  }

  private mutating func store(_ raw: Int16) {
    writes += 1
    sv = Temperature(raw: raw, decimals: profile.decimals).thousandths
  }

  /// Newton's law: the further away, the faster.
  private mutating func settle(_ now: Instant) {
    defer { at = now }
    guard let at, now > at else { return }
    let share = Double((now - at).nanoseconds) / Double(max(1, timeConstant.nanoseconds))
    pv += (Double(sv) - pv) * (1 - exp(-share))
  }

  private mutating func measured() -> Int {
    Int((pv + Double.random(in: -1...1, using: &random) * noise).rounded())
  }

  private func raw(_ thousandths: Int) -> Int16 {
    let scale = [1000, 100, 10, 1][profile.decimals]
    return Int16(clamping: Int((Double(thousandths) / Double(scale)).rounded()))
  }
}
