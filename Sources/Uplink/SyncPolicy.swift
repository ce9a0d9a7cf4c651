package import Domain

/// What to send next, and when: the whole judgement of the link, without a clock or a thread.
package struct SyncPolicy: Sendable {
  /// What is to be done now.
  package enum Step: Hashable, Sendable {
    /// Send what is pending of a lane, no more than that at once.
    case send(Lane, limit: Int, maxBytes: Int)
    /// Ask where a lane stands.
    case ask(Lane)
    /// Nothing, for so long, or until there is news.
    case rest(Duration)
  }

  /// The most bytes of bodies in one batch.
  package static let mostBytes = 256 * 1024
  /// How often a station without news asks whether the hub still has everything.
  package static let askEvery: Duration = .seconds(900)
  /// After so many batches of records, telemetry has its turn.
  package static let recordsInRow = 4
  /// How long records gather once a day's budget is gone.
  package static let gathering: Duration = .seconds(600)

  /// How the last attempts ended.
  private var backoff = Backoff()
  private var size = BatchSize()
  /// Nothing is tried before.
  private var notBefore: Instant
  private var budget: LinkBudget?
  private var recordsSent = 0
  private var lastRecords: Instant?
  /// When each lane is to be asked for; at once after the link comes up.
  private var askAt: [Lane: Instant]
  private var isUp = false
  /// Told not to send.
  package private(set) var isPaused = false

  /// - Parameters:
  ///   - now: The time at the start.
  ///   - splay: How long to wait before the first attempt.
  ///   - budget: What the link may carry; `nil` where nobody counts.
  package init(now: Instant, splay: Duration, budget: LinkBudget? = nil) {
    notBefore = now + splay
    self.budget = budget
    askAt = Dictionary(uniqueKeysWithValues: Lane.allCases.map { ($0, now + splay) })
  }

  /// When the next attempt may be made, while the policy waits out a failure.
  package var nextTry: Instant { notBefore }

  /// Whether every lane was answered for since the link came up.
  package func hasAsked(at now: Instant) -> Bool { isUp && askAt.values.allSatisfy { $0 > now } }

  /// Decides.
  ///
  /// - Parameters:
  ///   - pending: How many events the hub lacks of each lane.
  ///   - now: The time.
  /// - Returns: What to do; asked again after it is done.
  package mutating func next(pending: [Lane: Int64], at now: Instant) -> Step {
    guard !isPaused else { return .rest(.seconds(3600)) }
    guard now >= notBefore else { return .rest(notBefore - now) }
    let lane = choose(pending, at: now)
    if let lane { return .send(lane, limit: size.current, maxBytes: Self.mostBytes) }
    if let due = askAt.filter({ $0.value <= now }).keys.min(by: { $0.rawValue < $1.rawValue }) {
      return .ask(due)
    }
    let times = askAt.values.map { $0 - now } + waits(pending, at: now)
    return .rest(max(.milliseconds(10), times.min() ?? Self.askEvery))
  }

  /// Business facts first, but telemetry is not left behind for ever.
  private func choose(_ pending: [Lane: Int64], at now: Instant) -> Lane? {
    let hasRecords = pending[.records] ?? 0 > 0 && mayGo(.records, at: now)
    let hasTelemetry = pending[.telemetry] ?? 0 > 0 && mayGo(.telemetry, at: now)
    if hasTelemetry, !hasRecords || recordsSent >= Self.recordsInRow { return .telemetry }
    return hasRecords ? .records : nil
  }

  private func mayGo(_ lane: Lane, at now: Instant) -> Bool {
    guard let budget else { return true }
    switch lane {
    case .telemetry: return budget.hasRoomForTelemetry(at: now)
    case .records:
      guard budget.isSpent(at: now), let lastRecords else { return true }
      return now - lastRecords >= Self.gathering
    }
  }

  /// After which times what is pending may go that may not now.
  private func waits(_ pending: [Lane: Int64], at now: Instant) -> [Duration] {
    var waits: [Duration] = []
    if pending[.records] ?? 0 > 0, let lastRecords {
      waits.append(lastRecords + Self.gathering - now)
    }
    if pending[.telemetry] ?? 0 > 0 { waits.append(.seconds(60)) }
    return waits
  }

  /// Notes an answer.
  ///
  /// - Parameters:
  ///   - lane: Of which lane it was.
  ///   - count: How many events it was given for.
  ///   - now: The time.
  ///   - generator: The source of chance.
  package mutating func succeeded(
    _ lane: Lane,
    count: Int,
    at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) {
    backoff.succeeded(at: now)
    notBefore = now
    if count > 0 {
      size.note(nil)
      recordsSent = lane == .records ? recordsSent + 1 : 0
      if lane == .records { lastRecords = now }
    }
    if !isUp {
      // The hub may have been restored while the link was down.
      for other in Lane.allCases { askAt[other] = now }
    }
    isUp = true
    // Around the quarter of an hour, so that the sites of a county stay spread.
    askAt[lane] =
      now
      + .milliseconds(
        Int64.random(
          in: Self.askEvery.milliseconds * 3 / 4...Self.askEvery.milliseconds * 5 / 4,
          using: &generator
        )
      )
  }

  /// Notes a failure.
  ///
  /// - Parameters:
  ///   - error: What went wrong on the way; `nil` where the station itself failed.
  ///   - now: The time.
  ///   - generator: The source of chance.
  /// - Returns: How long the policy will wait.
  @discardableResult
  package mutating func failed(
    _ error: UplinkError?,
    at now: Instant,
    using generator: inout some RandomNumberGenerator
  ) -> Duration {
    isUp = false
    if let error { size.note(error) }
    var retryAfter: Duration?
    if case .busy(let asked) = error { retryAfter = asked }
    let pause = backoff.failed(retryAfter: retryAfter, using: &generator)
    notBefore = now + pause
    return pause
  }

  /// Notes what went over the wire.
  package mutating func moved(bytes: Int64, at now: Instant) { budget?.spend(bytes, at: now) }

  /// What is left of the budget, in bytes; `nil` where nobody counts.
  package func budgetLeft(at now: Instant) -> Int64? { budget?.left(at: now) }

  /// Tries at once, also what was asked before.
  package mutating func hurry(at now: Instant) {
    notBefore = now
    lastRecords = nil
    for lane in Lane.allCases { askAt[lane] = now }
  }

  /// Sends nothing until told otherwise; a restart is also otherwise.
  package mutating func pause(_ isPaused: Bool) { self.isPaused = isPaused }
}

