import Domain
import Uplink

/// The questions that are asked of a store.
struct SiteBook {
  let session: any SQLSession

  func sites() throws -> [SiteView] {
    try session.rows(Self.selection + " ORDER BY id", []).map(site)
  }

  func site(_ id: SiteID) throws -> SiteView? {
    try session.rows(Self.selection + " WHERE id = $1", [.text(id.text)]).first.map(site)
  }

  func parcels(of site: SiteID, limit: Int) throws -> [ParcelView] {
    try session.rows(
      """
      SELECT number, state, grams, direction, stage, wall FROM parcel
      WHERE site = $1 ORDER BY id DESC LIMIT $2
      """,
      [.text(site.text), .int(Int64(limit))]
    ).map { row in
      ParcelView(
        number: row.text(0) ?? "",
        state: row.text(1) ?? "",
        grams: Int(row.int(2)),
        direction: row.text(3),
        stage: row.text(4),
        time: RFC3339.text(row.int(5))
      )
    }
  }

  private static let selection =
    "SELECT id, seen, up_parcels, up_grams, down_parcels, down_grams FROM site"

  private func site(_ row: SQLRow) throws -> SiteView {
    guard let site = row.text(0).flatMap({ SiteID($0) }) else {
      throw HubError(
        attempted: "reading the sites",
        cause: "\(row.text(0) ?? "a row") is no site",
        remedy: "check who else writes this store"
      )
    }
    return SiteView(
      site: site,
      lastSeen: RFC3339.text(row.int(1)),
      up: Traffic(parcels: Int(row.int(2)), grams: Int(row.int(3))),
      down: Traffic(parcels: Int(row.int(4)), grams: Int(row.int(5))),
      lanes: try lanes(of: site)
    )
  }

  private func lanes(of site: SiteID) throws -> [LaneView] {
    try session.rows(
      """
      SELECT id, epoch, lane, durable,
      (SELECT count(*) FROM conflict c WHERE c.stream = s.id),
      (SELECT count(*) FROM quarantine q WHERE q.stream = s.id),
      (SELECT count(*) FROM chain_break b WHERE b.stream = s.id),
      (SELECT CAST(coalesce(sum(g.last - g.first + 1), 0) AS BIGINT)
      - (SELECT count(*) FROM event e JOIN gap h ON h.stream = e.stream
      AND e.seq BETWEEN h.first AND h.last WHERE e.stream = s.id)
      FROM gap g WHERE g.stream = s.id)
      FROM stream s WHERE site = $1 ORDER BY id
      """,
      [.text(site.text)]
    ).compactMap { row in
      guard let epoch = row.text(1).flatMap({ Epoch($0) }),
        let lane = row.text(2).flatMap({ Lane(rawValue: $0) })
      else { return nil }
      let types = try session.rows(
        "SELECT type, n FROM type_count WHERE stream = $1",
        [.int(row.int(0))]
      )
      return LaneView(
        epoch: epoch,
        lane: lane,
        durableUpTo: row.int(3),
        conflicts: Int(row.int(4)),
        quarantined: Int(row.int(5)),
        chainBreaks: Int(row.int(6)),
        missing: Int(row.int(7)),
        types: types.reduce(into: [:]) { $0[$1.text(0) ?? ""] = Int($1.int(1)) }
      )
    }
  }
}
