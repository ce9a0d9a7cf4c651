package import Domain

/// Waits until a contact has stopped bouncing (去抖).
///
/// A level counts once it has stood for the whole time, so that a spike on a long wire presses no
/// button. It is done here and not in the kernel because libgpiod 1.x cannot ask the kernel for it:
/// so both versions behave alike, and tests run it on a virtual clock.
package struct Debouncer: Sendable {
  private let settle: Duration
  /// The level that counts.
  package private(set) var level: Bool
  /// When it began to count; the start where it never changed.
  package private(set) var countedAt = Instant.zero
  private var pending: (level: Bool, since: Instant)?

  /// Starts from a level that counts at once.
  ///
  /// - Parameters:
  ///   - level: The level at the start.
  ///   - settle: How long a level must stand; zero lets every edge through at once.
  package init(level: Bool, settle: Duration) {
    self.level = level
    self.settle = settle
  }

  /// When ``advance(to:)`` has something to tell; `nil` while the contact rests.
  package var deadline: Instant? { pending.map { $0.since + settle } }

  /// Makes a level count at once, as a reflex does; the way back must rest as ever.
  package mutating func force(_ level: Bool) {
    self.level = level
    pending = nil
  }

  /// Takes an edge.
  ///
  /// A level that had stood long enough when this edge came counts, however late the edge is read:
  /// a short press is not lost to a busy thread.
  ///
  /// - Returns: The new level, if one counts by now.
  package mutating func edge(_ active: Bool, at instant: Instant) -> Bool? {
    guard settle > .zero else {
      guard active != level else { return nil }
      level = active
      countedAt = instant
      return active
    }
    let settled = advance(to: instant)
    if active == level {
      pending = nil
    } else if pending == nil {
      pending = (active, instant)
    }
    return settled
  }

  /// Lets time pass.
  ///
  /// - Returns: The new level, where it has stood long enough.
  package mutating func advance(to now: Instant) -> Bool? {
    guard let waiting = pending, waiting.since + settle <= now else { return nil }
    pending = nil
    level = waiting.level
    countedAt = waiting.since + settle
    return level
  }
}
