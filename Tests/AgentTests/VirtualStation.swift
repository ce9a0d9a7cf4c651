import Agent
import Domain
import Drivers
import Foundation
import Ledger
import Simulator
import Station
import Testing

/// A whole station on a virtual clock: the real core, ledger and scale protocol; simulated devices.
///
/// Nothing runs by itself: ``advance(_:)`` lets time pass in steps of a millisecond. A crash drops
/// the core as it is and starts a new one from the ledger, which lies on a simulated disk.
struct VirtualStation {
  let folder: URL
  let ledgerFile: String
  var disk: SimulatedDisk
  let clock = BoxClock()
  var ledger: Ledger
  var core: StationCore
  var bench: Bench
  private(set) var now = Instant(nanoseconds: 1_000_000_000)

  /// Answers that are on their way to the core.
  var answers: [(at: Instant, event: StationEvent)] = []
  /// When the core wants to be woken.
  var due: Instant?
  private var decoder: ScaleDecoder
  let wiring: Wiring
  /// Of what becomes of the disk.
  var random: SeededRandom
  /// The last event of each lane whose append has returned.
  var promised: [Lane: Event] = [:]
  /// What must not have happened, seen after a restart.
  var wrongs: [String] = []
  var tally = FaultTally()

  /// What the physical world has seen.
  private(set) var labels: [ActionID] = []
  /// How the next attempts to print end; the default is a label.
  var printing = Printing.works
  private(set) var notices: [StationCore.Notice] = []
  /// Times at which a contact of the machine was closed and a permissive was not there.
  private(set) var breaches: [Instant] = []

  enum Printing: CaseIterable {
    case works
    /// Refused before the first byte.
    case refuses
    /// The label comes out, and the answer is lost.
    case losesAnswer
    /// Torn off in mid-label.
    case vanishes
  }

  static let site = SiteID("SM017")

  init(
    config: StationConfig,
    seed: UInt64,
    folder: URL,
    scale: SimulatedScale.Model = SimulatedScale.Model(),
    machine: SimulatedMachine.Model = SimulatedMachine.Model(),
    medium: Medium = Medium()
  ) throws {
    self.folder = folder
    wiring = Wiring(config)
    ledgerFile = folder.appending(path: "ledger.sqlite").path
    random = SeededRandom(seed: seed &+ 2)
    disk = SimulatedDisk(medium, at: folder.path, seed: seed)
    clock.boot(at: now)
    ledger = try Ledger.open(path: ledgerFile, now: clock.timestamp).ledger
    decoder = try config.scale.profile.decoder()
    bench = Bench(
      scale: SimulatedScale(scale, seed: seed, at: now),
      printer: SimulatedPrinter(at: now),
      machine: SimulatedMachine(machine, seed: seed, at: now),
      buttonBounce: .milliseconds(3),
      seed: seed
    )
    core = StationCore(
      wiring: wiring,
      machine: config.machine?.rules,
      workflow: Workflow(plan: config.plan, site: config.site, epoch: ledger.epoch)
    )
    self.config = config
    try start()
  }

  let config: StationConfig

  func newCore() -> StationCore {
    StationCore(
      wiring: wiring,
      machine: config.machine?.rules,
      workflow: Workflow(plan: config.plan, site: config.site, epoch: ledger.epoch)
    )
  }

  mutating func start() throws {
    let recovery = try ledger.reader.recover(now: clock.timestamp())
    let doubts = try ledger.reader.doubts(recovery)
    carryOut(
      core.begin(levels: wiring.inputs.map { bench.level(of: $0.line.role) }, at: now)
    )
    carryOut(
      core.handle(.recovered(nextSerial: recovery.nextSerial, doubts: doubts), at: now)
    )
    carryOut(core.handle(.scale(.ready), at: now))
    carryOut(core.handle(.printer(.ready), at: now))
    carryOut(core.handle(.scanner(.ready), at: now))
  }

  /// Scans a waybill, as the scan desk hands it on.
  mutating func scan(_ waybill: String, _ candidates: String...) {
    carryOut(core.handle(.scanned(.waybill(waybill, candidates: candidates)), at: now))
    advance(.milliseconds(10))
  }

