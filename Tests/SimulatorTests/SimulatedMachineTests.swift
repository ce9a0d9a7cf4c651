import Domain
import Drivers
import Simulator
import Testing

struct SimulatedMachineTests {
  private func cycled(_ fault: SimulatedMachine.Fault, seed: UInt64 = 1) -> SimulatedMachine {
    var machine = SimulatedMachine(seed: seed)
    machine.fault = fault
    machine.set(.start, true)
    machine.advance(to: .zero + .milliseconds(200))
    machine.set(.start, false)
    machine.advance(to: .zero + .seconds(20))
    return machine
  }

  private func words(_ changes: [SimulatedMachine.Change]) -> [String] {
    changes.map { "\($0.signal.rawValue) \($0.active ? "on" : "off")" }
  }

  @Test func `runs a cycle from start over busy to a done pulse`() {
    for seed in UInt64(1)...50 {
      var machine = cycled(.none, seed: seed)
      let changes = machine.takeChanges()
      #expect(words(changes) == ["busy on", "busy off", "done on", "done off"], "seed \(seed)")
      let length = changes[1].at - changes[0].at
      #expect(length >= .milliseconds(1980) && length <= .milliseconds(2420), "seed \(seed)")
      #expect(changes[3].at - changes[2].at == .milliseconds(50))
      #expect(machine.actuations == 1 && machine.completed == 1 && machine.violations.isEmpty)
    }
  }

  @Test(arguments: [
    (SimulatedMachine.Fault.jam, ["busy on"], 0),
    (.breakdown, ["busy on", "busy off", "fault on"], 0),
    (.lostDone, ["busy on", "busy off"], 1),
    (.doubleDone, ["busy on", "busy off", "done on", "done off", "done on", "done off"], 1),
    (.noBusy, ["done on", "done off"], 1),
    (.deaf, [], 0),
  ])
  func `fails in the way it is told to`(
    fault: SimulatedMachine.Fault,
    expected: [String],
    completed: Int
  ) {
    var machine = cycled(fault)
    #expect(words(machine.takeChanges()) == expected)
    #expect(machine.completed == completed)
    #expect(machine.actuations == (fault == .deaf ? 0 : 1))
  }

  @Test func `lets go of a jam when it is reset`() {
    var machine = cycled(.jam)
    #expect(machine.isRunning)
    _ = machine.takeChanges()
    machine.reset()
    #expect(words(machine.takeChanges()) == ["busy off"])
    machine.set(.start, true)
    machine.advance(to: machine.now + .seconds(9))
    #expect(machine.completed == 1)
  }

  @Test func `tells on a station that starts it when it must not`() {
    var machine = SimulatedMachine()
    machine.set(.start, true)
    machine.set(.start, true)
    #expect(machine.violations.isEmpty, "holding the contact is no second start")
    machine.set(.start, false)
    machine.set(.start, true)
    #expect(machine.violations == [.startedWhileBusy])
    machine.setGuard(closed: false)
    machine.set(.start, false)
    machine.set(.start, true)
    machine.setGuard(closed: true)
    machine.setEmergencyStop(pressed: true)
    machine.set(.start, false)
    machine.set(.start, true)
    #expect(
      machine.violations == [.startedWhileBusy, .startedWithGuardOpen, .startedWhileStopped]
    )
    #expect(machine.actuations == 1)
  }

  @Test func `stops at once and without a done pulse when guard or stop interrupt it`() {
    for isStop in [false, true] {
      var machine = SimulatedMachine()
      machine.set(.start, true)
      machine.advance(to: .zero + .milliseconds(700))
      _ = machine.takeChanges()
      if isStop { machine.setEmergencyStop(pressed: true) } else { machine.setGuard(closed: false) }
      let changes = machine.takeChanges()
      #expect(Set(words(changes)) == ["busy off", isStop ? "estop-ok off" : "guard-closed off"])
      #expect(changes.allSatisfy { $0.at == .zero + .milliseconds(700) })
      machine.advance(to: .zero + .seconds(20))
      #expect(machine.takeChanges().isEmpty && machine.completed == 0)
    }
  }

  @Test func `chatters within its time and ends at the right level`() {
    for seed in UInt64(1)...50 {
      var machine = SimulatedMachine(.init(bounce: .milliseconds(5)), seed: seed)
      machine.setGuard(closed: false)
      machine.advance(to: .zero + .milliseconds(50))
      let changes = machine.takeChanges()
      #expect(changes.count > 1 && changes.count % 2 == 1, "seed \(seed)")
      #expect(changes.last?.active == false, "seed \(seed)")
      #expect(changes.allSatisfy { $0.at <= .zero + .milliseconds(5) }, "seed \(seed)")
    }
  }

  @Test func `runs the driver's cycle to a good end and to the right faults`() {
    for (fault, expected) in [
      (SimulatedMachine.Fault.none, MachineEvent.finished), (.deaf, .failed(.neverStarted)),
      (.jam, .failed(.neverEnded)), (.lostDone, .failed(.noDonePulse)),
      (.breakdown, .failed(.fault)),
    ] {
      var machine = SimulatedMachine()
      machine.fault = fault
      var cycle = MachineCycle(MachineRules(), levels: machine.levels)
      var events: [MachineEvent] = []
      #expect(cycle.start(at: .zero) == true)
      for step in 0..<3000 {
        let now = Instant.zero + .milliseconds(5 * step)
        machine.set(.start, cycle.startActive)
        machine.advance(to: now)
        for change in machine.takeChanges() {
          events += cycle.input(change.signal, change.active, at: change.at)
        }
        events += cycle.advance(to: now)
      }
      #expect(events.contains(expected), "\(fault.rawValue): \(events)")
      #expect(machine.violations.isEmpty)
    }
  }
}
