import Domain
import Drivers
import Testing

struct PrinterSessionTests {
  static let ready = FakePrinter.Answer.bytes([0x00])
  static let prints = FakePrinter.Answer.bytes([0x20])
  static let noPaper = FakePrinter.Answer.bytes([0x04])
  static let label = Array(repeating: UInt8(0x55), count: 100)

  private struct Told: Sendable {
    var states: [String] = []
    var results: [PrintResult] = []
    var subjects: [PrintSubject] = []
  }

  // The jobs wait already when the session begins; after so many results its script is over too.
  private static func run(
    _ clock: FakeClock,
    _ ports: [Result<FakePrinter, PortError>],
    jobs: Int = 1,
    options: PrinterSession<FakeOpener<FakePrinter>>.Options = .init(),
    results: Int = .max
  ) async throws -> Told {
    let told = Box(Told())
    let queue = PrintQueue(
      bell: Bell { _ in
        if told.value.results.count >= results { await clock.ending.come() }
      }
    )
    for copy in 0..<jobs {
      let isTaken = queue.submit(PrintJob(.action(try id(copy + 1)), bytes: label))
      #expect(isTaken)
    }
    let session = PrinterSession(
      opener: FakeOpener(ports, clock.ending),
      language: TSPL.self,
      options: options,
      jobs: queue,
      now: { clock.now },
      pause: { clock.pause($0) }
    )
    await clock.ending.run {
      await session.run { event in
        told.change { told in
          switch event {
          case .state(let state): told.states.append(state.word)
          case .result(let subject, let result):
            told.results.append(result)
            told.subjects.append(subject)
          }
        }
      }
    }
    return told.value
  }

  private static func id(_ copy: Int) throws -> ActionID {
    let site = try #require(SiteID("SM017"))
    let parcel = ParcelNumber(site: site, epoch: Epoch(1), serial: 1)
    return ActionID(parcel: parcel, action: .label, copy: copy)
  }

  /// The kind of a result, its reason left out.
  private static func kind(_ result: PrintResult?) -> String {
    switch result {
    case .printed(let evidence): evidence.rawValue
    case .notStarted: "not started"
    case .unknown: "unknown"
    case nil: "nothing"
    }
  }

  struct Case: Sendable, CustomStringConvertible {
    var description: String
    /// Asked first at rest, then before the label, then while it prints.
    var answers: [FakePrinter.Answer]
    var after: FakePrinter.Answer?
    var takes: [FakePrinter.Take] = []
    var otherwise = FakePrinter.Take.bytes(.max)
    var result: String
    var sent: Int
  }

  static let cases: [Case] = [
    Case(
      description: "seen printing, then ready",
      answers: [ready, ready, prints, prints, ready],
      result: "status-sequence",
      sent: 100
    ),
    Case(
      description: "out before the first question",
      answers: [ready, ready, ready, ready, ready],
      result: "accepted",
      sent: 100
    ),
    Case(
      description: "ready a moment, then printing",
      answers: [ready, ready, ready, ready, prints, ready],
      result: "status-sequence",
      sent: 100
    ),
    Case(
      description: "no paper before",
      answers: [noPaper, noPaper],
      result: "not started",
      sent: 0
    ),
    Case(
      description: "paper ends between",
      answers: [ready, noPaper],
      result: "not started",
      sent: 0
    ),
    Case(
      description: "no paper while printing",
      answers: [ready, ready, prints, noPaper],
      result: "unknown",
      sent: 100
    ),
    Case(
      description: "cover opened at once",
      answers: [ready, ready, .bytes([0x01])],
      result: "unknown",
      sent: 100
    ),
    Case(
      description: "late answers glued together, the last is good",
      answers: [ready, .bytes([0x04, 0x04, 0x00]), .bytes([0x00, 0x20]), .bytes([0x20, 0x00])],
      result: "status-sequence",
      sent: 100
    ),
    Case(
      description: "late answers glued together, the last is bad",
      answers: [ready, .bytes([0x00, 0x04])],
      result: "not started",
      sent: 0
    ),
    Case(description: "silent before", answers: [ready, .silence], result: "not started", sent: 0),
    Case(
      description: "unplugged before",
      answers: [ready, .fail(.vanished)],
      result: "not started",
      sent: 0
    ),
    Case(
      description: "silent after",
      answers: [ready, ready],
      after: .silence,
      result: "unknown",
      sent: 100
    ),
    Case(
      description: "prints for ever",
      answers: [ready, ready],
      after: prints,
      result: "unknown",
      sent: 100
    ),
    Case(
      description: "unplugged after",
      answers: [ready, ready, prints, .fail(.vanished)],
      result: "unknown",
      sent: 100
    ),
    Case(
      description: "unplugged in mid label",
      answers: [ready, ready],
      takes: [.bytes(10), .fail(.vanished)],
      result: "unknown",
      sent: 10
    ),
    Case(
      description: "takes nothing",
      answers: [ready, ready],
      otherwise: .bytes(0),
      result: "not started",
      sent: 0
    ),
    Case(
      description: "stops in mid label",
      answers: [ready, ready],
      takes: [.bytes(60)],
      otherwise: .bytes(0),
      result: "unknown",
      sent: 60
    ),
    Case(
      description: "takes a byte a second",
      answers: [ready, ready, prints, ready],
      otherwise: .bytes(1),
      result: "status-sequence",
      sent: 100
    ),
  ]