  /// Scans the card of a courier.
  mutating func scan(card carrier: String) {
    carryOut(core.handle(.scanned(.carrier(carrier)), at: now))
    advance(.milliseconds(10))
  }

  mutating func advance(_ duration: Duration) {
    let end = now + duration
    while now < end, !isDown {
      // Where nothing happens for a while, time may leap to what happens next.
      let next = ([bench.nextEvent, due] + answers.map(\.at)).compactMap(\.self).min()
      now = min(end, max(now + .milliseconds(1), next ?? end))
      clock.advance(to: now)
      bench.advance(to: now)
      for change in bench.takeInputChanges() {
        guard let input = wiring.inputs.firstIndex(where: { $0.line.role == change.role }) else {
          continue
        }
        carryOut(core.edge(Edge(input: input, active: change.active, at: change.at), at: now))
      }
      for report in bench.scale.takeReports() {
        for case .reading(let reading) in decoder.receive(report, at: now) {
          carryOut(core.handle(.reading(reading), at: now))
        }
      }
      for answer in answers where answer.at <= now {
        carryOut(core.handle(answer.event, at: now))
      }
      answers.removeAll { $0.at <= now }
      // Asked before it is due, as the reactor asks: afterwards a lamp would speak of its next step.
      if let due, due <= now { carryOut(core.advance(to: now)) }
      due = core.deadline(after: now)
      watch()
    }
  }

  private mutating func watch() {
    let isForbidden = bench.machine.levels.contains { $0.key.isPermissive && !$0.value }
    if isForbidden, !bench.machine.closed.isEmpty { breaches.append(now) }
  }

  /// Lets time pass until the panel says it, twenty seconds at most.
  mutating func reach(_ meaning: Meaning, _ location: SourceLocation = #_sourceLocation) throws {
    let end = now + .seconds(20)
    while core.workflow.meaning != meaning, now < end { advance(.milliseconds(5)) }
    let reached = core.workflow.meaning
    try #require(reached == meaning, sourceLocation: location)
  }

  mutating func press(_ button: Button) {
    _ = bench.perform("press \(button.rawValue)")
    advance(.milliseconds(200))
  }

  /// Lets a technician operate the machine.
  mutating func operate(_ order: MachineOrder) -> MachineAnswer {
    let (actions, answer) = core.operate(order, at: now)
    carryOut(actions)
    return answer
  }

  /// Lights lamps, as the control socket asks for it.
  ///
  /// - Returns: Whether it was taken.
  @discardableResult
  mutating func test(_ request: LampTest.Request) -> Bool {
    let (actions, isTaken) = core.test(request, at: now)
    carryOut(actions)
    return isTaken
  }

  mutating func quiet(_ isQuiet: Bool) { core.quiet(isQuiet) }

  mutating func order(_ order: String) {
    precondition(bench.perform(order), "no such order: \(order)")
  }

  private mutating func carryOut(_ actions: [StationCore.Action]) {
    for action in actions where !isDown {
      switch action {
      case .set(let output, let active): bench.set(wiring.outputs[output].line.role, active)
      case .readLevels:
        let levels = wiring.inputs.map { bench.level(of: $0.line.role) }
        carryOut(core.reread(levels, at: now))
      case .notice(let notice): notices.append(notice)
      case .commit(let token, let entries): commit(token, entries)
      case .print(let intent): print(intent)
      case .lookUp(let waybill):
        let isKnown = (try? ledger.reader.knows(waybill: waybill)) ?? false
        answers.append((now + .milliseconds(2), .lookedUp(waybill, isKnown: isKnown)))
      }
    }
  }

  private mutating func commit(_ token: Int, _ entries: [Entry]) {
    let isKept = keep(entries)
    answers.append((now + .milliseconds(8), isKept ? .committed(token) : .commitFailed(token)))
  }

  private mutating func print(_ intent: Intent) {
    let (hasLabel, result): (Bool, LabelResult) =
      switch printing {
      case .works: (true, .printed(.statusSequence))
      case .refuses: (false, .notStarted)
      case .losesAnswer: (true, .unknown)
      case .vanishes: (false, .unknown)
      }
    if hasLabel { labels.append(intent.id) }
    answers.append((now + .milliseconds(600), .label(intent.id, result)))
  }
}
