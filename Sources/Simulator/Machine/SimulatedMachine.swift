package import Domain
package import Drivers

/// A sealing or strapping machine on lines: the station's contacts in, its own contacts out.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedMachine: Sendable {
  package let model: Model
  /// The fault that the next cycle will have, or a cycle in hand runs into.
  package var fault = Fault.none
  /// The time that it has reached.
  package private(set) var now: Instant
  /// Cycles begun and cycles that ended well.
  package private(set) var actuations = 0
  /// How many of them somebody began by the machine's own pedal.
  package private(set) var actuationsByHand = 0
  package private(set) var completed = 0
  /// What the station did wrong, oldest first; the first thousand are kept.
  package private(set) var violations: [Violation] = []
  /// The begin and end of the cycle in hand.
  package private(set) var cycle: (start: Instant, end: Instant)?
  /// Where its contacts stand, of those that it has.
  package private(set) var levels: [MachineSignal: Bool] = [:]
  /// The contacts of the station that are closed.
  package private(set) var closed: Set<MachineOutput> = []
  /// Cycles for which there is film, strap or tape; `nil` for ever.
  package private(set) var material: Int?
  private(set) var oven: SimulatedOven?

  private enum Step: Hashable {
    case contact(MachineSignal, Bool)
    case end
    case breakDown
    /// The worker puts a bag on the belt.
    case feed
    case ready
  }

  private var random: SeededRandom
  private var bounce: ContactBounce
  private var plan: [(at: Instant, step: Step)] = []
  private var changes: [Change] = []

  /// Sets up a machine at rest and cold, its guard closed and its e-stop released.
  package init(_ model: Model = Model(), seed: UInt64 = 1, at start: Instant = .zero) {
    self.model = model
    now = start
    random = SeededRandom(seed: seed)
    bounce = ContactBounce(longest: model.bounce, seed: seed &+ 1)
    oven = model.heatUp.map { SimulatedOven(heatUp: $0, at: start) }
    for signal in model.signals {
      switch signal {
      case .guardClosed, .estopOK, .thermalOK, .materialOK, .ready: levels[signal] = true
      case .temperatureReady: levels[signal] = oven == nil
      case .busy, .done, .fault, .bagPresent: levels[signal] = false
      }
    }
  }

  /// When it does something by itself next.
  package var nextEvent: Instant? {
    [plan.first?.at, oven?.turn(after: now)].compactMap(\.self).min()
  }

  /// Whether its jaws, straps or belt move.
  package var isRunning: Bool { cycle != nil || isBeltOn }

  /// Whether the station's contact that begins a cycle is closed.
  package var startActive: Bool {
    closed.contains(.start) || (model.hasBelt && closed.contains(.motorRun))
  }

  /// How much of a cycle is over, 0 to 1; 0 at rest, and never quite 1 where it is jammed.
  package var progress: Double {
    guard let cycle else { return 0 }
    let whole = Double((cycle.end - cycle.start).nanoseconds)
    return min(0.99, max(0, Double((now - cycle.start).nanoseconds) / max(1, whole)))
  }

  /// How hot it is, 0 to 1 of its temperature; 1 where it has no heater to wait for.
  package var heat: Double { oven?.level(at: now) ?? 1 }

  /// Lets time pass.
  package mutating func advance(to instant: Instant) {
    while let next = nextEvent, next <= instant {
      now = max(now, next)
      while let first = plan.first, first.at <= now {
        plan.removeFirst()
        perform(first.step)
      }
      watchHeat()
    }
    now = max(now, instant)
    // Just at the limit it may be hot before the time at which it was to turn.
    watchHeat()
  }

  /// Takes the changes of its contacts since the last time.
  package mutating func takeChanges() -> [Change] {
    defer { changes = [] }
    return changes
  }

  /// The station closes or opens one of its contacts.
  package mutating func set(_ output: MachineOutput, _ active: Bool) {
    let isNews = active ? closed.insert(output).inserted : closed.remove(output) != nil
    guard isNews else { return }
    switch output {
    case .start: if !model.hasBelt, active { start() }
    case .motorRun: if model.hasBelt { belt(active) }
    case .heaterEnable: heat(active)
    case .reset: if active { clearFault() }
    }
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
    power(!pressed)
    schedule(.estopOK, !pressed, at: now)
  }

  /// It gets too hot, or cools down again; its own thermostat takes the power off.
  package mutating func setOverheated(_ isHot: Bool) {
    guard levels[.thermalOK] == isHot else { return }
    if isHot { abort() }
    power(!isHot)
    schedule(.thermalOK, !isHot, at: now)
  }

  /// Film, strap or tape for so many cycles; `nil` for ever.
  package mutating func load(cycles: Int?) {
    material = cycles
    note(material: cycles != 0)
  }

  /// The worker frees the jaws and resets the machine.
  package mutating func reset() {
    fault = .none
    abort()
    clearFault()
    if levels[.done] == true { schedule(.done, false, at: now) }
  }

  /// Somebody starts it by its own pedal, beside the station.
  package mutating func startByHand() {
    guard cycle == nil, levels[.estopOK] != false, levels[.guardClosed] != false else { return }
    actuationsByHand += 1
    begin()
  }
}

// MARK: Cycles

