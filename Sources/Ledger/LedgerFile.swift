import Glibc

/// The right to write one ledger: a lock beside the file, held while the value lives.
///
/// The lock is on a file of its own because closing any other descriptor of an SQLite file would
/// drop the locks that SQLite itself holds on it.
struct LedgerLock: ~Copyable {
  private let descriptor: Int32

  init(besides path: String) throws(LedgerError) {
    let attempted = "locking \(path)"
    descriptor = unsafe open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw LedgerError(errno: errno, attempted: attempted) }
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else { throw LedgerError(errno: code, attempted: attempted) }
      throw LedgerError(.inUse, attempted: attempted, cause: "another process writes this ledger")
    }
  }

  deinit {
    // Explicitly: a child process between fork and exec would keep the lock alive otherwise.
    flock(descriptor, LOCK_UN)
    close(descriptor)
  }
}

enum LedgerFile {
  /// Makes an empty file with its final rights, unless there is one.
  ///
  /// SQLite gives its `-wal` and `-shm` files the rights of the file itself.
  static func prepare(_ path: String) throws(LedgerError) {
    let descriptor = unsafe open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw LedgerError(errno: errno, attempted: "opening \(path)") }
    close(descriptor)
  }
}

extension LedgerError {
  init(errno code: Int32, attempted: String) {
    let kind: Kind =
      switch code {
      case ENOSPC, EDQUOT: .full
      case EROFS: .readOnly
      case ENOENT, ENOTDIR, EACCES, EPERM, EISDIR: .unreachable
      default: .storage
      }
    self.init(kind, attempted: attempted, cause: unsafe String(cString: strerror(code)))
  }
}

extension LedgerFile {
  /// Forces a file to disk.
  static func sync(_ path: String) throws(LedgerError) {
    let descriptor = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw LedgerError(errno: errno, attempted: "syncing \(path)") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw LedgerError(errno: errno, attempted: "syncing \(path)")
    }
  }

  /// Forces the names in the directory of a file to disk.
  static func sync(directoryOf path: String) throws(LedgerError) {
    let slash = path.lastIndex(of: "/")
    try sync(slash.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? ".")
  }
}
