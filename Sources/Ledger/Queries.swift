import Domain
import Foundation
import GRDB

/// The questions that are asked of a ledger, by whoever has it open.
enum Queries {
  static func position(_ lane: Lane, _ db: Database) throws -> Position {
    let last = try Int64.fetchOne(db, sql: "SELECT max(seq) FROM \(lane.rawValue)")
    let row = try Row.fetchOne(
      db,
      sql: "SELECT * FROM acknowledged WHERE lane = ?",
      arguments: [lane.rawValue]
    )
    return Position(
      last: last ?? 0,
      acknowledged: row?["upto"] ?? 0,
      purged: row?["purged"] ?? 0
    )
  }

  static func events(
    _ lane: Lane,
    after start: Int64,
    limit: Int,
    maxBytes: Int,
    _ epoch: Epoch,
    _ db: Database
  ) throws -> [Event] {
    let rows = try Row.fetchCursor(
      db,
      sql: selection(lane) + " WHERE e.seq > ? ORDER BY e.seq LIMIT ?",
      arguments: [start, limit]
    )
    var (events, bytes): ([Event], Int) = ([], 0)
    while let row = try rows.next() {
      let event = try event(row, lane, epoch)
      bytes += event.body.count
      if !events.isEmpty, bytes > maxBytes { break }
      events.append(event)
    }
    return events
  }

  /// The newest events of the lanes together.
  ///
  /// Within a lane the sequence alone is the order. Between lanes it is the boot, numbered as the
  /// ledger saw them, and the monotonic time inside it.
  static func tail(_ limit: Int, _ lanes: [Lane], _ epoch: Epoch, _ db: Database) throws -> [Event]
  {
    var queues: [[(key: (Int64, Instant), event: Event)]] = try lanes.map { lane in
      let sql = selection(lane) + " ORDER BY e.seq DESC LIMIT ?"
      return try Row.fetchAll(db, sql: sql, arguments: [limit]).map { row in
        let event = try event(row, lane, epoch)
        return ((row["boot"], event.time.monotonic), event)
      }
    }
    var newest: [Event] = []
    while newest.count < limit {
      let heads = queues.indices.filter { !queues[$0].isEmpty }
      guard let next = heads.max(by: { queues[$0][0].key < queues[$1][0].key }) else { break }
      newest.append(queues[next].removeFirst().event)
    }
    return newest.reversed()
  }

  static func selection(_ lane: Lane) -> String {
    """
    SELECT e.seq, w.text AS type, e.body, e.boot, b.text AS boottext, e.monotonic, e.wall, \
    e.quality, e.chain FROM \(lane.rawValue) e JOIN word w ON w.id = e.type JOIN word b ON b.id = e.boot
    """
  }

  static func event(_ row: Row, _ lane: Lane, _ epoch: Epoch) throws -> Event {
    let code: Int = row["quality"]
    guard let quality = ClockQuality(code: code) else { throw unknown("clock quality", code) }
    let body: Data = row["body"]
    return Event(
      epoch: epoch,
      lane: lane,
      sequence: row["seq"],
      type: row["type"],
      body: Array(body),
      time: Timestamp(
        boot: row["boottext"],
        monotonic: Instant(nanoseconds: row["monotonic"]),
        wallMilliseconds: row["wall"],
        quality: quality
      ),
      chain: Array(row["chain"] as Data)
    )
  }

  static func nextSerial(_ db: Database) throws -> Int {
    (try Int.fetchOne(db, sql: "SELECT max(id) / 4096 FROM state") ?? 0) + 1
  }

  static func inDoubt(_ db: Database) throws -> [Intent] {
    let sql = """
      SELECT p.number, p.waybill, p.carrier, i.kind, i.copy, i.grams FROM state i
      JOIN state p ON p.id = i.serial * 4096
      WHERE i.kind > 0 AND i.state IS NULL ORDER BY i.seq
      """
    return try Row.fetchAll(db, sql: sql).map { row in
      let kind: Int = row["kind"]
      guard let action = PhysicalAction(kind: kind) else { throw unknown("action", kind) }
      let id = ActionID(parcel: try number(row), action: action, copy: row["copy"])
      return Intent(id: id, mass: Mass(grams: row["grams"]), shipment: shipment(row))
    }
  }

