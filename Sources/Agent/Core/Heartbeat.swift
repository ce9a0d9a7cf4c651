package import Domain

/// The pulses that keep a hardware watchdog relay closed (看门狗继电器).
///
/// A retriggerable monostable in front of the relay lets go when the pulses stop, and with it goes
/// what must not stay on without anybody watching, as a heater. What stops them:
/// - *The thread that reads the edges hangs or comes late.* It makes the pulses itself, so they end
///   with it. A beat more than a period late counts as a stop even if the thread has come back: the
///   relay may have let go in between.
/// - *Swift's pool has not answered for the watchdog's interval.* Ledger, printer and workflow live
///   there: without them nobody would notice what goes wrong, or could be told.
/// - *A stop, a crash, a line that is gone.* The line falls with its owner.
///
/// What does not: a full disk, a lost hub, an open guard, a pressed emergency stop. Each has an
/// answer of its own, and a relay that lets go for many reasons tells of none.
///
/// After a stop the relay would close again by itself, and what its owner still holds on would run:
/// so whoever hears of a lapse switches everything off before the pulses go on (ISO 14118).
package struct Heartbeat: Sendable {
  /// Why the pulses stopped.
  package enum Lapse: String, Hashable, Sendable, CaseIterable {
    /// The thread came late to its own beat.
    case late
    /// The pool has not answered in time.
    case silent
  }

  /// What is to be done now.
  package enum Beat: Hashable, Sendable {
    case drive(Bool)
    /// The line must be inactive, and everything else off.
    case lapsed(Lapse)
  }

  /// Half a period: from one change of the line to the next.
  private let half: Duration
  private var level = false
  /// When the line changes next; `nil` while there are no pulses.
  private var next: Instant?
  private var aliveUntil = Instant.zero
  /// Whether the pulses stopped by themselves, and have not begun anew.
  package private(set) var hasLapsed = false

  /// Describes pulses that have not begun.
  ///
  /// - Parameter period: From one rise of the line to the next.
  package init(period: Duration) {
    half = period / 2
  }

  package var isBeating: Bool { next != nil }

  /// When ``advance(to:)`` has something to do; `nil` while there are no pulses.
  package var deadline: Instant? { next.map { min($0, aliveUntil) } }

  /// Takes a sign of life of the pool; the first one begins the pulses.
  ///
  /// - Parameters:
  ///   - until: How long it is good for.
  ///   - now: When it was taken.
  /// - Returns: Whether the pulses begin with it.
  package mutating func live(until: Instant, at now: Instant) -> Bool {
    aliveUntil = max(aliveUntil, until)
    guard next == nil, now < aliveUntil else { return false }
    next = now
    hasLapsed = false
    return true
  }

  /// Lets time pass.
  package mutating func advance(to now: Instant) -> Beat? {
    guard let due = next else { return nil }
    if now - due > half * 2 { return lapse(.late) }
    if now >= aliveUntil { return lapse(.silent) }
    guard now >= due else { return nil }
    level.toggle()
    // From when it was due, so that the rate stays what it is set to; but a late beat is not made
    // up for by one that no monostable would see.
    next = max(due + half, now + half / 2)
    return .drive(level)
  }

  /// Ends the pulses, as at a stop.
  ///
  /// - Returns: Whether the line must be driven inactive for it.
  package mutating func stop() -> Bool {
    next = nil
    aliveUntil = .zero
    defer { level = false }
    return level
  }

  private mutating func lapse(_ reason: Lapse) -> Beat {
    next = nil
    level = false
    hasLapsed = true
    return .lapsed(reason)
  }
}