/// What a metered link may carry: a day's worth, filling up evenly over 24 hours.
///
/// It knows no calendar, because the box may not know the date either. Telemetry leaves the last
/// half to the records. Records are never refused: beyond the budget they gather, and go together.
package struct LinkBudget: Hashable, Sendable {
  private let bytesPerDay: Int64
  private var level: Int64
  private var since: Instant

  package init(bytesPerDay: Int, now: Instant) {
    self.bytesPerDay = Int64(bytesPerDay)
    level = Int64(bytesPerDay)
    since = now
  }

  /// Goes on with what was left some time before now, no more than a day's worth.
  package init(bytesPerDay: Int, now: Instant, level: Int64, before passed: Duration) {
    self.bytesPerDay = Int64(bytesPerDay)
    self.level = max(-self.bytesPerDay, min(self.bytesPerDay, level))
    since = now
    self.level = left(at: now + min(max(.zero, passed), .seconds(2 * 86_400)))
  }

  /// What may still go, in bytes; below zero where records went beyond it.
  package func left(at now: Instant) -> Int64 {
    let passed = max(0, (now - since).milliseconds)
    // Two days fill it from the lowest; more would only make the product large.
    let filled = bytesPerDay / 1000 * min(passed, 2 * 86_400_000) / 86_400
    return min(bytesPerDay, level + filled)
  }

  mutating func spend(_ bytes: Int64, at now: Instant) {
    level = max(-bytesPerDay, left(at: now) - bytes)
    since = now
  }

  func isSpent(at now: Instant) -> Bool { left(at: now) <= 0 }

  func hasRoomForTelemetry(at now: Instant) -> Bool { left(at: now) > bytesPerDay / 2 }
}
