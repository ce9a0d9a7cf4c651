package import Domain

/// The cycle of one machine and its reflexes, as a value on anybody's clock.
///
/// `idle → waiting for busy → running → waiting for done → finished | failed`. Losing a permissive
/// drops every output at once, fails a cycle in hand and latches what was switched off; only
/// ``start(at:)``, ``warm(at:)``, ``jog(_:for:at:)`` and the reset contact of ``reset(at:)`` ever
/// raise an output, and each of them is somebody's hand.
package struct MachineCycle: Sendable {
  enum Phase: Hashable {
    case idle
    case waitingForBusy(since: Instant)
    case running(since: Instant)
    /// At rest, but the pulse of a good end has not come yet.
    case waitingForDone(since: Instant)
    /// The bag has passed; what is held carries it out.
    case runningOn(until: Instant)
  }

  package let rules: MachineRules
  let wired: Set<MachineSignal>
  var levels: [MachineSignal: Bool] = [:]
  var phase = Phase.idle
  var heat = MachineHeat()
  /// Outputs that end by time: the start pulse, the reset pulse, a jog.
  var ends: [MachineOutput: Instant] = [:]
  /// The controller needs time after a reset.
  var settled: Instant?
  private var sawDone = false
  private var lastStart: Instant?
  private var lastEnd: Instant?
  private var reported: MachineBlocker??

  /// The outputs that must be on now.
  package internal(set) var active: Set<MachineOutput> = []
  /// What switched it off, until the worker resets it.
  package private(set) var latch: MachineLatch?
  /// How the cycle in hand goes, or how the last one went.
  package private(set) var trace = CycleTrace()
  package internal(set) var counts = MachineCounts()

  /// Describes a machine at rest.
  ///
  /// - Parameters:
  ///   - rules: How it is driven.
  ///   - levels: Every signal that is wired, with its level now.
  package init(_ rules: MachineRules, levels: [MachineSignal: Bool]) {
    self.rules = rules
    self.levels = levels
    wired = Set(levels.keys)
    if levels[.estopOK] == false {
      latch = .estop
    } else if levels[.thermalOK] == false {
      latch = .overheated
    }
  }

  /// Whether the start contact must be closed now.
  package var startActive: Bool { active.contains(rules.driven) }

  /// Where the contacts that are wired stand.
  package var signals: [MachineSignal: Bool] { levels }

  /// Whether a cycle is in hand.
  package var isRunning: Bool { phase != .idle }

  /// Why the machine may not be started at this moment; `nil` when it may.
  package func blocker(at now: Instant) -> MachineBlocker? {
    if let hindrance = interlock { return hindrance }
    if levels[.fault] == true { return .fault }
    if let settled, now < settled { return .busy }
    if phase != .idle || began.map({ levels[$0] == true }) ?? false { return .busy }
    if levels[.materialOK] == false { return .noMaterial }
    if levels[.ready] == false { return .notReady }
    if !heat.isWarm(rules, levels, at: now) { return .cold }
    if let lastStart, now - lastStart < .milliseconds(rules.timing.rest) { return .busy }
    return nil
  }

  /// What forbids every output.
  var interlock: MachineBlocker? {
    if levels[.estopOK] == false { return .estop }
    if levels[.thermalOK] == false { return .overheated }
    if levels[.guardClosed] == false { return .guardOpen }
    return latch == nil ? nil : .resetNeeded
  }

  /// The signal that tells that a cycle has begun; `nil` where none is wired.
  private var began: MachineSignal? {
    if wired.contains(.busy) { return .busy }
    return wired.contains(.bagPresent) ? .bagPresent : nil
  }

  /// When ``advance(to:)`` has something to do; `nil` while nothing runs.
  package var deadline: Instant? {
    let timing = rules.timing
    let limit: Instant? =
      switch phase {
      case .idle: lastStart.map { $0 + .milliseconds(timing.rest) }
      case .waitingForBusy(let since): since + .milliseconds(timing.busyWithin)
      case .running(let since): since + longestRun
      case .waitingForDone(let since): since + .milliseconds(timing.doneWithin)
      case .runningOn(let until): until
      }
    var first = limit
    for instant in ends.values { first = first.map { min($0, instant) } ?? instant }
    if let settled { first = first.map { min($0, settled) } ?? settled }
    if let heated = heat.deadline(rules, levels) { first = first.map { min($0, heated) } ?? heated }
    return first
  }

  /// How long a cycle may run before it counts as gone wrong, or as over where only time tells.
  private var longestRun: Duration {
    .milliseconds(rules.isUnconfirmed ? rules.timing.longest : rules.timing.longest * 3 / 2)
  }

  /// Starts a cycle.
  ///
  /// - Returns: Whether it was started; a blocked machine is left as it is.
  package mutating func start(at now: Instant) -> Bool {
    guard blocker(at: now) == nil else { return false }
    counts.started += 1
    sawDone = false
    lastStart = now
    trace = CycleTrace()
    heat.use(at: now)
    active.insert(rules.driven)
    if rules.drive == .pulse { ends[rules.driven] = now + .milliseconds(rules.timing.pulse) }
    phase = began == nil ? .running(since: now) : .waitingForBusy(since: now)
    return true
  }

  /// Ends the latch, where its cause is gone, and resets a controller; never starts anything.
  package mutating func reset(at now: Instant) -> [MachineEvent] {
    guard levels[.estopOK] != false, levels[.thermalOK] != false, levels[.guardClosed] != false
    else { return blockerNews(at: now) }
    let wasLatched = latch != nil
    latch = nil
    return wasLatched ? pulseReset(at: now) : resetController(at: now)
  }

  /// Pulses the reset contact of a controller that complains, where it has one.
  package mutating func resetController(at now: Instant) -> [MachineEvent] {
    levels[.fault] == true ? pulseReset(at: now) : []
  }

  private mutating func pulseReset(at now: Instant) -> [MachineEvent] {
    if rules.outputs.contains(.reset), phase == .idle, interlock == nil {
      active.insert(.reset)
      ends[.reset] = now + .milliseconds(rules.timing.reset)
      settled = now + .milliseconds(rules.timing.reset * 2)
    }
    return blockerNews(at: now)
  }

  /// Takes a new level of a signal: of permissives falling the raw edge, of all else debounced.
  package mutating func input(_ signal: MachineSignal, _ level: Bool, at now: Instant)
    -> [MachineEvent]
  {
    guard wired.contains(signal), levels[signal] != level else { return [] }
    levels[signal] = level
    var events: [MachineEvent] = []
    switch (signal, level) {
    case (.estopOK, false): events += trip(.estop, .estop, at: now)
    case (.thermalOK, false): events += trip(.overheated, .overheated, at: now)
    case (.guardClosed, false):
      // At rest nothing is switched off, so that a guard opened for the bag needs no reset.
      let hadPower = !active.isEmpty || phase != .idle
      events += hadPower ? trip(.guardOpened, .guardOpened, at: now) : []
    case (.fault, true): events += fail(.fault, at: now)
    case (.done, true): events += pulsed(at: now)
    case (.busy, _), (.bagPresent, _):
      if signal == began { events += level ? begin(at: now) : rest(at: now) }
    default: break
    }
    return events + blockerNews(at: now)
  }

  /// Lets time pass: ends pulses, and gives up what takes too long.
  package mutating func advance(to now: Instant) -> [MachineEvent] {
    for (output, end) in ends where end <= now {
      ends[output] = nil
      active.remove(output)
    }
    if let end = settled, end <= now { settled = nil }
    var events = cool(ifDue: now)
    switch phase {
    case .idle:
      let pause = Duration.milliseconds(rules.timing.rest)
      if let last = lastStart, now - last >= pause { lastStart = nil }
    case .waitingForBusy(let since):
      if now - since >= .milliseconds(rules.timing.busyWithin) {
        events += fail(.neverStarted, at: now)
      }
    case .running(let since):
      if now - since >= longestRun { events += runOut(at: now) }
    case .waitingForDone(let since):
      if now - since >= .milliseconds(rules.timing.doneWithin) {
        events += fail(.noDonePulse, at: now)
      }
    case .runningOn(let until):
      if now >= until { events += end(at: now) }
    }
    return events + blockerNews(at: now)
  }

  /// Notes that an output was on for longer than it may ever be, whoever drove it.
  package mutating func overrun(at now: Instant) -> [MachineEvent] {
    trip(.overrun, .overrun, at: now) + blockerNews(at: now)
  }

  /// Notes that the watchdog relay lets go: what is on goes off, and stays off until a reset.
  package mutating func lapse(at now: Instant) -> [MachineEvent] {
    let hadPower = !active.isEmpty || phase != .idle
    return (hadPower ? trip(.unwatched, .unwatched, at: now) : []) + blockerNews(at: now)
  }

  mutating func blockerNews(at now: Instant) -> [MachineEvent] {
    let current = blocker(at: now)
    guard reported != .some(current) else { return [] }
    reported = .some(current)
    return [.blocked(current)]
  }
}

