package import Domain
package import Drivers

/// An impulse sealer on lines: a start contact in; busy, done, fault, guard and e-stop contacts out.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedSealer: Sendable {
  /// The kind of a sealer.
  package struct Model: Hashable, Sendable {
    /// From the start of a cycle to its end, on average.
    package var cycle: Duration
    /// How far a cycle may be longer or shorter, in hundredths.
    package var spreadPercent: Int
    /// From the start contact to busy.
    package var reaction: Duration
    /// The length of the pulse of a good end.
    package var donePulse: Duration
    /// How long its contacts may chatter.
    package var bounce: Duration

    package init(
      cycle: Duration = .milliseconds(2200),
      spreadPercent: Int = 10,
      reaction: Duration = .milliseconds(40),
      donePulse: Duration = .milliseconds(50),
      bounce: Duration = .zero
    ) {
      precondition((0...90).contains(spreadPercent), "a cycle cannot be over before it began")
      self.cycle = cycle
      self.spreadPercent = spreadPercent
      self.reaction = reaction
      self.donePulse = donePulse
      self.bounce = bounce
    }
  }

  /// How a sealer misbehaves.
  package enum Fault: String, Hashable, Sendable, CaseIterable {
    case none
    /// The jaws stay shut: busy never ends.
    case jam
    /// Half-way through a cycle it stops and reports a fault.
    case breakdown
    /// The pulse of a good end does not come.
    case lostDone = "lost-done"
    /// The pulse of a good end comes twice.
    case doubleDone = "double-done"
    /// It runs without ever saying so.
    case noBusy = "no-busy"
    /// It does not react to the start contact.
    case deaf
  }

  /// Something that a station must never do to it.
  package enum Violation: String, Hashable, Sendable, CaseIterable {
    case startedWhileBusy = "started-while-busy"
    case startedWithGuardOpen = "started-with-guard-open"
    case startedWhileStopped = "started-while-stopped"
  }

  /// A change of one of its contacts.
  package struct Change: Hashable, Sendable {
    package var signal: MachineSignal
    package var active: Bool
    package var at: Instant
  }

  package let model: Model
  /// The fault that the next cycle will have, or a cycle in hand runs into.
  package var fault = Fault.none
  /// The time that it has reached.
  package private(set) var now: Instant
  /// Cycles begun and cycles that ended well.
  package private(set) var actuations = 0
  package private(set) var completed = 0
  /// What the station did wrong, oldest first; the first thousand are kept.
  package private(set) var violations: [Violation] = []
  /// The begin and end of the cycle in hand.
  package private(set) var cycle: (start: Instant, end: Instant)?
  /// Where its contacts stand.
  package private(set) var levels: [MachineSignal: Bool] = [
    .busy: false, .done: false, .fault: false, .guardClosed: true, .estopOK: true,
  ]
  /// Whether its start contact is closed.
  package private(set) var startActive = false

  private enum Step: Hashable {
    case contact(MachineSignal, Bool)
    case end
    case breakDown
  }

  private var random: SeededRandom
  private var bounce: ContactBounce
  private var plan: [(at: Instant, step: Step)] = []
  private var changes: [Change] = []

  /// Sets up a sealer at rest, its guard closed and its e-stop released.
  package init(_ model: Model = Model(), seed: UInt64 = 1, at start: Instant = .zero) {
    self.model = model
    now = start
    random = SeededRandom(seed: seed)
    bounce = ContactBounce(longest: model.bounce, seed: seed &+ 1)
  }

  /// When it does something by itself next.
  package var nextEvent: Instant? { plan.first?.at }

  /// Whether its jaws move or heat.
  package var isRunning: Bool { cycle != nil }

  /// How much of a cycle is over, 0 to 1; 0 at rest, and never quite 1 where it is jammed.
  package var progress: Double {
    guard let cycle else { return 0 }
    let whole = Double((cycle.end - cycle.start).nanoseconds)
    return min(0.99, max(0, Double((now - cycle.start).nanoseconds) / max(1, whole)))
  }

  /// Lets time pass.
  package mutating func advance(to instant: Instant) {
    while let first = plan.first, first.at <= instant {
      plan.removeFirst()
      now = max(now, first.at)
      perform(first.step)
    }
    now = max(now, instant)
  }

  /// Takes the changes of its contacts since the last time.
  package mutating func takeChanges() -> [Change] {
    defer { changes = [] }
    return changes
  }

  /// Closes or opens its start contact.
  package mutating func start(_ active: Bool) {
    defer { startActive = active }
    guard active, !startActive else { return }
    if levels[.estopOK] == false { return violate(.startedWhileStopped) }
    if levels[.guardClosed] == false { return violate(.startedWithGuardOpen) }
    guard cycle == nil else { return violate(.startedWhileBusy) }
    guard fault != .deaf, levels[.fault] == false else { return }
    begin()
  }

  /// The worker opens or closes the guard; the machine's own interlock ends a cycle.
  package mutating func setGuard(closed: Bool) {
    guard levels[.guardClosed] != closed else { return }
    if !closed { abort() }
    schedule(.guardClosed, closed, at: now)
  }

  /// The worker presses or releases the emergency stop; its relay takes the power off the machine.
  package mutating func setEmergencyStop(pressed: Bool) {
    guard levels[.estopOK] == pressed else { return }
    if pressed { abort() }
    schedule(.estopOK, !pressed, at: now)
  }

  /// The worker frees the jaws and resets the machine.
  package mutating func reset() {
    fault = .none
    abort()
    if levels[.fault] == true { schedule(.fault, false, at: now) }
  }
}

