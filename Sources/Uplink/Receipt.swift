package import Domain

/// The hub's word, given only after its commit.
package struct Receipt: Hashable, Sendable {
  package var lane: Lane
  package var epoch: Epoch
  /// The hub holds every event up to this one; it may be lower than it was.
  package var durableUpTo: Int64
  /// Sequences of this batch that the hub keeps but cannot read.
  package var quarantined: [Int64]
  /// Sequences of this batch under which the hub holds another event: a cloned or restored card.
  package var conflicts: [Int64]
  /// The hub's time, in milliseconds since 1970.
  package var timeMilliseconds: Int64

  package init(
    lane: Lane,
    epoch: Epoch,
    durableUpTo: Int64,
    quarantined: [Int64] = [],
    conflicts: [Int64] = [],
    timeMilliseconds: Int64
  ) {
    self.lane = lane
    self.epoch = epoch
    self.durableUpTo = durableUpTo
    self.quarantined = quarantined
    self.conflicts = conflicts
    self.timeMilliseconds = timeMilliseconds
  }

  /// How far this counts.
  ///
  /// What the hub holds beyond what it was shown may be another history, and says nothing of what is here; so a mark
  /// goes forward over events that were sent, and over nothing else.
  ///
  /// - Parameters:
  ///   - batch: What this is the answer to.
  ///   - acknowledged: The mark so far.
  /// - Returns: The sequence up to which the hub holds what it was shown.
  package func mark(for batch: Batch, acknowledged: Int64) -> Int64 {
    let shown = batch.events.last?.sequence ?? acknowledged
    let same = conflicts.min().map { $0 - 1 } ?? shown
    return min(durableUpTo, shown, same)
  }

  /// What shows that the hub has another history of the lane.
  ///
  /// - Parameter last: The newest sequence that was ever written here.
  /// - Returns: Sequences, as `records 51`; none where all is well.
  package func forks(last: Int64) -> [String] {
    var signs = conflicts.map { "\(lane.rawValue) \($0)" }
    // Another ledger of the same epoch has written further: this one was set back, or copied.
    if durableUpTo > last { signs.append("\(lane.rawValue) \(last + 1)…\(durableUpTo)") }
    return signs
  }

  /// The receipt as JSON.
  package var json: JSON {
    .object([
      "lane": .string(lane.rawValue), "epoch": .string(epoch.description),
      "durableUpTo": .int(Int(durableUpTo)),
      "quarantined": .array(quarantined.map { .int(Int($0)) }),
      "conflicts": .array(conflicts.map { .int(Int($0)) }),
      "time": .string(RFC3339.text(timeMilliseconds)),
    ])
  }

  /// Reads a receipt; unknown keys are passed over, so that a newer hub may say more.
  package init?(json: JSON) {
    guard let lane = json["lane"]?.string.flatMap({ Lane(rawValue: $0) }),
      let epoch = json["epoch"]?.string.flatMap({ Epoch($0) }),
      let durableUpTo = json["durableUpTo"]?.int, durableUpTo >= 0,
      let quarantined = json["quarantined"]?.array,
      let time = json["time"]?.string.flatMap({ RFC3339.milliseconds($0) })
    else { return nil }
    let sequences = quarantined.compactMap { $0.int.map(Int64.init) }
    // A hub of before did not say.
    let conflicts = json["conflicts"]?.array ?? []
    let forks = conflicts.compactMap { $0.int.map(Int64.init) }
    guard sequences.count == quarantined.count, forks.count == conflicts.count else { return nil }
    self.init(
      lane: lane,
      epoch: epoch,
      durableUpTo: Int64(durableUpTo),
      quarantined: sequences,
      conflicts: forks,
      timeMilliseconds: time
    )
  }
}
