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
    var cadence = Cadence.off
    var since = Instant.zero
    var lit = false
  }

  private let beeps: [Beep: Cadence]
  private var lamps: [Lamp: Blinker] = [:]
  private var beep: (cadence: Cadence, since: Instant)?
  private var beeping = false

  /// Makes a dark and silent panel.
  ///
  /// - Parameter beeps: Sounds that go otherwise here than everywhere, for a buzzer that is slow.
  package init(beeps: [Beep: Cadence] = [:]) {
    self.beeps = beeps
  }

  /// What a lamp is told to do.
  package func rhythm(of lamp: Lamp) -> Rhythm { lamps[lamp]?.rhythm ?? .off }

  /// Gives a lamp its rhythm; the same rhythm again does not restart it.
  package mutating func show(_ rhythm: Rhythm, on lamp: Lamp, at now: Instant) {
    guard lamps[lamp]?.rhythm != rhythm else { return }
    let lit = lamps[lamp]?.lit ?? false
    lamps[lamp] = Blinker(rhythm: rhythm, cadence: rhythm.cadence, since: now, lit: lit)
  }

  /// Begins a sound; a sound that still runs is cut off.
  package mutating func sound(_ sound: Beep, at now: Instant) {
    guard sound != .none else { return }
    beep = (beeps[sound] ?? sound.cadence, now)
  }

  /// The levels that must change now.
  package mutating func changes(at now: Instant) -> [Change] {
    var changes: [Change] = []
    for lamp in Lamp.allCases {
      guard let blinker = lamps[lamp] else { continue }
      let lit = blinker.cadence.state(at: Self.elapsed(blinker.since, now)).isOn
      guard lit != blinker.lit else { continue }
      lamps[lamp]?.lit = lit
      changes.append(Change(output: .lamp(lamp), active: lit))
    }
    let sound = beep.map { $0.cadence.state(at: Self.elapsed($0.since, now)) }
    if let sound, sound.until == nil { beep = nil }
    let active = sound?.isOn ?? false
    if active != beeping {
      beeping = active
      changes.append(Change(output: .beeper, active: active))
    }
    return changes
  }

  /// When ``changes(at:)`` must be asked next; `nil` while nothing blinks or sounds.
  package func deadline(after now: Instant) -> Instant? {
    var next: [Instant] = lamps.values.compactMap { blinker in
      Self.end(of: blinker.cadence, blinker.since, now)
    }
    if let beep, let end = Self.end(of: beep.cadence, beep.since, now) { next.append(end) }
    return next.min()
  }

  private static func elapsed(_ since: Instant, _ now: Instant) -> Int64 {
    max(0, (now - since).milliseconds)
  }

  /// When the step that runs now is over.
  private static func end(of cadence: Cadence, _ since: Instant, _ now: Instant) -> Instant? {
    cadence.state(at: elapsed(since, now)).until.map { since + .milliseconds($0) }
  }
}
