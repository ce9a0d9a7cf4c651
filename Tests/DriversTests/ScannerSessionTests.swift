import Domain
import Drivers
import Synchronization
import Testing

/// A scanner that sends what its script says.
private final class FakeScanner: DevicePort {
  enum Step: Sendable {
    /// Bytes that come so long after the last ones.
    case bytes([UInt8], after: Duration)
    /// Nothing, as long as anybody cares to wait.
    case silence
    case fail(PortError)

    static func text(_ text: String, after delay: Duration = .milliseconds(5)) -> Step {
      .bytes(Array(text.utf8), after: delay)
    }
  }

  let descriptor: [UInt8]
  private let clock: FakeClock
  private let refusal: PortError?
  private let state: Mutex<(steps: [Step], waits: [Duration], features: [[UInt8]], closed: Int)>

  init(
    _ clock: FakeClock,
    descriptor: [UInt8] = [],
    refusal: PortError? = nil,
    _ steps: [Step]
  ) {
    self.clock = clock
    self.descriptor = descriptor
    self.refusal = refusal
    state = Mutex((steps, [], [], 0))
  }

  /// How long the session was ready to wait, each time.
  var waits: [Duration] { state.withLock { $0.waits } }
  var features: [[UInt8]] { state.withLock { $0.features } }
  var closed: Int { state.withLock { $0.closed } }

  func receive(within limit: Duration) async throws(PortError) -> [UInt8]? {
    let step = state.withLock { state in
      state.waits.append(limit)
      return state.steps.isEmpty ? nil : state.steps.removeFirst()
    }
    switch step {
    case .bytes(let bytes, let delay):
      guard delay <= limit else {
        clock.pass(limit)
        state.withLock { $0.steps.insert(.bytes(bytes, after: delay - limit), at: 0) }
        return nil
      }
      clock.pass(delay)
      return bytes
    case .silence:
      clock.pass(limit)
      return nil
    case .fail(let error): throw error
    case nil:
      await clock.ending.come()
      return nil
    }
  }

  func send(_ bytes: [UInt8]) async throws(PortError) {}

  func sendFeature(_ report: [UInt8]) async throws(PortError) {
    state.withLock { $0.features.append(report) }
    if let refusal { throw refusal }
  }

  func close() async { state.withLock { $0.closed += 1 } }
}

struct ScannerSessionTests {
  private typealias Step = FakeScanner.Step

  private static func profile(
    _ kind: any ScannerProtocol.Type,
    _ settings: ScannerSettings = ScannerSettings()
  ) -> ScannerProfile {
    ScannerProfile(
      id: "test",
      maker: "",
      model: "",
      scannerProtocol: kind.identifier,
      settings: settings
    )
  }

  /// Runs a session to the end of its script and tells what it told, in short words.
  private static func run(
    _ profile: ScannerProfile,
    _ clock: FakeClock,
    _ ports: [Result<FakeScanner, PortError>]
  ) async -> [String] {
    let told = Box<[String]>([])
    let session = ScannerSession(
      opener: DeviceOpener(FakeOpener(ports, clock.ending)),
      profile: profile,
      now: { clock.now },
      pause: { clock.pause($0) }
    )
    await clock.ending.run {
      await session.run { event in
        let word =
          switch event {
          case .state(let state): state.word
          case .scan(let scan): String(decoding: scan.bytes, as: UTF8.self)
          case .dropped(let reason): "dropped: " + reason
          }
        told.change { $0.append(word) }
      }
    }
    return told.value
  }

  @Test func `a scanner is ready once it is open, and silence is no news`() async {
    let clock = FakeClock()
    let steps: [Step] = [
      .silence, .silence, .text("YT1\r"), .silence, .text("YT2\r", after: .seconds(9000)),
    ]
    let port = FakeScanner(clock, steps)
    let told = await Self.run(Self.profile(SerialScanner.self), clock, [.success(port)])
    #expect(told == ["opening", "ready", "YT1", "YT2"])
    #expect(port.waits.allSatisfy { $0 == .seconds(3600) })
    #expect(port.closed == 1)
  }

  @Test func `a code without a suffix ends when its time is over`() async {
    let clock = FakeClock()
    let port = FakeScanner(clock, [.text("YT1"), .text("234"), .text("YT5", after: .seconds(1))])
    let told = await Self.run(Self.profile(SerialScanner.self), clock, [.success(port)])
    #expect(told == ["opening", "ready", "YT1234"])
    #expect(port.waits.prefix(3) == [.seconds(3600), .milliseconds(50), .milliseconds(50)])
    #expect(port.waits.last == .milliseconds(50), "the second code is waited for as well")
  }

