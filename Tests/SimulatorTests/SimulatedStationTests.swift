import Domain
import Drivers
import Simulator
import Synchronization
import Testing

private let inputs = ["go", "machine.busy", "machine.done", "machine.guard-closed"]

/// What a session has told so far.
private final class Recorder<Event: Sendable>: Sendable {
  private let events = Mutex<[Event]>([])

  var all: [Event] { events.withLock { $0 } }

  func record(_ event: Event) { events.withLock { $0.append(event) } }
}

struct SimulatedStationTests {
  private func station(_ time: VirtualTime, _ bench: Bench = Bench()) throws -> SimulatedStation {
    try SimulatedStation(
      bench,
      inputs: inputs,
      outputs: ["machine.start", "lamp-green"],
      time: time.source
    )
  }

  @Test(.timeLimit(.minutes(5)))
  func `lets the scale session see a weight settle, a plug pulled and put back`() async throws {
    let time = VirtualTime()
    let station = try station(time)
    let events = Recorder<ScaleEvent>()
    let session = ScaleSession(
      opener: DeviceOpener(station.scale),
      profile: ScaleProfile(id: "hid", maker: "", model: "", scaleProtocol: "hid-pos"),
      now: time.source.now,
      pause: time.source.sleep
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      await time.run(for: .seconds(2)) { station.advance() }
      station.change { $0.scale.place(grams: 1500) }
      await time.run(for: .seconds(3)) { station.advance() }
      station.change { $0.scale.unplug() }
      await time.run(for: .seconds(1)) { station.advance() }
      #expect(events.all.last == .state(.absent))
      station.change { $0.scale.plug() }
      await time.run(for: .seconds(8)) { station.advance() }
      group.cancelAll()
      time.advance(by: .seconds(1))
    }
    let seen = events.all
    let readings = seen.compactMap { event -> Reading? in
      if case .reading(let reading) = event { reading } else { nil }
    }
    #expect(readings.contains { $0.state == .stable && $0.mass == Mass(grams: 1500) })
    #expect(readings.contains { $0.state == .moving })
    #expect(seen.filter { $0 == .state(.ready) }.count == 2)
    #expect(readings.last?.state == .zero, "it took the load as zero when it got power again")
  }

