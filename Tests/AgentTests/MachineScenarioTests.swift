import Agent
import Domain
import Drivers
import Foundation
import Ledger
import Simulator
import Station
import Testing

/// Whole stations with each kind of machine, on a virtual clock.
struct MachineScenarioTests {
  struct Case: Sendable, CustomStringConvertible {
    var description: String { machine.profile }
    var machine: Fixture.Machine
    var model: SimulatedMachine.Model
  }

  static let cases: [Case] = [
    Case(
      machine: .init(
        profile: "band-sealer",
        outputs: ["motor-run", "heater-enable"],
        signals: [
          "bag-present", "temperature-ready", "fault", "thermal-ok", "guard-closed", "estop-ok",
        ]
      ),
      model: .init(kind: .bandSealer, cycle: .milliseconds(1800), heatUp: .seconds(5))
    ),
    Case(
      machine: .init(
        profile: "resistron-sealer",
        outputs: ["start", "reset"],
        signals: ["busy", "done", "fault", "ready", "guard-closed", "estop-ok"]
      ),
      model: .init(kind: .controlledSealer)
    ),
    Case(
      machine: .init(
        profile: "strapper",
        action: .strap,
        signals: ["busy", "temperature-ready", "material-ok", "fault", "guard-closed", "estop-ok"]
      ),
      model: .init(kind: .strapper)
    ),
    Case(
      machine: .init(
        profile: "arch-strapper",
        action: .strap,
        signals: ["ready", "done", "fault", "material-ok", "guard-closed", "estop-ok"]
      ),
      model: .init(kind: .archStrapper)
    ),
    Case(
      machine: .init(
        profile: "carton-taper",
        outputs: ["motor-run"],
        signals: ["bag-present", "material-ok", "fault", "thermal-ok", "guard-closed", "estop-ok"]
      ),
      model: .init(kind: .cartonTaper, cycle: .milliseconds(1800))
    ),
    Case(
      machine: .init(profile: "start-only", signals: ["guard-closed", "estop-ok"]),
      model: .init(signals: [.guardClosed, .estopOK])
    ),
  ]

