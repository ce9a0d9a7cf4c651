package import Domain
import Foundation
import GRDB

/// What a ledger still owes the hub of an earlier, damaged one.
package struct Arrears: Hashable, Sendable {
  package var epoch: Epoch
  package var lane: Lane
  /// In order of sequence.
  package var events: [Event]
  /// The first sequence of that lane that is still to be had here.
  package var oldest: Int64
}

extension Ledger {
  /// The oldest events of an earlier epoch that the hub has not acknowledged; `nil` without any.
  ///
  /// Where an event could not be read, one of type `ledger.lost` stands in its place, without a
  /// chain, so that the hub's count of that epoch comes to its end.
  package func arrears(limit: Int = 500, maxBytes: Int = 256 * 1024) throws(LedgerError) -> Arrears?
  {
    try reader.read { db in
      let sql = "SELECT * FROM archived WHERE upto < last ORDER BY lane, epoch LIMIT 1"
      guard let place = try Row.fetchOne(db, sql: sql), let epoch = Epoch(place["epoch"]),
        let lane = Lane(rawValue: place["lane"])
      else { return nil }
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT *, boot AS boottext FROM archive WHERE epoch = ? AND lane = ? AND seq > ?
          ORDER BY seq LIMIT ?
          """,
        arguments: [epoch.description, lane.rawValue, place["upto"] as Int64, min(limit, 500)]
      )
      var (events, bytes): ([Event], Int) = ([], 0)
      while let row = try rows.next() {
        let event = try Queries.event(row, lane, epoch)
        bytes += event.body.count
        if !events.isEmpty, bytes > maxBytes { break }
        events.append(event)
      }
      let oldest = try Int64.fetchOne(
        db,
        sql: "SELECT min(seq) FROM archive WHERE epoch = ? AND lane = ?",
        arguments: [epoch.description, lane.rawValue]
      )
      guard let oldest, !events.isEmpty else { return nil }
      return Arrears(epoch: epoch, lane: lane, events: events, oldest: oldest)
    }
  }

  /// Notes up to where the hub holds a lane of an earlier epoch.
  ///
  /// The rows stay: the hub may go back here as well. What it has beyond the last is no news.
  package func acknowledgeArrears(
    _ epoch: Epoch,
    _ lane: Lane,
    durableUpTo sequence: Int64
  ) throws(LedgerError) {
    try write("acknowledging \(lane.rawValue) of \(epoch) up to \(sequence)") { db in
      try db.execute(
        sql: "UPDATE archived SET upto = min(?1, last) WHERE epoch = ?2 AND lane = ?3 AND ?1 >= 0",
        arguments: [sequence, epoch.description, lane.rawValue]
      )
      guard db.changesCount == 1 else {
        throw LedgerError(
          .refused,
          attempted: "acknowledging \(lane.rawValue) of \(epoch) up to \(sequence)",
          cause: "this ledger owes nothing of that"
        )
      }
    }
  }

  /// Takes over what an earlier ledger had not delivered of a lane.
  func archive(_ lane: Lane, of epoch: Epoch, from source: SalvageReader) throws
    -> SalvageReader.Lode
  {
    var waiting: [Event] = []
    let lode = try source.lode(lane) { find, lode in
      guard find.event.sequence > lode.acknowledged else { return }
      waiting.append(find.event)
      if waiting.count >= 500 {
        try archive(waiting)
        waiting = []
      }
    }
    try archive(waiting)
    for range in lode.lost where range.upperBound > lode.acknowledged {
      let owed = max(range.lowerBound, lode.acknowledged + 1)...range.upperBound
      try archive(owed.map { Self.lost(epoch, lane, $0) })
    }
    guard lode.last > lode.acknowledged else { return lode }
    try write("archiving \(lane.rawValue) of \(epoch)") { db in
      try db.execute(
        sql: "INSERT INTO archived VALUES (?, ?, ?, ?)",
        arguments: [epoch.description, lane.rawValue, lode.acknowledged, lode.last]
      )
    }
    return lode
  }

  private func archive(_ events: [Event]) throws {
    try write("archiving \(events.count) events") { db in
      try db.inTransaction(.immediate) {
        for event in events { try Self.archive(event, db) }
        return .commit
      }
    }
  }

  private static func archive(_ event: Event, _ db: Database) throws {
    try db.cachedStatement(sql: "INSERT OR REPLACE INTO archive VALUES (?,?,?,?,?,?,?,?,?,?)")
      .execute(arguments: [
        event.epoch.description, event.lane.rawValue, event.sequence, event.type,
        Data(event.body), event.time.boot, event.time.monotonic.nanoseconds,
        event.time.wallMilliseconds, event.time.quality.code, Data(event.chain),
      ])
  }

  private static func lost(_ epoch: Epoch, _ lane: Lane, _ sequence: Int64) -> Event {
    Event(
      epoch: epoch,
      lane: lane,
      sequence: sequence,
      type: "ledger.lost",
      body: JSON.object(["reason": .string("unreadable in a damaged ledger")]).canonical,
      time: Timestamp(boot: "unknown", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    )
  }

  /// Takes over which waybills were taken, and what passed in which hour.
  func remember(waybills: [String], tally: [Row]) throws {
    try write("taking over waybills and counts") { db in
      try db.inTransaction(.immediate) {
        for waybill in waybills {
          try db.cachedStatement(sql: "INSERT OR IGNORE INTO former_waybill VALUES (?)")
            .execute(arguments: [waybill])
        }
        for row in tally {
          guard let hour = Int64.fromDatabaseValue(row["hour"]),
            let kind = Int.fromDatabaseValue(row["kind"]),
            let number = Int.fromDatabaseValue(row["n"]),
            let grams = Int.fromDatabaseValue(row["grams"])
          else { continue }
          try db.execute(
            sql: "INSERT OR IGNORE INTO tally VALUES (?, ?, ?, ?)",
            arguments: [hour, kind, number, grams]
          )
        }
        return .commit
      }
    }
  }
}
