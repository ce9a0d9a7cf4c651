import Agent
import Domain
import Drivers
import Foundation
import Simulator
import Station
import Testing

/// Tries every order of what may happen to a whole core, up to a depth.
///
/// No button is ever pressed here, so nothing may ever move: not from a restart with a cycle in
/// doubt, not by any order of contacts, weights, commits and time.
private struct CoreExplorer {
  enum Step: Hashable, CaseIterable {
    case busy, done, estop, guardClosed, weigh, zero, committed, printed, tick, long
  }

  struct State {
    var core: StationCore
    var levels: [Bool]
    var now = Instant(nanoseconds: 1_000_000_000)
    var token: Int?
    var intent: Intent?
  }

  let wiring: Wiring
  var states = 0
  var commits = 0
  var failures: [String] = []

  mutating func visit(_ state: State, depth: Int, path: [Step] = []) {
    states += 1
    guard depth > 0, failures.count < 5 else { return }
    for step in Step.allCases {
      var next = state
      carryOut(perform(step, &next), &next, path + [step])
      visit(next, depth: depth - 1, path: path + [step])
    }
  }

  private func perform(_ step: Step, _ state: inout State) -> [StationCore.Action] {
    state.now = state.now + .milliseconds(1)
    switch step {
    case .busy: return flip(.busy, &state)
    case .done: return flip(.done, &state)
    case .estop: return flip(.estopOK, &state)
    case .guardClosed: return flip(.guardClosed, &state)
    case .weigh:
      let reading = Reading(state: .stable, mass: Mass(grams: 500), at: state.now)
      return state.core.handle(.reading(reading), at: state.now)
    case .zero:
      let reading = Reading(state: .zero, mass: .zero, at: state.now)
      return state.core.handle(.reading(reading), at: state.now)
    case .committed:
      guard let token = state.token else { return [] }
      state.token = nil
      return state.core.handle(.committed(token), at: state.now)
    case .printed:
      guard let intent = state.intent else { return [] }
      return state.core.handle(.label(intent.id, .printed(.statusSequence)), at: state.now)
    case .tick:
      state.now = state.now + .milliseconds(50)
      return state.core.advance(to: state.now)
    case .long:
      state.now = state.now + .seconds(20)
      return state.core.advance(to: state.now)
    }
  }

  private func flip(_ signal: MachineSignal, _ state: inout State) -> [StationCore.Action] {
    guard let input = wiring.inputs.firstIndex(where: { $0.role == .signal(signal) }) else {
      return []
    }
    state.levels[input].toggle()
    let edge = Edge(input: input, active: state.levels[input], at: state.now)
    return state.core.edge(edge, at: state.now)
  }

  private mutating func carryOut(
    _ actions: [StationCore.Action],
    _ state: inout State,
    _ path: [Step]
  ) {
    for action in actions {
      switch action {
      case .set(let output, true):
        if case .machine(let contact) = wiring.outputs[output].role {
          failures.append("\(contact) went on: \(path)")
        }
      case .commit(let token, _):
        state.token = token
        commits += 1
      case .print(let intent): failures.append("\(intent.id) was printed: \(path)")
      default: break
      }
    }
  }
}

struct CoreExplorerTests {
  @Test(.timeLimit(.minutes(3)), arguments: [nil, PhysicalAction.label, .seal])
  func `without a hand nothing moves, whatever happens after a restart`(
    _ doubted: PhysicalAction?
  ) throws {
    let config = try Fixture.config(machine: Fixture.Machine(profile: "impulse-sealer"))
    let wiring = Wiring(config)
    let core = StationCore(
      wiring: wiring,
      machine: config.machine?.rules,
      workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1))
    )
    let levels = wiring.inputs.map { input in
      if case .signal(let signal) = input.role { signal.isPermissive } else { false }
    }
    var state = CoreExplorer.State(core: core, levels: levels)
    _ = state.core.begin(levels: levels, at: state.now)
    let number = ParcelNumber(site: config.site, epoch: Epoch(1), serial: 1)
    let doubts = doubted.map { action in
      let id = ActionID(parcel: number, action: action, copy: 1)
      return [Doubt(intent: Intent(id: id, mass: Mass(grams: 500)), parcelIsDone: false)]
    }
    for event in [
      .recovered(nextSerial: 2, doubts: doubts ?? []), .scale(.ready), .printer(.ready),
      .scanner(.ready),
    ] as [StationEvent] {
      _ = state.core.handle(event, at: state.now)
    }
    var explorer = CoreExplorer(wiring: wiring)
    explorer.visit(state, depth: 4)
    #expect(explorer.failures == [])
    #expect(explorer.states > 10_000)
    // A station in doubt commits nothing before somebody has answered.
    #expect((explorer.commits == 0) == (doubted != nil))
  }

  @Test func `a technician moves the machine only while no parcel is in hand`() throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    var station = try VirtualStation(config: Fixture.config(), seed: 3, folder: folder)
    try station.reach(.idle)
    #expect(station.operate(.cycle) == .done)
    #expect(station.notices.last { $0.isBlocker } == .machine(.blocked(.busy)))
    station.advance(.seconds(5))
    #expect(station.bench.machine.completed == 1)
    #expect(station.operate(.jog(.start, milliseconds: 300)) == .done)
    station.advance(.seconds(5))
    #expect(station.bench.machine.completed == 2)
    #expect(station.operate(.jog(.motorRun, milliseconds: 300)) == .refused(.blocked(.busy)))
    station.order("guard open")
    station.advance(.milliseconds(50))
    #expect(station.operate(.cycle) == .refused(.blocked(.guardOpen)))
    station.order("guard close")
    station.order("place 900")
    try station.reach(.readyToPrint)
    #expect(station.operate(.cycle) == .refused(.parcelInHand))
    #expect(station.operate(.reset) == .refused(.parcelInHand))
    #expect(station.bench.machine.actuations == 2)
    #expect(station.bench.machine.violations.isEmpty)
  }
}

extension StationCore.Notice {
  fileprivate var isBlocker: Bool {
    if case .machine(.blocked) = self { true } else { false }
  }
}
