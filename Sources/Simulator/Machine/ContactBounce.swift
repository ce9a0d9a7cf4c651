package import Domain

/// The chatter of a mechanical contact around a change.
package struct ContactBounce: Sendable {
  /// How long a contact may chatter; none at zero.
  package var longest: Duration
  private var random: SeededRandom

  package init(longest: Duration = .zero, seed: UInt64 = 1) {
    self.longest = longest
    random = SeededRandom(seed: seed)
  }

  /// The levels that a contact goes through while it changes, with their times.
  ///
  /// - Returns: An odd number of changes; the first and the last have the new level.
  package mutating func changes(to level: Bool, at start: Instant) -> [(level: Bool, at: Instant)] {
    var changes = [(level: level, at: start)]
    guard longest > .zero else { return changes }
    let pairs = Int.random(in: 1...3, using: &random)
    let times = (0..<pairs * 2).map { _ in
      Int64.random(in: 1...max(1, longest.nanoseconds), using: &random)
    }
    for (index, time) in times.sorted().enumerated() {
      changes.append((index % 2 == 0 ? !level : level, start + .nanoseconds(time)))
    }
    return changes
  }
}
