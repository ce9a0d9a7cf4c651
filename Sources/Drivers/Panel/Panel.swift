package import Domain

/// Turns rhythms and beeps into levels of output lines over time.
package struct Panel: Sendable {
  /// An output that the panel drives.
  package enum Output: Hashable, Sendable {
    case lamp(Lamp)
    case beeper
  }

  /// A level to set.
  package struct Change: Hashable, Sendable {
    package var output: Output
    package var active: Bool
  }

  private struct Blinker {
    var rhythm = Rhythm.off
    var since = Instant.zero
    var lit = false
  }

  private var lamps: [Lamp: Blinker] = [:]
  private var beep: (sequence: [Int64], since: Instant)?
  private var beeping = false

  package init() {}

  /// What a lamp is told to do.
  package func rhythm(of lamp: Lamp) -> Rhythm { lamps[lamp]?.rhythm ?? .off }

  /// Gives a lamp its rhythm; the same rhythm again does not restart it.
  package mutating func show(_ rhythm: Rhythm, on lamp: Lamp, at now: Instant) {
    guard lamps[lamp]?.rhythm != rhythm else { return }
    lamps[lamp, default: Blinker()].rhythm = rhythm
    lamps[lamp, default: Blinker()].since = now
  }

  /// Begins a sound; a sound that still runs is cut off.
  package mutating func sound(_ sound: Beep, at now: Instant) {
    guard sound != .none else { return }
    beep = (sound.sequence, now)
  }

  /// The levels that must change now.
  package mutating func changes(at now: Instant) -> [Change] {
    var changes: [Change] = []
    for lamp in Lamp.allCases {
      guard let blinker = lamps[lamp] else { continue }
      let lit = Self.isLit(blinker.rhythm, Self.elapsed(blinker.since, now))
      guard lit != blinker.lit else { continue }
      lamps[lamp]?.lit = lit
      changes.append(Change(output: .lamp(lamp), active: lit))
    }
    let sounds = beep.map { Self.position(in: $0.sequence, Self.elapsed($0.since, now)) }
    if case .some(nil) = sounds { beep = nil }
    let active = sounds.flatMap { $0 }.map { $0.index % 2 == 0 } ?? false
    if active != beeping {
      beeping = active
      changes.append(Change(output: .beeper, active: active))
    }
    return changes
  }

  /// When ``changes(at:)`` must be asked next; `nil` while nothing blinks or sounds.
  package func deadline(after now: Instant) -> Instant? {
    var next: [Instant] = lamps.values.compactMap { blinker in
      let cycle = blinker.rhythm.cycle
      guard !cycle.isEmpty else { return nil }
      let elapsed = Self.elapsed(blinker.since, now)
      let period = cycle.reduce(0, +)
      guard let step = Self.position(in: cycle, elapsed % period) else { return nil }
      return blinker.since + .milliseconds(elapsed - elapsed % period + step.end)
    }
    if let beep, let step = Self.position(in: beep.sequence, Self.elapsed(beep.since, now)) {
      next.append(beep.since + .milliseconds(step.end))
    }
    return next.min()
  }

  private static func elapsed(_ since: Instant, _ now: Instant) -> Int64 {
    max(0, (now - since).milliseconds)
  }

  private static func isLit(_ rhythm: Rhythm, _ elapsed: Int64) -> Bool {
    guard !rhythm.cycle.isEmpty else { return rhythm == .on }
    let step = position(in: rhythm.cycle, elapsed % rhythm.cycle.reduce(0, +))
    return step.map { $0.index % 2 == 0 } ?? false
  }

  /// The step of a sequence that runs at this time, and when it ends; `nil` behind the last.
  private static func position(in steps: [Int64], _ elapsed: Int64) -> (index: Int, end: Int64)? {
    var end: Int64 = 0
    for (index, step) in steps.enumerated() {
      end += step
      if elapsed < end { return (index, end) }
    }
    return nil
  }
}
