/// What the ledger records of itself: space given up, damage survived, a clock put right.
package enum Housekeeping: Hashable, Sendable {
  /// Events that the hub has acknowledged were deleted to make room or because of their age.
  case purged(Lane, from: Int64, upTo: Int64, reason: PurgeReason)
  /// A damaged or forked ledger was set aside; this one is its successor.
  case salvaged(Salvaged)
  /// What must be added to the monotonic milliseconds of a boot to have the true time.
  case clockCorrected(boot: String, offsetMilliseconds: Int64, ClockQuality)

  /// The type of what a damaged ledger's successor records.
  package static let salvaged = "ledger.salvaged"
  /// The type of what a forked ledger's successor records.
  package static let renewed = "ledger.renewed"

  /// The type under which the county sees it, without the reverse-domain prefix.
  package var type: String {
    switch self {
    case .purged: "ledger.purged"
    case .salvaged(let salvaged): salvaged.forks.isEmpty ? Self.salvaged : Self.renewed
    case .clockCorrected: "clock.corrected"
    }
  }

  /// What is kept, as canonical JSON.
  package var body: JSON {
    switch self {
    case .purged(let lane, let from, let upTo, let reason):
      .object([
        "lane": .string(lane.rawValue), "from": .int(Int(from)), "upTo": .int(Int(upTo)),
        "reason": .string(reason.rawValue),
      ])
    case .salvaged(let salvaged): salvaged.body
    case .clockCorrected(let boot, let offset, let quality):
      .object([
        "boot": .string(boot), "offsetMilliseconds": .int(Int(offset)),
        "quality": .string(quality.rawValue),
      ])
    }
  }
}

/// Why events were purged.
package enum PurgeReason: String, Hashable, Sendable {
  /// The disk was nearly full.
  case space
  /// They were older than the retention.
  case age
}

/// What could be saved of a ledger that was damaged, or whose history is not the only one.
package struct Salvaged: Hashable, Sendable {
  /// The epoch of that ledger; `nil` where it could not be read.
  package var epoch: Epoch?
  /// The name under which its file is kept.
  package var file: String
  /// Events that were read and proved, or that nothing contradicts.
  package var events: Int
  /// Events that are missing, or whose content the chain contradicts.
  package var lost: Int
  /// Of the events read, those that the hub had not acknowledged; they are still sent.
  package var unsent: Int
  /// Actions of which nobody knows whether they happened, as `SM017-K3F9-000042-7/label/1`.
  package var inDoubt: [String]
  /// What showed that there is another history of it, as `records 51`; empty where it was damaged.
  package var forks: [String]
  /// From which sequence of each lane its events were recorded anew, in order, before this record.
  package var anewFrom: [Lane: Int64] = [:]

  package init(
    epoch: Epoch?,
    file: String,
    events: Int,
    lost: Int,
    unsent: Int,
    inDoubt: [String],
    forks: [String] = []
  ) {
    self.epoch = epoch
    self.file = file
    self.events = events
    self.lost = lost
    self.unsent = unsent
    self.inDoubt = inDoubt
    self.forks = forks
  }

  /// The same as canonical JSON.
  package var body: JSON {
    var fields: [String: JSON] = [
      "epoch": epoch.map { .string($0.description) } ?? .null, "file": .string(file),
      "events": .int(events), "lost": .int(lost), "unsent": .int(unsent),
      "inDoubt": .array(inDoubt.map { .string($0) }),
    ]
    guard !forks.isEmpty else { return .object(fields) }
    fields["forks"] = .array(forks.map { .string($0) })
    fields["anewFrom"] = .object(
      Dictionary(uniqueKeysWithValues: anewFrom.map { ($0.key.rawValue, .int(Int($0.value))) })
    )
    return .object(fields)
  }
}
