package import Domain

/// Reads one temperature controller, and sets its set value where station.yaml allows it.
///
/// Set values live in a memory that wears out: one is written only when somebody asks for it, only
/// when it differs from what is there, and never twice within ``rest``.
package struct ControllerSession: Sendable {
  /// Why a set value was not written, or not taken.
  package enum Refusal: Error, Hashable, Sendable {
    /// station.yaml names no range, or the profile no way to write.
    case notAllowed
    case outside(Temperature, allowed: ClosedRange<Temperature>)
    /// It has more decimals than the controller.
    case tooFine(Temperature)
    case tooSoon(left: Duration)
    /// Written, and read back as something else.
    case notTaken(wanted: Temperature, has: Temperature?)
    /// Whether it was written is not known.
    case unknown(ModbusError)
    case line(ModbusError)
  }

  package enum Outcome: Hashable, Sendable {
    case written
    /// It was set so before; nothing was written.
    case unchanged
  }

  /// The least pause between two writes.
  package static let rest = Duration.seconds(10)

  package let profile: ControllerProfile
  package let address: UInt8
  /// The set values that station.yaml allows.
  package let allowed: ClosedRange<Temperature>?
  private var lastWrite: Instant?

  package init(
    profile: ControllerProfile,
    address: UInt8,
    allowed: ClosedRange<Temperature>?
  ) {
    self.profile = profile
    self.address = address
    self.allowed = allowed
  }

  /// Asks for all that the controller tells.
  package func read(_ master: inout ModbusMaster) throws(ModbusError) -> ControllerReading {
    try survey(&master).reading
  }

  /// What it tells, and with how many decimals: a block may tell those of all that follow.
  private func survey(_ master: inout ModbusMaster) throws(ModbusError)
    -> (reading: ControllerReading, decimals: Int)
  {
    var decimals = profile.decimals
    guard profile.speech == .modbus else {
      let request = AIBUSRequest.read(0, of: address)
      let reply = try master.ask(request, within: profile.replyWithin, tries: 3)
      return (reply.reading(decimals: decimals), decimals)
    }
    var reading = ControllerReading()
    for block in profile.blocks {
      let words = try master.registers(
        of: address,
        block.table,
        from: block.first,
        count: block.count,
        within: profile.replyWithin
      )
      decimals = block.decimals(words) ?? decimals
      let part = block.reading(words, decimals: decimals)
      reading.pv = part.pv ?? reading.pv
      reading.sv = part.sv ?? reading.sv
      reading.status = part.status ?? reading.status
    }
    return (reading, decimals)
  }

  /// Writes a set value once, and reads it back.
  ///
  /// - Throws: `.unknown` where neither the answer nor the reading back came.
  package mutating func set(_ value: Temperature, _ master: inout ModbusMaster) throws(Refusal)
    -> Outcome
  {
    try check(value, at: master.now)
    let before: (reading: ControllerReading, decimals: Int)
    do {
      before = try survey(&master)
    } catch {
      throw .line(error)
    }
    guard before.reading.sv != value else { return .unchanged }
    guard let raw = value.raw(decimals: before.decimals) else { throw .tooFine(value) }
    lastWrite = master.now
    var lost: ModbusError?
    do {
      try write(raw, &master)
    } catch {
      guard error.leavesDoubt else { throw .line(error) }
      lost = error
    }
    guard let after = try? read(&master) else {
      throw .unknown(lost ?? .silence(hasEcho: false))
    }
    guard after.sv == value else { throw .notTaken(wanted: value, has: after.sv) }
    return .written
  }

  /// Whether a value may be written now.
  private func check(_ value: Temperature, at now: Instant) throws(Refusal) {
    guard let allowed, profile.speech == .aibus || profile.write != nil else { throw .notAllowed }
    guard allowed.contains(value) else { throw .outside(value, allowed: allowed) }
    guard let lastWrite else { return }
    let left = Self.rest - (now - lastWrite)
    if left > .zero { throw .tooSoon(left: left) }
  }

  private func write(_ raw: Int16, _ master: inout ModbusMaster) throws(ModbusError) {
    guard profile.speech == .modbus else {
      let request = AIBUSRequest.write(raw, to: 0, of: address)
      _ = try master.ask(request, within: profile.replyWithin, tries: 1)
      return
    }
    guard let request = profile.write?.request(raw) else { return }
    _ = try master.ask(request, of: address, within: profile.replyWithin, tries: 1)
  }
}

extension ControllerSession.Refusal {
  /// Cause and next step.
  package var words: (cause: Text, remedy: Text) {
    switch self {
    case .notAllowed:
      (
        Text(zh: "没有允许写设定值", en: "no set value may be written"),
        Text(
          zh: "在 station.yaml 这台温控器下写 setpoint: { least: 120, greatest: 180 }",
          en: "add setpoint: { least: 120, greatest: 180 } to the controller in station.yaml"
        )
      )
    case .outside(let value, let allowed):
      (
        Text(
          zh: "\(value) 不在允许的 \(allowed.lowerBound) 到 \(allowed.upperBound) 之内",
          en: "\(value) is not within \(allowed.lowerBound) to \(allowed.upperBound)"
        ),
        Text(zh: "换一个数值，或改 station.yaml", en: "choose another value, or change station.yaml")
      )
    case .tooFine(let value):
      (
        Text(zh: "\(value) 的小数位比温控器多", en: "\(value) has more decimals than the controller"),
        Text(zh: "少写小数", en: "write fewer decimals")
      )
    case .tooSoon(let left):
      (
        Text(zh: "刚刚写过", en: "it was written a moment ago"),
        Text(
          zh: "等 \(left.milliseconds / 1000 + 1) 秒再写：存储有寿命",
          en: "wait \(left.milliseconds / 1000 + 1) s: its memory wears out"
        )
      )
    case .notTaken(let wanted, let has):
      (
        Text(
          zh: "写入 \(wanted)，读回是 \(has?.description ?? "无")",
          en: "\(wanted) was written, and \(has?.description ?? "nothing") is read back"
        ),
        Text(
          zh: "看温控器是否锁定参数或限制了上下限",
          en: "see whether the controller locks its parameters, or limits the set value"
        )
      )
    case .unknown(let error):
      (
        Text(
          zh: "不知道写进去没有：" + error.words.cause.zh,
          en: "whether it was set is not known: " + error.words.cause.en
        ),
        error.words.remedy
      )
    case .line(let error): error.words
    }
  }
}
