import Domain
import Drivers
import Testing

/// Machines that are not simply pulsed: belts, heaters, resets, and those that tell nothing.
struct MachineKindTests {
  private static let belt = MachineRules(
    drive: .hold,
    timing: MachineTiming(
      rest: 500,
      busyWithin: 20_000,
      longest: 10_000,
      runOn: 3000,
      warmUp: 60_000,
      idleOff: 120_000
    ),
    outputs: [.motorRun, .heaterEnable]
  )

  private func warmBelt() -> Bench {
    var bench = Bench(
      [.bagPresent: false, .temperatureReady: false, .thermalOK: true, .estopOK: true],
      Self.belt
    )
    bench.note(bench.cycle.warm(at: bench.now))
    bench.wait(50_000)
    bench.set(.temperatureReady, true)
    return bench
  }

  @Test func `a belt runs until the bag has passed, and a little longer`() {
    var bench = warmBelt()
    let mayStart = bench.start()
    #expect(mayStart)
    #expect(bench.cycle.active == [.motorRun, .heaterEnable])
    bench.wait(1500)
    bench.set(.bagPresent, true)
    bench.wait(2000)
    bench.set(.bagPresent, false)
    bench.wait(2999)
    #expect(bench.ends == [.running])
    #expect(bench.cycle.active.contains(.motorRun))
    bench.wait(1)
    #expect(bench.ends == [.running, .finished])
    #expect(bench.cycle.active == [.heaterEnable])
    #expect(bench.cycle.trace == CycleTrace(busy: 1500, end: 6500))
  }

  @Test func `a belt that no bag comes to stops by itself, and nothing was done`() {
    var bench = warmBelt()
    _ = bench.start()
    bench.wait(20_000)
    #expect(bench.ends == [.failed(.neverStarted)])
    #expect(bench.cycle.active == [.heaterEnable])
    #expect(CycleFault.neverStarted.isCertain)
  }

  @Test func `a heater waits for a hand, and goes off when nobody comes`() {
    var bench = Bench([.temperatureReady: false, .estopOK: true], Self.belt)
    bench.wait(3_600_000)
    #expect(bench.cycle.active.isEmpty)
    #expect(bench.blockers.last == .cold)
    bench.note(bench.cycle.warm(at: bench.now))
    #expect(bench.news == [.heating(true)])
    bench.wait(119_999)
    #expect(bench.cycle.active == [.heaterEnable])
    // A heater that does not get warm is told once; it is no reason to stop heating.
    #expect(bench.news == [.heating(true), .odd(.staysCold)])
    bench.wait(1)
    #expect(bench.cycle.active.isEmpty)
    #expect(bench.news.last == .heating(false))
  }

  @Test func `every use keeps the heater on, and the worker can switch it off`() {
    var bench = warmBelt()
    for _ in 0..<5 {
      bench.wait(100_000)
      bench.note(bench.cycle.warm(at: bench.now))
    }
    #expect(bench.cycle.active == [.heaterEnable])
    bench.note(bench.cycle.cool(at: bench.now))
    #expect(bench.cycle.active.isEmpty)
    #expect(bench.news.last == .heating(false))
  }

  @Test func `where no contact tells, warm is when its time is over`() {
    var rules = Self.belt
    rules.outputs = [.start, .heaterEnable]
    rules.drive = .pulse
    var bench = Bench([.busy: false], rules)
    bench.note(bench.cycle.warm(at: bench.now))
    bench.wait(59_999)
    #expect(bench.cycle.blocker(at: bench.now) == .cold)
    bench.wait(1)
    #expect(bench.blockers.last == .some(nil))
    #expect(bench.news == [.heating(true)])
  }

  @Test(arguments: [
    (MachineSignal.estopOK, MachineLatch.estop, CycleFault.estop),
    (.thermalOK, .overheated, .overheated), (.guardClosed, .guardOpened, .guardOpened),
  ])
  func `a permissive that falls takes everything with it, until somebody resets`(
    _ signal: MachineSignal,
    _ latch: MachineLatch,
    _ fault: CycleFault
  ) {
    var bench = Bench(
      [.bagPresent: false, .thermalOK: true, .guardClosed: true, .estopOK: true],
      Self.belt
    )
    bench.note(bench.cycle.warm(at: bench.now))
    bench.wait(60_000)
    _ = bench.start()
    bench.set(signal, false)
    #expect(bench.cycle.active.isEmpty)
    #expect(bench.ends == [.failed(fault)])
    #expect(bench.news == [.heating(true), .heating(false), .latched(latch)])
    bench.note(bench.cycle.warm(at: bench.now))
    bench.note(bench.cycle.reset(at: bench.now))
    #expect(bench.cycle.latch == latch, "a cause that is still there cannot be reset")
    bench.set(signal, true)
    #expect(bench.blockers.last == .resetNeeded)
    bench.note(bench.cycle.warm(at: bench.now))
    #expect(bench.cycle.active.isEmpty)
    bench.note(bench.cycle.reset(at: bench.now))
    #expect(bench.cycle.active.isEmpty, "a reset switches nothing on again")
    #expect(bench.cycle.latch == nil)
  }

  @Test func `a guard that is opened at rest needs no reset`() {
    var bench = Bench()
    bench.set(.guardClosed, false)
    bench.set(.guardClosed, true)
    #expect(bench.blockers == [nil, .guardOpen, nil])
    #expect(bench.news.isEmpty)
  }