  @Test(.timeLimit(.minutes(5)), arguments: cases)
  func `a label ends as the printer shows, and no byte goes twice`(_ play: Case) async throws {
    let clock = FakeClock()
    let printer = FakePrinter(
      clock,
      answers: play.answers,
      after: play.after,
      takes: play.takes,
      otherwise: play.otherwise
    )
    // It comes back healthy; nothing may be sent again.
    let later = FakePrinter(clock, answers: [Self.ready, Self.ready, Self.ready])
    let results = play.after == nil ? Int.max : 1
    let told = try await Self.run(clock, [.success(printer), .success(later)], results: results)
    #expect(Self.kind(told.results.first) == play.result, "\(told.results)")
    #expect(told.results.count == 1)
    #expect(printer.received == Array(Self.label.prefix(play.sent)))
    #expect(later.received.isEmpty)
    #expect(printer.closed == 1)
  }

  @Test func `a printer without status is believed when it has taken all bytes`() async throws {
    let clock = FakeClock()
    let printer = FakePrinter(clock, otherwise: .bytes(30))
    let told = try await Self.run(
      clock,
      [.success(printer)],
      options: .init(answersStatus: false),
      results: 1
    )
    #expect(told.results == [.printed(.accepted)])
    #expect(told.states == ["opening", "ready"])
    #expect(printer.received == Self.label)
  }

  @Test func `what waits while the printer is away is not printed when it is back`() async throws {
    let clock = FakeClock()
    let printer = FakePrinter(clock, answers: [Self.ready, Self.ready])
    let told = try await Self.run(clock, [.failure(.absent), .success(printer)], jobs: 3)
    #expect(told.results.map(Self.kind) == Array(repeating: "not started", count: 3))
    let subjects = try [1, 2, 3].map { PrintSubject.action(try Self.id($0)) }
    #expect(told.subjects == subjects)
    #expect(told.states.prefix(4) == ["opening", "absent", "opening", "ready"])
    #expect(printer.received.isEmpty)
  }

  @Test func `jobs behind one that broke off are refused, not kept`() async throws {
    let clock = FakeClock()
    let printer = FakePrinter(
      clock,
      answers: [Self.ready, Self.ready],
      takes: [.bytes(7), .fail(.vanished)]
    )
    let later = FakePrinter(clock, answers: [Self.ready])
    let told = try await Self.run(clock, [.success(printer), .success(later)], jobs: 2)
    #expect(told.results.map(Self.kind) == ["unknown", "not started"])
    #expect(later.received.isEmpty)
  }

  @Test func `half a job of an earlier daemon is ended before anything else is asked or sent`()
    async throws
  {
    let clock = FakeClock()
    let filler = TSPL.recovery(afterJobOf: 100)
    // It takes some of the filler, then nothing for a while: no job may come before the rest.
    let printer = FakePrinter(
      clock,
      answers: [Self.ready, Self.ready, Self.ready, Self.prints, Self.ready],
      takes: [.bytes(40), .bytes(0), .bytes(67)]
    )
    let told = try await Self.run(
      clock,
      [.success(printer)],
      jobs: 2,
      options: .init(longestJob: 100)
    )
    #expect(filler.count == 107)
    #expect(
      told.results == [
        .notStarted(reason: "it takes no bytes"), .printed(.statusSequence),
      ]
    )
    #expect(printer.received == filler + Self.label)
  }

  @Test func `a job that stops in its middle is ended before the next one`() async throws {
    let clock = FakeClock()
    let printer = FakePrinter(
      clock,
      answers: [Self.ready, Self.ready, Self.ready, Self.ready, Self.prints, Self.ready],
      takes: [.bytes(107), .bytes(60)] + Array(repeating: .bytes(0), count: 30)
    )
    let told = try await Self.run(
      clock,
      [.success(printer)],
      jobs: 2,
      options: .init(longestJob: 100)
    )
    let filler = TSPL.recovery(afterJobOf: 100)
    #expect(told.results.map(Self.kind) == ["unknown", "status-sequence"])
    #expect(printer.received == filler + Self.label.prefix(60) + filler + Self.label)
  }

  @Test func `several jobs are printed in turn, each once`() async throws {
    let clock = FakeClock()
    let round = [Self.ready, Self.ready, Self.prints, Self.ready]
    let printer = FakePrinter(clock, answers: round + round + round)
    let told = try await Self.run(clock, [.success(printer)], jobs: 3)
    #expect(told.results == Array(repeating: .printed(.statusSequence), count: 3))
    #expect(printer.received.count == 3 * Self.label.count)
  }

  @Test func `what the printer complains of is told once for each change`() async throws {
    let clock = FakeClock()
    let printer = FakePrinter(
      clock,
      answers: [
        Self.ready, Self.ready, Self.noPaper, Self.noPaper, .bytes([0x05]), .silence, Self.ready,
      ]
    )
    let told = try await Self.run(clock, [.success(printer)], jobs: 0)
    #expect(told.states == ["opening", "ready", "degraded", "degraded", "degraded", "ready"])
    #expect(told.results == [])
  }

  // The first refusal is no news: udev may not have given the new node its owner yet.
  @Test func `a printer that may not be opened has failed, and tries grow rarer`() async throws {
    let clock = FakeClock()
    let denied: Result<FakePrinter, PortError> = .failure(.denied(path: "/dev/usb/lp0"))
    let told = try await Self.run(clock, [denied, denied, denied], jobs: 0)
    #expect(
      told.states == [
        "opening", "opening", "failed", "opening", "failed", "opening", "absent",
      ]
    )
    #expect(clock.pauses.map(\.milliseconds) == [200, 400, 800])
  }
}
