import Domain
import GRDB

extension SalvageReader {
  /// What the projections of a ledger still tell, beside its events.
  struct Memory {
    var inDoubt: [ActionID] = []
    /// All that is known of the parcels that these belong to.
    var states: [Row] = []
    var waybills: [String] = []
    var tally: [Row] = []
    var corrections: [Row] = []
    /// What it still owed of earlier epochs.
    var owed: [Row] = []
  }

  /// Actions without an outcome, waybills, hours, clocks and debts: whatever can be read of them.
  func memory() -> Memory {
    var memory = Memory()
    memory.inDoubt = (try? queue.read { try Queries.inDoubt($0) }.map(\.id)) ?? []
    let doubted = "SELECT serial FROM state WHERE kind > 0 AND state IS NULL"
    memory.states = rows("SELECT * FROM state WHERE serial IN (\(doubted)) ORDER BY seq, id")
    // That of a parcel in doubt goes with the parcel: it may yet be given up.
    memory.waybills = texts(
      """
      SELECT waybill FROM state
      WHERE waybill IS NOT NULL AND kind = 0 AND state < 2 AND serial NOT IN (\(doubted))
      """
    )
    memory.waybills += texts("SELECT text FROM former_waybill")
    memory.tally = rows("SELECT * FROM tally")
    memory.corrections = rows(
      "SELECT w.text, c.* FROM correction c JOIN word w ON w.id = c.boot ORDER BY c.monotonic"
    )
    memory.owed = rows("SELECT * FROM archived WHERE upto < last")
    return memory
  }

  private func rows(_ sql: String) -> [Row] {
    (try? queue.read { try Row.fetchAll($0, sql: sql) }) ?? []
  }

  private func texts(_ sql: String) -> [String] {
    (try? queue.read { try String.fetchAll($0, sql: sql) }) ?? []
  }

  /// An event that was owed of an earlier epoch; `nil` where it cannot be read.
  func owed(_ epoch: Epoch, _ lane: Lane, _ sequence: Int64) -> Event? {
    let sql = "SELECT *, boot AS boottext FROM archive WHERE epoch = ? AND lane = ? AND seq = ?"
    return try? queue.read { db in
      let row = try Row.fetchOne(
        db,
        sql: sql,
        arguments: [epoch.description, lane.rawValue, sequence]
      )
      return try row.map { try Queries.event($0, lane, epoch) }
    }
  }
}
