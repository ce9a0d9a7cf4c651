package import Domain

/// How far a parcel has come.
package enum ParcelState: String, Hashable, Sendable, CaseIterable {
  case open
  case done
  case voided
}

/// A parcel as the ledger knows it now.
package struct ParcelRecord: Hashable, Sendable {
  package var number: ParcelNumber
  package var mass: Mass
  package var state: ParcelState
  /// The highest copy of the label known to have come out; 0 for none.
  package var labelCopy: Int
  package var sealed: Bool
  /// Whose parcel it is, where it was scanned.
  package var shipment: Shipment?

  package init(
    number: ParcelNumber,
    mass: Mass,
    state: ParcelState,
    labelCopy: Int,
    sealed: Bool,
    shipment: Shipment? = nil
  ) {
    self.number = number
    self.mass = mass
    self.state = state
    self.labelCopy = labelCopy
    self.sealed = sealed
    self.shipment = shipment
  }
}

/// Parcels and their weight.
package struct Tally: Hashable, Sendable {
  package var parcels: Int
  package var mass: Mass

  package init(parcels: Int, mass: Mass) {
    self.parcels = parcels
    self.mass = mass
  }

  package static let zero = Tally(parcels: 0, mass: .zero)
}

/// What passed one way in one hour.
package struct Throughput: Hashable, Sendable {
  /// Whole hours since 1970-01-01T00:00Z, as well as the ledger knows.
  package var hour: Int64
  package var direction: Direction
  package var tally: Tally
}

/// How often each thing has happened in the life of this ledger.
package struct Counters: Hashable, Sendable {
  package var labels: Int
  package var seals: Int
  package var voids: Int
  package var straps: Int
  /// Cycles of the machine that did not end well.
  package var badCycles: Int
  /// Cycles that the machine had done in all when it was last serviced; 0 where it never was.
  package var serviced: Int

  package init(
    labels: Int = 0,
    seals: Int = 0,
    voids: Int = 0,
    straps: Int = 0,
    badCycles: Int = 0,
    serviced: Int = 0
  ) {
    self.labels = labels
    self.seals = seals
    self.voids = voids
    self.straps = straps
    self.badCycles = badCycles
    self.serviced = serviced
  }

  /// Cycles of the machine, good and bad.
  package var cycles: Int { seals + straps + badCycles }
}

/// Where a lane stands.
package struct Position: Hashable, Sendable {
  /// The newest sequence; 0 in an empty lane.
  package var last: Int64
  /// The sequence up to which the hub has said that it holds everything.
  package var acknowledged: Int64
  /// The sequence up to which events have been deleted; 0 where all are kept.
  package var purged: Int64

  package init(last: Int64, acknowledged: Int64, purged: Int64 = 0) {
    self.last = last
    self.acknowledged = acknowledged
    self.purged = purged
  }

  /// How many events the hub lacks.
  package var pending: Int64 { last - acknowledged }
}

/// What the daemon must know before it lets a worker begin.
package struct Recovery: Hashable, Sendable {
  /// One more than the highest serial number ever issued by this ledger.
  package var nextSerial: Int
  /// Actions that may or may not have happened, in the order in which they were armed.
  package var inDoubt: [Intent]
  /// Parcels that are neither done nor voided, by number.
  package var open: [ParcelRecord]
  /// What has passed since midnight, local time.
  package var today: [Direction: Tally]
}
