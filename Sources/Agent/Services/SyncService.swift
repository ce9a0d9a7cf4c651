package import Domain
package import Drivers
import Ledger
package import Logging
import ServiceLifecycle
import Synchronization
package import Uplink

/// Brings the ledger to the hub: what is pending, in order, until it is acknowledged.
///
/// What to send and when is ``SyncPolicy``'s to judge; here it is only carried out.
package final class SyncService: Service {
  private let site: SiteID
  private let journal: Journal
  private let uplink: any Uplink
  private let board: StatusBoard
  private let clock: SystemClock
  private let logger: Logger
  /// Rung by who knows that the link is back.
  private let hurry: Bell
  private let events: SyncEvents
  private let policy: Mutex<SyncPolicy>
  /// Keeps the budget over restarts; `nil` where nobody counts.
  private let purse: LinkPurse?
  /// Whether the hub has another history of this ledger: then nothing more of it is sent.
  private let isForked: Mutex<Bool>

  /// Sets the service up; nothing is sent before it runs.
  package init(
    site: SiteID,
    journal: Journal,
    uplink: any Uplink,
    board: StatusBoard,
    clock: SystemClock,
    logger: Logger,
    hurry: Bell,
    splay: Duration,
    purse: LinkPurse? = nil,
    events: SyncEvents
  ) {
    self.site = site
    self.journal = journal
    self.uplink = uplink
    self.board = board
    self.clock = clock
    self.logger = logger
    self.hurry = hurry
    self.events = events
    self.purse = purse
    isForked = Mutex(false)
    policy = Mutex(
      SyncPolicy(now: MonotonicClock.now(), splay: splay, budget: purse?.load())
    )
    if let fork = journal.fork { halt(fork.signs) }
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown {
      await withTaskGroup(of: Void.self) { group in
        // Whoever records something and whoever is in a hurry ring the same sleeper.
        group.addTask {
          while !Task.isCancelled {
            if await self.hurry.wait(within: .seconds(3600)) { self.now() }
          }
        }
        group.addTask { await self.loop() }
      }
    }
    if let budgetLeft { purse?.close(budgetLeft) }
  }

  /// Tries at once instead of waiting out the back-off.
  package func now() {
    policy.withLock { $0.hurry(at: MonotonicClock.now()) }
    journal.appended.ring()
  }

  /// Sends nothing more, or goes on.
  package func pause(_ isPaused: Bool) {
    policy.withLock { $0.pause(isPaused) }
    board.update { $0.isPaused = isPaused }
    if isPaused { logger.notice("sync is paused") } else { now() }
  }

  /// Sends nothing more of a ledger that has forked.
  ///
  /// - Parameter signs: What shows it, as `records 51`.
  package func halt(_ signs: [String]) {
    isForked.withLock { $0 = true }
    board.update { $0.note(quarantined: [], forks: signs) }
  }

  private func loop() async {
    var random = SystemRandomNumberGenerator()
    while !Task.isCancelled {
      do {
        guard !isForked.withLock(\.self) else {
          _ = await journal.appended.wait(within: .seconds(3600))
          continue
        }
        let pending = try await pending()
        let step = policy.withLock { $0.next(pending: pending, at: MonotonicClock.now()) }
        switch step {
        case .rest(let time):
          if pending.values.allSatisfy({ $0 == 0 }), try await deliverArrears() { continue }
          _ = await journal.appended.wait(within: time)
        case .ask(let lane): try await deliver(batch(lane, 0, 0), using: &random)
        case .send(let lane, let limit, let maxBytes):
          try await deliver(batch(lane, limit, maxBytes), using: &random)
        }
      } catch {
        guard !Task.isCancelled else { return }
        note(error, using: &random)
      }
    }
  }

  private func pending() async throws(LedgerError) -> [Lane: Int64] {
    try await journal.perform { ledger throws(LedgerError) in
      var pending: [Lane: Int64] = [:]
      for lane in Lane.allCases { pending[lane] = try ledger.position(lane).pending }
      return pending
    }
  }

  private func batch(_ lane: Lane, _ limit: Int, _ maxBytes: Int) async throws(LedgerError) -> Batch
  {
    let (events, oldest) = try await journal.perform { ledger throws(LedgerError) in
      (
        limit == 0 ? [] : try ledger.pending(lane, limit: limit, maxBytes: maxBytes),
        try ledger.reader.oldest(lane)
      )
    }
    return Batch(site: site, epoch: journal.epoch, lane: lane, events: events, oldest: oldest)
  }

  private func deliver(
    _ batch: Batch,
    using random: inout some RandomNumberGenerator
  ) async throws {
    let began = MonotonicClock.now()
    let receipt = try await send(batch)
    let now = MonotonicClock.now()
    events.hubTime(receipt.timeMilliseconds, now - began)
    try await accept(receipt, for: batch)
    policy.withLock {
      $0.succeeded(batch.lane, count: batch.events.count, at: now, using: &random)
    }
  }

  /// Sends a batch, and counts what went over the wire, however it ended.
  private func send(_ batch: Batch) async throws(UplinkError) -> Receipt {
    let before = uplink.bytesMoved
    defer {
      let moved = uplink.bytesMoved - before
      policy.withLock { $0.moved(bytes: moved, at: MonotonicClock.now()) }
      if let budgetLeft { purse?.note(budgetLeft) }
    }
    return try await uplink.deliver(batch)
  }

  /// Sends a batch of what a damaged ledger before this one still owes, once this one owes nothing.
  ///
  /// - Returns: Whether the hub has taken it, so that there may be more.
  private func deliverArrears() async throws -> Bool {
    guard board.link.state == .online, !board.link.isPaused else { return false }
    let arrears = try await journal.perform { ledger throws(LedgerError) in try ledger.arrears() }
    guard let arrears, let first = arrears.events.first else { return false }
    let (epoch, lane) = (arrears.epoch, arrears.lane)
    let receipt = try await send(
      Batch(site: site, epoch: epoch, lane: lane, events: arrears.events, oldest: arrears.oldest)
    )
    guard receipt.lane == lane, receipt.epoch == epoch else {
      throw UplinkError.badAnswer(cause: "it acknowledges another lane or epoch")
    }
    guard receipt.durableUpTo >= first.sequence else {
      throw UplinkError.badAnswer(cause: "it acknowledges nothing of the batch")
    }
    try await journal.perform { ledger throws(LedgerError) in
      try ledger.acknowledgeArrears(epoch, lane, durableUpTo: receipt.durableUpTo)
    }
    logger.notice("\(lane.rawValue) of the damaged ledger \(epoch): up to \(receipt.durableUpTo)")
    return true
  }

  private func accept(_ receipt: Receipt, for batch: Batch) async throws {
    guard receipt.lane == batch.lane, receipt.epoch == batch.epoch else {
      throw UplinkError.badAnswer(cause: "it acknowledges another lane or epoch")
    }
    let position = try await journal.perform { ledger throws(LedgerError) in
      let position = try ledger.position(batch.lane)
      let mark = receipt.mark(for: batch, acknowledged: position.acknowledged)
      if mark != position.acknowledged { try ledger.acknowledge(batch.lane, durableUpTo: mark) }
      return position
    }
    let signs = receipt.forks(last: position.last)
    guard batch.events.isEmpty || receipt.durableUpTo != position.acknowledged || !signs.isEmpty
    else {
      throw UplinkError.badAnswer(cause: "it acknowledges nothing of the batch")
    }
    if receipt.durableUpTo < position.acknowledged {
      logger.notice("the hub asks for \(batch.lane.rawValue) again from \(receipt.durableUpTo + 1)")
      try await journal.perform { ledger throws(LedgerError) in try ledger.owesAgain() }
    }
    report(receipt)
    if !signs.isEmpty { await fork(signs) }
    let now = clock.timestamp()
    let sent = max(0, receipt.durableUpTo - position.acknowledged)
    let hasAlarm = board.update { link in
      link.state = .online
      link.lastError = nil
      link.lastSuccess = now
      link.nextTry = nil
      link.sent(Int(sent), at: MonotonicClock.now())
    }.hasAlarm
    events.linkChanged(!hasAlarm)
  }

  /// Sends nothing more of this ledger, and notes that the next start has to begin a new epoch.
  private func fork(_ signs: [String]) async {
    halt(signs)
    logger.critical(
      "\(LedgerRenewal.forked.zh) \(LedgerRenewal.forked.en): \(signs.joined(separator: ", "))"
    )
    do throws(LedgerError) {
      try await journal.perform { ledger throws(LedgerError) in try ledger.noteFork(signs) }
      events.forked()
    } catch { logger.error("\(error)") }
  }

  /// Tells of what the hub found odd.
  private func report(_ receipt: Receipt) {
    let lane = receipt.lane.rawValue
    guard !receipt.quarantined.isEmpty else { return }
    for sequence in receipt.quarantined {
      logger.warning("the hub could not read \(lane) \(sequence)")
    }
    let rows = receipt.quarantined.map { "\(lane) \($0)" }
    board.update { $0.note(quarantined: rows, forks: []) }
  }

  private func note(_ error: any Error, using random: inout some RandomNumberGenerator) {
    let pause = policy.withLock {
      $0.failed(error as? UplinkError, at: MonotonicClock.now(), using: &random)
    }
    if board.link.lastError != "\(error)" {
      logger.warning("\(error)", metadata: ["retryInSeconds": "\(pause.components.seconds)"])
    }
    board.update { link in
      link.state = .offline
      link.lastError = "\(error)"
      link.nextTry = MonotonicClock.now() + pause
    }
    events.linkChanged(false)
  }

  /// Whether the hub has said of each lane where it stands since the link came up.
  package var hasAsked: Bool { policy.withLock { $0.hasAsked(at: MonotonicClock.now()) } }

  /// What is left of the link's budget, in bytes; `nil` where nobody counts.
  package var budgetLeft: Int64? {
    policy.withLock { $0.budgetLeft(at: MonotonicClock.now()) }
  }
}

/// Whom the service tells what it learns.
package struct SyncEvents: Sendable {
  /// Whether the hub answers and has nothing to object.
  package var linkChanged: @Sendable (Bool) -> Void
  /// The hub's time in milliseconds since 1970, and how long the question and the answer took.
  package var hubTime: @Sendable (Int64, Duration) -> Void
  /// That the hub has another history of this ledger, and the note of it is on disk.
  package var forked: @Sendable () -> Void

  package init(
    linkChanged: @escaping @Sendable (Bool) -> Void = { _ in },
    hubTime: @escaping @Sendable (Int64, Duration) -> Void = { _, _ in },
    forked: @escaping @Sendable () -> Void = {}
  ) {
    self.linkChanged = linkChanged
    self.hubTime = hubTime
    self.forked = forked
  }
}
