package import Domain
import Foundation
import GRDB

extension Ledger {
  /// The oldest events of an earlier epoch that the hub has not acknowledged; `nil` without any.
  package func arrears(limit: Int = 500, maxBytes: Int = 256 * 1024) throws(LedgerError) -> Arrears?
  {
    guard let debt = try reader.debts().first else { return nil }
    return try reader.arrears(debt, after: debt.acknowledged, limit: limit, maxBytes: maxBytes)
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

  /// Owes everything that is kept of earlier epochs anew: a hub that has gone back may lack it too.
  package func owesAgain() throws(LedgerError) {
    try write("owing earlier epochs anew") { db in
      try db.execute(
        sql: """
          UPDATE archived SET upto = (
            SELECT min(seq) - 1 FROM archive a WHERE a.epoch = archived.epoch AND a.lane = archived.lane)
          WHERE EXISTS (
            SELECT 1 FROM archive a WHERE a.epoch = archived.epoch AND a.lane = archived.lane)
          """
      )
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
      type: Event.lost,
      body: JSON.object(["reason": .string("unreadable in a damaged ledger")]).canonical,
      time: Timestamp(boot: "unknown", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    )
  }

  /// Records anew what an earlier ledger had not delivered of a lane, with its time as it was.
  ///
  /// Under the old epoch the hub has another history of it, and would take it for that.
  func adopt(_ lane: Lane, beyond mark: Int64, from source: SalvageReader) throws
    -> SalvageReader.Lode
  {
    var waiting: [Event] = []
    let lode = try source.lode(lane) { find, _ in
      guard find.event.sequence > mark else { return }
      waiting.append(find.event)
      if waiting.count >= 500 {
        try adopt(waiting)
        waiting = []
      }
    }
    try adopt(waiting)
    return lode
  }

  /// Takes over what an earlier ledger knew beside its events.
  func remember(_ memory: SalvageReader.Memory, of source: SalvageReader) throws {
    for debt in memory.owed { try archive(debt, from: source) }
    try write("taking over what was known") { db in
      try db.inTransaction(.immediate) {
        for waybill in memory.waybills {
          try db.cachedStatement(sql: "INSERT OR IGNORE INTO former_waybill VALUES (?)")
            .execute(arguments: [waybill])
        }
        for row in memory.tally { try Self.keep(row, "tally", ["hour", "kind", "n", "grams"], db) }
        for (index, row) in memory.states.enumerated() { try Self.carry(row, at: index, db) }
        for row in memory.corrections { try Self.correct(row, db) }
        return .commit
      }
    }
  }

  private func archive(_ debt: Row, from source: SalvageReader) throws {
    guard let epoch = String.fromDatabaseValue(debt["epoch"]).flatMap(Epoch.init),
      let lane = String.fromDatabaseValue(debt["lane"]).flatMap(Lane.init),
      let upTo = Int64.fromDatabaseValue(debt["upto"]),
      let last = Int64.fromDatabaseValue(debt["last"]), upTo < last,
      last - upTo <= SalvageReader.mostOwed
    else { return }
    for start in stride(from: upTo + 1, through: last, by: 500) {
      try archive(
        (start...min(start + 499, last)).map { sequence in
          source.owed(epoch, lane, sequence) ?? Self.lost(epoch, lane, sequence)
        }
      )
    }
    try write("archiving \(lane.rawValue) of \(epoch)") { db in
      try db.execute(
        sql: "INSERT OR REPLACE INTO archived VALUES (?, ?, ?, ?)",
        arguments: [epoch.description, lane.rawValue, upTo, last]
      )
    }
  }

  /// A parcel in doubt keeps its number and its serial, so that the worker's answer finds it.
  ///
  /// New numbers are counted from the highest serial there is: none is issued twice.
  private static func carry(_ row: Row, at index: Int, _ db: Database) throws {
    guard let serial = Int.fromDatabaseValue(row["serial"]), serial > 0,
      let kind = Int.fromDatabaseValue(row["kind"]), (0..<16).contains(kind),
      let copy = Int.fromDatabaseValue(row["copy"]), (0..<256).contains(copy)
    else { return }
    if kind == 0 {
      let number = String.fromDatabaseValue(row["number"]).flatMap { ParcelNumber($0) }
      guard number?.parts?.serial == serial else { return }
    }
    // Asked before what comes later, in the order in which they were armed.
    let order = kind == 0 ? nil : index - 1_000_000
    try db.execute(
      sql: """
        INSERT OR IGNORE INTO state
        (id, serial, kind, copy, grams, seq, state, evidence, number, labels, sealed, waybill, carrier)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
        """,
      arguments: [
        Schema.key(serial, kind, copy), serial, kind, copy,
        Int.fromDatabaseValue(row["grams"]) ?? 0, order, Int.fromDatabaseValue(row["state"]),
        Int.fromDatabaseValue(row["evidence"]), String.fromDatabaseValue(row["number"]),
        Int.fromDatabaseValue(row["labels"]), Int.fromDatabaseValue(row["sealed"]),
        String.fromDatabaseValue(row["waybill"]), String.fromDatabaseValue(row["carrier"]),
      ]
    )
  }

  private static func correct(_ row: Row, _ db: Database) throws {
    guard let boot = String.fromDatabaseValue(row["text"]) else { return }
    try db.execute(sql: "INSERT OR IGNORE INTO word (text) VALUES (?)", arguments: [boot])
    let sql = "SELECT id FROM word WHERE text = ?"
    guard let id = try Int64.fetchOne(db, sql: sql, arguments: [boot]) else { return }
    let columns = ["monotonic", "offset", "quality"]
    try keep(row, "correction", columns, db, first: id)
  }

  /// Copies a row of whole numbers; one with anything else in it is no such row.
  private static func keep(
    _ row: Row,
    _ table: String,
    _ columns: [String],
    _ db: Database,
    first: Int64? = nil
  ) throws {
    let numbers = columns.compactMap { Int64.fromDatabaseValue(row[$0]) }
    guard numbers.count == columns.count else { return }
    let values = [first].compactMap(\.self) + numbers
    let places = values.map { _ in "?" }.joined(separator: ", ")
    try db.execute(
      sql: "INSERT OR IGNORE INTO \(table) VALUES (\(places))",
      arguments: StatementArguments(values)
    )
  }
}
