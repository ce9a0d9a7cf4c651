package import Domain

/// The cycle of one machine on GPIO and its reflexes, as a value on anybody's clock.
///
/// `idle → waiting for busy → running → waiting for done → finished | failed`. Losing a permissive drops the
/// start contact at once and fails a cycle in hand; nothing but ``start(at:)`` ever raises it.
package struct MachineCycle: Sendable {
  private enum Phase: Hashable {
    case idle
    case waitingForBusy(since: Instant)
    case running(since: Instant)
    /// At rest, but the pulse of a good end has not come yet.
    case waitingForDone(since: Instant)
  }

  private let timing: MachineTiming
  private let wired: Set<MachineSignal>
  private var levels: [MachineSignal: Bool] = [:]
  private var phase = Phase.idle
  private var latched = false
  private var sawDone = false
  private var lastStart: Instant?
  private var pulseEnd: Instant?
  private var reported: MachineBlocker??

  /// Whether the start contact must be closed now.
  package private(set) var startActive = false
  /// Starts given and good ends seen since the daemon began.
  package private(set) var started = 0
  package private(set) var finished = 0

  /// Describes a machine at rest.
  ///
  /// - Parameters:
  ///   - timing: Its times.
  ///   - levels: Every signal that is wired, with its level now.
  package init(timing: MachineTiming, levels: [MachineSignal: Bool]) {
    self.timing = timing
    self.levels = levels
    wired = Set(levels.keys)
    latched = levels[.estopOK] == false
  }

  /// Why the machine may not be started at this moment; `nil` when it may.
  package func blocker(at now: Instant) -> MachineBlocker? {
    if levels[.estopOK] == false { return .estop }
    if latched { return .estopLatched }
    if levels[.guardClosed] == false { return .guardOpen }
    if levels[.fault] == true { return .fault }
    if phase != .idle || levels[.busy] == true { return .busy }
    if let lastStart, now - lastStart < .milliseconds(timing.rest) { return .busy }
    return nil
  }

  /// When ``advance(to:)`` has something to do; `nil` while nothing runs.
  package var deadline: Instant? {
    let limit: Instant? =
      switch phase {
      case .idle: lastStart.map { $0 + .milliseconds(timing.rest) }
      case .waitingForBusy(let since): since + .milliseconds(timing.busyWithin)
      case .running(let since): since + .milliseconds(timing.longest * 3 / 2)
      case .waitingForDone(let since): since + .milliseconds(timing.doneWithin)
      }
    return [pulseEnd, limit].compactMap(\.self).min()
  }

  /// Starts a cycle.
  ///
  /// - Returns: Whether it was started; a blocked machine is left as it is.
  package mutating func start(at now: Instant) -> Bool {
    guard blocker(at: now) == nil else { return false }
    started += 1
    sawDone = false
    lastStart = now
    pulseEnd = now + .milliseconds(timing.pulse)
    startActive = true
    phase = wired.contains(.busy) ? .waitingForBusy(since: now) : .running(since: now)
    return true
  }

  /// Ends the latch of an emergency stop that has been released; never starts anything.
  package mutating func reset(at now: Instant) -> [MachineEvent] {
    if levels[.estopOK] != false { latched = false }
    return blockerNews(at: now)
  }

  /// Takes a new level of a signal: of permissives falling the raw edge, of all else debounced.
  package mutating func input(_ signal: MachineSignal, _ active: Bool, at now: Instant)
    -> [MachineEvent]
  {
    guard wired.contains(signal), levels[signal] != active else { return [] }
    levels[signal] = active
    var events: [MachineEvent] = []
    switch (signal, active) {
    case (.estopOK, false):
      latched = true
      events += fail(.estop)
    case (.guardClosed, false): events += fail(.guardOpened)
    case (.fault, true): events += fail(.fault)
    case (.busy, true):
      if case .waitingForBusy = phase {
        phase = .running(since: now)
        events.append(.running)
      }
    case (.busy, false):
      if case .running = phase { events += rest(at: now) }
    case (.done, true):
      // Before busy it can only be the tail of an earlier cycle, and proves nothing.
      if case .running = phase { sawDone = true }
      if isAtRest { events += end() }
    default: break
    }
    return events + blockerNews(at: now)
  }

  /// Lets time pass: ends the pulse, and gives up what takes too long.
  package mutating func advance(to now: Instant) -> [MachineEvent] {
    if let end = pulseEnd, end <= now {
      pulseEnd = nil
      startActive = false
    }
    var events: [MachineEvent] = []
    switch phase {
    case .idle:
      if let last = lastStart, now - last >= .milliseconds(timing.rest) { lastStart = nil }
    case .waitingForBusy(let since):
      if now - since >= .milliseconds(timing.busyWithin) { events += fail(.neverStarted) }
    case .running(let since):
      if now - since >= .milliseconds(timing.longest * 3 / 2) {
        events += fail(wired.contains(.busy) ? .neverEnded : .noDonePulse)
      }
    case .waitingForDone(let since):
      if now - since >= .milliseconds(timing.doneWithin) { events += fail(.noDonePulse) }
    }
    return events + blockerNews(at: now)
  }

  /// Drops the output and forgets a cycle in hand, as when the lines were lost.
  package mutating func abandon(at now: Instant) -> [MachineEvent] {
    fail(.neverEnded) + blockerNews(at: now)
  }

  private mutating func fail(_ fault: CycleFault) -> [MachineEvent] {
    startActive = false
    pulseEnd = nil
    guard phase != .idle else { return [] }
    phase = .idle
    return [.failed(fault)]
  }

  /// Whether a cycle is in hand and nothing moves any more.
  private var isAtRest: Bool {
    switch phase {
    case .running: !wired.contains(.busy)
    case .waitingForDone: true
    case .idle, .waitingForBusy: false
    }
  }

  /// The machine has come to rest: good only with the pulse that says so, where that is wired.
  private mutating func rest(at now: Instant) -> [MachineEvent] {
    guard wired.contains(.done), !sawDone else { return end() }
    phase = .waitingForDone(since: now)
    return []
  }

  private mutating func end() -> [MachineEvent] {
    startActive = false
    pulseEnd = nil
    phase = .idle
    finished += 1
    return [.finished]
  }

  private mutating func blockerNews(at now: Instant) -> [MachineEvent] {
    let current = blocker(at: now)
    guard reported != .some(current) else { return [] }
    reported = .some(current)
    return [.blocked(current)]
  }
}
