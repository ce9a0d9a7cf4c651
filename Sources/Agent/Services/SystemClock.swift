package import Domain
import Glibc

/// The time of this box: which boot, how long since, and what the wall clock says.
package struct SystemClock: Sendable {
  private let boot: String

  /// Reads the kernel's boot id once.
  package init() {
    boot = Self.readBootID() ?? "unknown"
  }

  package func timestamp() -> Timestamp {
    var wall = timespec()
    unsafe clock_gettime(CLOCK_REALTIME, &wall)
    return Timestamp(
      boot: boot,
      monotonic: MonotonicClock.now(),
      wallMilliseconds: Int64(wall.tv_sec) * 1000 + Int64(wall.tv_nsec) / 1_000_000,
      quality: Self.quality()
    )
  }

  /// Whether the wall clock has been set in this boot, as systemd-timesyncd leaves it noted.
  private static func quality() -> ClockQuality {
    unsafe access("/run/systemd/timesync/synchronized", F_OK) == 0 ? .ntp : .none
  }

  private static func readBootID() -> String? {
    let file = unsafe open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return nil }
    defer { close(file) }
    var bytes = [UInt8](repeating: 0, count: 36)
    guard unsafe read(file, &bytes, bytes.count) == bytes.count else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }
}
