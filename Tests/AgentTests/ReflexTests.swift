import Agent
import Domain
import Drivers
import Station
import Testing

/// What the core makes of edges that come together, too often, or not at all.
struct ReflexTests {
  private let wiring: Wiring
  private let config: StationConfig

  init() throws {
    config = try Fixture.config(heartbeat: true)
    wiring = Wiring(config)
  }

  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private func input(_ role: Wiring.Input) throws -> Int {
    try #require(wiring.inputs.firstIndex { $0.role == role })
  }

  private func output(_ role: Wiring.Output) throws -> Int {
    try #require(wiring.outputs.firstIndex { $0.role == role })
  }

  private var healthy: [Bool] {
    wiring.inputs.map { $0.role == .signal(.estopOK) || $0.role == .signal(.guardClosed) }
  }

  /// A core with a parcel whose seal is armed.
  private func armed() throws -> StationCore {
    var core = StationCore(
      wiring: wiring,
      machine: config.machine?.rules,
      workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1))
    )
    _ = core.begin(levels: healthy, at: .zero)
    var pending: [StationEvent] = [
      .recovered(nextSerial: 1, doubts: []), .scale(.ready), .printer(.ready),
      .reading(Reading(state: .zero, mass: .zero, at: .zero)),
      .reading(Reading(state: .stable, mass: Mass(grams: 500), at: .zero)),
    ]
    var hasPrinted = false
    while !pending.isEmpty {
      for action in core.handle(pending.removeFirst(), at: Self.at(1)) {
        switch action {
        case .commit(let token, _): pending.append(.committed(token))
        case .print(let intent): pending.append(.label(intent.id, .printed(.statusSequence)))
        case .set, .lookUp, .readLevels, .notice: break
        }
      }
      if pending.isEmpty, core.workflow.meaning == .readyToPrint, !hasPrinted {
        hasPrinted = true
        pending.append(.pressed(.go))
      }
    }
    try #require(core.workflow.meaning == .readyToSeal)
    return core
  }

  private func sets(_ actions: [StationCore.Action], of role: Wiring.Output) throws -> [Bool] {
    let wanted = try output(role)
    return actions.compactMap { action in
      guard case .set(let output, let active) = action, output == wanted else { return nil }
      return active
    }
  }

  private func storms(_ actions: [StationCore.Action]) -> [Bool] {
    actions.compactMap { action in
      if case .notice(.storm("machine.guard-closed", let isWild)) = action { isWild } else { nil }
    }
  }

  @Test func `a lost permissive is the first thing of its batch, wherever it stands`() throws {
    var core = try armed()
    let started = core.handle(.pressed(.go), at: Self.at(10))
    #expect(try sets(started, of: .machine(.start)) == [true])
    let actions = core.edges(
      [
        Edge(input: try input(.signal(.busy)), active: true, at: Self.at(20)),
        Edge(input: try input(.key(.again)), active: true, at: Self.at(20)),
        Edge(input: try input(.signal(.guardClosed)), active: false, at: Self.at(21)),
      ],
      at: Self.at(22)
    )
    #expect(actions.first == .set(output: try output(.machine(.start)), false))
    #expect(try sets(actions, of: .machine(.start)) == [false])
  }

  @Test func `a press that was read together with a lost permissive starts nothing`() throws {
    var core = try armed()
    let go = try input(.key(.go))
    _ = core.edge(Edge(input: go, active: true, at: Self.at(10)), at: Self.at(10))
    // The press counts with this batch, 20 ms and more after its edge.
    let actions = core.edges(
      [
        Edge(input: go, active: false, at: Self.at(60)),
        Edge(input: try input(.signal(.estopOK)), active: false, at: Self.at(61)),
      ],
      at: Self.at(62)
    )
    #expect(try sets(actions, of: .machine(.start)).isEmpty)
    #expect(core.workflow.meaning == .emergencyStop || core.workflow.meaning == .askSeal)
  }

  @Test func `a guard that chatters counts as open, is told once, and must rest before it counts`()
    throws
  {
    var core = try armed()
    let guardClosed = try input(.signal(.guardClosed))
    var told: [Bool] = []
    for number in 0..<600 {
      let now = Self.at(100 + number)
      let edge = Edge(input: guardClosed, active: number % 2 == 1, at: now)
      told += storms(core.edge(edge, at: now) + core.advance(to: now))
    }
    #expect(told == [true])
    // It ended closed; but the line has not been calm yet.
    #expect(core.workflow.meaning == .guardOpen)
    let refused = core.handle(.pressed(.go), at: Self.at(1200))
    #expect(try sets(refused, of: .machine(.start)).isEmpty)

    let calm = Self.at(1699)
    #expect(core.deadline(after: Self.at(1200)).map { $0 <= calm } == true)
    let ended = core.advance(to: calm)
    #expect(storms(ended) == [false])
    #expect(ended.contains(.readLevels))
    _ = core.reread(healthy, at: calm)
    #expect(core.workflow.meaning == .guardOpen)
    _ = core.advance(to: calm + .milliseconds(20))
    #expect(core.workflow.meaning == .readyToSeal)
  }

  @Test func `a button that is down after its storm was pressed by nobody`() throws {
    var core = try armed()
    let go = try input(.key(.go))
    var actions: [StationCore.Action] = []
    for number in 0..<400 {
      let now = Self.at(100 + number)
      actions += core.edge(Edge(input: go, active: number % 2 == 0, at: now), at: now)
    }
    var levels = healthy
    levels[go] = true
    actions += core.advance(to: Self.at(2000))
    #expect(actions.contains(.readLevels))
    actions += core.reread(levels, at: Self.at(2000))
    actions += core.advance(to: Self.at(2500))
    #expect(!actions.contains(.notice(.pressed(.go))))
    // Up and down again is a press.
    for (active, time) in [(false, 3000), (true, 3100)] {
      _ = core.edge(Edge(input: go, active: active, at: Self.at(time)), at: Self.at(time))
      actions = core.advance(to: Self.at(time + 50))
    }
    #expect(actions.contains(.notice(.pressed(.go))))
  }

  @Test func `lost edges are told at most once a second, and a wild line is not levelled`() throws {
    var core = try armed()
    let guardClosed = try input(.signal(.guardClosed))
    for number in 0..<300 {
      let now = Self.at(100 + number)
      _ = core.edge(Edge(input: guardClosed, active: number % 2 == 1, at: now), at: now)
    }
    let told = (0..<30).reduce(0) { count, number in
      let actions = core.relevel(healthy, at: Self.at(400 + number * 50))
      return count + actions.count { $0 == .notice(.edgesLost) }
    }
    #expect(told == 2)
    #expect(core.workflow.meaning == .guardOpen)
  }

  @Test func `a permissive that is found lost after lost edges is a reflex, too`() throws {
    var core = try armed()
    _ = core.handle(.pressed(.go), at: Self.at(10))
    var levels = healthy
    levels[try input(.signal(.estopOK))] = false
    let actions = core.relevel(levels, at: Self.at(20))
    #expect(try sets(actions, of: .machine(.start)) == [false])
  }

  @Test func `the heartbeat waits for the pool, and its lapse switches everything off`() throws {
    var core = try armed()
    let before = core.advance(to: Self.at(300))
    #expect(try sets(before, of: .heartbeat).isEmpty)
    let begun = core.live(until: Self.at(1000), at: Self.at(400))
    #expect(try sets(begun, of: .heartbeat) == [true])
    let second = core.advance(to: Self.at(650))
    #expect(try sets(second, of: .heartbeat) == [false])

    _ = core.handle(.pressed(.go), at: Self.at(880))
    let lapsed = core.advance(to: Self.at(1000))
    #expect(try sets(lapsed, of: .heartbeat) == [false])
    #expect(try sets(lapsed, of: .machine(.start)) == [false])
    #expect(lapsed.contains(.notice(.heartbeat(.silent))))
    #expect(core.workflow.meaning == .resetNeeded)

    let again = core.live(until: Self.at(3000), at: Self.at(2000))
    #expect(again.contains(.notice(.heartbeat(nil))))
    #expect(try sets(again, of: .heartbeat) == [true])
    let stopped = core.handle(.stop, at: Self.at(2010))
    #expect(try sets(stopped, of: .heartbeat) == [false])
    let after = core.advance(to: Self.at(2500))
    #expect(try sets(after, of: .heartbeat).isEmpty)
  }
}
