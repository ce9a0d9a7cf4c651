package import Domain
import Glibc

/// A weighing platform with a USB HID plug: a mass on a pan that swings, settles and is reported.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedScale: Sendable {
  /// How a scale misbehaves.
  package enum Fault: String, Hashable, Sendable, CaseIterable {
    case none
    /// It sends nothing any more, as one that has switched itself off.
    case silent
    /// It says of itself that it is broken.
    case faultStatus = "fault"
    /// It never comes to rest, as on a shaking table.
    case stuckMoving = "moving"
    /// It sends its last report for ever, whatever lies on the pan.
    case repeatsLast = "repeats"
  }

  /// Reports that wait at most; as in the kernel's ring, newer ones are dropped beyond that.
  package static let ring = 64

  package let model: Model
  /// The fault that it has now.
  package var fault = Fault.none
  /// Whether its plug is in.
  package private(set) var isPlugged = true
  /// How often its plug was pulled: what was open before is dead.
  package private(set) var unpluggings = 0
  /// The grams that lie on the pan.
  package private(set) var load = 0.0
  /// Whether the host has asked that it returns to zero between two weighings (usage 81).
  package private(set) var enforcesZeroReturn = false
  /// The time that it has reached.
  package private(set) var now: Instant

  private var random: SeededRandom
  private var platform: Platform
  /// What the load cell shows with nothing to weigh: the zero or the tare that was taken.
  private var zeroPoint = 0.0
  private var creep = 0.0
  private var held: Int?
  private var nextReport: Instant
  private var last: [UInt8] = []
  private var reports: [[UInt8]] = []

  /// Sets up an empty scale that is plugged in.
  package init(_ model: Model = Model(), seed: UInt64 = 1, at start: Instant = .zero) {
    self.model = model
    now = start
    random = SeededRandom(seed: seed)
    platform = Platform(since: start, from: 0)
    nextReport = start + model.interval
  }

  /// When it does something by itself next; `nil` while it is unplugged.
  package var nextEvent: Instant? { isPlugged ? nextReport : nil }

  /// What it shows now and how it stands.
  package var display: Display { display(noise: 0) }

  /// Lets time pass; reports that fall due are queued.
  package mutating func advance(to instant: Instant) {
    guard instant > now else { return }
    guard isPlugged else {
      now = instant
      return
    }
    // A long sleep yields only as many reports as the ring can hold.
    let backlog = Int64(Self.ring) * model.interval.nanoseconds
    if instant.nanoseconds - nextReport.nanoseconds > backlog {
      let skipped = (instant.nanoseconds - nextReport.nanoseconds - backlog)
      nextReport.nanoseconds += skipped / model.interval.nanoseconds * model.interval.nanoseconds
    }
    while nextReport <= instant {
      now = nextReport
      emit()
      nextReport = nextReport + model.interval
    }
    now = instant
  }

  /// Puts a weight on the pan, in place of what was there.
  package mutating func place(grams: Double) {
    disturb { $0.load = grams }
  }

  /// Takes everything off the pan.
  package mutating func remove() {
    place(grams: 0)
  }

  /// Lets the load cell wander, as with warmth; small wander is tracked away at zero.
  package mutating func drift(grams: Double) {
    creep += grams
    held = nil
  }

  /// Presses the scale's own tare key: whatever is shown becomes zero.
  package mutating func tare() {
    zeroPoint = load + creep
    held = nil
  }

  /// Takes an output report from the host: `02 02` is zero, `02 01` enforced zero return.
  ///
  /// - Returns: Whether it knows such a report.
  package mutating func receive(_ report: [UInt8]) -> Bool {
    guard report.count == 2, report[0] == 0x02, isPlugged else { return false }
    enforcesZeroReturn = report[1] & 0x01 != 0
    // Zero is set only at rest and near the old zero (OIML R 76, 4.5.1: 4 % of the range in all).
    let net = load + creep - zeroPoint
    if report[1] & 0x02 != 0, isAtRest, abs(net) <= model.capacity * 0.02 { tare() }
    return true
  }

  /// Takes the reports that wait.
  package mutating func takeReports() -> [[UInt8]] {
    defer { reports = [] }
    return reports
  }

  /// Takes the oldest report that waits.
  package mutating func takeReport() -> [UInt8]? {
    reports.isEmpty ? nil : reports.removeFirst()
  }

  /// Forgets all waiting reports but one, as the device's single endpoint buffer does while no
  /// program has it open: the first report after opening is an old one.
  package mutating func keepStaleReport() {
    reports = reports.suffix(1)
  }

  /// Pulls the plug: waiting reports are gone.
  package mutating func unplug() {
    isPlugged = false
    unpluggings += 1
    reports = []
  }

  /// Puts the plug back; many scales then take whatever lies on the pan as zero.
  package mutating func plug() {
    guard !isPlugged else { return }
    isPlugged = true
    held = nil
    last = []
    enforcesZeroReturn = false
    if model.zeroesAtPowerOn { zeroPoint = load + creep }
    nextReport = now + model.interval
  }
}

extension SimulatedScale {
  /// How much the platform still swings, in grams either way.
  private var swing: Double {
    platform.envelope(at: now, load: load, settling: model.settling)
  }

  private var isAtRest: Bool {
    fault != .stuckMoving && swing < model.resolution * 0.25
      && now - platform.since >= .milliseconds(300)
  }

  private mutating func disturb(_ change: (inout Self) -> Void) {
    let shown = platform.position(at: now, load: load, settling: model.settling)
    change(&self)
    platform = Platform(since: now, from: shown)
    held = nil
  }

  private func display(noise: Double) -> Display {
    if fault == .faultStatus { return Display(status: .fault, grams: 0) }
    let weight = load + creep - zeroPoint
    guard weight <= model.capacity + 9 * model.resolution else {
      return Display(status: .overLimit, grams: 0)
    }
    guard isAtRest else {
      let swinging = platform.position(at: now, load: load, settling: model.settling)
      let shown = model.rounded(swinging + creep - zeroPoint + noise)
      return Display(status: .moving, grams: shown)
    }
    let shown = held ?? model.rounded(weight)
    if abs(shown) < Int(model.resolution.rounded(.up)) { return Display(status: .zero, grams: 0) }
    return Display(status: shown < 0 ? .underZero : .stable, grams: shown)
  }

  private mutating func emit() {
    guard fault != .silent else { return }
    if fault != .repeatsLast || last.isEmpty {
      // Noise is of the size of the swing, and a little more while the platform cannot rest.
      let reach = min(swing, model.resolution * 2) + (fault == .stuckMoving ? 3 : 0.3)
      let shown = display(noise: Double.random(in: -reach...reach, using: &random))
      trackZero(shown)
      if isAtRest { held = shown.grams }
      last = model.report(shown)
    }
    if reports.count < Self.ring { reports.append(last) }
  }

  /// Zero tracking: at rest at zero, a wander of less than half a division becomes the new zero.
  private mutating func trackZero(_ shown: Display) {
    let net = load + creep - zeroPoint
    if shown.status == .zero, abs(net) <= model.resolution / 2 { zeroPoint += net }
  }
}

/// The mechanics: a damped swing from one deflection to the next.
private struct Platform: Sendable {
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
