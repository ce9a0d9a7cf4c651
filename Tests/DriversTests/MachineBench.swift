import Domain
import Drivers

/// A machine on a table, with shorthands.
struct Bench {
  static let healthy: [MachineSignal: Bool] = [
    .busy: false, .done: false, .fault: false, .guardClosed: true, .estopOK: true,
  ]

  /// The contacts of ``healthy``.
  static let signals: [MachineSignal] = [.busy, .done, .fault, .guardClosed, .estopOK]

  var cycle: MachineCycle
  var time: Int64 = 0
  /// What was told, but for the news of hindrances.
  var ends: [MachineEvent] = []
  var blockers: [MachineBlocker?] = []
  /// Heat, latches and oddities.
  var news: [MachineEvent] = []

  init(_ levels: [MachineSignal: Bool] = healthy, _ rules: MachineRules = MachineRules()) {
    cycle = MachineCycle(rules, levels: levels)
    note(cycle.advance(to: now))
  }

  var now: Instant { .zero + .milliseconds(time) }

  mutating func start() -> Bool { cycle.start(at: now) }

  mutating func set(_ signal: MachineSignal, _ active: Bool) {
    note(cycle.input(signal, active, at: now))
  }

  /// A pulse of a contact.
  mutating func pulse(_ signal: MachineSignal) {
    set(signal, true)
    wait(30)
    set(signal, false)
  }

  mutating func wait(_ milliseconds: Int64) {
    let end = time + milliseconds
    while let deadline = cycle.deadline, deadline <= .zero + .milliseconds(end) {
      time = max(time, (deadline - .zero).milliseconds)
      note(cycle.advance(to: now))
    }
    time = end
    note(cycle.advance(to: now))
  }

  mutating func note(_ events: [MachineEvent]) {
    for event in events {
      switch event {
      case .blocked(let blocker): blockers.append(blocker)
      case .running, .finished, .failed: ends.append(event)
      case .heating, .latched, .odd: news.append(event)
      }
    }
  }
}
