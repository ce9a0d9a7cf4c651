import Agent
import ArgumentParser
import Domain
import Ledger

/// The ledger read straight from its file, for when the daemon does not run.
enum LedgerFile {
  /// The last events, oldest first, as the daemon would give them.
  static func tail(_ path: String, limit: Int, lane: Lane?) throws -> [JSON] {
    do throws(LedgerError) {
      return try LedgerReader(path: path).tail(limit, lane: lane).map(\.json)
    } catch {
      throw Failure(
        message: say("读账本 \(path)：\(error.cause)", "\(error.attempted): \(error.cause)"),
        hint: error.remedy,
        code: Ending.trouble.rawValue
      )
    }
  }
}