extension SimulatedSealer {
  private mutating func violate(_ violation: Violation) {
    if violations.count < 1000 { violations.append(violation) }
  }

  private mutating func begin() {
    actuations += 1
    let spread = Int64(model.spreadPercent)
    let hundredths = Int64.random(in: (100 - spread)...(100 + spread), using: &random)
    let start = now + model.reaction
    let end = start + .nanoseconds(model.cycle.nanoseconds * hundredths / 100)
    cycle = (now, end)
    if fault != .noBusy { schedule(.busy, true, at: start) }
    switch fault {
    case .jam: break
    case .breakdown: insert(.breakDown, at: start + (end - start) / 2)
    default: insert(.end, at: end)
    }
  }

  private mutating func perform(_ step: Step) {
    switch step {
    case .contact(let signal, let active):
      guard levels[signal] != active else { return }
      levels[signal] = active
      changes.append(Change(signal: signal, active: active, at: now))
    case .breakDown:
      abort()
      schedule(.fault, true, at: now)
    case .end:
      // A jam may have come up while it ran.
      guard fault != .jam else { return }
      finish()
    }
  }

  private mutating func finish() {
    cycle = nil
    completed += 1
    if levels[.busy] == true { schedule(.busy, false, at: now) }
    guard fault != .lostDone else { return }
    for pulse in 0..<(fault == .doubleDone ? 2 : 1) {
      let start = now + model.donePulse * (2 * pulse)
      schedule(.done, true, at: start)
      schedule(.done, false, at: start + model.donePulse)
    }
  }

  /// Everything that is under way ends at once, without the pulse of a good end.
  private mutating func abort() {
    cycle = nil
    plan.removeAll { item in
      switch item.step {
      case .contact(.guardClosed, _), .contact(.estopOK, _): false
      default: true
      }
    }
    for signal in [MachineSignal.busy, .done] where levels[signal] == true {
      schedule(signal, false, at: now)
    }
  }

  private mutating func schedule(_ signal: MachineSignal, _ active: Bool, at instant: Instant) {
    for change in bounce.changes(to: active, at: instant) {
      insert(.contact(signal, change.level), at: change.at)
    }
    // What is due now is done now, so that the levels are right when a verb returns.
    while let first = plan.first, first.at <= now {
      plan.removeFirst()
      perform(first.step)
    }
  }

  private mutating func insert(_ step: Step, at instant: Instant) {
    let place = plan.firstIndex { $0.at > instant } ?? plan.endIndex
    plan.insert((instant, step), at: place)
  }
}
