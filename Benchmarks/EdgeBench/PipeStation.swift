import Agent
import Domain
import Drivers
import Glibc
import Station
import Synchronization

/// Commits and prints at once: disk and printer are not what is measured.
final class InstantSink: ReactorSink {
  let reactor = Mutex<Reactor?>(nil)
  let meaning = Mutex(Meaning.starting)

  func commit(_ token: Int, _ entries: [Entry]) { post(.committed(token)) }
  func print(_ intent: Intent) { post(.label(intent.id, .printed(.statusSequence))) }
  func lookUp(_ waybill: String) {}

  func notice(_ notice: StationCore.Notice, at now: Instant) {
    if case .meaning(let meaning, _, _) = notice { self.meaning.withLock { $0 = meaning } }
  }

  private func post(_ event: StationEvent) { reactor.withLock { $0 }?.post(event) }
}

/// A reactor on pipes, and the hands and the machine at the other ends.
struct PipeStation: Sendable {
  private let reactor: Reactor
  private let sink: InstantSink
  private let wiring: Wiring
  private let press: Int32
  private let output: Int32
  private let answer = Answer()
  private let reflex: Bool

  /// Starts a station.
  ///
  /// - Parameters:
  ///   - reflex: Whether the way off is measured, and not the way on.
  ///   - priority: The SCHED_FIFO priority of its thread.
  /// - Throws: What the config or the system has against it.
  init(reflex: Bool, priority: Int32?) throws {
    let config = try ConfigLoader(search: SearchPath(tree: "Devices"))
      .load(yaml: Self.yaml, file: "bench.yaml")
    let wiring = Wiring(config)
    var (edges, start): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard unsafe pipe(&edges) == 0, unsafe pipe(&start) == 0 else { throw PortError.vanished }
    let bank = PipeBank(
      edges: edges[0],
      start: start[1],
      startIndex: wiring.outputs.firstIndex { $0.role == .machine(.start) } ?? 0,
      awaited: !reflex,
      answer: answer,
      inputs: wiring.inputs.map {
        $0.role == .signal(.guardClosed) || $0.role == .signal(.estopOK)
      }
    )
    let sink = InstantSink()
    let reactor = Reactor(sink: sink)
    sink.reactor.withLock { $0 = reactor }
    // Nobody presses five hundred times a second but a benchmark.
    var storm = EdgeGate.Limit()
    storm.edges = 10_000
    let core = StationCore(
      wiring: wiring,
      // On the way off nothing but the emergency stop may end the pulse.
      machine: MachineRules(
        timing: MachineTiming(
          pulse: reflex ? 60_000 : 1,
          rest: 0,
          busyWithin: 5000,
          longest: 60_000
        )
      ),
      workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1)),
      storm: storm
    )
    try PrivateThread.start("bench", priority: priority) {
      try? reactor.run(bank, core: core)
    }
    (self.reactor, self.sink, self.wiring) = (reactor, sink, wiring)
    (press, output, self.reflex) = (edges[1], start[0], reflex)
  }

  /// Seals parcel after parcel, and times each answer in nanoseconds.
  func run(_ count: Int, pauseMicroseconds: Int) -> [Int64] {
    for event in [.recovered(nextSerial: 1, doubts: []), .scale(.ready), .printer(.ready)]
      as [StationEvent]
    {
      reactor.post(event)
    }
    let pause = UInt32(pauseMicroseconds)
    var times: [Int64] = []
    while times.count < count {
      armSeal()
      if reflex {
        push(.key(.go), true)
        wait(for: .sealing)
        usleep(pause)
        times.append(time { push(.signal(.estopOK), false) })
        push(.key(.go), false)
        recover()
      } else {
        usleep(pause)
        times.append(time { push(.key(.go), true) })
        for (signal, level) in [(.busy, true), (.done, true), (.busy, false), (.done, false)]
          as [(MachineSignal, Bool)]
        {
          push(.signal(signal), level)
        }
        push(.key(.go), false)
        wait(for: .done)
      }
    }
    return times
  }

  private func time(_ edge: () -> Void) -> Int64 {
    answer.at.store(0, ordering: .relaxed)
    let begin = MonotonicClock.now()
    edge()
    var byte: UInt8 = 0
    _ = unsafe read(output, &byte, 1)
    while true {
      let end = answer.at.load(ordering: .acquiring)
      if end != 0 { return end - begin.nanoseconds }
      sched_yield()
    }
  }

  private func armSeal() {
    let now = MonotonicClock.now()
    reactor.post(.reading(Reading(state: .zero, mass: .zero, at: now)))
    reactor.post(.reading(Reading(state: .stable, mass: Mass(grams: 500), at: now)))
    wait(for: .readyToPrint)
    reactor.post(.pressed(.go))
    wait(for: .readyToSeal)
  }

  /// The worker after an emergency stop: released, reset, and the parcel given up.
  private func recover() {
    wait(for: .emergencyStop)
    push(.signal(.estopOK), true)
    wait(for: .resetNeeded)
    reactor.post(.pressed(.cancel))
    wait(for: .askSeal)
    reactor.post(.pressed(.cancel))
    wait { $0 != .askSeal && $0 != .saving }
  }

  private func wait(for meaning: Meaning) { wait { $0 == meaning } }

  private func wait(until isReached: (Meaning) -> Bool) {
    while !isReached(sink.meaning.withLock(\.self)) { usleep(50) }
  }

  private func push(_ role: Wiring.Input, _ level: Bool) {
    guard let index = wiring.inputs.firstIndex(where: { $0.role == role }) else { return }
    var byte = UInt8(index << 1) | (level ? 1 : 0)
    _ = unsafe write(press, &byte, 1)
  }

  private static let yaml = """
    site: SM017
    name: 测试
    scale: {profile: hid-pos}
    printer: {profile: tsc-te244}
    label: {template: dispatch-76x130}
    panel:
      buttons:
        go: {line: BTN_GO, debounce: 0 ms}
        cancel: {line: BTN_CANCEL}
      lamps: {green: {line: G}, amber: {line: A}, red: {line: R}}
    machine:
      profile: impulse-sealer
      outputs: { start: {line: START} }
      signals:
        busy: {line: BUSY, debounce: 0 ms}
        done: {line: DONE, debounce: 0 ms}
        guard-closed: {line: GUARD}
        estop-ok: {line: ESTOP, debounce: 0 ms}
    jobs:
      dispatch: {button: go, steps: [weigh, label, seal]}
    """
}
