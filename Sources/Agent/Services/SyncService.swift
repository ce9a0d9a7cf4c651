package import Domain
package import Drivers
import Ledger
package import Logging
import ServiceLifecycle
package import Uplink

/// Brings the ledger to the hub: what is pending, in order, until it is acknowledged.
package struct SyncService: Service {
  private let site: SiteID
  private let journal: Journal
  private let uplink: any Uplink
  private let board: StatusBoard
  private let clock: SystemClock
  private let logger: Logger
  /// Rung by who knows that the link is back.
  private let hurry: Bell
  private let linkChanged: @Sendable (Bool) -> Void

  package init(
    site: SiteID,
    journal: Journal,
    uplink: any Uplink,
    board: StatusBoard,
    clock: SystemClock,
    logger: Logger,
    hurry: Bell,
    linkChanged: @escaping @Sendable (Bool) -> Void
  ) {
    self.site = site
    self.journal = journal
    self.uplink = uplink
    self.board = board
    self.clock = clock
    self.logger = logger
    self.hurry = hurry
    self.linkChanged = linkChanged
  }

  package func run() async throws {
    await cancelWhenGracefulShutdown { await loop() }
  }

  private func loop() async {
    var backoff = Backoff()
    var size = BatchSize()
    var random = SystemRandomNumberGenerator()
    while !Task.isCancelled {
      do {
        guard let batch = try await pending(size) else {
          _ = await journal.appended.wait(within: .seconds(3600))
          continue
        }
        let receipt = try await uplink.deliver(batch)
        try await accept(receipt, for: batch)
        size.note(nil)
        backoff.succeeded(at: MonotonicClock.now())
      } catch {
        guard !Task.isCancelled else { return }
        let refusal = error as? UplinkError
        size.note(refusal)
        await rest(
          backoff.failed(retryAfter: refusal?.retryAfter, using: &random),
          because: error
        )
      }
    }
  }

  /// Business facts first; telemetry when there are none.
  private func pending(_ size: BatchSize) async throws(LedgerError) -> Batch? {
    let limit = size.current
    for lane in Lane.allCases {
      let events = try await journal.perform { ledger throws(LedgerError) in
        try ledger.pending(lane, limit: limit, maxBytes: 256 * 1024)
      }
      guard !events.isEmpty else { continue }
      return Batch(site: site, epoch: journal.epoch, lane: lane, events: events)
    }
    return nil
  }

  private func accept(_ receipt: Receipt, for batch: Batch) async throws {
    guard receipt.lane == batch.lane, receipt.epoch == batch.epoch else {
      throw UplinkError.badAnswer(cause: "it acknowledges another lane or epoch")
    }
    let before = batch.events.first.map { $0.sequence - 1 } ?? 0
    guard receipt.durableUpTo != before else {
      throw UplinkError.badAnswer(cause: "it acknowledges nothing of the batch")
    }
    try await journal.perform { ledger throws(LedgerError) in
      try ledger.acknowledge(receipt.lane, durableUpTo: receipt.durableUpTo)
    }
    if receipt.durableUpTo < before {
      logger.notice("the hub asks for \(batch.lane.rawValue) again from \(receipt.durableUpTo + 1)")
    }
    for sequence in receipt.quarantined {
      logger.warning("the hub could not read \(batch.lane.rawValue) \(sequence)")
    }
    let now = clock.timestamp()
    board.update { link in
      link.state = .online
      link.lastError = nil
      link.lastSuccess = now
      link.nextTry = nil
      link.quarantined += receipt.quarantined.count
    }
    linkChanged(true)
  }

  private func rest(_ pause: Duration, because error: any Error) async {
    let isNews = board.link.lastError != "\(error)"
    if isNews {
      logger.warning("\(error)", metadata: ["retryInSeconds": "\(pause.components.seconds)"])
    }
    board.update { link in
      link.state = .offline
      link.lastError = "\(error)"
      link.nextTry = MonotonicClock.now() + pause
    }
    linkChanged(false)
    _ = await hurry.wait(within: pause)
  }
}

extension UplinkError {
  fileprivate var retryAfter: Duration? {
    guard case .busy(let retryAfter) = self else { return nil }
    return retryAfter
  }
}
