import Domain
import Foundation
import GRDB
import Uplink

/// Takes one batch into the store, inside one transaction.
struct Intake {
  private let db: Database
  private let batch: IncomingBatch
  private let now: Int64
  private let stream: Int64
  private var durable: Int64
  private var types: [String: Int] = [:]
  private var quarantined: [Int64] = []

  init(_ db: Database, _ batch: IncomingBatch, at now: Int64) throws {
    self.db = db
    self.batch = batch
    self.now = now
    try db.execute(
      sql:
        "INSERT INTO site (id, seen) VALUES (?, ?) ON CONFLICT DO UPDATE SET seen = excluded.seen",
      arguments: [batch.site.text, now]
    )
    let key: StatementArguments = [
      batch.site.text, batch.epoch.description, batch.lane.rawValue,
    ]
    try db.execute(
      sql: "INSERT OR IGNORE INTO stream (site, epoch, lane) VALUES (?, ?, ?)",
      arguments: key
    )
    let row = try Row.fetchOne(
      db,
      sql: "SELECT id, durable FROM stream WHERE site = ? AND epoch = ? AND lane = ?",
      arguments: key
    )
    guard let row else { throw DatabaseError(message: "the stream did not come about") }
    (stream, durable) = (row["id"], row["durable"])
  }

  mutating func run() throws -> Receipt {
    for row in batch.rows {
      switch row {
      case .event(let event): try take(event)
      case .unreadable(let sequence, let raw, let reason):
        try quarantine(sequence ?? 0, raw, reason)
      }
    }
    for (type, count) in types {
      try db.cachedStatement(
        sql: "INSERT INTO type_count VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET n = n + excluded.n"
      ).execute(arguments: [stream, type, count])
    }
    while try isHeld(durable + 1) { durable += 1 }
    try db.execute(
      sql: "UPDATE stream SET durable = ? WHERE id = ?",
      arguments: [durable, stream]
    )
    return Receipt(
      lane: batch.lane,
      epoch: batch.epoch,
      durableUpTo: durable,
      quarantined: quarantined,
      timeMilliseconds: now
    )
  }

  private mutating func take(_ event: Event) throws {
    if let held = try held(event.sequence) {
      if held != event { try keepConflict(event) }
      return
    }
    guard let effect = Effect(event) else {
      return try quarantine(event.sequence, event.body, "\(event.type) lacks what it must have")
    }
    try db.cachedStatement(sql: "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)")
      .execute(arguments: arguments(event))
    types[event.type, default: 0] += 1
    try apply(effect, of: event)
  }

  private func arguments(_ event: Event) -> StatementArguments {
    [
      stream, event.sequence, event.type, Data(event.body), event.time.boot,
      event.time.monotonic.nanoseconds, event.time.wallMilliseconds,
      event.time.quality.rawValue, now,
    ]
  }

  private func held(_ sequence: Int64) throws -> Event? {
    let row = try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM event WHERE stream = ? AND seq = ?"),
      arguments: [stream, sequence]
    )
    guard let row else { return nil }
    let time = Timestamp(
      boot: row["boot"],
      monotonic: Instant(nanoseconds: row["monotonic"]),
      wallMilliseconds: row["wall"],
      quality: ClockQuality(rawValue: row["quality"]) ?? .none
    )
    return Event(
      epoch: batch.epoch,
      lane: batch.lane,
      sequence: sequence,
      type: row["type"],
      body: Array(row["body"] as Data),
      time: time
    )
  }

  /// A cloned card or a rolled-back disk: both rows are kept, the first stands.
  private func keepConflict(_ event: Event) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO conflict VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
        ON CONFLICT DO UPDATE SET times = times + 1
        """
    ).execute(arguments: arguments(event))
  }

  private mutating func quarantine(_ sequence: Int64, _ raw: [UInt8], _ reason: String) throws {
    if sequence > 0 { quarantined.append(sequence) }
    try db.cachedStatement(sql: "INSERT OR IGNORE INTO quarantine VALUES (?, ?, ?, ?, ?)")
      .execute(arguments: [stream, sequence, Data(raw), reason, now])
  }

  private func isHeld(_ sequence: Int64) throws -> Bool {
    let sql = """
      SELECT EXISTS (SELECT 1 FROM event WHERE stream = ?1 AND seq = ?2)
      OR EXISTS (SELECT 1 FROM quarantine WHERE stream = ?1 AND seq = ?2)
      """
    return try Bool.fetchOne(db.cachedStatement(sql: sql), arguments: [stream, sequence]) ?? false
  }

  private func apply(_ effect: Effect, of event: Event) throws {
    switch effect {
    case .none: break
    case .dispatched(let parcel):
      let isNew = try insert(
        parcel.number.text,
        "done",
        parcel.mass.grams,
        parcel.direction.rawValue,
        parcel.stage.rawValue,
        event
      )
      guard isNew else { return try keepConflict(event) }
      let way = parcel.direction.rawValue
      try db.cachedStatement(
        sql: """
          UPDATE site SET \(way)_parcels = \(way)_parcels + 1, \(way)_grams = \(way)_grams + ?
          WHERE id = ?
          """
      ).execute(arguments: [parcel.mass.grams, batch.site.text])
    case .voided(let number):
      guard try insert(number.text, "voided", 0, nil, nil, event) else {
        return try keepConflict(event)
      }
    }
  }

  /// A parcel ends once; a second end under another sequence is a conflict.
  private func insert(
    _ number: String,
    _ state: String,
    _ grams: Int,
    _ direction: String?,
    _ stage: String?,
    _ event: Event
  ) throws -> Bool {
    try db.cachedStatement(
      sql: """
        INSERT OR IGNORE INTO parcel (site, number, state, grams, direction, stage, wall)
        VALUES (?, ?, ?, ?, ?, ?, ?)
        """
    ).execute(arguments: [
      batch.site.text, number, state, grams, direction, stage, event.time.wallMilliseconds,
    ])
    return db.changesCount > 0
  }
}
