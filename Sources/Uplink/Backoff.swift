package import Domain

/// How long to wait before the next attempt: decorrelated jitter, so that stations which lost the
/// link together do not come back together.
package struct Backoff: Hashable, Sendable {
  package static let floor: Duration = .seconds(1)
  package static let ceiling: Duration = .seconds(300)
  /// How long the link must have held before the waits start small again.
  package static let stable: Duration = .seconds(30)

  private var previous = Backoff.floor
  private var goodSince: Instant?

  package init() {}

  /// Notes a failure.
  ///
  /// - Parameters:
  ///   - retryAfter: What the hub asked for; it is obeyed, up to an hour.
  ///   - generator: The source of chance.
  /// - Returns: How long to wait.
  package mutating func failed(
    retryAfter: Duration? = nil,
    using generator: inout some RandomNumberGenerator
  ) -> Duration {
    goodSince = nil
    let highest = min(Self.ceiling, previous * 3)
    let nanoseconds = Int64.random(
      in: Self.floor.nanoseconds...highest.nanoseconds,
      using: &generator
    )
    previous = .nanoseconds(nanoseconds)
    guard let retryAfter else { return previous }
    return max(previous, min(retryAfter, .seconds(3600)))
  }

  /// Notes a success; a link that flaps keeps its long waits.
  package mutating func succeeded(at now: Instant) {
    guard let since = goodSince, now >= since else {
      goodSince = now
      return
    }
    if now - since >= Self.stable { previous = Self.floor }
  }

  /// The wait of a station before its first attempt: fixed by its identity, under `most`.
  package static func splay(_ site: SiteID, most: Duration = .seconds(60)) -> Duration {
    guard most >= .milliseconds(1) else { return .zero }
    let hash = site.text.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { hash, byte in
      (hash ^ UInt64(byte)) &* 0x100_0000_01B3
    }
    // The low bits of this hash hardly differ between names that differ in one letter.
    return .milliseconds(Int64((hash ^ hash >> 32) % UInt64(most.milliseconds)))
  }
}

/// How many events to send at once: halved where the link is too slow, grown back by a quarter.
package struct BatchSize: Hashable, Sendable {
  package static let most = 500

  /// How many events the next batch may hold.
  package private(set) var current = BatchSize.most

  package init() {}

  /// Takes note of how a delivery ended; only slowness and size shrink the batch.
  package mutating func note(_ error: UplinkError?) {
    switch error {
    case nil: current = min(Self.most, current + max(1, current / 4))
    case .timedOut: current = max(1, current / 2)
    case .refused(let status, _) where status == 413: current = max(1, current / 2)
    case .unreachable, .refused, .busy, .badAnswer, .noKey, .notEnrolled, .cancelled: break
    }
  }
}
