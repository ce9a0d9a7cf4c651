package import Domain
package import Drivers

// How edges reach the machine: first what must be off, then the rest, the panel last.

extension StationCore {
  /// Takes edges that were read together.
  package mutating func edges(_ batch: [Edge], at now: Instant) -> [Action] {
    reflex(batch[...], at: now)
    respond(to: batch[...], at: now)
    return settle(at: now)
  }

  /// Takes an edge of an input.
  package mutating func edge(_ edge: Edge, at now: Instant) -> [Action] { edges([edge], at: now) }

  /// The reflex: what a lost permissive switches off, wherever in the batch it stands.
  ///
  /// Whatever else the batch holds comes after it, also what happened before it: a press that was
  /// read together with a lost permissive starts nothing, and a cycle that ended in the same moment
  /// is asked about rather than believed. No rest of the contact is waited for.
  ///
  /// - Returns: Whether there was one. The actions are still to be taken.
  @discardableResult
  mutating func reflex(_ batch: ArraySlice<Edge>, at now: Instant) -> Bool {
    var isThere = false
    for edge in batch where !edge.active && debouncers.indices.contains(edge.input) {
      guard case .signal(let signal) = wiring.inputs[edge.input].role, signal.isPermissive else {
        continue
      }
      isThere = true
      drop(edge.input, signal, at: now)
    }
    return isThere
  }

  /// Everything else that edges lead to, but for the panel.
  mutating func respond(to batch: ArraySlice<Edge>, at now: Instant) {
    tellReflexes(at: now)
    for edge in batch where debouncers.indices.contains(edge.input) {
      switch gate.admit(edge) {
      case .passes: take(edge, at: now)
      case .beginsStorm: beginStorm(edge.input, at: now)
      case .ignored: break
      }
    }
  }

  /// Compares the levels after edges were lost; an input that differs counts as an edge now.
  package mutating func relevel(_ levels: [Bool], at now: Instant) -> [Action] {
    // A wild line loses edges all the time, and its storm is told already.
    if lastLoss.map({ now - $0 >= .seconds(1) }) ?? true {
      lastLoss = now
      actions.append(.notice(.edgesLost))
    }
    let batch = zip(debouncers.indices, levels).filter { !gate.isWild($0.0) }
      .map { Edge(input: $0, active: $1, at: now) }
    reflex(batch[...], at: now)
    tellReflexes(at: now)
    for edge in batch { take(edge, at: now) }
    return settle(at: now)
  }

  /// Takes the levels that ``Action/readLevels`` asked for.
  ///
  /// A button that is down after its line's storm was not pressed by anybody, and a pulse that
  /// stands proves nothing: both count from their next edge on. What tells by its level counts once
  /// it has rested.
  package mutating func reread(_ levels: [Bool], at now: Instant) -> [Action] {
    for input in gate.takeCalmed() where levels.indices.contains(input) {
      switch wiring.inputs[input].role {
      case .key(let key):
        debouncers[input].force(levels[input])
        if !levels[input] { answer(gestures.change(key, isDown: false, at: now), at: now) }
      case .signal(.done): debouncers[input].force(levels[input])
      case .signal: take(Edge(input: input, active: levels[input], at: now), at: now)
      }
    }
    return settle(at: now)
  }

  private mutating func take(_ edge: Edge, at now: Instant) {
    countKeys(until: edge.at, at: now)
    guard let level = debouncers[edge.input].edge(edge.active, at: edge.at) else { return }
    changed(edge.input, level, at: now)
  }

  private mutating func drop(_ input: Int, _ signal: MachineSignal, at now: Instant) {
    let isNews = debouncers[input].level
    debouncers[input].force(false)
    guard let events = machine?.input(signal, false, at: now) else { return }
    driveMachine(at: now)
    // A contact that bounces open has been told of.
    if isNews || !events.isEmpty { reflexNews.append((signal, events)) }
  }

  private mutating func tellReflexes(at now: Instant) {
    guard !reflexNews.isEmpty else { return }
    for news in reflexNews {
      tell(news.events, at: now)
      actions.append(.notice(.signal(news.signal, false)))
    }
    reflexNews = []
  }
}

// Lines that have gone wild.

extension StationCore {
  private mutating func beginStorm(_ input: Int, at now: Instant) {
    actions.append(.notice(.storm(role: wiring.inputs[input].line.role, isWild: true)))
    switch wiring.inputs[input].role {
    // Nobody knows whether the guard is closed: then it is not.
    case .signal(let signal) where signal.isPermissive:
      drop(input, signal, at: now)
      tellReflexes(at: now)
    case .signal: debouncers[input].force(debouncers[input].level)
    case .key(let key):
      debouncers[input].force(false)
      gestures.forget(key)
    }
  }

  mutating func endStorms(at now: Instant) {
    let calmed = gate.advance(to: now)
    guard !calmed.isEmpty else { return }
    for input in calmed {
      actions.append(.notice(.storm(role: wiring.inputs[input].line.role, isWild: false)))
    }
    actions.append(.readLevels)
  }
}

// The pulses for the watchdog relay.

extension StationCore {
  /// Takes a sign of life of Swift's pool, good until then.
  package mutating func live(until: Instant, at now: Instant) -> [Action] {
    let hasLapsed = heartbeat?.hasLapsed ?? false
    if heartbeat?.live(until: until, at: now) == true {
      if hasLapsed { actions.append(.notice(.heartbeat(nil))) }
      beat(at: now)
    }
    return settle(at: now)
  }

  mutating func beat(at now: Instant) {
    switch heartbeat?.advance(to: now) {
    case nil: break
    case .drive(let level): driveHeartbeat(level)
    case .lapsed(let lapse):
      driveHeartbeat(false)
      // The relay lets go, and closes again with the next pulse: nothing may be on by then.
      tell(machine?.lapse(at: now) ?? [], at: now)
      actions.append(.notice(.heartbeat(lapse)))
    }
  }

  mutating func stopHeartbeat() {
    if heartbeat?.stop() == true { driveHeartbeat(false) }
  }

  /// Not by way of ``set(_:_:at:)``: it has no limit, and four words a second are no news.
  private mutating func driveHeartbeat(_ active: Bool) {
    for index in wiring.outputs.indices where wiring.outputs[index].role == .heartbeat {
      actions.append(.set(output: index, active))
    }
  }
}
