import Domain
import Glibc

/// The kernel's monotonic clock.
enum Monotonic {
  /// The time now.
  static func now() -> Instant {
    var time = timespec()
    let result = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    precondition(result == 0, "every Linux has a monotonic clock")
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}