  static func openParcels(_ db: Database) throws -> [ParcelRecord] {
    let sql = "SELECT * FROM state WHERE kind = 0 AND state = 0 ORDER BY serial"
    return try Row.fetchAll(db, sql: sql).map(parcel)
  }

  static func parcel(_ number: ParcelNumber, _ db: Database) throws -> ParcelRecord? {
    let sql = "SELECT * FROM state WHERE id = ? AND number = ?"
    let key = number.parts.map { Schema.key($0.serial) }
    return try Row.fetchOne(db, sql: sql, arguments: [key, number.text]).map(parcel)
  }

  private static func parcel(_ row: Row) throws -> ParcelRecord {
    let code: Int = row["state"]
    guard let state = ParcelState(code: code) else { throw unknown("parcel state", code) }
    return ParcelRecord(
      number: try number(row),
      mass: Mass(grams: row["grams"]),
      state: state,
      labelCopy: row["labels"],
      sealed: row["sealed"],
      shipment: shipment(row)
    )
  }

  private static func shipment(_ row: Row) -> Shipment? {
    let waybill: String? = row["waybill"]
    return waybill.map { Shipment(waybill: $0, carrier: row["carrier"]) }
  }

  /// Whether a parcel that was not given up has this waybill.
  static func knows(waybill: String, _ db: Database) throws -> Bool {
    let sql = """
      SELECT EXISTS (SELECT 1 FROM state WHERE waybill = ?1 AND state < 2)
      OR EXISTS (SELECT 1 FROM former_waybill WHERE text = ?1)
      """
    return try Bool.fetchOne(db, sql: sql, arguments: [waybill]) ?? false
  }

  private static func number(_ row: Row) throws -> ParcelNumber {
    let text: String = row["number"]
    guard let number = ParcelNumber(text) else {
      throw DatabaseError(resultCode: .SQLITE_CORRUPT, message: "\(text) is no parcel number")
    }
    return number
  }

  private static func unknown(_ what: String, _ code: Int) -> DatabaseError {
    DatabaseError(resultCode: .SQLITE_CORRUPT, message: "unknown \(what) \(code)")
  }

  static func throughput(_ hours: Range<Int64>, _ db: Database) throws -> [Throughput] {
    let sql = "SELECT * FROM tally WHERE hour >= ? AND hour < ? AND kind < 2 ORDER BY hour, kind"
    let arguments: StatementArguments = [hours.lowerBound, hours.upperBound]
    return try Row.fetchAll(db, sql: sql, arguments: arguments).map { row in
      let kind: Int = row["kind"]
      let tally = Tally(parcels: row["n"], mass: Mass(grams: row["grams"]))
      return Throughput(
        hour: row["hour"],
        direction: kind == TallyKind.parcelsUp.rawValue ? .up : .down,
        tally: tally
      )
    }
  }

  static func counters(_ db: Database) throws -> Counters {
    func total(_ kind: TallyKind) throws -> Int {
      let sql = "SELECT coalesce(sum(n), 0) FROM tally WHERE kind = ?"
      return try Int.fetchOne(db, sql: sql, arguments: [kind.rawValue]) ?? 0
    }
    // It only ever grows, so that the greatest is the latest, whatever the clock said.
    let serviced = "SELECT coalesce(max(n), 0) FROM tally WHERE kind = ?"
    return Counters(
      labels: try total(.labels),
      seals: try total(.seals),
      voids: try total(.voids),
      straps: try total(.straps),
      badCycles: try total(.badCycles),
      serviced: try Int.fetchOne(db, sql: serviced, arguments: [TallyKind.serviced.rawValue]) ?? 0
    )
  }
}
