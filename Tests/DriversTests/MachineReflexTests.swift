import Domain
import Drivers
import TestSupport
import Testing

/// Tries every order of events up to a depth on every kind of machine.
///
/// Each step is one thing that the world, the worker or time can do. After each of them: with a
/// permissive away or a latch set nothing is on; and an output that was off is on only where that
/// very step was somebody's hand.
private struct ReflexExplorer {
  enum Step: Hashable {
    case start, warm, cool, reset, jog(MachineOutput), overrun
    case flip(MachineSignal)
    case wait(Int64)

    /// Whether this is a hand that may switch something on.
    var isHand: Bool {
      switch self {
      case .start, .warm, .reset, .jog: true
      case .cool, .overrun, .flip, .wait: false
      }
    }
  }

  struct State {
    var cycle: MachineCycle
    var levels: [MachineSignal: Bool]
    var time: Int64 = 0
    var ended = 0

    var now: Instant { .zero + .milliseconds(time) }
  }

  let steps: [Step]
  var states = 0
  var raised = 0
  var failures: [String] = []

  init(_ rules: MachineRules, _ wired: [MachineSignal: Bool]) {
    let outputs = rules.outputs.sorted { $0.rawValue < $1.rawValue }
    let hands: [Step] = [.start, .warm, .cool, .reset, .overrun] + outputs.map { .jog($0) }
    let waits: [Int64] = [50, rules.timing.rest, rules.timing.warmUp, rules.timing.longest * 2]
    steps =
      hands + wired.keys.sorted { $0.rawValue < $1.rawValue }.map { .flip($0) }
      + waits.map { .wait($0) }
  }

  mutating func visit(_ state: State, depth: Int, path: [Step] = []) {
    states += 1
    guard depth > 0, failures.count < 5 else { return }
    for step in steps {
      var next = state
      apply(step, &next)
      check(state, step, next, path)
      visit(next, depth: depth - 1, path: path + [step])
    }
  }

  func apply(_ step: Step, _ state: inout State) {
    var events: [MachineEvent] = []
    switch step {
    case .start: _ = state.cycle.start(at: state.now)
    case .warm: events = state.cycle.warm(at: state.now)
    case .cool: events = state.cycle.cool(at: state.now)
    case .reset: events = state.cycle.reset(at: state.now)
    case .jog(let output): _ = state.cycle.jog(output, for: .milliseconds(300), at: state.now)
    case .overrun: events = state.cycle.overrun(at: state.now)
    case .flip(let signal):
      let level = state.levels[signal] != true
      state.levels[signal] = level
      events = state.cycle.input(signal, level, at: state.now)
    case .wait(let milliseconds):
      state.time += milliseconds
      events = state.cycle.advance(to: state.now)
    }
    state.ended += events.count { event in
      if case .failed = event { true } else { event == .finished }
    }
  }

  mutating func check(_ before: State, _ step: Step, _ after: State, _ path: [Step]) {
    var wrongs: [String] = []
    let isForbidden =
      after.cycle.latch != nil || after.levels.contains { $0.key.isPermissive && !$0.value }
    if isForbidden, !after.cycle.active.isEmpty { wrongs.append("on while forbidden") }
    let news = after.cycle.active.subtracting(before.cycle.active)
    if !news.isEmpty { raised += 1 }
    if !news.isEmpty, !step.isHand { wrongs.append("\(news) went on by itself") }
    if step == .reset, !news.subtracting([.reset]).isEmpty { wrongs.append("a reset starts") }
    if step == .warm, !news.subtracting([.heaterEnable]).isEmpty { wrongs.append("warmth moves") }
    if step != .start, after.cycle.counts.started != before.cycle.counts.started {
      wrongs.append("a cycle began by itself")
    }
    if after.ended > after.cycle.counts.started { wrongs.append("a cycle ended twice") }
    if after.cycle.counts.open != (after.cycle.isRunning ? 1 : 0) { wrongs.append("lost count") }
    if !after.cycle.active.isEmpty, after.cycle.deadline == nil { wrongs.append("on for ever") }
    failures += wrongs.map { "\($0): \(path + [step])" }
  }
}

struct MachineReflexTests {
  struct Machine: Sendable, CustomStringConvertible {
    var description: String
    var rules: MachineRules
    var levels: [MachineSignal: Bool]
  }

  /// Every shipped profile with everything wired.
  static let machines: [Machine] = ProfileTests.shipped("machines").compactMap { file, text in
    guard let profile = try? MachineProfile(yaml: text, file: file) else { return nil }
    let healthy: Set<MachineSignal> = [.ready, .materialOK, .temperatureReady]
    let levels = profile.debounce.keys.map { ($0, $0.isPermissive || healthy.contains($0)) }
    return Machine(
      description: profile.id,
      rules: profile.rules(wired: Set(profile.outputs.keys)),
      levels: Dictionary(uniqueKeysWithValues: levels)
    )
  }

  @Test(.timeLimit(.minutes(3)), arguments: machines)
  func `in no order of events is anything on while forbidden, or goes on by itself`(
    _ machine: Machine
  ) {
    var explorer = ReflexExplorer(machine.rules, machine.levels)
    let cycle = MachineCycle(machine.rules, levels: machine.levels)
    explorer.visit(.init(cycle: cycle, levels: machine.levels), depth: 4)
    #expect(explorer.failures == [])
    #expect(explorer.states > 10_000)
    #expect(explorer.raised > 500)
  }

  @Test(arguments: machines)
  func `nor is it in long random orders`(_ machine: Machine) {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var explorer = ReflexExplorer(machine.rules, machine.levels)
    var started = 0
    for _ in 0..<300 {
      let cycle = MachineCycle(machine.rules, levels: machine.levels)
      var state = ReflexExplorer.State(cycle: cycle, levels: machine.levels)
      for _ in 0..<60 {
        // Contacts that are away come back more often than they leave, or nothing would ever run.
        var step = explorer.steps[dice.roll(0...explorer.steps.count - 1)]
        if case .flip(let signal) = step, signal.isPermissive, state.levels[signal] == true,
          dice.roll(0...3) != 0
        {
          step = .start
        }
        let before = state
        explorer.apply(step, &state)
        explorer.check(before, step, state, [])
      }
      started += state.cycle.counts.started
    }
    #expect(explorer.failures == [], "seed \(seed)")
    #expect(started > 100, "seed \(seed)")
  }
}
