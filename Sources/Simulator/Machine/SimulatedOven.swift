import Domain
import Drivers

/// A heater and what it heats: straight up to its temperature, and down three times as slowly.
struct SimulatedOven: Hashable, Sendable {
  /// The share of its temperature from which its controller calls it hot, and below which not.
  private static let (hot, cold) = (0.95, 0.90)

  private let heatUp: Double
  private var isOn = false
  private var start = 0.0
  private var since: Instant
  private var wasHot = false

  init(heatUp: Duration, at now: Instant) {
    self.heatUp = max(1, Double(heatUp.nanoseconds))
    since = now
  }

  /// How hot it is, 0 to 1.
  func level(at now: Instant) -> Double {
    let time = Double((now - since).nanoseconds) / heatUp
    return isOn ? min(1, start + time) : max(0, start - time / 3)
  }

  mutating func heat(_ isOn: Bool, at now: Instant) {
    start = level(at: now)
    wasHot = isHot(at: now)
    since = now
    self.isOn = isOn
  }

  /// What its controller says; it does not chatter at the limit.
  func isHot(at now: Instant) -> Bool {
    let level = level(at: now)
    return wasHot ? level > Self.cold : level >= Self.hot
  }

  /// When its controller changes its mind next.
  func turn(after now: Instant) -> Instant? {
    let (limit, slope) = isOn ? (Self.hot, 1.0) : (Self.cold, -3.0)
    let share = isOn ? limit - start : (limit - start) * slope
    guard share > 0, isHot(at: now) != isOn else { return nil }
    let at = since + .nanoseconds(Int64(share * heatUp) + 1000)
    return at > now ? at : nil
  }
}
