import Foundation
import GRDB
import SQLiteLog

/// The hub's store in one SQLite file: one writer on a queue of its own, readers beside it.
package struct SQLiteHubStore: SQLStore {
  private let pool: DatabasePool

  /// `YZH1`, in the file's header.
  private static let applicationID = 0x595A_4831

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
    if !readOnly, !FileManager.default.fileExists(atPath: path) {
      // SQLite gives its -wal and -shm files the rights of the file itself.
      let rights: [FileAttributeKey: Any] = [.posixPermissions: 0o640]
      _ = FileManager.default.createFile(atPath: path, contents: nil, attributes: rights)
    }
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
      if readOnly {
        try pool.read { try Self.check($0, path: path, isWhole: true) }
      } else {
        try pool.writeWithoutTransaction { db in
          // GRDB lowers it to NORMAL for every pool; a receipt promises more.
          try db.execute(sql: "PRAGMA synchronous = FULL")
          // What GRDB has written at that lower level, and what a process before this one had not
          // forced, would be a hole in the log before all that follows.
          try db.forceLog()
          try Self.migrate(db, path: path)
        }
      }
    } catch { throw HubError(error, attempted: "opening \(path)") }
  }

  func write<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value {
    do { return try await pool.write { try body(SQLiteSession(db: $0)) } } catch {
      throw HubError(error, attempted: attempted)
    }
  }

  func read<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value {
    do { return try await pool.read { try body(SQLiteSession(db: $0)) } } catch {
      throw HubError(error, attempted: attempted)
    }
  }

  private static func migrate(_ db: Database, path: String) throws {
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    if tables > 0 || version > 0 { try check(db, path: path, isWhole: false) }
    guard version < HubSchema.version else { return }
    try db.inTransaction(.immediate) {
      try HubSchema.migrate(SQLiteSession(db: db), from: version, isPostgres: false)
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(HubSchema.version)")
      return .commit
    }
  }

  private static func check(_ db: Database, path: String, isWhole: Bool) throws {
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    guard try Int.fetchOne(db, sql: "PRAGMA application_id") == applicationID else {
      throw HubError(
        attempted: "opening \(path)",
        cause: "it is not a hub's store",
        remedy: "check the path: the file was left untouched"
      )
    }
    guard version <= HubSchema.version else {
      throw HubError(
        attempted: "opening \(path)",
        cause: "it has schema \(version), this version knows \(HubSchema.version)",
        remedy: "install the version of yizhan-hub that wrote this store, or a newer one"
      )
    }
    guard version == HubSchema.version || !isWhole else {
      throw HubError(
        attempted: "opening \(path)",
        cause: "it has schema \(version), this version writes \(HubSchema.version)",
        remedy: "start the hub once: it brings the store up to date"
      )
    }
  }
}

/// A transaction of SQLite.
private struct SQLiteSession: SQLSession {
  let db: Database

  func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow] {
    let statement = try db.cachedStatement(sql: sql)
    statement.arguments = StatementArguments(values.map(\.forSQLite))
    if statement.columnCount == 0 {
      try statement.execute()
      return []
    }
    return try Row.fetchAll(statement).map { row in
      SQLRow(values: row.databaseValues.map { SQLValue($0) })
    }
  }

  func insert(_ rows: [[SQLValue]], into table: String, _ columns: [String]) throws {
    let places = columns.indices.map { "$\($0 + 1)" }.joined(separator: ", ")
    let statement = try db.cachedStatement(
      sql: "INSERT INTO \(table) (\(columns.joined(separator: ", "))) VALUES (\(places))"
    )
    for row in rows {
      try statement.execute(arguments: StatementArguments(row.map(\.forSQLite)))
    }
  }
}

extension SQLValue {
  fileprivate var forSQLite: DatabaseValue {
    switch self {
    case .null: .null
    case .int(let value): value.databaseValue
    case .text(let value): value.databaseValue
    case .bytes(let value): Data(value).databaseValue
    }
  }

  fileprivate init(_ value: DatabaseValue) {
    switch value.storage {
    case .null, .double: self = .null
    case .int64(let number): self = .int(number)
    case .string(let text): self = .text(text)
    case .blob(let data): self = .bytes(Array(data))
    }
  }
}

extension HubError {
  /// Wraps whatever SQLite reported.
  fileprivate init(_ error: any Error, attempted: String) {
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
