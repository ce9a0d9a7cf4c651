package import Domain
import Foundation
import GRDB
import SQLiteLog
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

  let path: String
  let policy: SpacePolicy?
  let now: @Sendable () -> Timestamp
  private let queue: DatabaseQueue
  private let tail: Mutex<Tail>
  private let lock: Mutex<LedgerLock?>

  /// What the one writer remembers between transactions.
  struct Tail {
    var last: [Lane: Int64] = [:]
    var chain: [Lane: [UInt8]] = [:]
    var words: [String: Int64] = [:]
    var clocks = ClockBook()
    /// The disk was full: only parcels that have begun are finished.
    var isFinishing = false
  }

  /// Opens a ledger for writing, and makes it where there is none; its directory must exist.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - policy: How to keep house; without one there is no ballast and nothing is ever purged.
  ///   - now: The time to put on entries; called once a transaction.
  /// - Throws: Why it cannot be opened; then nothing has been changed.
  package init(
    path: String,
    policy: SpacePolicy? = nil,
    now: @escaping @Sendable () -> Timestamp
  ) throws(LedgerError) {
    lock = Mutex(try LedgerLock(besides: path))
    try LedgerFile.prepare(path)
    let ballast = policy.map { Ballast(path: path + ".ballast", bytes: $0.ballastBytes) }
    do throws(LedgerError) {
      (queue, epoch) = try Self.open(path)
    } catch {
      // What was kept back is also there to begin with: a start needs some kilobytes.
      guard error.kind == .full, ballast?.release() == true else { throw error }
      (queue, epoch) = try Self.open(path)
    }
    reader = LedgerReader(database: queue, epoch: epoch, path: path)
    self.path = path
    self.policy = policy
    self.now = now
    do {
      tail = Mutex(
        try queue.read { [epoch] db in
          var tail = Tail()
          for lane in Lane.allCases {
            tail.last[lane] = try Queries.position(lane, db).last
            tail.chain[lane] = try Chain.head(lane, epoch, db)
          }
          tail.clocks = try ClockBook(db)
          return tail
        }
      )
    } catch { throw LedgerError(error, attempted: "opening \(path)") }
    if let ballast, !ballast.make() { tail.withLock { $0.isFinishing = true } }
  }

  private static func open(_ path: String) throws(LedgerError) -> (DatabaseQueue, Epoch) {
    do {
      let queue = try DatabaseQueue(path: path, configuration: configuration)
      let epoch = try queue.writeWithoutTransaction { db in
        // What a killed predecessor wrote, and may not have forced, is read and sent from now on.
        try db.forceLog()
        try Schema.migrate(db, path: path)
        return try Schema.epoch(db, path: path)
      }
      return (queue, epoch)
    } catch { throw LedgerError(error, attempted: "opening \(path)") }
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
    return try keep(entries) { _ in }
  }

  /// Does a piece of work and keeps entries that tell of it; where the disk is full, with the room
  /// that was kept back.
  func keep(
    _ entries: [Entry],
    besides work: (Database) throws -> Void
  ) throws(LedgerError) -> [Event] {
    do throws(LedgerError) { return try transact(entries, besides: work) } catch {
      guard error.kind == .full, giveUpBallast() else { throw error }
      return try transact(entries, besides: work)
    }
  }

  /// Whether the disk was full and only parcels that have begun are finished.
  package var isFinishing: Bool { tail.withLock { $0.isFinishing } }

  private func transact(
    _ entries: [Entry],
    besides work: (Database) throws -> Void
  ) throws(LedgerError) -> [Event] {
    let time = now()
    return try tail.withLock { tail throws(LedgerError) in
      var next = tail
      let events = try write("writing \(entries.count) entries to \(path)") { db in
        try Self.transaction(db) {
          if tail.isFinishing { try admit(entries, db) }
          try work(db)
          return try Self.place(entries, at: time, epoch: epoch, in: db, tail: &next)
        }
      }
      tail = next
      return events
    }
  }

  /// While the disk is full, nothing new begins: what is left belongs to the parcel in hand.
  private func admit(_ entries: [Entry], _ db: Database) throws {
    if let ballast {
      let enough = ballast.bytes + ballast.margin
      if Disk(of: path).freeBytes >= enough { return }
      if try Self.freeInside(db) >= enough { return }
    }
    for entry in entries {
      switch entry {
      case .intent(let intent) where try Queries.parcel(intent.id.parcel, db) == nil:
        throw LedgerError(
          .full,
          attempted: "beginning \(intent.id.parcel)",
          cause: "the disk is full; only parcels that have begun are finished"
        )
      case .device, .started:
        throw LedgerError(
          .full,
          attempted: "writing \(entry.type)",
          cause: "the disk is full; what is left belongs to the parcel in hand"
        )
      case .intent, .outcome, .dispatched, .voided, .stopped, .scaleRequest, .machineRequest,
        .housekeeping:
        break
      }
    }
  }

  var ballast: Ballast? {
    policy.map { Ballast(path: path + ".ballast", bytes: $0.ballastBytes) }
  }

  private func giveUpBallast() -> Bool {
    guard let ballast, ballast.release() else { return false }
    tail.withLock { $0.isFinishing = true }
    return true
  }

  /// Takes the ballast back when there is room for it again.
  func restoreBallast() {
    guard let ballast, !ballast.isHeld, ballast.make() else { return }
    tail.withLock { $0.isFinishing = false }
  }

  private static func place(
    _ entries: [Entry],
    at time: Timestamp,
    epoch: Epoch,
    in db: Database,
    tail: inout Tail
  ) throws -> [Event] {
    try entries.map { entry in
      let event = Event(
        epoch: epoch,
        lane: entry.lane,
        sequence: 0,
        type: entry.type,
        body: entry.body.canonical,
        time: time
      )
      let placed = try insert(event, in: db, tail: &tail)
      let projection = Projection(db: db, epoch: epoch, time: time, clocks: tail.clocks)
      try projection.apply(entry, sequence: placed.sequence)
      if case .housekeeping(.clockCorrected) = entry { tail.clocks = try ClockBook(db) }
      return placed
    }
  }

  /// Gives an event its place at the end of its lane.
  private static func insert(_ event: Event, in db: Database, tail: inout Tail) throws -> Event {
    var event = event
    event.sequence = tail.last[event.lane, default: 0] + 1
    event.chain = Chain.link(event, after: tail.chain[event.lane] ?? [])
    tail.last[event.lane] = event.sequence
    tail.chain[event.lane] = event.chain
    let (boot, type) = (
      try word(event.time.boot, in: db, tail: &tail), try word(event.type, in: db, tail: &tail)
    )
    try db.cachedStatement(sql: event.lane.insertion).execute(arguments: [
      event.sequence, type, Data(event.body), boot, event.time.monotonic.nanoseconds,
      event.time.wallMilliseconds, event.time.quality.code, Data(event.chain),
    ])
    return event
  }

  /// Records events of an earlier epoch anew, as they were, without their effects.
  func adopt(_ events: [Event]) throws(LedgerError) {
    try tail.withLock { tail throws(LedgerError) in
      var next = tail
      try write("taking over \(events.count) events into \(path)") { db in
        try Self.transaction(db) {
          for event in events {
            var own = event
            own.epoch = epoch
            _ = try Self.insert(own, in: db, tail: &next)
          }
        }
      }
      tail = next
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
  /// Forced to disk as all is, though nothing hangs on it: where a sync fails, only what was not
  /// forced before can be missing, and that has to be what the failed transaction wrote.
  package func acknowledge(_ lane: Lane, durableUpTo sequence: Int64) throws(LedgerError) {
    let attempted = "acknowledging \(lane.rawValue) up to \(sequence)"
    let last = tail.withLock { $0.last[lane, default: 0] }
    guard (0...last).contains(sequence) else {
      throw LedgerError(.refused, attempted: attempted, cause: "the lane ends at \(last)")
    }
    try write(attempted) { db in
      try db.cachedStatement(sql: "UPDATE acknowledged SET upto = ? WHERE lane = ?")
        .execute(arguments: [sequence, lane.rawValue])
    }
  }

  /// Brings everything into the one file and gives the ledger up; later calls fail.
  package func close() throws(LedgerError) {
    do { try queue.close() } catch { throw LedgerError(error, attempted: "closing \(path)") }
    lock.withLock { $0 = nil }
  }

  func write<Value>(
    _ attempted: String,
    _ body: (Database) throws -> Value
  ) throws(LedgerError) -> Value {
    do {
      return try queue.writeWithoutTransaction(body)
    } catch {
      var error = LedgerError(error, attempted: attempted)
      // A card that fails is remounted read-only by the kernel, and SQLite only sees bad writes.
      if error.kind == .storage, Disk(of: path).isReadOnly { error.kind = .readOnly }
      throw error
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
    case .records: "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    case .telemetry: "INSERT INTO telemetry VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
    }
  }
}
