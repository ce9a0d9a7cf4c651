import Domain
import Testing
import Uplink

/// What is sent, and when.
struct PolicyTests {
  private static let start = Instant(nanoseconds: 1_000_000_000_000)

  private static func policy(_ bytesPerDay: Int? = nil) -> SyncPolicy {
    SyncPolicy(
      now: start,
      splay: .zero,
      budget: bytesPerDay.map { LinkBudget(bytesPerDay: $0, now: start) }
    )
  }

  /// Answers whatever the policy wants to send, and says what it was.
  private static func run(
    _ policy: inout SyncPolicy,
    _ pending: [Lane: Int64],
    at now: Instant = start
  ) -> SyncPolicy.Step {
    var random = Seeded(1)
    let step = policy.next(pending: pending, at: now)
    switch step {
    case .send(let lane, let limit, _):
      policy.succeeded(lane, count: limit, at: now, using: &random)
    case .ask(let lane): policy.succeeded(lane, count: 0, at: now, using: &random)
    case .rest: break
    }
    return step
  }

  @Test func `records come first, and telemetry does not starve`() {
    var policy = Self.policy()
    let steps = (0..<15).map { _ in Self.run(&policy, [.records: 9999, .telemetry: 9999]) }
    let lanes = steps.map { step -> Lane? in
      if case .send(let lane, _, _) = step { lane } else { nil }
    }
    let pattern: [Lane?] = [.records, .records, .records, .records, .telemetry]
    #expect(lanes == pattern + pattern + pattern)
  }

  @Test func `after a start and after each outage both lanes are asked for`() {
    var policy = Self.policy()
    #expect(Self.run(&policy, [:]) == .ask(.records))
    #expect(Self.run(&policy, [:]) == .ask(.telemetry))
    guard case .rest = Self.run(&policy, [:]) else {
      Issue.record("it asks without end")
      return
    }
    var random = Seeded(2)
    policy.failed(.timedOut, at: Self.start, using: &random)
    let later = Self.start + .seconds(600)
    #expect(Self.run(&policy, [.records: 1], at: later).isSend, "its answer tells of its own lane")
    #expect(Self.run(&policy, [:], at: later) == .ask(.telemetry))
  }

  @Test(arguments: 0..<20 as Range<UInt64>)
  func `an idle station asks about every quarter of an hour, not at a fixed time`(seed: UInt64) {
    var (random, policy) = (Seeded(seed), Self.policy())
    for lane in Lane.allCases {
      policy.succeeded(lane, count: 0, at: Self.start, using: &random)
    }
    policy.succeeded(.records, count: 0, at: Self.start, using: &random)
    guard case .rest(let time) = policy.next(pending: [:], at: Self.start) else {
      Issue.record("it does not rest")
      return
    }
    #expect(time >= .seconds(675) && time <= .seconds(1125))
    #expect(policy.next(pending: [:], at: Self.start + time) != .rest(.zero))
    #expect(!policy.next(pending: [:], at: Self.start + time).isRest)
  }

  @Test func `a failure is waited out, a hurry is not, and a pause holds until it ends`() {
    var (random, policy) = (Seeded(3), Self.policy())
    let pause = policy.failed(
      .busy(retryAfter: .seconds(900)),
      at: Self.start,
      using: &random
    )
    #expect(pause == .seconds(900))
    #expect(policy.next(pending: [.records: 1], at: Self.start) == .rest(.seconds(900)))
    policy.hurry(at: Self.start)
    #expect(policy.next(pending: [.records: 1], at: Self.start).isSend)
    policy.pause(true)
    #expect(policy.next(pending: [.records: 1], at: Self.start + .seconds(86_400)).isRest)
    policy.pause(false)
    #expect(policy.next(pending: [.records: 1], at: Self.start).isSend)
  }

  @Test func `slowness halves the batch and success grows it`() {
    var (random, policy) = (Seeded(4), Self.policy())
    policy.failed(.timedOut, at: Self.start, using: &random)
    let later = Self.start + .seconds(400)
    #expect(
      policy.next(pending: [.records: 1], at: later)
        == .send(.records, limit: 250, maxBytes: 262_144)
    )
    policy.succeeded(.records, count: 250, at: later, using: &random)
    #expect(
      policy.next(pending: [.records: 1], at: later)
        == .send(.records, limit: 312, maxBytes: 262_144)
    )
  }

  @Test func `on a metered link telemetry waits first, and records gather but always go`() {
    var policy = Self.policy(1 << 20)
    let both: [Lane: Int64] = [.records: 9, .telemetry: 9]
    policy.moved(bytes: 600_000, at: Self.start)
    for _ in 0..<12 { #expect(Self.run(&policy, both).lane == .records) }
    #expect(Self.run(&policy, [.telemetry: 9]).lane == nil)
    policy.moved(bytes: 2_000_000, at: Self.start)
    #expect(policy.budgetLeft(at: Self.start) ?? 0 < 0)
    #expect(Self.run(&policy, both).lane == nil, "records gather")
    #expect(
      Self.run(&policy, both, at: Self.start + .seconds(600)).lane == .records,
      "records always go"
    )
    let nextDays = Self.start + .seconds(2 * 86_400)
    #expect(policy.budgetLeft(at: nextDays) ?? 0 > 1_000_000)
    let lanes = (0..<5).map { _ in Self.run(&policy, both, at: nextDays).lane }
    #expect(lanes.contains(.telemetry))
  }

  @Test func `a metered link carries about its budget of telemetry in a day`() {
    var (random, policy) = (Seeded(5), Self.policy(4 << 20))
    var (sent, now): (Int64, Instant) = (0, Self.start)
    let end = Self.start + .seconds(3 * 86_400)
    while now < end {
      switch policy.next(pending: [.telemetry: 9], at: now) {
      case .rest(let time): now = now + time
      case .ask(let lane): policy.succeeded(lane, count: 0, at: now, using: &random)
      case .send(let lane, _, _):
        sent += 50_000
        policy.moved(bytes: 50_000, at: now)
        policy.succeeded(lane, count: 10, at: now, using: &random)
      }
    }
    #expect(sent > 3 * 4_000_000 && sent < 4 * 4_500_000, "\(sent) bytes")
  }
}

extension SyncPolicy.Step {
  fileprivate var lane: Lane? {
    if case .send(let lane, _, _) = self { lane } else { nil }
  }

  fileprivate var isSend: Bool { lane != nil }

  fileprivate var isRest: Bool {
    if case .rest = self { true } else { false }
  }
}
