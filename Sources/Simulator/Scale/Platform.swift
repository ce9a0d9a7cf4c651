import Domain
import Glibc

/// The mechanics: a damped swing from one deflection to the next.
struct Platform: Sendable {
  var since: Instant
  var from: Double

  /// How far it may still be from the load, in grams.
  func envelope(at now: Instant, load: Double, settling: Duration) -> Double {
    // Seven time constants bring a swing down to a thousandth.
    let constants = Double((now - since).nanoseconds) / Double(settling.nanoseconds) * 7
    return abs(from - load) * exp(-constants)
  }

  /// Where it is: three swings during the settling time.
  func position(at now: Instant, load: Double, settling: Duration) -> Double {
    let turns = Double((now - since).nanoseconds) / Double(settling.nanoseconds) * 3
    let reach = envelope(at: now, load: load, settling: settling)
    return load + (from < load ? -reach : reach) * cos(turns * 2 * .pi)
  }
}