  @Test(.timeLimit(.minutes(5)))
  func `lets the printer session print with a status sequence, and tells of paper`() async throws {
    let time = VirtualTime()
    let station = try station(time, Bench(printer: SimulatedPrinter(labels: 2)))
    // Long enough that some question falls into the printing, however the threads are scheduled.
    var page = Page(width: 400, height: 2400)
    page[17, 23] = true
    let job = TSPL.job(
      page,
      on: Media(width: 50_000, height: 300_000, gap: 2000),
      settings: .init(speed: 2)
    )
    let events = Recorder<PrinterEvent>()
    let queue = PrintQueue(bell: Bell(sleep: time.source.sleep))
    let session = PrinterSession(
      opener: station.printer,
      language: TSPL.self,
      options: .init(),
      jobs: queue,
      now: time.source.now,
      pause: time.source.sleep
    )
    let first = PrintSubject.action(ActionID(parcel: try number(1), action: .label, copy: 1))
    let second = PrintSubject.action(ActionID(parcel: try number(2), action: .label, copy: 1))
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      await time.run(for: .seconds(1)) { station.advance() }
      #expect(queue.submit(PrintJob(first, bytes: job)))
      await time.run(for: .seconds(12)) { station.advance() }
      station.change { $0.printer.load(labels: 0) }
      #expect(queue.submit(PrintJob(second, bytes: job)))
      await time.run(for: .seconds(5)) { station.advance() }
      group.cancelAll()
      time.advance(by: .seconds(60))
    }
    let seen = events.all
    #expect(seen.contains(.result(first, .printed(.statusSequence))))
    #expect(seen.contains(.result(second, .notStarted(reason: "paper-out"))))
    #expect(seen.contains(.state(.degraded(reason: "paper-out"))))
    #expect(station.look { $0.printer.labels.map(\.page) } == [page])
  }

  @Test(.timeLimit(.minutes(5)))
  func `half a label of a daemon that was killed does not spoil the next one`() async throws {
    let time = VirtualTime()
    let station = try station(time, Bench(printer: SimulatedPrinter(labels: 9)))
    var page = Page(width: 400, height: 800)
    page[17, 23] = true
    var other = Page(width: 400, height: 800)
    for x in 0..<400 { other[x, x] = true }
    let media = Media(width: 50_000, height: 100_000, gap: 2000)
    let half = TSPL.job(other, on: media, settings: .init()).prefix(20_000)
    #expect(station.change { $0.printer.feed(half) } == half.count)
    let events = Recorder<PrinterEvent>()
    let queue = PrintQueue(bell: Bell(sleep: time.source.sleep))
    let session = PrinterSession(
      opener: station.printer,
      language: TSPL.self,
      options: .init(longestJob: page.bytes.count),
      jobs: queue,
      now: time.source.now,
      pause: time.source.sleep
    )
    let label = ActionID(parcel: try number(1), action: .label, copy: 1)
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      await time.run(for: .seconds(10)) { station.advance() }
      let job = TSPL.job(page, on: media, settings: .init())
      #expect(queue.submit(PrintJob(.action(label), bytes: job)))
      await time.run(for: .seconds(12)) { station.advance() }
      group.cancelAll()
      time.advance(by: .seconds(60))
    }
    #expect(station.look { $0.printer.labels.map(\.page) } == [page])
    #expect(events.all.contains(.state(.ready)))
  }

  private func number(_ serial: Int) throws -> ParcelNumber {
    let site = try #require(SiteID("SM017"))
    return ParcelNumber(site: site, epoch: Epoch(7), serial: serial)
  }

  @Test func `runs the machine from its start line and shows its contacts as edges`() throws {
    let time = VirtualTime()
    let station = try station(time)
    var bank = station.lines.bank
    #expect(try bank.levels() == [false, false, false, true])
    try bank.set(0, true)
    try bank.set(1, true)
    time.advance(by: .seconds(4))
    station.advance()
    let edges = try bank.edges(of: bank.descriptors[0]).edges
    #expect(edges.map(\.input) == [1, 1, 2, 2])
    #expect(edges.map(\.active) == [true, false, true, false])
    #expect(edges.allSatisfy { $0.at < .zero + .seconds(3) }, "edges carry the time they happened")
    let outputs = station.look { $0.takeOutputChanges().map { "\($0.role) \($0.active)" } }
    #expect(outputs == ["machine.start true", "lamp-green true"])
  }

  @Test func `presses buttons that chatter and come to rest`() throws {
    let time = VirtualTime()
    let station = try station(time, Bench(buttonBounce: .milliseconds(8)))
    var bank = station.lines.bank
    station.change { $0.press("go", for: .milliseconds(100)) }
    time.advance(by: .milliseconds(50))
    station.advance()
    #expect(try bank.levels()[0])
    time.advance(by: .milliseconds(100))
    station.advance()
    #expect(try !bank.levels()[0])
    #expect(try bank.edges(of: bank.descriptors[0]).edges.count > 2)
  }

  @Test(.timeLimit(.minutes(5)))
  func `throws at pending calls when a plug is pulled, and lets one program print`() async throws {
    let station = try SimulatedStation(Bench())
    let scale = try await station.scale.open()
    let printer = try await station.printer.open()
    await #expect(throws: PortError.busy(path: "printer (simulated)")) {
      try await station.printer.open()
    }
    station.change { $0.scale.fault = .silent }
    while try await scale.receive(within: .milliseconds(1)) != nil {}
    await withTaskGroup(of: PortError?.self) { group in
      group.addTask { await caught { _ = try await scale.receive(within: .seconds(50)) } }
      group.addTask { await caught { _ = try await printer.read(upTo: 1, within: .seconds(50)) } }
      try? await Task.sleep(for: .milliseconds(50))
      station.change {
        $0.scale.unplug()
        $0.printer.unplug()
        $0.scale.plug()
        $0.printer.plug()
      }
      for await error in group { #expect(error == .vanished) }
    }
    let again = try await station.printer.open()
    await printer.close()
    await #expect(throws: PortError.busy(path: "printer (simulated)")) {
      try await station.printer.open()
    }
    await again.close()
    station.change { $0.scale.unplug() }
    await #expect(throws: PortError.absent) { try await station.scale.open() }
  }

  @Test(.timeLimit(.minutes(5)))
  func `moves by itself in real time, and takes bytes as slowly as told`() async throws {
    let model = SimulatedPrinter.Model(bytesPerSecond: 20_000, receiveBuffer: 1000)
    let station = try SimulatedStation(Bench(printer: SimulatedPrinter(model)))
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { await station.run() }
      let port = try await station.printer.open()
      let begin = ContinuousClock.now
      let taken = try await port.write(
        Array(repeating: UInt8(ascii: "\n"), count: 5000)[...],
        within: .seconds(20)
      )
      #expect(taken == 5000)
      #expect(ContinuousClock.now - begin > .milliseconds(150))
      let none = try await port.write(
        Array(repeating: 0, count: 100_000)[...],
        within: .milliseconds(30)
      )
      #expect(none < 100_000, "a slow printer takes less than asked for within the time")
      group.cancelAll()
    }
  }

  @Test func `understands its orders and refuses others`() throws {
    var bench = Bench()
    for order in [
      "place 1200", "remove", "tare", "drift -0.5", "scale silent", "scale unplug", "press go",
      "press go 300", "hold cancel", "release cancel", "paper 3", "printer jam", "printer open",
      "dies 100", "guard open", "estop press", "machine lost-done", "machine reset",
      "scale garbled", "scale fault halved", "scale tare", "scale drift 2", "scale zero",
      "scale plug", "scale restart", "scale none", "scan YT1234567890123", "scan ]Q1 a b",
      "type 123", "scanner 1 scan YT1", "scanner unplug", "scanner 1 plug", "scale unplug",
    ] {
      #expect(bench.perform(order) == true, "\(order)")
    }
    for order in [
      "", "place", "place nan", "place x", "press", "press go 0", "paper -1", "machine dance",
      "guard", "fly", "scale", "remove now", "scale fault x", "scan", "scanner",
      "scanner 1", "scanner 2 unplug", "scanner dance", "scanner scan", "scanner 0 plug", "type",
    ] {
      #expect(bench.perform(order) == false, "\(order)")
    }
    #expect(bench.machine.levels[.estopOK] == false)
    #expect(!bench.scale.isPlugged)
  }
}

private func caught(_ body: () async throws -> Void) async -> PortError? {
  do {
    try await body()
    return nil
  } catch {
    return error as? PortError
  }
}
