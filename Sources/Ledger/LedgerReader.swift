package import Domain
import GRDB

/// Reads a ledger, also while the daemon writes it.
///
/// All calls block.
package struct LedgerReader: Sendable {
  /// The number of the ledger's life.
  package let epoch: Epoch

  let database: any DatabaseReader
  let path: String

  init(database: any DatabaseReader, epoch: Epoch, path: String) {
    self.database = database
    self.epoch = epoch
    self.path = path
  }

  /// Opens a ledger that exists, without the right to change it.
  package init(path: String) throws(LedgerError) {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      epoch = try queue.read { db in
        let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
        try Schema.check(db, version: version, path: path)
        guard version >= Schema.chained else {
          throw LedgerError(
            .olderSchema(found: version),
            attempted: "opening \(path)",
            cause: "it has schema \(version) of an older version, and its daemon has not run since"
          )
        }
        return try Schema.epoch(db, path: path)
      }
      database = queue
      self.path = path
    } catch { throw LedgerError(error, attempted: "opening \(path) for reading") }
  }

  /// Where a lane stands.
  package func position(_ lane: Lane) throws(LedgerError) -> Position {
    try read { try Queries.position(lane, $0) }
  }

  /// The first sequence of a lane that is still kept; 1 in an empty lane.
  package func oldest(_ lane: Lane) throws(LedgerError) -> Int64 {
    try read { try Int64.fetchOne($0, sql: "SELECT min(seq) FROM \(lane.rawValue)") ?? 1 }
  }

  /// What the hub lacks, oldest first.
  ///
  /// At most `limit` events, and never more than 500, with at most `maxBytes` of bodies; one event
  /// is returned even beyond that.
  package func pending(
    _ lane: Lane,
    limit: Int = 500,
    maxBytes: Int = 256 * 1024
  ) throws(LedgerError) -> [Event] {
    try read { db in
      let start = try Queries.position(lane, db).acknowledged
      return try Queries.events(
        lane,
        after: start,
        limit: min(limit, 500),
        maxBytes: maxBytes,
        epoch,
        db
      )
    }
  }

  /// The events after a sequence, whether the hub has them or not; bounded as what is pending.
  package func events(
    _ lane: Lane,
    after sequence: Int64,
    limit: Int = 500,
    maxBytes: Int = 256 * 1024
  ) throws(LedgerError) -> [Event] {
    try read { db in
      try Queries.events(
        lane,
        after: sequence,
        limit: min(limit, 500),
        maxBytes: maxBytes,
        epoch,
        db
      )
    }
  }

  /// When the oldest event that the hub lacks was recorded; `nil` if it lacks none.
  package func oldestUnsent(_ lane: Lane) throws(LedgerError) -> Timestamp? {
    try pending(lane, limit: 1).first?.time
  }

  /// The newest events, oldest of them first: of one lane, or of both as they happened.
  package func tail(_ limit: Int, lane: Lane? = nil) throws(LedgerError) -> [Event] {
    try read { try Queries.tail(limit, lane.map { [$0] } ?? Lane.allCases, epoch, $0) }
  }

  /// What passed in a range of hours since 1970, UTC, by hour and direction.
  package func throughput(hours: Range<Int64>) throws(LedgerError) -> [Throughput] {
    try read { try Queries.throughput(hours, $0) }
  }

  /// How often each thing has happened in the life of this ledger.
  package func counters() throws(LedgerError) -> Counters {
    try read { try Queries.counters($0) }
  }

  /// The parcel of that number; `nil` where the ledger does not know it.
  package func parcel(_ number: ParcelNumber) throws(LedgerError) -> ParcelRecord? {
    try read { try Queries.parcel(number, $0) }
  }

  /// Whether a parcel that was not given up carries this waybill number.
  package func knows(waybill: String) throws(LedgerError) -> Bool {
    try read { try Queries.knows(waybill: waybill, $0) }
  }

  /// What is known of the clocks of all boots.
  package func clocks() throws(LedgerError) -> ClockBook {
    try read { try ClockBook($0) }
  }

  /// What must be known before work begins.
  ///
  /// The day's counts are those of the day of `now`, in a time zone that many hours ahead of UTC.
  package func recover(
    now: Timestamp,
    hoursAheadOfUTC offset: Int = 8
  ) throws(LedgerError) -> Recovery {
    try read { db in
      let local = try ClockBook(db).time(of: now).hour + Int64(offset)
      let midnight = local - ((local % 24) + 24) % 24 - Int64(offset)
      var today: [Direction: Tally] = [.up: .zero, .down: .zero]
      for row in try Queries.throughput(midnight..<midnight + 24, db) {
        today[row.direction, default: .zero].parcels += row.tally.parcels
        today[row.direction, default: .zero].mass.grams += row.tally.mass.grams
      }
      return Recovery(
        nextSerial: try Queries.nextSerial(db),
        inDoubt: try Queries.inDoubt(db),
        open: try Queries.openParcels(db),
        today: today
      )
    }
  }

  func read<Value>(_ body: (Database) throws -> Value) throws(LedgerError) -> Value {
    do { return try database.read(body) } catch {
      throw LedgerError(error, attempted: "reading \(path)")
    }
  }
}
