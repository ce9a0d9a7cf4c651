import GRDB
import SQLiteLog
import Testing

struct ForceLogTests {
  private static func open(_ path: String) throws -> DatabaseQueue {
    var configuration = Configuration()
    configuration.busyMode = .immediateError
    configuration.prepareDatabase { db in
      try db.execute(sql: "PRAGMA journal_mode = WAL")
      try db.execute(sql: "PRAGMA wal_autocheckpoint = 0")
    }
    return try DatabaseQueue(path: path, configuration: configuration)
  }

  private static func count(_ queue: DatabaseQueue) throws -> Int? {
    try queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") }
  }

  @Test func `a log that somebody writes is left alone, and one that nobody writes stays the same`()
    throws
  {
    let scratch = try Scratch()
    let (writer, other) = (try Self.open(scratch.file), try Self.open(scratch.file))
    try writer.writeWithoutTransaction { db in
      try db.execute(sql: "CREATE TABLE t (x)")
      for _ in 0..<100 { try db.execute(sql: "INSERT INTO t VALUES (randomblob(3000))") }
      try db.execute(sql: "BEGIN IMMEDIATE")
      try db.execute(sql: "INSERT INTO t VALUES (1)")
      let refusal = #expect(throws: DatabaseError.self) {
        try other.writeWithoutTransaction { try $0.forceLog() }
      }
      #expect(refusal?.resultCode == .SQLITE_BUSY)
      try db.execute(sql: "COMMIT")
    }
    try other.writeWithoutTransaction { try $0.forceLog() }
    #expect(try Self.count(writer) == 101)
    #expect(try Self.count(Self.open(scratch.file)) == 101)
    let isWhole = try writer.read { try String.fetchOne($0, sql: "PRAGMA integrity_check") }
    #expect(isWhole == "ok")
  }

  @Test func `a file without a log has nothing to be forced`() throws {
    let scratch = try Scratch()
    try Self.open(scratch.file).writeWithoutTransaction { try $0.forceLog() }
    try DatabaseQueue(path: scratch.file + ".plain").writeWithoutTransaction { try $0.forceLog() }
  }
}
