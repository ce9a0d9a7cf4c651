package import Domain
import Foundation
import GRDB
package import Uplink

/// The hub's store in one SQLite file: one writer on a queue of its own, readers beside it.
package struct SQLiteHubStore: HubStore {
  private let pool: DatabasePool
  private let path: String

  /// Opens a store, and makes it where there is none; its directory must exist.
  ///
  /// With `readOnly` it only looks, beside a hub that may be running.
  package init(path: String, readOnly: Bool = false) throws(HubError) {
    var configuration = Configuration()
    // Anything higher asks the kernel for a priority that a service may not have.
    configuration.qos = .default
    configuration.label = "hub"
    configuration.readonly = readOnly
    configuration.busyMode = .timeout(10)
    configuration.maximumReaderCount = 4
    self.path = path
    if !readOnly, !FileManager.default.fileExists(atPath: path) {
      // SQLite gives its -wal and -shm files the rights of the file itself.
      let rights: [FileAttributeKey: Any] = [.posixPermissions: 0o640]
      _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: rights)
    }
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
      if readOnly {
        try pool.read { try HubSchema.check($0, path: path) }
      } else {
        try pool.writeWithoutTransaction { db in
          // GRDB lowers it to NORMAL for every pool; a receipt promises more.
          try db.execute(sql: "PRAGMA synchronous = FULL")
          try HubSchema.migrate(db, path: path)
        }
      }
    } catch { throw HubError(error, attempted: "opening \(path)") }
  }

  package func accept(
    _ batch: IncomingBatch,
    at milliseconds: Int64
  ) async throws(HubError) -> Receipt {
    do {
      return try await pool.write { db in
        var intake = try Intake(db, batch, at: milliseconds)
        return try intake.run()
      }
    } catch { throw HubError(error, attempted: "storing a batch of \(batch.site)") }
  }

  package func sites() async throws(HubError) -> [SiteView] {
    try await read { db in
      try Row.fetchAll(db, sql: "SELECT * FROM site ORDER BY id").map { try Self.site($0, db) }
    }
  }

  package func site(_ id: SiteID) async throws(HubError) -> SiteView? {
    try await read { db in
      let sql = "SELECT * FROM site WHERE id = ?"
      return try Row.fetchOne(db, sql: sql, arguments: [id.text]).map { try Self.site($0, db) }
    }
  }

  package func parcels(of site: SiteID, limit: Int) async throws(HubError) -> [ParcelView] {
    try await read { db in
      let sql = "SELECT * FROM parcel WHERE site = ? ORDER BY id DESC LIMIT ?"
      return try Row.fetchAll(db, sql: sql, arguments: [site.text, limit]).map { row in
        ParcelView(
          number: row["number"],
          state: row["state"],
          grams: row["grams"],
          direction: row["direction"],
          stage: row["stage"],
          time: RFC3339.text(row["wall"])
        )
      }
    }
  }

  private static func site(_ row: Row, _ db: Database) throws -> SiteView {
    let id: String = row["id"]
    guard let site = SiteID(id) else { throw DatabaseError(message: "\(id) is no site") }
    let streams = "SELECT * FROM stream WHERE site = ? ORDER BY id"
    return SiteView(
      site: site,
      lastSeen: RFC3339.text(row["seen"]),
      up: Traffic(parcels: row["up_parcels"], grams: row["up_grams"]),
      down: Traffic(parcels: row["down_parcels"], grams: row["down_grams"]),
      lanes: try Row.fetchAll(db, sql: streams, arguments: [id]).compactMap { try lane($0, db) }
    )
  }

  private static func lane(_ row: Row, _ db: Database) throws -> LaneView? {
    let id: Int64 = row["id"]
    guard let epoch = Epoch(row["epoch"] as String), let lane = Lane(rawValue: row["lane"])
    else { return nil }
    let conflicts = "SELECT count(*) FROM conflict WHERE stream = ?"
    let quarantined = "SELECT count(*) FROM quarantine WHERE stream = ?"
    let types = "SELECT type, n FROM type_count WHERE stream = ?"
    return LaneView(
      epoch: epoch,
      lane: lane,
      durableUpTo: row["durable"],
      conflicts: try Int.fetchOne(db, sql: conflicts, arguments: [id]) ?? 0,
      quarantined: try Int.fetchOne(db, sql: quarantined, arguments: [id]) ?? 0,
      types: try Row.fetchAll(db, sql: types, arguments: [id])
        .reduce(into: [:]) { $0[$1["type"] as String] = $1["n"] as Int }
    )
  }

  private func read<Value: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Value
  ) async throws(HubError) -> Value {
    do { return try await pool.read(body) } catch {
      throw HubError(error, attempted: "reading \(path)")
    }
  }
}

extension HubError {
  /// Wraps whatever SQLite reported.
  init(_ error: any Error, attempted: String) {
    if let error = error as? HubError {
      self = error
      return
    }
    let remedy =
      switch (error as? DatabaseError)?.resultCode {
      case .SQLITE_FULL?: "make room on the disk that holds the store; stations keep their records"
      case .SQLITE_CANTOPEN?: "check that the directory exists and that the user may write it"
      case .SQLITE_CORRUPT?, .SQLITE_NOTADB?:
        "restore the newest copy of the store; stations deliver again what it lacks"
      default: "check the disk and the log; stations keep their records"
      }
    self.init(attempted: attempted, cause: "\(error)", remedy: remedy)
  }
}
