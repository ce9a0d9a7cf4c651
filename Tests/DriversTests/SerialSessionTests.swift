import Domain
import Drivers
import Testing

/// Scales on a serial line, by way of their session.
struct SerialSessionTests {
  private typealias Step = FakeScale.Step

  /// Runs a session over one script and tells what it told, in short words.
  private static func run(
    _ profile: ScaleProfile,
    _ steps: [FakeScale.Step],
    asking request: ScaleRequest? = nil
  ) async -> (told: [String], sent: [String], answer: ScaleAnswer?) {
    let clock = FakeClock()
    let port = FakeScale(clock, descriptor: [], steps)
    let told = Box<[String]>([])
    let asked = Box(false)
    let answer = Box<ScaleAnswer?>(nil)
    let session = ScaleSession(
      opener: DeviceOpener(FakeOpener([.success(port)], clock.ending)),
      profile: profile,
      now: { clock.now },
      pause: { clock.pause($0) }
    )
    await withTaskGroup(of: Void.self) { group in
      let (ready, isReady) = AsyncStream.makeStream(of: Void.self)
      group.addTask {
        guard let request else { return }
        for await _ in ready { break }
        let heard = await session.perform(request)
        answer.change { $0 = heard }
      }
      await clock.ending.run {
        await session.run { event in
          told.change { $0.append(word(event)) }
          let isFirst = asked.change { asked in
            defer { asked = true }
            return !asked
          }
          if isFirst { isReady.yield() }
        }
      }
      isReady.finish()
    }
    return (told.value, port.sent, answer.value)
  }

  private static func word(_ event: ScaleEvent) -> String {
    switch event {
    case .state(let state): state.detail.isEmpty ? state.word : "\(state.word): \(state.detail)"
    case .reading(let reading): "\(reading.state)" + (reading.mass.map { " \($0)" } ?? "")
    case .answer(let request, let answer): "\(request.rawValue) \(answer)"
    case .hint(let text): "hint: \(text)"
    }
  }

  private static func profile(_ name: String, poll: Duration? = nil) -> ScaleProfile {
    ScaleProfile(
      id: "test",
      maker: "",
      model: "",
      scaleProtocol: name,
      line: SerialLine(baud: 9600),
      poll: poll
    )
  }

  private static func frame(_ grams: Int) -> String {
    let digits = String(grams)
    let body = "+" + String(repeating: "0", count: 6 - digits.count) + digits + "3"
    let check = body.utf8.reduce(0, ^)
    let nibbles = [check >> 4, check & 15].map { String($0, radix: 16, uppercase: true) }
    return "\u{2}" + body + nibbles.joined() + "\u{3}"
  }

  private static func stream(_ grams: Int..., every pause: Duration = .milliseconds(100)) -> [Step]
  {
    grams.map { .bytes(frame($0), after: pause) }
  }

  @Test func `a scale that cannot say so is stable when it has repeated itself`() async {
    let steps = Self.stream(9, 1234, 1234, 1234, 1234, 1234, 1234, 1235)
    let run = await Self.run(Self.profile("xk3190-continuous"), steps)
    let moving = Array(repeating: "moving 1234 g", count: 5)
    #expect(run.told == ["opening", "ready"] + moving + ["stable 1234 g", "moving 1235 g"])
    #expect(run.sent == [], "a scale that sends by itself is not written to")
  }

  @Test func `a frame in pieces is one frame`() async {
    let whole = Self.frame(500)
    let steps: [Step] =
      Self.stream(1) + whole.map { .bytes(String($0), after: .milliseconds(20)) }
    let run = await Self.run(Self.profile("xk3190-continuous"), steps)
    #expect(run.told == ["opening", "ready", "moving 500 g"])
  }

  @Test func `bytes without a frame are told with what to do, and not as a weight`() async {
    let high = Step.bytes("\u{E4}\u{B8}\u{AD}", after: .milliseconds(300))
    let wrongBaud = await Self.run(
      Self.profile("xk3190-continuous"),
      Array(repeating: high, count: 12)
    )
    let other = Step.bytes("ST,GS,+  1.234kg\r\n", after: .milliseconds(300))
    let wrongFormat = await Self.run(
      Self.profile("xk3190-continuous"),
      Array(repeating: other, count: 12)
    )
    let silent = await Self.run(Self.profile("xk3190-continuous"), [.silence, .silence])
    for (told, word) in [
      (wrongBaud.told, "baud or parity"), (wrongFormat.told, "yizhan capture"),
      (silent.told, "check power"),
    ] {
      #expect(told.count == 3, "\(told)")
      #expect(told[1] == "stale")
      #expect(told[2].hasPrefix("degraded: ") && told[2].contains(word), "\(told)")
    }
  }

