package import Domain

/// Parcels and their weight, one way.
package struct Traffic: Hashable, Sendable {
  package var parcels = 0
  package var grams = 0

  package init(parcels: Int = 0, grams: Int = 0) {
    self.parcels = parcels
    self.grams = grams
  }

  mutating func add(_ mass: Int) {
    parcels += 1
    grams += mass
  }

  var json: JSON { .object(["parcels": .int(parcels), "grams": .int(grams)]) }
}

/// What the hub holds of one lane of one ledger.
package struct LaneView: Hashable, Sendable {
  package var epoch: Epoch
  package var lane: Lane
  /// Everything up to this sequence is held.
  package var durableUpTo: Int64
  /// How many different rows came for a place that was taken.
  package var conflicts: Int
  /// How many rows could not be read.
  package var quarantined: Int
  /// At how many places the station's hash chain does not fit.
  package var chainBreaks: Int
  /// How many events the station gave up before the hub had them.
  package var missing: Int
  /// How many events there are of each type.
  package var types: [String: Int]

  /// How many things want somebody's eye: ledgers that took the place of others are among them, for
  /// a card that was copied may show in nothing else.
  package var odd: Int {
    let replaced = [Housekeeping.salvaged, Housekeeping.renewed].compactMap { types[$0] }
    return replaced.reduce(conflicts + quarantined + chainBreaks + missing, +)
  }

  var json: JSON {
    .object([
      "epoch": .string(epoch.description), "lane": .string(lane.rawValue),
      "durableUpTo": .int(Int(durableUpTo)), "conflicts": .int(conflicts),
      "quarantined": .int(quarantined), "chainBreaks": .int(chainBreaks),
      "missing": .int(missing), "types": .object(types.mapValues { .int($0) }),
    ])
  }
}

/// What the hub knows of one site.
package struct SiteView: Hashable, Sendable {
  package var site: SiteID
  /// When it last delivered, by the hub's clock, in RFC 3339.
  package var lastSeen: String
  package var up: Traffic
  package var down: Traffic
  package var lanes: [LaneView]

  /// The view as JSON.
  package var json: JSON {
    .object([
      "site": .string(site.text), "lastSeen": .string(lastSeen), "up": up.json,
      "down": down.json, "lanes": .array(lanes.map(\.json)),
    ])
  }
}

/// What the hub knows of one parcel.
package struct ParcelView: Hashable, Sendable {
  package var number: String
  /// `done` or `voided`.
  package var state: String
  package var grams: Int
  package var direction: String?
  package var stage: String?
  /// When it was finished, by the station's clock, in RFC 3339.
  package var time: String

  /// The view as JSON.
  package var json: JSON {
    .object([
      "parcel": .string(number), "state": .string(state), "grams": .int(grams),
      "direction": direction.map { .string($0) } ?? .null,
      "stage": stage.map { .string($0) } ?? .null, "time": .string(time),
    ])
  }
}
