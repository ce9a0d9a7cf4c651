package import Domain
import GRDB

/// A lane of an earlier epoch of which the hub lacks something.
package struct Debt: Hashable, Sendable {
  package var epoch: Epoch
  package var lane: Lane
  /// The sequence up to which the hub holds that lane.
  package var acknowledged: Int64
  package var last: Int64

  /// How many events the hub lacks of it.
  package var owed: Int64 { last - acknowledged }
}

/// What a ledger still owes the hub of an earlier, damaged one.
package struct Arrears: Hashable, Sendable {
  package var epoch: Epoch
  package var lane: Lane
  /// In order of sequence.
  package var events: [Event]
  /// The first sequence of that lane that is still to be had here.
  package var oldest: Int64
}

extension LedgerReader {
  /// The lanes of earlier epochs of which the hub lacks something, records first.
  ///
  /// With `settled` also those of which it has everything by now.
  package func debts(settled: Bool = false) throws(LedgerError) -> [Debt] {
    try read { db in
      let sql = "SELECT * FROM archived WHERE upto < last OR ? ORDER BY lane, epoch"
      return try Row.fetchAll(db, sql: sql, arguments: [settled]).compactMap { row in
        guard let epoch = Epoch(row["epoch"] as String), let lane = Lane(rawValue: row["lane"])
        else { return nil }
        return Debt(epoch: epoch, lane: lane, acknowledged: row["upto"], last: row["last"])
      }
    }
  }

  /// The events of a debt after a sequence, bounded as what is pending; `nil` where there are none.
  ///
  /// Where an event could not be read, one of type ``Event/lost`` stands in its place, without a
  /// chain, so that the hub's count of that epoch comes to its end.
  package func arrears(
    _ debt: Debt,
    after sequence: Int64,
    limit: Int = 500,
    maxBytes: Int = 256 * 1024
  ) throws(LedgerError) -> Arrears? {
    let (epoch, lane) = (debt.epoch, debt.lane)
    return try read { db in
      let rows = try Row.fetchCursor(
        db,
        sql: """
          SELECT *, boot AS boottext FROM archive WHERE epoch = ? AND lane = ? AND seq > ?
          ORDER BY seq LIMIT ?
          """,
        arguments: [epoch.description, lane.rawValue, sequence, min(limit, 500)]
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

  /// When the oldest record that the hub lacks was made, of this epoch or an earlier one; `nil` if
  /// it lacks none.
  package func oldestOwed() throws(LedgerError) -> Timestamp? {
    for debt in try debts() where debt.lane == .records {
      let events = try arrears(debt, after: debt.acknowledged)?.events ?? []
      if let event = events.first(where: { $0.type != Event.lost }) { return event.time }
    }
    return try oldestUnsent(.records)
  }
}
