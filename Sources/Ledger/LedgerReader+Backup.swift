import Foundation
import GRDB
import Glibc

extension LedgerReader {
  /// Copies the ledger, also while the daemon writes it, into one file that stands by itself.
  ///
  /// The copy takes its name only when it is whole, checked and on disk: a kill leaves what was
  /// there before. The writer is not held up.
  package func backup(to target: String) throws(LedgerError) {
    let unfinished = target + ".part"
    let attempted = "copying \(path) to \(target)"
    do {
      for suffix in ["", "-wal", "-shm", "-journal"] { unsafe _ = unlink(unfinished + suffix) }
      try LedgerFile.prepare(unfinished)
      let copy = try DatabaseQueue(path: unfinished)
      try database.backup(to: copy)
      let faults = try copy.writeWithoutTransaction { db in
        // A copy is read where no log can be made beside it: from a stick, or by somebody else.
        try db.execute(sql: "PRAGMA journal_mode = DELETE")
        return try String.fetchAll(db, sql: "PRAGMA quick_check").filter { $0 != "ok" }
      }
      try copy.close()
      if let fault = faults.first {
        throw LedgerError(.corrupt, attempted: attempted, cause: "the copy has faults: \(fault)")
      }
      try LedgerFile.sync(unfinished)
      guard unsafe rename(unfinished, target) == 0 else {
        throw LedgerError(errno: errno, attempted: attempted)
      }
      try LedgerFile.sync(directoryOf: target)
    } catch {
      unsafe _ = unlink(unfinished)
      throw LedgerError(error, attempted: attempted)
    }
  }
}
