package import GRDB
internal import GRDBSQLite

extension Database {
  /// Forces the whole write-ahead log to the disk, whatever became of earlier syncs of it.
  ///
  /// To be called first of all in a file that another process may have written. Where a sync had
  /// failed, Linux counts the pages as written all the same: this process reads what is on no disk,
  /// and no later sync makes up for it. So every byte is written anew, in its place, where it needs
  /// no room but on file systems that never write in place. A power cut in between leaves bytes that
  /// were there or bytes that should be.
  ///
  /// It waits for whoever writes, and keeps others from writing meanwhile: a frame that came between
  /// reading and writing would be undone.
  ///
  /// - Throws: What the disk has against it; then nothing that was read may be taken for kept.
  package func forceLog() throws {
    try inTransaction(.immediate) {
      if let log = unsafe try log() { try unsafe Self.rewrite(log) }
      return .commit
    }
  }

  /// SQLite's own handle of the log; `nil` where there is none.
  private func log() throws -> UnsafeMutablePointer<sqlite3_file>? {
    var log: UnsafeMutablePointer<sqlite3_file>?
    try unsafe Self.check(
      sqlite3_file_control(sqliteConnection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log)
    )
    return unsafe log
  }

  private static func rewrite(_ log: UnsafeMutablePointer<sqlite3_file>) throws {
    guard let methods = unsafe log.pointee.pMethods?.pointee else { return }
    var size: sqlite3_int64 = 0
    try unsafe check(methods.xFileSize(log, &size))
    guard size > 0 else { return }
    var piece = [UInt8](repeating: 0, count: 65_536)
    for place in stride(from: 0, to: size, by: piece.count) {
      let count = Int32(min(Int64(piece.count), size - place))
      try unsafe check(methods.xRead(log, &piece, count, place))
      try unsafe check(methods.xWrite(log, &piece, count, place))
    }
    try unsafe check(methods.xSync(log, SQLITE_SYNC_NORMAL))
  }

  private static func check(_ code: Int32) throws {
    guard code == SQLITE_OK else {
      throw DatabaseError(
        resultCode: ResultCode(rawValue: code),
        message: "the write-ahead log cannot be forced"
      )
    }
  }
}
