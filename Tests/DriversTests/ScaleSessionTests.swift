import Domain
import Drivers
import Testing

struct ScaleSessionTests {
  /// Runs a session to the end of its script and tells what it told, in short words.
  private static func run(_ clock: FakeClock, _ ports: [Result<FakeScale, PortError>]) async
    -> [String]
  {
    let told = Box<[String]>([])
    let session = ScaleSession(
      opener: DeviceOpener(FakeOpener(ports, clock.ending)),
      profile: .hid,
      now: { clock.now },
      pause: { clock.pause($0) }
    )
    await clock.ending.run {
      await session.run { event in
        let word =
          switch event {
          case .state(let state): state.word
          case .reading(let reading): "\(reading.state)" + (reading.mass.map { " \($0)" } ?? "")
          case .answer(let request, let answer): "\(request.rawValue) \(answer)"
          case .hint(let text): text
          }
        told.change { $0.append(word) }
      }
    }
    return told.value
  }

  private static func grams(_ value: UInt8) -> FakeScale.Step { .report([3, 4, 2, 0, value, 0]) }

  /// What the last opening, which ends the script, tells.
  static let end = ["opening", "stale", "absent"]

  @Test func `the first report after opening is old and not believed`() async {
    let clock = FakeClock()
    let scale = FakeScale(clock, [Self.grams(1), Self.grams(2), Self.grams(3)])
    let told = await Self.run(clock, [.success(scale)])
    #expect(told == ["opening", "ready", "stable 2 g", "stable 3 g"])
    #expect(scale.closed == 1)
  }

  @Test func `a silent scale is stale, once, and ready again with its next report`() async {
    let clock = FakeClock()
    let scale = FakeScale(
      clock,
      [Self.grams(1), Self.grams(2), .silence, .silence, .silence, Self.grams(3), Self.grams(4)]
    )
    let told = await Self.run(clock, [.success(scale)])
    #expect(
      told == [
        "opening", "ready", "stable 2 g", "stale", "degraded", "ready", "stable 3 g", "stable 4 g",
      ]
    )
  }

  @Test func `reports without a weight do not keep the last weight fresh`() async {
    let clock = FakeClock()
    let other = FakeScale.Step.report([4, 1, 1])
    let scale = FakeScale(
      clock,
      [Self.grams(1), Self.grams(2)] + Array(repeating: other, count: 8) + [Self.grams(3)]
    )
    let told = await Self.run(clock, [.success(scale)])
    #expect(
      told == ["opening", "ready", "stable 2 g", "stale", "degraded", "ready", "stable 3 g"]
    )
  }

  @Test func `a few reports without a weight do no harm`() async {
    let clock = FakeClock()
    let other = FakeScale.Step.report([4, 1, 1])
    let scale = FakeScale(
      clock,
      [Self.grams(1), other, other, Self.grams(2), other, other, other, Self.grams(3)]
    )
    let told = await Self.run(clock, [.success(scale)])
    #expect(told == ["opening", "ready", "stable 2 g", "stable 3 g"])
  }

  @Test func `an unplugged scale leaves no weight behind and is picked up again`() async {
    let clock = FakeClock()
    let first = FakeScale(clock, [Self.grams(1), Self.grams(2), .fail(.vanished)])
    let second = FakeScale(clock, [Self.grams(8), Self.grams(9)])
    let told = await Self.run(clock, [.success(first), .failure(.absent), .success(second)])
    #expect(
      told == [
        "opening", "ready", "stable 2 g", "stale", "absent", "opening", "stale", "absent",
        "opening", "ready", "stable 9 g",
      ]
    )
    #expect(first.closed == 1)
    #expect(second.closed == 1)
  }

  @Test func `a scale that stays forbidden has failed, and the first refusal is no news`() async {
    let clock = FakeClock()
    let denied: Result<FakeScale, PortError> = .failure(.denied(path: "/dev/hidraw0"))
    let once = await Self.run(clock, [denied])
    #expect(once == ["opening", "stale"] + Self.end)
    let twice = await Self.run(FakeClock(), [denied, denied])
    #expect(twice == ["opening", "stale", "opening", "stale", "failed"] + Self.end)
  }

  @Test(arguments: [
    PortError.busy(path: "/dev/hidraw0"), .stalled,
    .unsuitable(reason: "a mouse"), .io(operation: "read", errno: 5),
  ])
  func `a scale that cannot be used has failed`(_ error: PortError) async {
    let clock = FakeClock()
    let told = await Self.run(clock, [.failure(error)])
    #expect(told == ["opening", "stale", "failed"] + Self.end)
    let trouble = error.trouble(attempted: "reading", device: "scale")
    #expect(!trouble.cause.isEmpty && !trouble.remedy.isEmpty)
  }

  @Test func `a device of another kind is closed again`() async {
    let clock = FakeClock()
    let mouse = FakeScale(clock, descriptor: [0x05, 0x01, 0x09, 0x02, 0xA1, 0x01, 0xC0], [])
    let told = await Self.run(clock, [.success(mouse)])
    #expect(told == ["opening", "stale", "failed"] + Self.end)
    #expect(mouse.closed == 1)
  }

  @Test func `tries grow rarer, and a good report makes them frequent again`() async {
    let clock = FakeClock()
    let scale = FakeScale(clock, [Self.grams(1), .fail(.vanished)])
    let mute = FakeScale(clock, [.fail(.vanished)])
    let gone: [Result<FakeScale, PortError>] = Array(repeating: .failure(.absent), count: 6)
    _ = await Self.run(clock, gone + [.success(mute), .success(scale), .failure(.absent)])
    let milliseconds = clock.pauses.map(\.milliseconds)
    #expect(milliseconds == [200, 400, 800, 1600, 3200, 5000, 5000, 200, 400])
  }
}

extension ScaleProfile {
  /// A standard USB scale.
  static let hid = ScaleProfile(id: "hid", maker: "", model: "", scaleProtocol: "hid-pos")
}
