package import Domain

/// What time it is, and how to wait.
package struct TimeSource: Sendable {
  /// The monotonic clock.
  package let now: @Sendable () -> Instant
  /// Waits that long; it returns early when its task is cancelled.
  package let sleep: @Sendable (Duration) async -> Void

  package init(
    now: @escaping @Sendable () -> Instant,
    sleep: @escaping @Sendable (Duration) async -> Void
  ) {
    self.now = now
    self.sleep = sleep
  }

  /// Real time (`CLOCK_MONOTONIC`).
  package static let monotonic = TimeSource(
    now: Monotonic.now,
    sleep: { try? await Task.sleep(for: $0) }
  )
}