  @Test func `two scales on one line are a fault, with a hint`() async {
    let both = (0..<12).flatMap { _ in Self.stream(1000, 5000) }
    let run = await Self.run(Self.profile("xk3190-continuous"), both)
    #expect(run.told.count { $0.hasPrefix("hint: two scales") } == 1)
    #expect(run.told.last == "fault")
    #expect(!run.told.contains { $0.hasPrefix("stable") })
  }

  @Test func `a load that swings by itself is not taken for two scales`() async {
    let swing = (0..<40).flatMap { _ in Self.stream(990, 1000, 1010, 1000) }
    let flicker = (0..<40).flatMap { _ in Self.stream(1000, 1001) }
    for steps in [swing, flicker] {
      let run = await Self.run(Self.profile("xk3190-continuous"), steps)
      #expect(!run.told.contains { $0.hasPrefix("hint") || $0 == "fault" })
    }
  }

  @Test func `a weight that never changes is told once, and goes on counting`() async {
    let steps = (0..<700).flatMap { _ in Self.stream(1234, every: .seconds(1)) }
    let run = await Self.run(Self.profile("xk3190-continuous"), steps)
    #expect(run.told.count { $0.hasPrefix("hint: 1234 g for ten minutes") } == 1)
    #expect(run.told.last == "stable 1234 g")
  }

  @Test func `a scale that must be asked is asked again and again`() async {
    let answer = Step.bytes("S S     100.00 g\r\n", after: .milliseconds(50))
    let run = await Self.run(
      Self.profile("mt-sics", poll: .milliseconds(200)),
      Array(repeating: answer, count: 10)
    )
    #expect(run.told == ["opening", "ready"] + Array(repeating: "stable 100 g", count: 9))
    #expect(Set(run.sent) == ["SI\r\n"])
    // 10 answers of 50 ms each make three questions.
    #expect((2...4).contains(run.sent.count))
  }

  @Test func `half a frame glued to another is no weight, though it reads like one`() async {
    let good = "ST,GS,+  1.234kg\r\n"
    // Within the gap that ends a frame; after a longer one the half is given up.
    let steps: [Step] = [good, good, good, "ST,GS,+ 1", "1.234kg\r\n", good, good].map {
      .bytes($0, after: .milliseconds(40))
    }
    let run = await Self.run(Self.profile("st-gs"), steps)
    #expect(
      run.told == [
        "opening", "ready", "stable 1234 g", "stable 1234 g", "moving 11234 g", "moving 1234 g",
        "stable 1234 g",
      ]
    )
  }

  @Test func `a scale that streams on demand is told to, and once more after it restarted`() async {
    let weight = Step.bytes("S S     100.00 g\r\n", after: .milliseconds(100))
    let restart = Step.bytes("I4 A \"1234567\"\r\n", after: .milliseconds(100))
    let run = await Self.run(Self.profile("mt-sics"), [weight, weight, restart, weight, weight])
    #expect(run.sent == ["SIR\r\n", "SIR\r\n"])
    #expect(
      run.told == [
        "opening", "ready", "stable 100 g", "stale", "degraded: it was switched on anew", "ready",
        "stable 100 g", "stable 100 g",
      ]
    )
  }

  @Test func `a question that is not understood is told as such`() async {
    let refusal = Step.bytes("ES\r\n", after: .milliseconds(100))
    let run = await Self.run(
      Self.profile("mt-sics", poll: .milliseconds(200)),
      Array(repeating: refusal, count: 30)
    )
    #expect(run.told.last?.contains("does not understand") == true)
  }

  @Test(arguments: [
    ("Z A\r\n", ScaleAnswer.done), ("Z I\r\n", .refused(reason: "")),
    ("S D     100.00 g\r\n", .unanswered),
  ])
  func `what becomes of a zero is heard and told`(_ reply: String, _ wanted: ScaleAnswer) async {
    let weight = Step.bytes("S D     100.00 g\r\n", after: .milliseconds(100))
    // The stream is asked for first, the zero then.
    let steps =
      [.untilAsked, weight, weight, .untilAsked, .bytes(reply, after: .milliseconds(100))]
      + Array(repeating: weight, count: 60)
    let run = await Self.run(Self.profile("mt-sics"), steps, asking: .zero)
    #expect(run.sent == ["SIR\r\n", "Z\r\n"])
    switch (run.answer, wanted) {
    case (.refused(let reason)?, .refused): #expect(!reason.isEmpty)
    case (.unanswered?, .unanswered), (.done?, .done): break
    default: Issue.record("\(String(describing: run.answer)) instead of \(wanted)")
    }
    #expect(run.told.contains { $0.hasPrefix("zero ") })
  }

  @Test func `a request that the protocol does not have is refused at once`() async {
    let run = await Self.run(
      Self.profile("xk3190-continuous"),
      Self.stream(1, 2, 3),
      asking: .tare
    )
    guard case .refused? = run.answer else {
      Issue.record("\(String(describing: run.answer))")
      return
    }
    #expect(run.sent == [])
  }
}