  private func withStation(
    _ item: Case,
    seed: UInt64 = 7,
    _ body: (inout VirtualStation) throws -> Void
  ) throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var station = try VirtualStation(
      config: Fixture.config(machine: item.machine),
      seed: seed,
      folder: folder,
      machine: item.model
    )
    try body(&station)
    #expect(station.breaches.isEmpty, "something was on while it must not be")
    #expect(station.bench.machine.violations.isEmpty)
  }

  private func bodies(_ type: String, _ station: VirtualStation) throws -> [JSON] {
    try station.ledger.reader.tail(1000, lane: .records)
      .filter { $0.type == type }.map { try JSON(parsing: $0.body) }
  }

  /// Waits until a cycle has begun.
  private func run(_ station: inout VirtualStation) throws {
    for _ in 0..<1000 where station.bench.machine.cycle == nil {
      station.advance(.milliseconds(5))
    }
    try #require(station.bench.machine.cycle != nil)
  }

  private func reachSeal(_ station: inout VirtualStation) throws {
    if station.core.workflow.meaning != .done { try station.reach(.idle) }
    station.order("place 1234")
    try station.reach(.readyToPrint)
    station.press(.go)
    try station.reach(.readyToSeal)
    station.order("remove")
  }

  @Test(arguments: cases)
  func `a parcel is closed by one cycle that is in the ledger with its times`(_ item: Case) throws {
    try withStation(item) { station in
      try reachSeal(&station)
      #expect(station.bench.machine.actuations == 0, "nothing may move before the button")
      station.press(.go)
      try station.reach(.done)
      #expect(station.bench.machine.actuations == 1)
      #expect(station.bench.machine.closed.isSubset(of: [.heaterEnable]))
      let outcome = try #require(
        try bodies("action.outcome", station).first {
          $0["action"]?.string == item.machine.action.rawValue
        }
      )
      #expect(outcome["outcome"]?.string == "done")
      let isBlind = item.machine.profile == "start-only"
      #expect(outcome["evidence"]?.string == (isBlind ? "elapsed" : "status-sequence"))
      #expect((outcome["cycle"]?["end"]?.int ?? 0) > 1000)
      let counters = try station.ledger.reader.counters()
      #expect(counters.cycles == 1)
      #expect(counters.straps == (item.machine.action == .strap ? 1 : 0))
    }
  }

  @Test(arguments: cases)
  func `a guard that opens in mid-cycle stops it for good, and asks`(_ item: Case) throws {
    try withStation(item) { station in
      try reachSeal(&station)
      station.press(.go)
      try run(&station)
      station.advance(.milliseconds(700))
      station.order("guard open")
      station.advance(.milliseconds(1))
      #expect(station.bench.machine.closed.isEmpty)
      station.order("guard close")
      station.advance(.seconds(60))
      #expect(station.bench.machine.closed.isEmpty, "closing a guard starts nothing")
      let wasLatched = station.core.workflow.meaning == .resetNeeded
      if wasLatched { station.press(.cancel) }
      try station.reach(.askSeal)
      #expect(station.bench.machine.actuations == 1)
      station.press(.cancel)
      try station.reach(.idle)
    }
  }

  @Test(arguments: cases)
  func `a power cut in mid-cycle asks, and nothing goes on by itself`(_ item: Case) throws {
    try withStation(item) { station in
      try reachSeal(&station)
      station.press(.go)
      try run(&station)
      try station.crash()
      station.advance(.seconds(120))
      #expect(station.bench.machine.closed.isEmpty)
      #expect(station.bench.machine.actuations == 1)
      #expect(station.core.workflow.meaning == .askSeal)
    }
  }

  @Test(arguments: cases, 1...3)
  func `whatever happens in a day, nothing is on while it must not be`(
    _ item: Case,
    _ round: Int
  ) throws {
    let seed = UInt64.random(in: 1...UInt64.max)
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var model = item.model
    model.heatUp = model.heatUp.map { _ in .milliseconds(800) }
    var station = try VirtualStation(
      config: Fixture.config(machine: item.machine),
      seed: seed,
      folder: folder,
      machine: model
    )
    var day = RandomDay(seed: seed)
    try day.play(&station, steps: 120)
    let isHome = try day.settle(&station)
    #expect(isHome, "seed \(seed): \(station.core.workflow.meaning)")
    #expect(station.breaches.isEmpty, "seed \(seed)")
    let starts = station.bench.machine.violations.filter { $0 != .startedWhileBusy }
    #expect(starts.isEmpty, "seed \(seed): \(starts)")
    let intents = try bodies("action.intent", station).filter { $0["action"]?.string != "label" }
    let machine = station.bench.machine
    #expect(machine.actuations - machine.actuationsByHand <= intents.count, "seed \(seed)")
    #expect(try station.ledger.reader.recover(now: station.clock.timestamp()).inDoubt.isEmpty)
  }

  @Test func `a cold machine warms up from the first press, and the parcel waits for it`() throws {
    try withStation(Self.cases[0]) { station in
      try station.reach(.idle)
      station.advance(.seconds(600))
      #expect(station.bench.machine.heat == 0, "nobody has pressed anything")
      station.order("place 900")
      try station.reach(.readyToPrint)
      station.press(.go)
      #expect(station.bench.machine.closed == [.heaterEnable])
      try station.reach(.machineWarming)
      station.press(.go)
      #expect(station.bench.machine.actuations == 0)
      try station.reach(.readyToSeal)
      station.press(.go)
      try station.reach(.done)
      station.order("remove")
      station.advance(.seconds(16 * 60))
      #expect(station.bench.machine.closed.isEmpty, "an idle machine cools down")
    }
  }

  @Test func `a strapper without strap says so, and goes on when there is some`() throws {
    try withStation(Self.cases[2]) { station in
      station.order("material 0")
      try station.reach(.idle)
      station.order("place 900")
      try station.reach(.readyToPrint)
      station.press(.go)
      try station.reach(.noMaterial)
      station.press(.go)
      #expect(station.bench.machine.actuations == 0)
      station.order("material 5")
      try station.reach(.readyToSeal)
      station.press(.go)
      try station.reach(.done)
    }
  }

  @Test func `GO at a controller that complains pulses its reset, and seals nothing`() throws {
    try withStation(Self.cases[1]) { station in
      try reachSeal(&station)
      station.order("machine breakdown")
      station.press(.go)
      try station.reach(.askSeal)
      station.press(.again)
      try station.reach(.machineTrouble)
      station.order("machine none")
      station.press(.go)
      try station.reach(.readyToSeal)
      #expect(station.bench.machine.actuations == 1, "a reset never starts")
      station.press(.go)
      try station.reach(.done)
      let counters = try station.ledger.reader.counters()
      #expect((counters.cycles, counters.badCycles) == (2, 1))
    }
  }

  @Test(arguments: Array(stride(from: 45, to: 3600, by: 45)))
  func `a power cut at any moment of a cycle leaves it done, or asked, and never does it twice`(
    _ milliseconds: Int
  ) throws {
    let impulse = Case(machine: .init(profile: "impulse-sealer"), model: SimulatedMachine.Model())
    try withStation(impulse) { station in
      try reachSeal(&station)
      _ = station.bench.perform("press go")
      station.advance(.milliseconds(Int64(milliseconds)))
      let wasDone = try bodies("parcel.dispatched", station).count == 1
      try station.crash()
      station.advance(.seconds(20))
      #expect(station.bench.machine.actuations <= 1)
      #expect(try bodies("parcel.dispatched", station).count == (wasDone ? 1 : 0))
      guard !wasDone else { return }
      #expect(station.core.workflow.meaning == .askSeal)
      station.press(.go)
      try station.reach(.done)
      #expect(station.bench.machine.actuations <= 1, "an answer starts nothing")
      let outcomes = try bodies("action.outcome", station).filter {
        $0["action"] == .string("seal")
      }
      #expect(outcomes.map { $0["evidence"]?.string } == ["worker"])
      #expect(try bodies("parcel.dispatched", station).count == 1)
    }
  }

  @Test func `a pulse of five milliseconds is enough, and one before busy is not`() throws {
    let impulse = Case(
      machine: .init(profile: "impulse-sealer"),
      model: SimulatedMachine.Model()
    )
    try withStation(impulse) { station in
      try reachSeal(&station)
      station.order("machine short-done")
      station.press(.go)
      try station.reach(.done)
      station.order("machine early-done")
      try reachSeal(&station)
      station.press(.go)
      try station.reach(.askSeal)
      #expect(
        station.notices.contains(.machine(.odd(.doneBeforeBusy)))
          && station.notices.contains(.machine(.failed(.noDonePulse)))
      )
    }
  }
}
