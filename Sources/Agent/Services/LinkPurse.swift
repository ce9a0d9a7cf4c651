package import Domain
package import Logging
import Synchronization
package import Uplink

/// Keeps over restarts what is left of a metered link's day.
///
/// What stands in its file is never more than what is left: a piece of the budget is drawn before it
/// is used, so that the file is written once for each piece and not with each batch, and a station
/// that is cut off again and again pays for each start.
///
/// What has filled up while the daemon was off is told by the monotonic clock within one boot. From
/// another boot the time that this one has run is sure; more is believed only where NTP had set the
/// wall clock at both ends. A clock that is wrong gives nothing: it can neither fill nor empty.
package final class LinkPurse: Sendable {
  private struct State {
    /// What stands in the file, in bytes.
    var kept: Int64?
  }

  private static let name = "link.budget"

  private let folder: CourierFolder
  private let bytesPerDay: Int
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private let state = Mutex(State())

  /// - Parameters:
  ///   - folder: The station's state.
  ///   - bytesPerDay: The budget as configured.
  ///   - now: The time, with how far it may be believed.
  ///   - logger: Told where the file cannot be written.
  package init(
    folder: String,
    bytesPerDay: Int,
    now: @escaping @Sendable () -> Timestamp,
    logger: Logger
  ) {
    self.folder = CourierFolder(folder)
    self.bytesPerDay = bytesPerDay
    self.now = now
    self.logger = logger
  }

  /// How much is drawn at once, in bytes.
  private var piece: Int64 { max(16 * 1024, Int64(bytesPerDay) / 64) }

  /// The budget as the last run left it; a full one where there was none.
  package func load() -> LinkBudget {
    let now = now()
    guard let bytes = (try? folder.read(Self.name)) ?? nil, let json = try? JSON(parsing: bytes),
      let level = json["level"]?.int, let boot = json["boot"]?.string,
      let monotonic = json["monotonic"]?.int, let wall = json["wall"]?.int,
      let quality = json["clock"]?.string.flatMap(ClockQuality.init)
    else { return LinkBudget(bytesPerDay: bytesPerDay, now: now.monotonic) }
    let then = Timestamp(
      boot: boot,
      monotonic: Instant(nanoseconds: Int64(monotonic)),
      wallMilliseconds: Int64(wall),
      quality: quality
    )
    state.withLock { $0.kept = Int64(level) }
    return LinkBudget(
      bytesPerDay: bytesPerDay,
      now: now.monotonic,
      level: Int64(level),
      before: Self.passed(from: then, to: now)
    )
  }

  /// How long it has been at least.
  private static func passed(from then: Timestamp, to now: Timestamp) -> Duration {
    if then.boot == now.boot { return max(.zero, now.monotonic - then.monotonic) }
    let running = now.monotonic - Instant(nanoseconds: 0)
    guard then.quality == .ntp, now.quality == .ntp else { return running }
    return max(running, .milliseconds(now.wallMilliseconds - then.wallMilliseconds))
  }

  /// Notes what is left after bytes have moved; writes where the piece that was drawn is used up.
  package func note(_ left: Int64) {
    guard state.withLock({ $0.kept.map { left < $0 } ?? true }) else { return }
    write(left - piece)
  }

  /// Puts back what was drawn and not used, at an orderly stop.
  package func close(_ left: Int64) { write(left) }

  private func write(_ level: Int64) {
    let time = now()
    let json = JSON.object([
      "level": .int(Int(level)), "boot": .string(time.boot),
      "monotonic": .int(Int(time.monotonic.nanoseconds)), "wall": .int(Int(time.wallMilliseconds)),
      "clock": .string(time.quality.rawValue),
    ])
    do throws(CourierError) {
      try folder.write(Self.name, json.canonical)
      state.withLock { $0.kept = level }
    } catch { logger.warning("\(error)") }
  }
}