extension SimulatedMachine {
  private var isBeltOn: Bool { model.hasBelt && closed.contains(.motorRun) }

  private mutating func violate(_ violation: Violation) {
    if violations.count < 1000 { violations.append(violation) }
  }

  private mutating func mayMove() -> Bool {
    if levels[.estopOK] == false || levels[.thermalOK] == false {
      violate(.startedWhileStopped)
      return false
    }
    if levels[.guardClosed] == false {
      violate(.startedWithGuardOpen)
      return false
    }
    return true
  }

  private mutating func start() {
    guard mayMove() else { return }
    guard cycle == nil else { return violate(.startedWhileBusy) }
    guard fault != .deaf, levels[.fault] != true, levels[.ready] != false else { return }
    guard material != 0, levels[.temperatureReady] != false else { return }
    begin()
  }

  private mutating func belt(_ isOn: Bool) {
    guard isOn else { return stopBelt() }
    guard mayMove(), fault != .deaf, levels[.fault] != true else { return }
    if let feed = model.feed, cycle == nil { insert(.feed, at: now + feed) }
    if cycle != nil { insert(.end, at: now + length() / 2) }
  }

  /// What lies before the eye stays there.
  private mutating func stopBelt() {
    plan.removeAll { [.feed, .end, .breakDown].contains($0.step) }
  }

  private mutating func length() -> Duration {
    let spread = Int64(model.spreadPercent)
    let hundredths = Int64.random(in: (100 - spread)...(100 + spread), using: &random)
    return .nanoseconds(model.cycle.nanoseconds * hundredths / 100)
  }

  private mutating func begin() {
    actuations += 1
    let start = model.hasBelt ? now : now + model.reaction
    let end = start + length()
    cycle = (now, end)
    if let left = material, left > 0 { material = left - 1 }
    if fault == .earlyDone { pulse(at: now) }
    if fault != .noBusy { schedule(model.hasBelt ? .bagPresent : .busy, true, at: start) }
    if levels[.ready] == true { schedule(.ready, false, at: start) }
    switch fault {
    case .jam: break
    case .breakdown: insert(.breakDown, at: start + (end - start) / 2)
    default: insert(.end, at: end)
    }
  }

  private mutating func perform(_ step: Step) {
    switch step {
    case .contact(let signal, let active):
      guard let level = levels[signal], level != active else { return }
      levels[signal] = active
      changes.append(Change(signal: signal, active: active, at: now))
    case .breakDown:
      abort()
      schedule(.fault, true, at: now)
    case .feed: if isBeltOn, cycle == nil { begin() }
    case .ready: if levels[.fault] != true { schedule(.ready, true, at: now) }
    case .end:
      // A jam may have come up while it ran.
      guard fault != .jam else { return }
      finish()
    }
  }

  private mutating func finish() {
    cycle = nil
    completed += 1
    for signal in [MachineSignal.busy, .bagPresent] where levels[signal] == true {
      schedule(signal, false, at: now)
    }
    insert(.ready, at: now + model.reaction)
    if material == 0 { note(material: false) }
    guard fault != .lostDone, fault != .earlyDone else { return }
    for pulse in 0..<(fault == .doubleDone ? 2 : 1) {
      self.pulse(at: now + model.donePulse * (2 * pulse))
    }
  }

  private mutating func pulse(at start: Instant) {
    schedule(.done, true, at: start)
    guard fault != .stuckDone else { return }
    let length = fault == .shortDone ? .milliseconds(5) : model.donePulse
    schedule(.done, false, at: start + length)
  }

  /// Everything that is under way ends at once, without the pulse of a good end.
  private mutating func abort() {
    cycle = nil
    plan.removeAll { item in
      switch item.step {
      case .contact(.guardClosed, _), .contact(.estopOK, _), .contact(.thermalOK, _): false
      default: true
      }
    }
    for signal in [MachineSignal.busy, .done, .bagPresent] where levels[signal] == true {
      schedule(signal, false, at: now)
    }
    if levels[.ready] == false { insert(.ready, at: now + model.reaction) }
  }

  private mutating func clearFault() {
    if levels[.fault] == true { schedule(.fault, false, at: now) }
    insert(.ready, at: now + .milliseconds(500))
  }

  private mutating func note(material isThere: Bool) {
    if levels[.materialOK] == !isThere { schedule(.materialOK, isThere, at: now) }
  }
}

// MARK: Heat, and contacts in time

extension SimulatedMachine {
  private mutating func heat(_ isOn: Bool) {
    oven?.heat(isOn, at: now)
    guard isOn else { return }
    if levels[.estopOK] == false || levels[.thermalOK] == false { violate(.heatedWhileStopped) }
    if levels[.guardClosed] == false { violate(.heatedWithGuardOpen) }
  }

  /// The relay of the emergency stop cuts the heater too; it comes back if the contact still asks.
  private mutating func power(_ isThere: Bool) {
    oven?.heat(isThere && closed.contains(.heaterEnable), at: now)
  }

  private mutating func watchHeat() {
    guard let isHot = oven?.isHot(at: now), let level = levels[.temperatureReady] else { return }
    if isHot != level { schedule(.temperatureReady, isHot, at: now) }
  }

  private mutating func schedule(_ signal: MachineSignal, _ active: Bool, at instant: Instant) {
    guard levels[signal] != nil else { return }
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
