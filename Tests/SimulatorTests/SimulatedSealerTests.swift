import Domain
import Drivers
import Simulator
import Testing

struct SimulatedSealerTests {
  private func cycled(_ fault: SimulatedSealer.Fault, seed: UInt64 = 1) -> SimulatedSealer {
    var sealer = SimulatedSealer(seed: seed)
    sealer.fault = fault
    sealer.start(true)
    sealer.advance(to: .zero + .milliseconds(200))
    sealer.start(false)
    sealer.advance(to: .zero + .seconds(20))
    return sealer
  }

  private func words(_ changes: [SimulatedSealer.Change]) -> [String] {
    changes.map { "\($0.signal.rawValue) \($0.active ? "on" : "off")" }
  }

  @Test func `runs a cycle from start over busy to a done pulse`() {
    for seed in UInt64(1)...50 {
      var sealer = cycled(.none, seed: seed)
      let changes = sealer.takeChanges()
      #expect(words(changes) == ["busy on", "busy off", "done on", "done off"], "seed \(seed)")
      let length = changes[1].at - changes[0].at
      #expect(length >= .milliseconds(1980) && length <= .milliseconds(2420), "seed \(seed)")
      #expect(changes[3].at - changes[2].at == .milliseconds(50))
      #expect(sealer.actuations == 1 && sealer.completed == 1 && sealer.violations.isEmpty)
    }
  }

  @Test(arguments: [
    (SimulatedSealer.Fault.jam, ["busy on"], 0),
    (.breakdown, ["busy on", "busy off", "fault on"], 0),
    (.lostDone, ["busy on", "busy off"], 1),
    (.doubleDone, ["busy on", "busy off", "done on", "done off", "done on", "done off"], 1),
    (.noBusy, ["done on", "done off"], 1),
    (.deaf, [], 0),
  ])
  func `fails in the way it is told to`(
    fault: SimulatedSealer.Fault,
    expected: [String],
    completed: Int
  ) {
    var sealer = cycled(fault)
    #expect(words(sealer.takeChanges()) == expected)
    #expect(sealer.completed == completed)
    #expect(sealer.actuations == (fault == .deaf ? 0 : 1))
  }

  @Test func `lets go of a jam when it is reset`() {
    var sealer = cycled(.jam)
    #expect(sealer.isRunning)
    _ = sealer.takeChanges()
    sealer.reset()
    #expect(words(sealer.takeChanges()) == ["busy off"])
    sealer.start(true)
    sealer.advance(to: sealer.now + .seconds(9))
    #expect(sealer.completed == 1)
  }

  @Test func `tells on a station that starts it when it must not`() {
    var sealer = SimulatedSealer()
    sealer.start(true)
    sealer.start(true)
    #expect(sealer.violations.isEmpty, "holding the contact is no second start")
    sealer.start(false)
    sealer.start(true)
    #expect(sealer.violations == [.startedWhileBusy])
    sealer.setGuard(closed: false)
    sealer.start(false)
    sealer.start(true)
    sealer.setGuard(closed: true)
    sealer.setEmergencyStop(pressed: true)
    sealer.start(false)
    sealer.start(true)
    #expect(
      sealer.violations == [.startedWhileBusy, .startedWithGuardOpen, .startedWhileStopped]
    )
    #expect(sealer.actuations == 1)
  }

  @Test func `stops at once and without a done pulse when guard or stop interrupt it`() {
    for isStop in [false, true] {
      var sealer = SimulatedSealer()
      sealer.start(true)
      sealer.advance(to: .zero + .milliseconds(700))
      _ = sealer.takeChanges()
      if isStop { sealer.setEmergencyStop(pressed: true) } else { sealer.setGuard(closed: false) }
      let changes = sealer.takeChanges()
      #expect(Set(words(changes)) == ["busy off", isStop ? "estop-ok off" : "guard-closed off"])
      #expect(changes.allSatisfy { $0.at == .zero + .milliseconds(700) })
      sealer.advance(to: .zero + .seconds(20))
      #expect(sealer.takeChanges().isEmpty && sealer.completed == 0)
    }
  }

  @Test func `chatters within its time and ends at the right level`() {
    for seed in UInt64(1)...50 {
      var sealer = SimulatedSealer(.init(bounce: .milliseconds(5)), seed: seed)
      sealer.setGuard(closed: false)
      sealer.advance(to: .zero + .milliseconds(50))
      let changes = sealer.takeChanges()
      #expect(changes.count > 1 && changes.count % 2 == 1, "seed \(seed)")
      #expect(changes.last?.active == false, "seed \(seed)")
      #expect(changes.allSatisfy { $0.at <= .zero + .milliseconds(5) }, "seed \(seed)")
    }
  }

  @Test func `runs the driver's cycle to a good end and to the right faults`() {
    for (fault, expected) in [
      (SimulatedSealer.Fault.none, MachineEvent.finished), (.deaf, .failed(.neverStarted)),
      (.jam, .failed(.neverEnded)), (.lostDone, .failed(.noDonePulse)),
      (.breakdown, .failed(.fault)),
    ] {
      var sealer = SimulatedSealer()
      sealer.fault = fault
      var cycle = MachineCycle(timing: MachineTiming(), levels: sealer.levels)
      var events: [MachineEvent] = []
      #expect(cycle.start(at: .zero) == true)
      for step in 0..<3000 {
        let now = Instant.zero + .milliseconds(5 * step)
        sealer.start(cycle.startActive)
        sealer.advance(to: now)
        for change in sealer.takeChanges() {
          events += cycle.input(change.signal, change.active, at: change.at)
        }
        events += cycle.advance(to: now)
      }
      #expect(events.contains(expected), "\(fault.rawValue): \(events)")
      #expect(sealer.violations.isEmpty)
    }
  }
}
