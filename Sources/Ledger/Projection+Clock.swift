import Domain
import GRDB

extension Projection {
  /// Looking further back than this would hold up the writer; older parcels keep their hour.
  private static let mostLookedAt = 50_000

  /// Notes a correction, and moves what this boot has counted to the hours in which it happened.
  func correct(_ boot: String, _ offset: Int64, _ quality: ClockQuality) throws {
    try run(
      """
      INSERT INTO correction SELECT id, ?, ?, ? FROM word WHERE text = ?
      ON CONFLICT DO UPDATE SET offset = excluded.offset, quality = excluded.quality
      """,
      [time.monotonic.nanoseconds, offset, quality.code, boot],
      else: "boot \(boot) has recorded nothing"
    )
    try moveTally(boot, to: ClockBook(db))
  }

  private func moveTally(_ boot: String, to corrected: ClockBook) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: Queries.selection(.records) + " ORDER BY e.seq DESC LIMIT ?",
      arguments: [Self.mostLookedAt]
    )
    while let row = try rows.next(), row["boottext"] == boot {
      guard row["type"] == "parcel.dispatched" else { continue }
      let event = try Queries.event(row, .records, epoch)
      let (old, new) = (clocks.time(of: event.time).hour, corrected.time(of: event.time).hour)
      guard old != new, let body = try? JSON(parsing: event.body),
        let direction = body["direction"]?.string.flatMap({ Direction(rawValue: $0) }),
        let grams = body["grams"]?.int
      else { continue }
      try count(TallyKind(direction), -1, grams: -grams, inHour: old)
      try count(TallyKind(direction), 1, grams: grams, inHour: new)
    }
  }
}
