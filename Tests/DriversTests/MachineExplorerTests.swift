import Domain
import Drivers
import TestSupport
import Testing

/// Tries every order of events up to a depth and looks at each state on the way.
private struct Explorer {
  enum Step: Hashable, CaseIterable {
    case start, reset, busy, done, fault, guardClosed, estopOK, short, pulse, second, long
  }

  let wired: [MachineSignal: Bool]
  let steps: [Step]
  var states = 0
  var cycles = 0
  var failures: [String] = []

  struct State {
    var cycle: MachineCycle
    var levels: [MachineSignal: Bool]
    var time: Int64 = 0
    var ended = 0
    var path: [Step] = []
  }

  mutating func explore(depth: Int) {
    let cycle = MachineCycle(MachineRules(), levels: wired)
    visit(State(cycle: cycle, levels: wired), depth: depth)
  }

  private mutating func visit(_ state: State, depth: Int) {
    states += 1
    guard depth > 0 else { return finish(state) }
    for step in steps {
      var next = state
      next.path.append(step)
      apply(step, &next)
      check(state, step, next)
      if failures.count < 5 { visit(next, depth: depth - 1) }
    }
  }

  private func apply(_ step: Step, _ state: inout State) {
    let now = Instant.zero + .milliseconds(state.time)
    var events: [MachineEvent] = []
    switch step {
    case .start: _ = state.cycle.start(at: now)
    case .reset: events = state.cycle.reset(at: now)
    case .busy: events = flip(.busy, &state)
    case .done: events = flip(.done, &state)
    case .fault: events = flip(.fault, &state)
    case .guardClosed: events = flip(.guardClosed, &state)
    case .estopOK: events = flip(.estopOK, &state)
    case .short: events = wait(50, &state)
    case .pulse: events = wait(200, &state)
    case .second: events = wait(1000, &state)
    case .long: events = wait(9000, &state)
    }
    state.ended += Self.ends(events)
  }

  private func flip(_ signal: MachineSignal, _ state: inout State) -> [MachineEvent] {
    guard let level = state.levels[signal] else { return [] }
    state.levels[signal] = !level
    return state.cycle.input(signal, !level, at: .zero + .milliseconds(state.time))
  }

  private func wait(_ milliseconds: Int64, _ state: inout State) -> [MachineEvent] {
    state.time += milliseconds
    return state.cycle.advance(to: .zero + .milliseconds(state.time))
  }

  private static func ends(_ events: [MachineEvent]) -> Int {
    events.count { event in
      if case .failed = event { true } else { event == .finished }
    }
  }

  private mutating func check(_ before: State, _ step: Step, _ after: State) {
    let forbidden =
      after.levels[.guardClosed] == false || after.levels[.estopOK] == false
      || after.levels[.fault] == true
    var wrongs: [String] = []
    if after.cycle.startActive, forbidden { wrongs.append("start is active while forbidden") }
    if after.cycle.startActive, !before.cycle.startActive, step != .start {
      wrongs.append("the start contact closed by itself")
    }
    if after.cycle.counts.started != before.cycle.counts.started, step != .start {
      wrongs.append("a cycle began by itself")
    }
    if after.ended > after.cycle.counts.started { wrongs.append("a cycle ended twice") }
    if after.cycle.counts.started - after.ended > 1 { wrongs.append("two cycles run") }
    if after.cycle.counts.started > after.ended || after.cycle.startActive,
      after.cycle.deadline == nil
    {
      wrongs.append("nothing ends the cycle")
    }
    failures += wrongs.map { "\($0): \(after.path)" }
  }

  private mutating func finish(_ state: State) {
    var state = state
    var turns = 0
    while let deadline = state.cycle.deadline, turns < 10 {
      let events = state.cycle.advance(to: max(deadline, .zero + .milliseconds(state.time)))
      state.time = max(state.time, (deadline - .zero).milliseconds)
      state.ended += Self.ends(events)
      turns += 1
    }
    cycles += state.cycle.counts.started
    if state.ended != state.cycle.counts.started || state.cycle.startActive || turns == 10 {
      failures.append("\(state.cycle.counts.started) began, \(state.ended) ended: \(state.path)")
    }
  }
}

struct MachineExplorerTests {
  private static let all: [MachineSignal: Bool] = [
    .busy: false, .done: false, .fault: false, .guardClosed: true, .estopOK: true,
  ]

  private static let explorers: [(Explorer, depth: Int)] = [
    (Explorer(wired: all, steps: Explorer.Step.allCases), 4),
    (Explorer(wired: all, steps: [.start, .busy, .done, .estopOK, .second]), 7),
    (
      Explorer(
        wired: [.done: false, .estopOK: true],
        steps: [.start, .done, .estopOK, .reset, .long]
      ), 7
    ),
    (Explorer(wired: [.busy: false], steps: [.start, .busy, .pulse, .second, .long]), 7),
  ]

  @Test(arguments: explorers.indices)
  func `in no order of events does it run while forbidden, start by itself or end twice`(
    _ index: Int
  ) {
    var (explorer, depth) = Self.explorers[index]
    explorer.explore(depth: depth)
    #expect(explorer.failures == [])
    #expect(explorer.states > 10_000)
    #expect(explorer.cycles > 2000)
  }

  @Test func `nor does it in long random orders`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var started = 0
    for _ in 0..<3000 {
      var bench = Bench()
      for _ in 0..<40 {
        let before = bench.cycle
        let signal = Bench.signals[dice.roll(0...4)]
        let isStart = dice.roll(0...3) == 0
        switch isStart ? 0 : dice.roll(1...4) {
        case 0: _ = bench.start()
        case 1: bench.note(bench.cycle.reset(at: bench.now))
        case 2: bench.wait(Int64([1, 50, 200, 1000, 9000][dice.roll(0...4)]))
        default: bench.set(signal, dice.roll(0...9) < (signal.isPermissive ? 9 : 3))
        }
        #expect(isStart || bench.cycle.counts.started == before.counts.started, "seed \(seed)")
        if bench.cycle.startActive { #expect(bench.cycle.deadline != nil, "seed \(seed)") }
      }
      bench.wait(60_000)
      let ends = bench.ends.filter { $0 != .running }
      #expect(ends.count == bench.cycle.counts.started, "seed \(seed)")
      #expect(ends.count { $0 == .finished } == bench.cycle.counts.finished, "seed \(seed)")
      started += bench.cycle.counts.started
    }
    #expect(started > 3000, "seed \(seed)")
  }
}
