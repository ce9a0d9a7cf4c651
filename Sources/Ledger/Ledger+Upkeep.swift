import Domain
import Foundation
import GRDB

extension Ledger {
  /// One small step of keeping house: the ballast, and at most a few hundred events purged.
  ///
  /// Only what the hub has acknowledged goes, the oldest first, and never the newest event of a
  /// lane. While room is scarce that is telemetry, then records older than the least age; otherwise
  /// what is older than the retention. Age is told from trusted clocks alone: an event is as old
  /// as a later one of known time at least. Each step leaves a record.
  ///
  /// - Returns: Whether another step may find more to do.
  package func upkeep() throws(LedgerError) -> Bool {
    guard let policy else { return false }
    restoreBallast()
    let plan: Purge?
    do {
      let clocks = try reader.clocks()
      plan = try reader.read { db in
        let room = try Disk(of: path).freeBytes + Self.freeInside(db)
        return try Purge.plan(policy, room: room, now: clocks.time(of: now()), clocks, db)
      }
    } catch { throw LedgerError(error, attempted: "looking for room in \(path)") }
    guard let plan else { return false }
    let record = Housekeeping.purged(
      plan.lane,
      from: plan.from,
      upTo: plan.upTo,
      reason: plan.reason
    )
    _ = try keep([.housekeeping(record)]) { db in try plan.carryOut(epoch: epoch, db) }
    return true
  }

  /// What is free inside the file.
  static func freeInside(_ db: Database) throws -> Int64 {
    try Int64.fetchOne(db, sql: "PRAGMA freelist_count").map { $0 * Int64(Schema.pageBytes) } ?? 0
  }
}

/// The events that one step deletes.
struct Purge {
  let lane: Lane
  let from: Int64
  let upTo: Int64
  let reason: PurgeReason

  /// How far a step looks for an event whose time is known.
  private static let farthestLook = 20_000

  /// Fewer than these are not worth the record that tells of them.
  private static let leastWorth: Int64 = 100

  static func plan(
    _ policy: SpacePolicy,
    room: Int64,
    now: EventTime,
    _ clocks: ClockBook,
    _ db: Database
  ) throws -> Purge? {
    func step(_ lane: Lane, olderThanDays days: Int?, _ reason: PurgeReason) throws -> Purge? {
      let position = try Queries.position(lane, db)
      let limit = min(
        position.acknowledged,
        position.last - 1,
        position.purged + Int64(policy.stepEvents)
      )
      guard limit > position.purged else { return nil }
      var upTo = limit
      if let days {
        guard now.isTrusted else { return nil }
        let cutoff = now.milliseconds - Int64(days) * 86_400_000
        upTo = min(limit, try known(lane, after: position.purged, before: cutoff, clocks, db))
      }
      guard upTo - position.purged >= min(leastWorth, Int64(policy.stepEvents)) else { return nil }
      return Purge(lane: lane, from: position.purged + 1, upTo: upTo, reason: reason)
    }
    if room < policy.scarceBytes {
      return try step(.telemetry, olderThanDays: nil, .space)
        ?? step(.records, olderThanDays: policy.leastDays, .space)
    }
    return try step(.telemetry, olderThanDays: policy.retentionDays, .age)
      ?? step(.records, olderThanDays: policy.retentionDays, .age)
  }

  /// The last sequence that is certainly older than a time; 0 where none is.
  private static func known(
    _ lane: Lane,
    after start: Int64,
    before cutoff: Int64,
    _ clocks: ClockBook,
    _ db: Database
  ) throws -> Int64 {
    let rows = try Row.fetchCursor(
      db,
      sql: Queries.selection(lane) + " WHERE e.seq > ? ORDER BY e.seq LIMIT ?",
      arguments: [start, farthestLook]
    )
    var (known, seen): (Int64, Int) = (0, 0)
    while let row = try rows.next() {
      let event = try Queries.event(row, lane, Epoch(0))
      let time = clocks.time(of: event.time)
      seen += 1
      guard time.isTrusted else { continue }
      guard time.milliseconds <= cutoff else { break }
      known = event.sequence
      // One step deletes less than this anyway.
      if seen >= 2000 { break }
    }
    return known
  }

  func carryOut(epoch: Epoch, _ db: Database) throws {
    let anchor = try Data.fetchOne(
      db,
      sql: "SELECT chain FROM \(lane.rawValue) WHERE seq = ?",
      arguments: [upTo]
    )
    guard let anchor else {
      throw LedgerError(
        .corrupt,
        attempted: "purging \(lane.rawValue)",
        cause: "event \(upTo) is missing"
      )
    }
    if lane == .records { try forgetParcels(epoch, db) }
    try db.execute(
      sql: "DELETE FROM \(lane.rawValue) WHERE seq BETWEEN ? AND ?",
      arguments: [from, upTo]
    )
    try db.execute(
      sql: "UPDATE acknowledged SET purged = ?, anchor = ? WHERE lane = ?",
      arguments: [upTo, anchor, lane.rawValue]
    )
  }

  /// Parcels whose end is purged leave the projections too, except the newest: the next serial
  /// number is counted from it.
  private func forgetParcels(_ epoch: Epoch, _ db: Database) throws {
    let count = Int(upTo - from + 1)
    let events = try Queries.events(
      .records,
      after: from - 1,
      limit: count,
      maxBytes: .max,
      epoch,
      db
    )
    for event in events where event.type == "parcel.dispatched" || event.type == "parcel.voided" {
      let body = try? JSON(parsing: event.body)
      guard let number = body?["parcel"]?.string.flatMap({ ParcelNumber($0) }),
        let serial = number.parts?.serial
      else { continue }
      try db.cachedStatement(
        sql: """
          DELETE FROM state WHERE id >= ?1 AND id < ?2 AND ?2 <= (SELECT max(id) FROM state)
          AND ?3 = (SELECT number FROM state WHERE id = ?1)
          AND NOT EXISTS (
            SELECT 1 FROM state WHERE id > ?1 AND id < ?2 AND kind > 0 AND state IS NULL)
          """
      ).execute(arguments: [Schema.key(serial), Schema.key(serial + 1), number.text])
    }
  }
}
