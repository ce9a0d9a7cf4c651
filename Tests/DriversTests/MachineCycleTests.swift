import Domain
import Drivers
import Testing

struct MachineCycleTests {
  @Test func `a good cycle pulses the start, runs, and ends with its pulse`() {
    var bench = Bench()
    let mayStart = bench.start()
    #expect(mayStart)
    #expect(bench.cycle.startActive)
    bench.wait(100)
    bench.set(.busy, true)
    #expect(bench.ends == [.running])
    bench.wait(99)
    #expect(bench.cycle.startActive)
    bench.wait(1)
    #expect(!bench.cycle.startActive)
    bench.wait(2000)
    bench.pulse(.done)
    #expect(bench.ends == [.running])
    bench.set(.busy, false)
    #expect(bench.ends == [.running, .finished])
    #expect(bench.cycle.counts.started == 1)
    #expect(bench.cycle.counts.finished == 1)
    bench.wait(2000)
    #expect(bench.cycle.deadline == nil)
    #expect(bench.cycle.blocker(at: bench.now) == nil)
  }

  @Test func `the pulse of a good end may come late, but not too late`() {
    for (delay, end) in [(499, .finished), (500, .failed(.noDonePulse))] as [(Int64, MachineEvent)]
    {
      var bench = Bench()
      _ = bench.start()
      bench.set(.busy, true)
      bench.wait(1500)
      bench.set(.busy, false)
      bench.wait(delay)
      bench.pulse(.done)
      bench.wait(5000)
      #expect(bench.ends == [.running, end], "\(delay) ms")
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var description: String
    var end: MachineEvent
    var play: @Sendable (inout Bench) -> Void
  }

  static let faults: [Case] = [
    Case(description: "busy never comes", end: .failed(.neverStarted)) { $0.wait(999 + 1) },
    Case(description: "busy never ends", end: .failed(.neverEnded)) {
      $0.set(.busy, true)
      $0.wait(9000)
    },
    Case(description: "no pulse", end: .failed(.noDonePulse)) {
      $0.set(.busy, true)
      $0.set(.busy, false)
      $0.wait(500)
    },
    Case(description: "the pulse of another cycle, before busy", end: .failed(.noDonePulse)) {
      $0.pulse(.done)
      $0.set(.busy, true)
      $0.wait(1000)
      $0.set(.busy, false)
      $0.wait(500)
    },
    Case(description: "a done contact that sticks", end: .failed(.noDonePulse)) {
      $0.set(.done, true)
      $0.set(.busy, true)
      $0.wait(1000)
      $0.set(.busy, false)
      $0.wait(500)
    },
    Case(description: "only the pulse", end: .failed(.neverStarted)) {
      $0.pulse(.done)
      $0.pulse(.done)
      $0.wait(1000)
    },
    Case(description: "fault while running", end: .failed(.fault)) {
      $0.set(.busy, true)
      $0.set(.fault, true)
    },
    Case(description: "fault before busy", end: .failed(.fault)) { $0.set(.fault, true) },
    Case(description: "guard before busy", end: .failed(.guardOpened)) {
      $0.set(.guardClosed, false)
    },
    Case(description: "guard while running", end: .failed(.guardOpened)) {
      $0.set(.busy, true)
      $0.set(.guardClosed, false)
    },
    Case(description: "guard while waiting for done", end: .failed(.guardOpened)) {
      $0.set(.busy, true)
      $0.set(.busy, false)
      $0.set(.guardClosed, false)
    },
    Case(description: "stop before busy", end: .failed(.estop)) { $0.set(.estopOK, false) },
    Case(description: "stop while running", end: .failed(.estop)) {
      $0.set(.busy, true)
      $0.set(.estopOK, false)
    },
    Case(description: "stop while waiting for done", end: .failed(.estop)) {
      $0.set(.busy, true)
      $0.set(.busy, false)
      $0.set(.estopOK, false)
    },
    Case(description: "two pulses", end: .finished) {
      $0.set(.busy, true)
      $0.pulse(.done)
      $0.pulse(.done)
      $0.set(.busy, false)
    },
    Case(description: "busy twice", end: .finished) {
      $0.set(.busy, true)
      $0.set(.busy, false)
      $0.set(.busy, true)
      $0.set(.busy, false)
      $0.pulse(.done)
    },
  ]

  @Test(arguments: faults)
  func `a cycle ends once, as its signals say`(_ fault: Case) {
    var bench = Bench()
    let mayStart = bench.start()
    #expect(mayStart)
    fault.play(&bench)
    #expect(bench.ends.filter { $0 != .running } == [fault.end])
    #expect(!bench.cycle.startActive || fault.end == .finished)
    #expect(bench.cycle.counts.finished == (fault.end == .finished ? 1 : 0))
    // Whatever comes after belongs to no cycle.
    bench.set(.busy, true)
    bench.pulse(.done)
    bench.set(.busy, false)
    bench.wait(60_000)
    #expect(bench.ends.filter { $0 != .running } == [fault.end])
    #expect(!bench.cycle.startActive)
  }

  @Test(arguments: [MachineSignal.guardClosed, .estopOK, .fault])
  func `what forbids to run drops the start contact at once`(_ signal: MachineSignal) {
    var bench = Bench()
    _ = bench.start()
    bench.wait(10)
    #expect(bench.cycle.startActive)
    bench.set(signal, signal == .fault)
    #expect(!bench.cycle.startActive)
    bench.set(signal, signal != .fault)
    bench.wait(60_000)
    #expect(!bench.cycle.startActive)
  }

  static let blocked: [(MachineSignal, Bool, MachineBlocker)] = [
    (.estopOK, false, .estop), (.guardClosed, false, .guardOpen), (.fault, true, .fault),
    (.busy, true, .busy),
  ]

  @Test(arguments: blocked)
  func `a blocked machine is not started and says why`(
    _ signal: MachineSignal,
    _ level: Bool,
    _ blocker: MachineBlocker
  ) {
    var bench = Bench()
    #expect(bench.blockers == [nil])
    bench.set(signal, level)
    #expect(bench.blockers == [nil, blocker])
    let mayStart = bench.start()
    #expect(!mayStart)
    #expect(!bench.cycle.startActive)
    #expect(bench.cycle.counts.started == 0)
    bench.set(signal, !level)
    let after: MachineBlocker? = signal == .estopOK ? .resetNeeded : nil
    #expect(bench.blockers == [nil, blocker, after])
  }

  @Test func `an emergency stop is latched until reset, and reset starts nothing`() {
    var bench = Bench()
    bench.set(.estopOK, false)
    bench.note(bench.cycle.reset(at: bench.now))
    bench.set(.estopOK, true)
    #expect(bench.blockers == [nil, .estop, .resetNeeded])
    let early = bench.start()
    #expect(!early)
    bench.wait(60_000)
    let late = bench.start()
    #expect(!late)
    bench.note(bench.cycle.reset(at: bench.now))
    #expect(bench.blockers.last == .some(nil))
    #expect(!bench.cycle.startActive)
    #expect(bench.cycle.counts.started == 0)
    let mayStart = bench.start()
    #expect(mayStart)
  }

  @Test func `a stop that is pressed when the daemon starts is latched too`() {
    var levels = Bench.healthy
    levels[.estopOK] = false
    var bench = Bench(levels)
    bench.set(.estopOK, true)
    #expect(bench.blockers == [.estop, .resetNeeded])
  }

  @Test func `between two starts the machine rests`() {
    var bench = Bench([.busy: false])
    _ = bench.start()
    bench.set(.busy, true)
    bench.wait(300)
    bench.set(.busy, false)
    #expect(bench.ends == [.running, .finished])
    #expect(bench.blockers.last == .busy)
    bench.wait(699)
    let early = bench.start()
    #expect(!early)
    bench.wait(1)
    #expect(bench.blockers.last == .some(nil))
    let mayStart = bench.start()
    #expect(mayStart)
  }

  @Test func `a machine without busy ends with its pulse, or fails without`() {
    var bench = Bench([.done: false])
    _ = bench.start()
    bench.wait(2000)
    bench.pulse(.done)
    #expect(bench.ends == [.finished])
    bench.wait(2000)
    _ = bench.start()
    bench.wait(8999)
    #expect(bench.ends == [.finished])
    bench.wait(1)
    #expect(bench.ends == [.finished, .failed(.noDonePulse)])
  }

  @Test func `signals that are not wired are not believed`() {
    var bench = Bench([.busy: false, .done: false])
    bench.set(.estopOK, false)
    bench.set(.guardClosed, false)
    bench.set(.fault, true)
    let mayStart = bench.start()
    #expect(mayStart)
    #expect(bench.ends.isEmpty)
  }
}
