package import Domain
package import Uplink

/// How a station's key stands with the hub.
package enum KeyState: String, Hashable, Sendable, CaseIterable {
  /// It came, and nobody has said anything about it.
  case pending
  case approved
  /// Another box has taken the site over; what this one had begun may still come.
  case replaced
  case revoked
}

/// One key of one site.
package struct KeyView: Hashable, Sendable {
  package var site: SiteID
  package var key: VerificationKey
  package var state: KeyState
  /// When it came first and last, by the hub's clock, in milliseconds since 1970.
  package var first: Int64
  package var last: Int64
  /// How often it was turned away.
  package var times: Int

  /// The view as JSON.
  package var json: JSON {
    .object([
      "site": .string(site.text), "key": .string(key.description),
      "fingerprint": .string(key.fingerprint), "state": .string(state.rawValue),
      "first": .string(RFC3339.text(first)), "last": .string(RFC3339.text(last)),
      "times": .int(times),
    ])
  }
}

/// Whether a batch may come in.
package enum Admission: Hashable, Sendable {
  case granted
  /// Nobody has approved the key; whether it could be noted for the operator.
  case unknown(isNoted: Bool)
  case replaced
  case revoked
}

/// What an operator does with a key.
package enum KeyChange: Hashable, Sendable {
  /// The first box of a site, or one more that was pending.
  case approve(VerificationKey)
  /// A new box in the place of the old.
  case replace(VerificationKey)
  /// This key, or all that the site has.
  case revoke(VerificationKey?)
}

/// The keys in a store, inside one transaction.
struct KeyBook {
  /// Whoever knocks costs a row; these are the most.
  static let mostPending = 500
  static let mostPendingOfSite = 8

  let session: any SQLSession

  /// Every key, by site.
  func all() throws -> [KeyView] { try rows("ORDER BY site, first, key", []) }

  func keys(of site: SiteID) throws -> [KeyView] {
    try rows("WHERE site = $1 ORDER BY first, key", [.text(site.text)])
  }

  private func rows(_ tail: String, _ values: [SQLValue]) throws -> [KeyView] {
    let sql = "SELECT site, key, state, first, last, times FROM station_key \(tail)"
    return try session.rows(sql, values).compactMap { row in
      guard let site = row.text(0).flatMap({ SiteID($0) }),
        let key = row.text(1).flatMap({ VerificationKey($0) }),
        let state = row.text(2).flatMap({ KeyState(rawValue: $0) })
      else { return nil }
      return KeyView(
        site: site,
        key: key,
        state: state,
        first: row.int(3),
        last: row.int(4),
        times: Int(row.int(5))
      )
    }
  }

  /// How a key stands, without a word of it being written.
  func standing(_ key: VerificationKey, _ site: SiteID, _ epoch: Epoch) throws -> Admission {
    let sql = "SELECT state FROM station_key WHERE site = $1 AND key = $2"
    let row = try session.rows(sql, [.text(site.text), .text(key.description)]).first
    switch row?.text(0).flatMap({ KeyState(rawValue: $0) }) {
    case .approved: return .granted
    case .revoked: return .revoked
    case .replaced:
      let begun = try session.number(
        "SELECT count(*) FROM stream WHERE site = $1 AND epoch = $2",
        [.text(site.text), .text(epoch.description)]
      )
      return begun ?? 0 > 0 ? .granted : .replaced
    case .pending, nil: return .unknown(isNoted: row != nil)
    }
  }

  /// Notes a key that nobody has approved, if there is room.
  func note(_ key: VerificationKey, _ site: SiteID, at now: Int64) throws -> Bool {
    let keys = try keys(of: site)
    if let known = keys.first(where: { $0.key == key }) {
      guard known.state == .pending else { return true }
      try session.run(
        "UPDATE station_key SET last = $1, times = times + 1 WHERE site = $2 AND key = $3",
        [.int(now), .text(site.text), .text(key.description)]
      )
      return true
    }
    let all = try session.number("SELECT count(*) FROM station_key WHERE state = 'pending'") ?? 0
    guard keys.count(where: { $0.state == .pending }) < Self.mostPendingOfSite,
      all < Self.mostPending
    else { return false }
    try put(key, site, .pending, at: now)
    return true
  }

  /// Does what the operator says.
  func change(_ site: SiteID, _ change: KeyChange, at now: Int64) throws -> [KeyView] {
    let keys = try keys(of: site)
    let current = keys.filter { $0.state == .approved }
    switch change {
    case .approve(let key):
      if let other = current.first(where: { $0.key != key }) {
        throw HubError(
          attempted: "approving a key for \(site)",
          cause: "\(site) has the key \(other.key.fingerprint)",
          remedy: "`yizhan-hub replace` where a new box takes its place"
        )
      }
      try put(key, site, .approved, at: now)
    case .replace(let key):
      for old in current where old.key != key { try put(old.key, site, .replaced, at: now) }
      try put(key, site, .approved, at: now)
    case .revoke(let key):
      let gone = keys.filter { key == nil ? $0.state != .pending : $0.key == key }
      guard !gone.isEmpty else {
        throw HubError(
          attempted: "revoking a key of \(site)",
          cause: "the hub has no such key",
          remedy: "`yizhan-hub keys` lists them"
        )
      }
      for old in gone { try put(old.key, site, .revoked, at: now) }
    }
    return try self.keys(of: site)
  }

  private func put(
    _ key: VerificationKey,
    _ site: SiteID,
    _ state: KeyState,
    at now: Int64
  ) throws {
    try session.run(
      """
      INSERT INTO station_key (site, key, state, first, last, times)
      VALUES ($1, $2, $3, $4, $5, $6)
      ON CONFLICT (site, key) DO UPDATE SET state = excluded.state, last = excluded.last
      """,
      [
        .text(site.text), .text(key.description), .text(state.rawValue), .int(now), .int(now),
        .int(state == .pending ? 1 : 0),
      ]
    )
  }
}