// MARK: How a cycle goes on

extension MachineCycle {
  private mutating func begin(at now: Instant) -> [MachineEvent] {
    switch phase {
    case .waitingForBusy:
      trace.busy = elapsed(now)
      phase = .running(since: now)
      return [.running]
    // A bag beside the station's time is no harm at an eye, and is none of its business.
    case .idle where began == .busy: return odd(.unbidden)
    case .idle, .running, .waitingForDone, .runningOn: return []
    }
  }

  private mutating func pulsed(at now: Instant) -> [MachineEvent] {
    counts.donePulses += 1
    switch phase {
    // Before busy it can only be the tail of an earlier cycle, and proves nothing.
    case .waitingForBusy: return odd(.doneBeforeBusy)
    case .running:
      guard !sawDone else { return odd(.secondDone) }
      sawDone = true
      trace.done = elapsed(now)
      return began == nil ? end(at: now) : []
    case .waitingForDone:
      trace.done = elapsed(now)
      return end(at: now)
    case .runningOn: return []
    case .idle:
      let isLate = lastEnd.map { now - $0 < .seconds(2) } ?? false
      return odd(isLate ? .secondDone : .strayDone)
    }
  }

  /// The machine has come to rest: good only with the pulse that says so, where that is wired.
  private mutating func rest(at now: Instant) -> [MachineEvent] {
    guard case .running = phase else { return [] }
    if rules.drive == .hold, rules.timing.runOn > 0 {
      phase = .runningOn(until: now + .milliseconds(rules.timing.runOn))
      return []
    }
    guard wired.contains(.done), !sawDone else { return end(at: now) }
    phase = .waitingForDone(since: now)
    return []
  }

