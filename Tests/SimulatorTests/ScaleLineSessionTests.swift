import Domain
import Drivers
import Simulator
import Synchronization
import Testing

/// The drivers' session over scales on serial lines, from opening to the answer to an order.
struct ScaleLineSessionTests {
  private final class Recorder: Sendable {
    private let events = Mutex<[ScaleEvent]>([])
    private let hasEnded = Mutex(false)
    private let result = Mutex<ScaleAnswer?>(nil)
    var all: [ScaleEvent] { events.withLock { $0 } }
    var answer: ScaleAnswer? { result.withLock { $0 } }
    /// What the hurry of the end brings is no part of the story.
    func end() { hasEnded.withLock { $0 = true } }
    func record(_ event: ScaleEvent) {
      guard !hasEnded.withLock(\.self) else { return }
      events.withLock { $0.append(event) }
    }
    func record(_ answer: ScaleAnswer) { result.withLock { $0 = answer } }

    var readings: [Reading] {
      all.compactMap { event in
        if case .reading(let reading) = event { reading } else { nil }
      }
    }
  }

  private func profile(_ wire: SimulatedScale.Wire) -> ScaleProfile {
    var profile = ScaleProfile(
      id: "simulated",
      maker: "",
      model: "",
      scaleProtocol: wire.rawValue,
      settings: ScaleSettings(unit: .kilogram, checksum: .required),
      poll: wire.streams ? nil : .milliseconds(250)
    )
    if case .serial(let line) = ScaleProtocols.named(wire.rawValue)?.wire { profile.line = line }
    if let codec = try? profile.codec(), codec.order(for: .weigh) == nil { profile.poll = nil }
    return profile
  }

  @Test(.timeLimit(.minutes(5)), arguments: SimulatedScale.Wire.driven)
  func `a session weighs, zeroes and lives through an unplug`(wire: SimulatedScale.Wire)
    async throws
  {
    let time = VirtualTime()
    let bench = Bench(scale: SimulatedScale(.init(wire: wire, zeroesAtPowerOn: false)))
    let station = try SimulatedStation(bench, time: time.source)
    let events = Recorder()
    let session = ScaleSession(
      opener: DeviceOpener(station.scale),
      profile: profile(wire),
      now: time.source.now,
      pause: time.source.sleep
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      station.change { $0.scale.drift(grams: 80) }
      await time.run(for: .seconds(3), step: .milliseconds(25)) { station.advance() }
      #expect(events.readings.last?.mass == Mass(grams: 80))
      group.addTask { events.record(await session.perform(.zero)) }
      await time.run(for: .seconds(4), step: .milliseconds(25)) { station.advance() }
      station.change { $0.scale.place(grams: 1500) }
      await time.run(for: .seconds(4), step: .milliseconds(25)) { station.advance() }
      station.change { $0.scale.unplug() }
      await time.run(for: .seconds(3), step: .milliseconds(25)) { station.advance() }
      #expect(events.readings.last?.state == .stale)
      station.change { $0.scale.plug() }
      await time.run(for: .seconds(9), step: .milliseconds(25)) { station.advance() }
      events.end()
      group.cancelAll()
      time.advance(by: .seconds(5))
    }
    let codec = try profile(wire).codec(descriptor: SimulatedScale.descriptor)
    let canZero = codec.order(for: .zero) != nil
    let answer = try #require(events.answer)
    #expect(canZero ? answer == .done : answer != .done, "\(answer)")
    let mass = Mass(grams: canZero ? 1500 : 1580)
    #expect(events.readings.contains { $0.state == .stable && $0.mass == mass })
    #expect(events.readings.last?.state == .stable)
    #expect(events.readings.last?.mass == mass)
    // A session that the test's clock has outrun may find the line silent for a moment in between.
    var comings: [DeviceState] = []
    for case .state(let state) in events.all
    where [.ready, .absent].contains(state) && comings.last != state { comings.append(state) }
    #expect(comings == [.ready, .absent, .ready])
  }

  private static let telling = SimulatedScale.Wire.driven.filter { wire in
    wire.saysMotion && wire.streams && wire != .hid
  }

  @Test(.timeLimit(.minutes(5)), arguments: telling)
  func `two indicators on one line are found out`(wire: SimulatedScale.Wire) async throws {
    let time = VirtualTime()
    let station = try SimulatedStation(
      Bench(scale: SimulatedScale(.init(wire: wire))),
      time: time.source
    )
    station.change {
      $0.scale.place(grams: 900)
      $0.scale.fault = .twoIndicators
    }
    time.advance(by: .seconds(4))
    let events = Recorder()
    let session = ScaleSession(
      opener: DeviceOpener(station.scale),
      profile: profile(wire),
      now: time.source.now,
      pause: time.source.sleep
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      await time.run(for: .seconds(6), step: .milliseconds(25)) { station.advance() }
      events.end()
      group.cancelAll()
      time.advance(by: .seconds(5))
    }
    #expect(events.readings.last?.state == .fault)
    let isHinted = events.all.contains { event in
      if case .hint(let text) = event { text.contains("two scales") } else { false }
    }
    #expect(isHinted)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a wrong speed is told in words`() async throws {
    let time = VirtualTime()
    let station = try SimulatedStation(
      Bench(scale: SimulatedScale(.init(wire: .xk3190Continuous))),
      time: time.source
    )
    station.change { $0.scale.fault = .wrongBaud }
    let events = Recorder()
    let session = ScaleSession(
      opener: DeviceOpener(station.scale),
      profile: profile(.xk3190Continuous),
      now: time.source.now,
      pause: time.source.sleep
    )
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await session.run { events.record($0) } }
      await time.run(for: .seconds(6), step: .milliseconds(25)) { station.advance() }
      events.end()
      group.cancelAll()
      time.advance(by: .seconds(5))
    }
    let words = events.all.compactMap { event in
      if case .state(.degraded(let reason)) = event { reason } else { nil }
    }
    #expect(words.contains { $0.contains("baud or parity differ") }, "\(words)")
  }
}
