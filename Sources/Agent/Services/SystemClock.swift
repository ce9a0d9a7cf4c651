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

  /// Whether NTP has set the wall clock in this boot: as systemd-timesyncd leaves it noted, or as
  /// the kernel knows it from whatever disciplines its clock (chrony, ntpd).
  private static func quality() -> ClockQuality {
    if unsafe access("/run/systemd/timesync/synchronized", F_OK) == 0 { return .ntp }
    return isDisciplined() ? .ntp : .none
  }

  /// adjtimex(2) with nothing to change answers with the state of the clock.
  ///
  /// Its structure is none of those that Swift sees; an all-zero one of more than its size does,
  /// for its first word says what to change.
  private static func isDisciplined() -> Bool {
    typealias Call = @convention(c) (UnsafeMutableRawPointer) -> CInt
    guard let symbol = unsafe dlsym(nil, "adjtimex") else { return false }
    let call = unsafe unsafeBitCast(symbol, to: Call.self)
    var state = [UInt64](repeating: 0, count: 64)
    let answer = unsafe state.withUnsafeMutableBytes { bytes in
      unsafe bytes.baseAddress.map { unsafe call($0) } ?? -1
    }
    // 5 is TIME_ERROR: nobody disciplines it.
    return (0..<5).contains(answer)
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
