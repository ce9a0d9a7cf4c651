package import Domain

/// How long a machine's heater has been on, and when it was last of use.
struct MachineHeat: Hashable, Sendable {
  private(set) var since: Instant?
  private(set) var lastUse: Instant?
  /// Whether it was told already that it does not get warm.
  var isLate = false

  /// Notes that somebody needs the heat; the first time is the time it went on.
  mutating func turnOn(at now: Instant) {
    since = since ?? now
    lastUse = now
  }

  /// Notes that a heater that is on was of use.
  mutating func use(at now: Instant) {
    if since != nil { lastUse = now }
  }

  /// Whether the machine is warm enough, as far as anything tells.
  func isWarm(_ rules: MachineRules, _ levels: [MachineSignal: Bool], at now: Instant) -> Bool {
    if let isReady = levels[.temperatureReady] { return isReady }
    guard rules.outputs.contains(.heaterEnable) else { return true }
    return since.map { now - $0 >= .milliseconds(rules.timing.warmUp) } ?? false
  }

  /// When it must be looked at next.
  func deadline(_ rules: MachineRules, _ levels: [MachineSignal: Bool]) -> Instant? {
    guard let since, let lastUse else { return nil }
    let idle = lastUse + .milliseconds(rules.timing.idleOff)
    let warm = since + .milliseconds(rules.timing.warmUp)
    if levels[.temperatureReady] == nil { return isLate ? idle : min(idle, warm) }
    return levels[.temperatureReady] == false && !isLate ? min(idle, warm) : idle
  }

  /// Whether nobody has needed it for too long.
  func isIdle(_ rules: MachineRules, at now: Instant) -> Bool {
    lastUse.map { now - $0 >= .milliseconds(rules.timing.idleOff) } ?? false
  }

  /// Whether the time to get warm is over.
  func isPastWarmUp(_ rules: MachineRules, at now: Instant) -> Bool {
    since.map { now - $0 >= .milliseconds(rules.timing.warmUp) } ?? false
  }
}

// MARK: Heat and the technician's hand

extension MachineCycle {
  /// Switches the heater on, or keeps it on, because a worker is about to need it.
  package mutating func warm(at now: Instant) -> [MachineEvent] {
    guard rules.outputs.contains(.heaterEnable), interlock == nil else { return [] }
    let isNews = active.insert(.heaterEnable).inserted
    heat.turnOn(at: now)
    return (isNews ? [.heating(true)] : []) + blockerNews(at: now)
  }

  /// Switches the heater off: the worker's day is over.
  package mutating func cool(at now: Instant) -> [MachineEvent] {
    guard active.remove(.heaterEnable) != nil else { return [] }
    heat = MachineHeat()
    return [.heating(false)] + blockerNews(at: now)
  }

  /// Drives one output for a while, to see what it does; for technicians only.
  ///
  /// - Parameters:
  ///   - output: One that is wired.
  ///   - time: At most; the contact of an output's own limit holds as ever.
  ///   - now: When.
  /// - Returns: What forbids it; `nil` where it was done.
  package mutating func jog(_ output: MachineOutput, for time: Duration, at now: Instant)
    -> MachineBlocker?
  {
    if let interlock { return interlock }
    guard phase == .idle, ends.isEmpty, rules.outputs.contains(output), !active.contains(output)
    else { return .busy }
    active.insert(output)
    ends[output] = now + time
    return nil
  }

  /// Switches off a heater that nobody needs, and tells of one that does not get warm.
  mutating func cool(ifDue now: Instant) -> [MachineEvent] {
    if heat.isIdle(rules, at: now), phase == .idle { return cool(at: now) }
    guard !heat.isLate, heat.isPastWarmUp(rules, at: now) else { return [] }
    heat.isLate = true
    return levels[.temperatureReady] == false ? odd(.staysCold) : []
  }
}

/// What a machine has done since the daemon began.
package struct MachineCounts: Hashable, Sendable {
  package var started = 0
  package var finished = 0
  /// Pulses of a good end, whether or not a cycle was in hand.
  package var donePulses = 0
  package var failed: [CycleFault: Int] = [:]
  package var odd: [MachineOddity: Int] = [:]

  package init() {}

  /// Cycles that began and neither ended well nor failed: more than one is a mistake somewhere.
  package var open: Int { started - finished - failed.values.reduce(0, +) }
}
