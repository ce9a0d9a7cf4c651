import Domain
import Drivers
import ServiceLifecycle

/// Tells the core when quiet hours begin and end.
struct QuietHoursService: Service {
  let hours: QuietHours
  let clock: SystemClock
  let tell: @Sendable (Bool) -> Void

  func run() async throws {
    await cancelWhenGracefulShutdown {
      var last: Bool?
      while !Task.isCancelled {
        let isQuiet = hours.covers(clock.timestamp())
        if isQuiet != last { tell(isQuiet) }
        last = isQuiet
        // The wall clock may jump at any time, so it is asked and not awaited.
        try? await Task.sleep(for: .seconds(20))
      }
    }
  }
}
