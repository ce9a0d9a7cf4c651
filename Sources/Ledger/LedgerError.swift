import GRDB

/// Why the ledger could not do what was asked of it, said so that a technician can act on it.
package struct LedgerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// What kind of failure it is, for code that must choose what to do.
  package enum Kind: Hashable, Sendable {
    /// There is no room left; nothing of the transaction was kept.
    case full
    /// The file or its file system takes no writes.
    case readOnly
    /// The file is damaged, or is no SQLite database at all.
    case corrupt
    /// A sound SQLite database, but of some other program.
    case foreign
    /// Written by a newer version of this program.
    case newerSchema(found: Int, known: Int)
    /// Written by an older version, and only to be read.
    case olderSchema(found: Int)
    /// Another process has the ledger open for writing.
    case inUse
    /// There is no such file or directory, or it may not be opened.
    case unreachable
    /// The caller asked for something that the ledger's own record contradicts.
    case refused
    /// The disk or SQLite failed in some other way.
    case storage
  }

  package var kind: Kind
  /// What was being done, as `writing 2 entries to /var/lib/yizhan/ledger.sqlite`.
  package var attempted: String
  /// Why it failed.
  package var cause: String

  init(_ kind: Kind, attempted: String, cause: String) {
    self.kind = kind
    self.attempted = attempted
    self.cause = cause
  }

  /// Wraps whatever SQLite or the system reported.
  init(_ error: any Error, attempted: String) {
    if let error = error as? LedgerError {
      self = error
    } else if let error = error as? DatabaseError {
      let detail = error.message ?? "no further word"
      self.init(
        Self.kind(of: error),
        attempted: attempted,
        cause: "\(detail) (SQLite \(error.extendedResultCode.rawValue))"
      )
    } else {
      self.init(.storage, attempted: attempted, cause: "\(error)")
    }
  }

  private static func kind(of error: DatabaseError) -> Kind {
    if error.extendedResultCode == .SQLITE_IOERR_SHMSIZE { return .full }
    switch error.resultCode {
    case .SQLITE_FULL: return .full
    case .SQLITE_READONLY: return .readOnly
    case .SQLITE_CORRUPT, .SQLITE_NOTADB: return .corrupt
    case .SQLITE_CANTOPEN, .SQLITE_PERM, .SQLITE_AUTH: return .unreachable
    case .SQLITE_BUSY, .SQLITE_LOCKED: return .inUse
    case .SQLITE_CONSTRAINT: return .refused
    default: return .storage
    }
  }

  /// What to do next.
  package var remedy: String {
    switch kind {
    case .full: "make room on the disk that holds the ledger; nothing was lost"
    case .readOnly: "remount the disk for writing, or give the service's user the right to write"
    case .corrupt: "restart the daemon: it sets the file aside and saves what can be read"
    case .foreign: "check the path: this file belongs to another program and was left untouched"
    case .newerSchema: "install the version of yizhan that wrote this ledger, or a newer one"
    case .olderSchema: "start this version's daemon on it once, or on a copy of it"
    case .inUse: "stop the other process, or read with `yizhan` while the daemon runs"
    case .unreachable: "check that the directory exists and that the user may enter and write it"
    case .refused: "this is an error in the program: report it with the lines before it"
    case .storage: "check the disk and the kernel's log for errors"
    }
  }

  package var description: String { "\(attempted): \(cause); next: \(remedy)" }
}
