import Agent
import Domain
import Drivers
import Simulator
import Station
import Synchronization
import Testing

/// The reactor on its own thread, with simulated lines.
@Suite(.timeLimit(.minutes(2)))
struct ReactorTests {
  /// Notes what happens in which order; commits and prints at once.
  private final class Record: ReactorSink {
    let reactor = Mutex<Reactor?>(nil)
    let log = Mutex<[String]>([])
    let ended = Mutex<PortError?>(nil)

    func note(_ text: String) { log.withLock { $0.append(text) } }
    func commit(_ token: Int, _ entries: [Entry]) { post(.committed(token)) }
    func print(_ intent: Intent) { post(.label(intent.id, .printed(.statusSequence))) }
    func lookUp(_ waybill: String) {}

    func notice(_ notice: StationCore.Notice, at now: Instant) {
      if case .signal(let signal, let level) = notice { note("signal \(signal.rawValue) \(level)") }
      if case .meaning(let meaning, _, _) = notice { note("meaning \(meaning.rawValue)") }
    }

    private func post(_ event: StationEvent) { reactor.withLock { $0 }?.post(event) }
  }

  private struct Bench: Sendable {
    let lines: SimulatedLines
    let reactor: Reactor
    let record: Record
    let core: StationCore

    init() throws {
      let config = try Fixture.config(heartbeat: true)
      let wiring = Wiring(config)
      let lines = try SimulatedLines(
        inputs: wiring.inputs.map(\.line.role),
        outputs: wiring.outputs.map(\.line.role),
        levels: ["machine.estop-ok": true, "machine.guard-closed": true]
      )
      let record = Record()
      lines.observe { output, active in record.note("\(lines.outputs[output]) \(active)") }
      reactor = Reactor(sink: record)
      record.reactor.withLock { [reactor] in $0 = reactor }
      (self.lines, self.record) = (lines, record)
      core = StationCore(
        wiring: wiring,
        machine: config.machine?.rules,
        workflow: Workflow(plan: config.plan, site: config.site, epoch: Epoch(1))
      )
    }

    /// Runs the reactor while the body does something with it.
    ///
    /// - Returns: What the reactor ended with.
    func run(_ body: @escaping @Sendable () async throws -> Void) async throws -> PortError? {
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { [reactor, lines, core, record] in
          try await PrivateThread.run("reactor-test") {
            do throws(PortError) {
              try reactor.run(lines.bank, core: core)
            } catch {
              record.ended.withLock { $0 = error }
            }
          }
        }
        do { try await body() } catch {
          reactor.drain(atMost: .zero)
          throw error
        }
        try await group.waitForAll()
      }
      return record.ended.withLock(\.self)
    }

    /// Brings a parcel to the machine, and the machine into its cycle.
    func startCycle() async throws {
      for event in [.recovered(nextSerial: 1, doubts: []), .scale(.ready), .printer(.ready)]
        as [StationEvent]
      {
        reactor.post(event)
      }
      let now = MonotonicClock.now()
      reactor.post(.reading(Reading(state: .zero, mass: .zero, at: now)))
      reactor.post(.reading(Reading(state: .stable, mass: Mass(grams: 500), at: now)))
      try await reach(.readyToPrint)
      reactor.post(.pressed(.go))
      try await reach(.readyToSeal)
      reactor.post(.pressed(.go))
      try await reach(.sealing)
    }

    func reach(_ meaning: Meaning) async throws {
      for _ in 0..<6000 {
        if await reactor.ask({ $0.workflow.meaning }) == meaning { return }
        try await Task.sleep(for: .milliseconds(5))
      }
      Issue.record("never reached \(meaning)")
    }
  }

  @Test func `what an emergency stop switches off is off before a word is said`() async throws {
    let bench = try Bench()
    let error = try await bench.run {
      try await bench.startCycle()
      bench.lines.drive("machine.estop-ok", active: false, at: MonotonicClock.now())
      try await bench.reach(.emergencyStop)
      bench.reactor.drain(atMost: .zero)
    }
    #expect(error == nil)
    let log = bench.record.log.withLock(\.self)
    let started = try #require(log.firstIndex(of: "machine.start true"))
    let off = try #require(log.firstIndex(of: "machine.start false"))
    let told = try #require(log.firstIndex(of: "signal estop-ok false"))
    // The first thing of its turn: in between there was only what the start itself had to say.
    #expect(started < off && off < told)
    #expect(log[off...told].allSatisfy { !$0.hasPrefix("meaning sealing") })
  }

  @Test func `lines that are gone end the reactor, everything off, as soon as it is asked to look`()
    async throws
  {
    let bench = try Bench()
    let error = try await bench.run {
      try await bench.startCycle()
      // Nothing wakes the thread: the edges of a chip that is gone never come.
      bench.lines.fail(.vanished)
      bench.reactor.checkLines()
    }
    #expect(error == .vanished)
    #expect(bench.lines.outputLevels.values.allSatisfy { !$0 })
  }

  @Test func `the heartbeat begins with the first sign of life, and falls with the stop`()
    async throws
  {
    let bench = try Bench()
    let error = try await bench.run {
      #expect(await bench.reactor.ask { _ in true } == true)
      #expect(bench.lines.outputLevels["heartbeat"] == false)
      bench.reactor.live(for: .seconds(600))
      for _ in 0..<6000 where bench.lines.outputLevels["heartbeat"] == false {
        try await Task.sleep(for: .milliseconds(5))
      }
      bench.reactor.drain(atMost: .zero)
    }
    #expect(error == nil)
    let log = bench.record.log.withLock(\.self)
    #expect(log.contains("heartbeat true"))
    #expect(bench.lines.outputLevels["heartbeat"] == false)
  }

  @Test func `where the reactor could not begin, its watchdog leaves the last word to it`()
    async throws
  {
    let bench = try Bench()
    bench.reactor.close()
    let notifier = ServiceNotifier(socket: nil)
    let watchdog = WatchdogService(reactor: bench.reactor, notifier: notifier, feedsRelay: false)
    let record = bench.record
    await withTaskGroup(of: Void.self) { group in
      group.addTask {
        try? await watchdog.run()
        record.note("watchdog ended")
      }
      // To end by itself it would need a few turns.
      for _ in 0..<1000 { await Task.yield() }
      #expect(record.log.withLock { $0 } == [])
      group.cancelAll()
    }
    #expect(record.log.withLock { $0 } == ["watchdog ended"])
  }
}
