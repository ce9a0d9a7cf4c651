import Domain
import Synchronization

/// The clock of a box without a battery: each boot has its own, and nobody may rely on the wall's.
final class BoxClock: Sendable {
  private struct State {
    var boots = 0
    var bootedAt = Instant.zero
    var now = Instant.zero
    var wallMilliseconds: Int64 = 0
    var quality = ClockQuality.none
  }

  private let state = Mutex(State())

  /// Wakes up in 1970.
  func boot(at now: Instant) {
    state.withLock { state in
      state = State(boots: state.boots + 1, bootedAt: now, now: now)
    }
  }

  func advance(to now: Instant) {
    state.withLock { state in
      state.wallMilliseconds += (now - state.now).milliseconds
      state.now = now
    }
  }

  /// Somebody, or something, sets the wall clock.
  func set(toMilliseconds wall: Int64, _ quality: ClockQuality) {
    state.withLock { ($0.wallMilliseconds, $0.quality) = (wall, quality) }
  }

  func timestamp() -> Timestamp {
    state.withLock { state in
      let digits = String(state.boots)
      return Timestamp(
        boot: "00000000-0000-0000-0000-" + String(repeating: "0", count: 12 - digits.count)
          + digits,
        monotonic: Instant(nanoseconds: max(1, (state.now - state.bootedAt).nanoseconds)),
        wallMilliseconds: state.wallMilliseconds,
        quality: state.quality
      )
    }
  }
}
