package import Domain

/// Tells from the levels of the keys, after their bouncing, what a person did.
///
/// Every press ends as exactly one thing: short, long, part of a chord, or stuck. A key that acts at
/// once (GO, the pedal) tells its press only. A long press that nobody gave a meaning may still be
/// taken for a press when ``Gesture/longEnded(_:)`` comes.
package struct Gestures: Sendable {
  /// The bounds between one gesture and another.
  package struct Times: Hashable, Sendable {
    package var long = Duration.seconds(1)
    /// How far apart two keys may go down and still be pressed together.
    package var together = Duration.milliseconds(500)
    package var chordHeld = Duration.seconds(3)
    /// How soon after the first press the second of a double must begin.
    package var double = Duration.milliseconds(350)
    package var stuck = Duration.seconds(30)
    /// How long a key that was stuck must be up before it counts again.
    package var rest = Duration.milliseconds(500)
    /// Keys whose short press waits for a second one, which takes its place.
    ///
    /// Of the others a double is told behind its two short presses: they have been acted upon, and
    /// without delay.
    package var doubles: Set<PanelKey> = []

    package init() {}
  }

  private enum State: Hashable {
    case up
    case down(since: Instant)
    /// Down for longer than a second, and told.
    case long(since: Instant)
    case chord(since: Instant)
    case stuck
    /// Up after having been stuck.
    case resting(since: Instant)
  }

  private let times: Times
  private var states: [PanelKey: State] = [:]
  /// When the last short press of a key ended, as long as a second one would make it a double.
  private var firsts: [PanelKey: Instant] = [:]
  /// When both keys of a chord were down, until it has been told that they were held.
  private var chordBegan: Instant?

  /// Watches some keys.
  ///
  /// - Parameters:
  ///   - levels: Which of them are down; those are stuck until they have been up.
  ///   - times: The bounds between gestures.
  package init(_ levels: [PanelKey: Bool] = [:], times: Times = Times()) {
    self.times = times
    states = levels.mapValues { $0 ? .stuck : .up }
  }

  /// Keys that count for nothing now, in the order of the panel.
  package var stuck: [PanelKey] {
    PanelKey.allCases.filter { key in
      switch states[key] {
      case .stuck, .resting: true
      case .up, .down, .long, .chord, nil: false
      }
    }
  }

  /// When ``advance(to:)`` has something to tell.
  package var deadline: Instant? { due?.at }

  /// Takes a level that counts from an instant on; it must have changed.
  package mutating func change(_ key: PanelKey, isDown: Bool, at instant: Instant) -> [Gesture] {
    var told = advance(to: instant)
    switch (states[key], isDown) {
    case (.up, true): told += press(key, at: instant)
    case (.resting, true): states[key] = .stuck
    case (.down, false):
      states[key] = .up
      if !key.actsAtOnce { told += end(key, at: instant) }
    case (.long, false):
      states[key] = .up
      told.append(.longEnded(key))
    case (.chord, false):
      states[key] = .up
      chordBegan = nil
    case (.stuck, false): states[key] = .resting(since: instant)
    case (.up, false), (.resting, false), (.down, true), (.long, true), (.chord, true),
      (.stuck, true), (nil, _):
      break
    }
    return told
  }

  /// Forgets a press in hand, as when the contact of its key cannot be believed any more.
  package mutating func forget(_ key: PanelKey) {
    firsts[key] = nil
    switch states[key] {
    case .down, .long: states[key] = .up
    case .chord:
      chordBegan = nil
      states[key] = .up
    case .up, .stuck, .resting, nil: break
    }
  }

  /// Lets time pass.
  package mutating func advance(to now: Instant) -> [Gesture] {
    var told: [Gesture] = []
    while let next = due, next.at <= now { told += run(next.key, next.alarm) }
    return told
  }
}

// MARK: Presses

extension Gestures {
  private mutating func press(_ key: PanelKey, at instant: Instant) -> [Gesture] {
    states[key] = .down(since: instant)
    guard !key.actsAtOnce, let other = partner(of: key, at: instant) else { return [.press(key)] }
    // A press before it was whole, and stays one.
    let before = [key, other].compactMap { firsts.removeValue(forKey: $0) == nil ? nil : $0 }
      .filter(times.doubles.contains).map { Gesture.short($0) }
    states[key] = .chord(since: instant)
    states[other] = .chord(since: instant)
    chordBegan = instant
    let pair = PanelKey.allCases.filter { $0 == key || $0 == other }
    return [.press(key)] + before + [.chord(pair[0], pair[1])]
  }

  /// The key that went down together with this one.
  private func partner(of key: PanelKey, at instant: Instant) -> PanelKey? {
    PanelKey.allCases.first { other in
      guard other != key, !other.actsAtOnce, case .down(let since) = states[other] else {
        return false
      }
      return instant - since <= times.together
    }
  }

  private mutating func end(_ key: PanelKey, at instant: Instant) -> [Gesture] {
    let isSecond = firsts.removeValue(forKey: key) != nil
    if isSecond {
      return times.doubles.contains(key) ? [.double(key)] : [.short(key), .double(key)]
    }
    firsts[key] = instant
    return times.doubles.contains(key) ? [] : [.short(key)]
  }
}

// MARK: Time

extension Gestures {
  private enum Alarm {
    case long
    case stuck
    case chordHeld
    case rested
    /// No second press came in time.
    case single
  }

  private var due: (key: PanelKey, alarm: Alarm, at: Instant)? {
    var first: (key: PanelKey, alarm: Alarm, at: Instant)?
    for key in PanelKey.allCases {
      guard let next = alarm(of: key), first.map({ next.at < $0.at }) ?? true else { continue }
      first = (key, next.alarm, next.at)
    }
    return first
  }

  /// What happens to a key next, if nobody touches it.
  private func alarm(of key: PanelKey) -> (alarm: Alarm, at: Instant)? {
    switch states[key] {
    case .up: return firsts[key].map { (.single, $0 + times.double) }
    case .down(let since) where key.actsAtOnce: return (.stuck, since + times.stuck)
    case .down(let since): return (.long, since + times.long)
    case .long(let since): return (.stuck, since + times.stuck)
    case .chord(let since):
      let stuck = since + times.stuck
      guard let held = chordBegan.map({ $0 + times.chordHeld }), held < stuck else {
        return (.stuck, stuck)
      }
      return (.chordHeld, held)
    case .resting(let since): return (.rested, since + times.rest)
    case .stuck, nil: return nil
    }
  }

  private mutating func run(_ key: PanelKey, _ alarm: Alarm) -> [Gesture] {
    switch alarm {
    case .long:
      guard case .down(let since) = states[key] else { return [] }
      states[key] = .long(since: since)
      let hasFirst = firsts.removeValue(forKey: key) != nil && times.doubles.contains(key)
      return hasFirst ? [.short(key), .long(key)] : [.long(key)]
    case .stuck:
      if case .chord = states[key] { chordBegan = nil }
      states[key] = .stuck
      return [.stuck(key)]
    case .chordHeld:
      chordBegan = nil
      let pair = PanelKey.allCases.filter { key in
        if case .chord = states[key] { true } else { false }
      }
      return pair.count == 2 ? [.chordHeld(pair[0], pair[1])] : []
    case .rested:
      states[key] = .up
      return [.freed(key)]
    case .single:
      firsts[key] = nil
      return times.doubles.contains(key) ? [.short(key)] : []
    }
  }
}