  @Test func `the rest of a code that never comes is told`() async {
    let clock = FakeClock()
    let settings = ScannerSettings(descriptor: ScannerDescriptors.honeywell)
    let part = HIDScannerReportTests.report(HIDScannerReportTests.letters, isContinued: true)
    let port = FakeScanner(
      clock,
      descriptor: ScannerDescriptors.honeywell,
      [
        .bytes(part, after: .zero), .silence,
        .bytes(HIDScannerReportTests.report("YT2"), after: .seconds(1)),
      ]
    )
    let told = await Self.run(Self.profile(HIDScanner.self, settings), clock, [.success(port)])
    let missing = "dropped: the rest of a code did not come within 300 ms"
    #expect(told == ["opening", "ready", missing, "YT2"])
    #expect(port.waits[1] == .milliseconds(300))
  }

  @Test func `half a code dies with its plug`() async {
    let clock = FakeClock()
    let first = FakeScanner(clock, [.text("YT12345"), .fail(.vanished)])
    let second = FakeScanner(clock, [.text("YT1234567890123\r")])
    let told = await Self.run(
      Self.profile(SerialScanner.self),
      clock,
      [.success(first), .failure(.absent), .success(second)]
    )
    #expect(
      told == [
        "opening", "ready", "absent", "opening", "absent", "opening", "ready", "YT1234567890123",
      ]
    )
    #expect(first.closed == 1)
    #expect(second.closed == 1)
  }

  @Test func `a shift that was down when the plug was pulled is up again`() async {
    let clock = FakeClock()
    let first = FakeScanner(clock, [.bytes(Keys("42d 21d").bytes, after: .zero), .fail(.vanished)])
    let second = FakeScanner(clock, [.bytes(Keys("2d 3d 4d 5d 28d").bytes, after: .zero)])
    let told = await Self.run(
      Self.profile(KeyboardWedge.self),
      clock,
      [.success(first), .success(second)]
    )
    #expect(told == ["opening", "ready", "absent", "opening", "ready", "1234"])
  }

  @Test func `a HID device of another page has failed, and is closed again`() async {
    let clock = FakeClock()
    let port = FakeScanner(
      clock,
      descriptor: Scanning.hex("06 8C FF 09 02 A1 01 85 FD 75 08 95 3F 09 FE 82 02 01 C0"),
      []
    )
    let settings = ScannerSettings(descriptor: ScannerDescriptors.honeywell)
    let told = await Self.run(Self.profile(HIDScanner.self, settings), clock, [.success(port)])
    #expect(told == ["opening", "failed", "opening", "absent"])
    #expect(port.closed == 1)
  }

  @Test(arguments: [nil, PortError.stalled])
  func `a scanner that must be told to start is told, and may refuse`(refusal: PortError?) async {
    let clock = FakeClock()
    let settings = ScannerSettings(descriptor: ScannerDescriptors.honeywell, start: [0xFE, 0x01])
    let port = FakeScanner(
      clock,
      descriptor: ScannerDescriptors.honeywell,
      refusal: refusal,
      [.bytes(HIDScannerReportTests.report("YT1"), after: .zero)]
    )
    let told = await Self.run(Self.profile(HIDScanner.self, settings), clock, [.success(port)])
    #expect(told == ["opening", "ready", "YT1"])
    #expect(port.features == [[0xFE, 0x01]])
  }

  @Test func `a scanner that goes away while it is told to start is absent`() async {
    let clock = FakeClock()
    let settings = ScannerSettings(descriptor: ScannerDescriptors.honeywell, start: [0xFE, 0x01])
    let port = FakeScanner(
      clock,
      descriptor: ScannerDescriptors.honeywell,
      refusal: .vanished,
      []
    )
    let told = await Self.run(Self.profile(HIDScanner.self, settings), clock, [.success(port)])
    #expect(told == ["opening", "absent", "opening", "absent"])
    #expect(port.closed == 1)
  }

  @Test func `tries grow rarer, and a scan makes them frequent again`() async {
    let clock = FakeClock()
    let mute = FakeScanner(clock, [.silence, .fail(.vanished)])
    let good = FakeScanner(clock, [.text("YT1\r"), .fail(.vanished)])
    let gone: [Result<FakeScanner, PortError>] = Array(repeating: .failure(.absent), count: 3)
    _ = await Self.run(
      Self.profile(SerialScanner.self),
      clock,
      gone + [.success(mute), .success(good), .failure(.absent)]
    )
    #expect(clock.pauses.map(\.milliseconds) == [200, 400, 800, 1600, 200, 400])
  }
}
