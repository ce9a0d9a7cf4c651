package import Domain

extension Ledger {
  /// What the hub lacks, oldest first; see ``LedgerReader/pending(_:limit:maxBytes:)``.
  package func pending(
    _ lane: Lane,
    limit: Int = 500,
    maxBytes: Int = 256 * 1024
  ) throws(LedgerError) -> [Event] {
    try reader.pending(lane, limit: limit, maxBytes: maxBytes)
  }

  /// Where a lane stands.
  package func position(_ lane: Lane) throws(LedgerError) -> Position {
    try reader.position(lane)
  }
}
