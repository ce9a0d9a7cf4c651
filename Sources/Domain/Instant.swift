/// A point on the monotonic clock of this boot.
///
/// Durations and order come from here, never from the wall clock: a box without a battery-backed
/// clock wakes up in 1970 and later jumps. Two instants of different boots do not compare in any
/// useful way, so records carry the boot's id beside them.
package struct Instant: Hashable, Comparable, Sendable {
  /// Nanoseconds since an arbitrary start, as `CLOCK_MONOTONIC` counts them.
  package var nanoseconds: Int64

  package init(nanoseconds: Int64) {
    self.nanoseconds = nanoseconds
  }

  package static let zero = Instant(nanoseconds: 0)

  package static func < (left: Instant, right: Instant) -> Bool {
    left.nanoseconds < right.nanoseconds
  }

  package static func + (left: Instant, right: Duration) -> Instant {
    Instant(nanoseconds: left.nanoseconds + right.nanoseconds)
  }

  package static func - (left: Instant, right: Instant) -> Duration {
    .nanoseconds(left.nanoseconds - right.nanoseconds)
  }

  package static func - (left: Instant, right: Duration) -> Instant {
    Instant(nanoseconds: left.nanoseconds - right.nanoseconds)
  }
}

extension Duration {
  /// The whole duration in nanoseconds; it saturates beyond ±292 years.
  package var nanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (scaled, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    guard !overflow else { return seconds < 0 ? .min : .max }
    let (sum, overflows) = scaled.addingReportingOverflow(attoseconds / 1_000_000_000)
    return overflows ? (seconds < 0 ? .min : .max) : sum
  }

  /// The whole duration in milliseconds, rounded towards zero.
  package var milliseconds: Int64 { nanoseconds / 1_000_000 }
}