  private mutating func runOut(at now: Instant) -> [MachineEvent] {
    if began != nil { return fail(.neverEnded, at: now) }
    return rules.isUnconfirmed ? end(at: now) : fail(.noDonePulse, at: now)
  }

  private mutating func end(at now: Instant) -> [MachineEvent] {
    release()
    trace.end = elapsed(now)
    phase = .idle
    lastEnd = now
    counts.finished += 1
    heat.use(at: now)
    return [.finished]
  }

  private mutating func fail(_ fault: CycleFault, at now: Instant) -> [MachineEvent] {
    release()
    guard phase != .idle else { return [] }
    trace.end = elapsed(now)
    trace.fault = fault.rawValue
    phase = .idle
    lastEnd = now
    counts.failed[fault, default: 0] += 1
    return [.failed(fault)]
  }

  /// Everything off at once, and off it stays until somebody resets it.
  private mutating func trip(_ cause: MachineLatch, _ fault: CycleFault, at now: Instant)
    -> [MachineEvent]
  {
    let wasHeating = active.contains(.heaterEnable)
    active = []
    ends = [:]
    settled = nil
    heat = MachineHeat()
    var events = fail(fault, at: now)
    if wasHeating { events.append(.heating(false)) }
    if latch != cause {
      latch = cause
      events.append(.latched(cause))
    }
    return events
  }

  /// What a cycle drives goes off; the heater stays.
  private mutating func release() {
    for output in [MachineOutput.start, .motorRun] {
      active.remove(output)
      ends[output] = nil
    }
  }

  mutating func odd(_ oddity: MachineOddity) -> [MachineEvent] {
    counts.odd[oddity, default: 0] += 1
    return [.odd(oddity)]
  }

  private func elapsed(_ now: Instant) -> Int64 {
    lastStart.map { (now - $0).milliseconds } ?? 0
  }
}
