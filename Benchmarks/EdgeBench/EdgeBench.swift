import Agent
import Domain
import Drivers
import Glibc
import Station
import Synchronization

/// Button edge → start contact through the whole core on the reactor's thread, over pipes.
///
/// usage: EdgeBench [COUNT] [PAUSE_MICROSECONDS]; prints p50 and p99 in microseconds. The intent is
/// armed beforehand, so no disk is in the path; contacts need no rest, since a wait that is meant
/// would only hide the one that is not.
@main
struct EdgeBench {
  static func main() async throws {
    let numbers = CommandLine.arguments.dropFirst().compactMap { Int($0) }
    let count = numbers.first ?? 2000
    let bench = try PipeStation()
    let times = await bench.run(count, pauseMicroseconds: numbers.dropFirst().first ?? 1000)
      .sorted()
    print("\(times[count / 2] / 1000) \(times[count * 99 / 100] / 1000)")
    exit(0)
  }
}

/// Lines whose edges come from a pipe and whose start contact goes into another.
struct PipeBank: LineBank {
  let edges: Int32
  let start: Int32
  let startIndex: Int
  var inputs: [Bool]

  var descriptors: [Int32] { [edges] }

  mutating func edges(of descriptor: Int32) throws(PortError) -> EdgeBatch {
    var byte: UInt8 = 0
    guard unsafe read(descriptor, &byte, 1) == 1 else { throw .vanished }
    let edge = Edge(input: Int(byte >> 1), active: byte & 1 == 1, at: MonotonicClock.now())
    inputs[edge.input] = edge.active
    return EdgeBatch(edges: [edge], lost: false)
  }

  mutating func levels() throws(PortError) -> [Bool] { inputs }

  mutating func set(_ output: Int, _ active: Bool) throws(PortError) {
    guard output == startIndex, active else { return }
    var byte: UInt8 = 1
    _ = unsafe write(start, &byte, 1)
  }

  mutating func release() {}
}

/// Commits and prints at once: disk and printer are not what is measured.
final class InstantSink: ReactorSink {
  let reactor = Mutex<Reactor?>(nil)

  func commit(_ token: Int, _ entries: [Entry]) { post(.committed(token)) }
  func print(_ intent: Intent) { post(.label(intent.id, .printed(.statusSequence))) }
  func lookUp(_ waybill: String) {}
  func notice(_ notice: StationCore.Notice, at now: Instant) {}

  private func post(_ event: StationEvent) { reactor.withLock { $0 }?.post(event) }
}

/// A reactor on pipes, and the hands and the machine at the other ends.
struct PipeStation {
  private let reactor: Reactor
  private let wiring: Wiring
  private let press: Int32
  private let answer: Int32

  init() throws {
    let config = try ConfigLoader(search: SearchPath(tree: "Devices"))
      .load(yaml: Self.yaml, file: "bench.yaml")
    let wiring = Wiring(config)
    var (edges, start): ([Int32], [Int32]) = ([0, 0], [0, 0])
    guard unsafe pipe(&edges) == 0, unsafe pipe(&start) == 0 else { throw PortError.vanished }
    let bank = PipeBank(
      edges: edges[0],
      start: start[1],
      startIndex: wiring.outputs.firstIndex { $0.role == .machine(.start) } ?? 0,
      inputs: wiring.inputs.map {
        $0.role == .signal(.guardClosed) || $0.role == .signal(.estopOK)
      }
    )
    let sink = InstantSink()
    let reactor = Reactor(sink: sink)
    sink.reactor.withLock { $0 = reactor }
    let core = StationCore(
      wiring: wiring,
      machine: MachineRules(
        timing: MachineTiming(pulse: 1, rest: 0, busyWithin: 5000, longest: 60_000)
      ),
      workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1))
    )
    try PrivateThread.start("bench") { try? reactor.run(bank, core: core) }
    (self.reactor, self.wiring, press, answer) = (reactor, wiring, edges[1], start[0])
  }

  /// Seals parcel after parcel, and times each start contact in nanoseconds.
  func run(_ count: Int, pauseMicroseconds: Int) async -> [Int64] {
    for event in [.recovered(nextSerial: 1, doubts: []), .scale(.ready), .printer(.ready)]
      as [StationEvent]
    {
      reactor.post(event)
    }
    var times: [Int64] = []
    while times.count < count {
      await armSeal()
      usleep(UInt32(pauseMicroseconds))
      let begin = MonotonicClock.now()
      push(.key(.go), true)
      var byte: UInt8 = 0
      _ = unsafe read(answer, &byte, 1)
      times.append((MonotonicClock.now() - begin).nanoseconds)
      for (signal, level) in [(.busy, true), (.done, true), (.busy, false), (.done, false)]
        as [(MachineSignal, Bool)]
      {
        push(.signal(signal), level)
      }
      push(.key(.go), false)
      while await meaning() != .done { usleep(100) }
    }
    return times
  }

  private func armSeal() async {
    let now = MonotonicClock.now()
    reactor.post(.reading(Reading(state: .zero, mass: .zero, at: now)))
    reactor.post(.reading(Reading(state: .stable, mass: Mass(grams: 500), at: now)))
    while await meaning() != .readyToPrint { usleep(100) }
    reactor.post(.pressed(.go))
    while await meaning() != .readyToSeal { usleep(100) }
  }

  private func meaning() async -> Meaning { await reactor.ask { $0.workflow.meaning } ?? .stopping }

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
        estop-ok: {line: ESTOP}
    jobs:
      dispatch: {button: go, steps: [weigh, label, seal]}
    """
}
