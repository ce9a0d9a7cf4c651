package import Domain
import Foundation
import GRDB
import Synchronization

/// The station's record on its own disk: append-only events and what follows from them.
///
/// When ``append(_:)`` has returned, its entries survive a power cut. All calls block: make them
/// off Swift's thread pool. One process at a time may hold a ledger; others read with
/// ``LedgerReader``.
package final class Ledger: Sendable {
  /// The number of this ledger's life, made together with its file.
  package let epoch: Epoch
  /// What reads the same file through the same connection.
  package let reader: LedgerReader

  private let path: String
  private let now: @Sendable () -> Timestamp
  private let queue: DatabaseQueue
  private let tail: Mutex<Tail>
  private let lock: Mutex<LedgerLock?>

  /// What the one writer remembers between transactions.
  private struct Tail {
    var last: [Lane: Int64] = [:]
    var words: [String: Int64] = [:]
  }

  /// Opens a ledger for writing, and makes it where there is none; its directory must exist.
  ///
  /// `now` gives the time to put on entries; it is called once a transaction.
  package init(
    path: String,
    now: @escaping @Sendable () -> Timestamp
  ) throws(LedgerError) {
    lock = Mutex(try LedgerLock(besides: path))
    try LedgerFile.prepare(path)
    do {
      queue = try DatabaseQueue(path: path, configuration: Self.configuration)
      epoch = try queue.writeWithoutTransaction { db in
        try Schema.migrate(db, path: path)
        return try Schema.epoch(db, path: path)
      }
    } catch { throw LedgerError(error, attempted: "opening \(path)") }
    reader = LedgerReader(database: queue, epoch: epoch, path: path)
    self.path = path
    self.now = now
    var tail = Tail()
    for lane in Lane.allCases { tail.last[lane] = try reader.position(lane).last }
    self.tail = Mutex(tail)
  }

  private static var configuration: Configuration {
    var configuration = Configuration()
    // Anything higher asks the kernel for a priority that a service may not have.
    configuration.qos = .default
    configuration.label = "ledger"
    configuration.foreignKeysEnabled = true
    configuration.busyMode = .timeout(5)
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA page_size = \(Schema.pageBytes)")
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 4000")
      try db.execute(sql: "PRAGMA journal_size_limit = 4194304")
    }
    return configuration
  }

  /// Keeps entries, all or none, and what follows from them.
  ///
  /// - Returns: The entries with their places; they are on disk.
  @discardableResult
  package func append(_ entries: [Entry]) throws(LedgerError) -> [Event] {
    guard !entries.isEmpty else { return [] }
    let time = now()
    return try tail.withLock { tail throws(LedgerError) in
      var next = tail
      let events = try write("writing \(entries.count) entries to \(path)") { db in
        try Self.transaction(db) {
          try Self.place(entries, at: time, epoch: epoch, in: db, tail: &next)
        }
      }
      tail = next
      return events
    }
  }

  private static func place(
    _ entries: [Entry],
    at time: Timestamp,
    epoch: Epoch,
    in db: Database,
    tail: inout Tail
  ) throws -> [Event] {
    let projection = Projection(db: db, epoch: epoch, hour: time.hour)
    let boot = try word(time.boot, in: db, tail: &tail)
    return try entries.map { entry in
      let sequence = tail.last[entry.lane, default: 0] + 1
      tail.last[entry.lane] = sequence
      let body = entry.body.canonical
      let type = try word(entry.type, in: db, tail: &tail)
      try db.cachedStatement(sql: entry.lane.insertion).execute(arguments: [
        sequence, type, Data(body), boot, time.monotonic.nanoseconds,
        time.wallMilliseconds, time.quality.code,
      ])
      try projection.apply(entry, sequence: sequence)
      return Event(
        epoch: epoch,
        lane: entry.lane,
        sequence: sequence,
        type: entry.type,
        body: body,
        time: time
      )
    }
  }

  private static func word(_ text: String, in db: Database, tail: inout Tail) throws -> Int64 {
    if let id = tail.words[text] { return id }
    try db.execute(sql: "INSERT OR IGNORE INTO word (text) VALUES (?)", arguments: [text])
    let id = try Int64.fetchOne(db, sql: "SELECT id FROM word WHERE text = ?", arguments: [text])
    tail.words[text] = id
    return id ?? 0
  }

  /// Notes up to where the hub holds a lane; it may go back, never beyond what exists.
  ///
  /// Not forced to disk: an acknowledgement lost in a power cut only sends a few events again.
  package func acknowledge(_ lane: Lane, durableUpTo sequence: Int64) throws(LedgerError) {
    let attempted = "acknowledging \(lane.rawValue) up to \(sequence)"
    let last = tail.withLock { $0.last[lane, default: 0] }
    guard (0...last).contains(sequence) else {
      throw LedgerError(.refused, attempted: attempted, cause: "the lane ends at \(last)")
    }
    try write(attempted) { db in
      try db.execute(sql: "PRAGMA synchronous = NORMAL")
      let result = Result {
        try db.cachedStatement(sql: "UPDATE acknowledged SET upto = ? WHERE lane = ?")
          .execute(arguments: [sequence, lane.rawValue])
      }
      try db.execute(sql: "PRAGMA synchronous = FULL")
      try result.get()
    }
  }

  /// Brings everything into the one file and gives the ledger up; later calls fail.
  package func close() throws(LedgerError) {
    do { try queue.close() } catch { throw LedgerError(error, attempted: "closing \(path)") }
    lock.withLock { $0 = nil }
  }

  private func write<Value>(
    _ attempted: String,
    _ body: (Database) throws -> Value
  ) throws(LedgerError) -> Value {
    do { return try queue.writeWithoutTransaction(body) } catch {
      throw LedgerError(error, attempted: attempted)
    }
  }

  private static func transaction<Value>(_ db: Database, _ body: () throws -> Value) throws -> Value
  {
    try db.cachedStatement(sql: "BEGIN IMMEDIATE").execute()
    do {
      let value = try body()
      try db.cachedStatement(sql: "COMMIT").execute()
      return value
    } catch {
      // SQLite has rolled back by itself after a full disk; then this fails and may.
      if db.isInsideTransaction { try? db.execute(sql: "ROLLBACK") }
      throw error
    }
  }
}

extension Lane {
  fileprivate var insertion: String {
    switch self {
    case .records: "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"
    case .telemetry: "INSERT INTO telemetry VALUES (?, ?, ?, ?, ?, ?, ?)"
    }
  }
}