  @Test func `an output that is on for too long is off until somebody resets`() {
    var bench = Bench()
    _ = bench.start()
    bench.note(bench.cycle.overrun(at: bench.now))
    #expect(bench.cycle.active.isEmpty)
    #expect(bench.ends == [.failed(.overrun)])
    #expect(bench.cycle.latch == .overrun)
    #expect(bench.blockers.last == .resetNeeded)
  }

  @Test func `a machine that tells nothing is done when its time is over, unconfirmed`() {
    let rules = MachineRules(timing: MachineTiming(longest: 4000), isUnconfirmed: true)
    var bench = Bench([.estopOK: true], rules)
    #expect(rules.evidence == .elapsed)
    _ = bench.start()
    bench.wait(3999)
    #expect(bench.ends.isEmpty)
    bench.wait(1)
    #expect(bench.ends == [.finished])
  }

  @Test func `a controller is reset by its contact, and left alone until it is back`() {
    let rules = MachineRules(outputs: [.start, .reset])
    var bench = Bench(Bench.healthy, rules)
    bench.note(bench.cycle.reset(at: bench.now))
    #expect(bench.cycle.active.isEmpty, "nothing was wrong")
    bench.set(.fault, true)
    bench.note(bench.cycle.reset(at: bench.now))
    #expect(bench.cycle.active == [.reset])
    bench.wait(500)
    #expect(bench.cycle.active.isEmpty)
    bench.set(.fault, false)
    #expect(bench.blockers.last == .busy)
    bench.wait(499)
    let early = bench.start()
    #expect(!early)
    bench.wait(1)
    let late = bench.start()
    #expect(late)
  }

  @Test(arguments: [
    (MachineSignal.ready, MachineBlocker.notReady), (.materialOK, .noMaterial),
    (.temperatureReady, .cold),
  ])
  func `what a machine lacks before a cycle it is not asked for`(
    _ signal: MachineSignal,
    _ blocker: MachineBlocker
  ) {
    var bench = Bench([.busy: false, signal: false])
    #expect(bench.blockers == [blocker])
    let early = bench.start()
    #expect(!early)
    bench.set(signal, true)
    _ = bench.start()
    bench.set(.busy, true)
    bench.set(signal, false)
    #expect(bench.ends == [.running], "in mid-cycle it is the machine's own business")
  }

  struct Oddity: Sendable, CustomStringConvertible {
    var description: String
    var oddity: MachineOddity
    var play: @Sendable (inout Bench) -> Void
  }

  static let oddities: [Oddity] = [
    Oddity(description: "done before busy", oddity: .doneBeforeBusy) {
      _ = $0.start()
      $0.pulse(.done)
    },
    Oddity(description: "done twice while it runs", oddity: .secondDone) {
      _ = $0.start()
      $0.set(.busy, true)
      $0.pulse(.done)
      $0.pulse(.done)
    },
    Oddity(description: "done twice, the second after the end", oddity: .secondDone) {
      _ = $0.start()
      $0.set(.busy, true)
      $0.pulse(.done)
      $0.set(.busy, false)
      $0.pulse(.done)
    },
    Oddity(description: "done, and nothing was started", oddity: .strayDone) { $0.pulse(.done) },
    Oddity(description: "busy, and nothing was started", oddity: .unbidden) {
      $0.set(.busy, true)
    },
  ]

  @Test(arguments: oddities)
  func `contacts that contradict each other are told and counted`(_ oddity: Oddity) {
    var bench = Bench()
    oddity.play(&bench)
    #expect(bench.news == [.odd(oddity.oddity)])
    #expect(bench.cycle.counts.odd == [oddity.oddity: 1])
  }

  @Test func `starts and good ends are counted, and the difference is open`() {
    var bench = Bench()
    for isGood in [true, false, true] {
      bench.wait(5000)
      _ = bench.start()
      #expect(bench.cycle.counts.open == 1)
      bench.set(.busy, true)
      if isGood { bench.pulse(.done) }
      bench.set(.busy, false)
      bench.wait(5000)
    }
    let counts = bench.cycle.counts
    #expect((counts.started, counts.finished, counts.donePulses) == (3, 2, 2))
    #expect(counts.failed == [.noDonePulse: 1])
    #expect(counts.open == 0)
  }

  @Test func `a jog ends by itself, and a guard, a latch or a cycle forbids it`() {
    var bench = warmBelt()
    let now = bench.now
    #expect(bench.cycle.jog(.motorRun, for: .seconds(2), at: now) == nil)
    #expect(bench.cycle.active == [.motorRun, .heaterEnable])
    #expect(bench.cycle.jog(.motorRun, for: .seconds(2), at: now) == .busy)
    #expect(bench.cycle.jog(.heaterEnable, for: .seconds(2), at: now) == .busy)
    #expect(bench.cycle.jog(.reset, for: .seconds(2), at: now) == .busy, "it is not wired")
    bench.wait(2000)
    #expect(bench.cycle.active == [.heaterEnable])
    bench.set(.thermalOK, false)
    #expect(bench.cycle.jog(.motorRun, for: .seconds(2), at: bench.now) == .overheated)
    bench.set(.thermalOK, true)
    #expect(bench.cycle.jog(.motorRun, for: .seconds(2), at: bench.now) == .resetNeeded)
    #expect(bench.cycle.active.isEmpty)
  }
}
