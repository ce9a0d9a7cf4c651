import Domain

/// What passed through a station, counted from its events.
package struct Statistics: Hashable, Sendable {
  /// By what the parcels are told apart.
  package enum Grouping: String, Hashable, Sendable, CaseIterable {
    case hour, day, direction, carrier
  }

  /// Parcels that belong together.
  package struct Row: Hashable, Sendable {
    /// `2026-11-23 16`, `2026-11-23`, `up`, a courier's name; empty where it is not known.
    package var key: String
    package var up = Tally.zero
    package var down = Tally.zero
    /// How many of them have a time that nothing has confirmed.
    package var unconfirmed = 0

    package var parcels: Int { up.parcels + down.parcels }
    package var grams: Int { up.mass.grams + down.mass.grams }
  }

  /// What one device has done.
  package struct Device: Hashable, Sendable {
    /// The action or the role, as `label`, `seal`, `scale`.
    package var name: String
    package var done = 0
    package var failed = 0
    /// Done once more because nobody could tell.
    package var repeated = 0
    /// How often it was out of order.
    package var troubles = 0
  }

  package let grouping: Grouping
  private let hoursAheadOfUTC: Int
  private var groups: [String: Row] = [:]
  private var machines: [String: Device] = [:]
  package private(set) var voided = 0

  package init(by grouping: Grouping, hoursAheadOfUTC: Int = 8) {
    self.grouping = grouping
    self.hoursAheadOfUTC = hoursAheadOfUTC
  }

  /// The groups in order; what is not known stands last.
  package var rows: [Row] {
    groups.values.sorted { ($0.key.isEmpty ? 1 : 0, $0.key) < ($1.key.isEmpty ? 1 : 0, $1.key) }
  }

  /// The devices by name.
  package var devices: [Device] { machines.values.sorted { $0.name < $1.name } }

  package var total: Row {
    groups.values.reduce(into: Row(key: "")) { total, row in
      total.up.parcels += row.up.parcels
      total.up.mass.grams += row.up.mass.grams
      total.down.parcels += row.down.parcels
      total.down.mass.grams += row.down.mass.grams
      total.unconfirmed += row.unconfirmed
    }
  }

  /// Takes one event.
  package mutating func add(_ account: Account) {
    guard let body = account.body else { return }
    switch account.event.type {
    case "parcel.dispatched": count(body, at: account.time)
    case "parcel.voided": voided += 1
    case "action.outcome": outcome(body)
    case "device.state": state(body)
    default: break
    }
  }

  private mutating func count(_ body: JSON, at time: EventTime) {
    let (grams, isDown) = (body["grams"]?.int ?? 0, body["direction"]?.string == "down")
    let key = key(body, time)
    var row = groups[key] ?? Row(key: key)
    if isDown {
      row.down.parcels += 1
      row.down.mass.grams += grams
    } else {
      row.up.parcels += 1
      row.up.mass.grams += grams
    }
    if !time.isTrusted { row.unconfirmed += 1 }
    groups[key] = row
  }

  private func key(_ body: JSON, _ time: EventTime) -> String {
    switch grouping {
    case .hour, .day:
      guard time.certainty != .unknown else { return "" }
      return String(time.local(hoursAheadOfUTC: hoursAheadOfUTC).prefix(grouping == .day ? 10 : 13))
    case .direction: return body["direction"]?.string ?? ""
    case .carrier: return body["carrier"]?.string ?? ""
    }
  }

  private mutating func outcome(_ body: JSON) {
    guard let name = body["action"]?.string else { return }
    switch body["outcome"]?.string {
    case "done": machines[name, default: Device(name: name)].done += 1
    case "failed": machines[name, default: Device(name: name)].failed += 1
    case "repeated": machines[name, default: Device(name: name)].repeated += 1
    default: break
    }
  }

  private mutating func state(_ body: JSON) {
    guard let role = body["role"]?.string, let state = body["state"]?.string else { return }
    guard state == "absent" || state == "failed" || state == "degraded" else { return }
    machines[role, default: Device(name: role)].troubles += 1
  }
}
