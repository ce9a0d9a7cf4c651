import Simulator

/// How often each kind of fault really occurred.
struct FaultTally: Sendable {
  private(set) var counts: [String: Int] = [:]

  mutating func add(_ kind: String, _ count: Int = 1) {
    if count > 0 { counts[kind, default: 0] += count }
  }

  mutating func add(_ other: FaultTally) {
    for (kind, count) in other.counts { add(kind, count) }
  }

  /// What a disk did wrong, before it is given up.
  mutating func add(_ disk: SimulatedDisk, of owner: String) {
    for (fault, count) in disk.counts { add("\(owner): \(fault.rawValue)", count) }
  }

  mutating func add(_ losses: Medium.Losses, of owner: String) {
    add("\(owner): un-synced write kept", losses.kept)
    add("\(owner): un-synced write torn", losses.torn)
    add("\(owner): un-synced write lost", losses.lost)
  }
}

extension FaultTally {
  /// Every kind that a long run must have seen.
  static let kinds: Set<String> = {
    let disks = ["station", "hub"].flatMap { owner in
      DiskFault.allCases.map { "\(owner): \($0.rawValue)" }
        + ["kept", "torn", "lost"].map { "\(owner): un-synced write \($0)" }
        + ["\(owner): power-on after a cut"]
    }
    return Set(
      disks + [
        "station: stopped and started", "station: rewound by the hub",
        "station: power cut between sending and the answer", "clock: back to 1970",
        "clock: forward by years", "clock: put right", "network: request lost",
        "network: answer lost", "network: down for a spell", "network: request while it was down",
        "network: request doubled", "network: requests out of order",
        "hub: restored from an old backup", "card: a copy runs",
      ]
    )
  }()
}
