import Domain
import Foundation
import GRDB

/// Reads what can be read of a damaged ledger, without changing it.
struct SalvageReader {
  /// An event, and how far it may be believed.
  struct Find {
    var event: Event
    /// Whether the chain proves its content; what follows on a gap cannot be proved.
    var isProved: Bool
  }

  /// What one lane gave.
  struct Lode {
    var events = 0
    var unsent = 0
    var acknowledged: Int64 = 0
    /// What nobody can read any more, or what the chain contradicts.
    var lost: [ClosedRange<Int64>] = []
    var last: Int64 = 0
  }

  /// A hole wider than this is not searched row by row.
  private static let widestSearch: Int64 = 20_000
  /// A number beyond this is itself damage.
  static let mostOwed: Int64 = 50_000_000

  let queue: DatabaseQueue
  private(set) var epoch: Epoch?
  private let isChained: Bool
  private let words: [Int64: String]

  /// Opens a file; one whose header or schema is spoilt is read through a copy that takes both
  /// from an empty ledger.
  init(path: String, scratch: String, template: String) throws {
    var configuration = Configuration()
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    var opened = try? DatabaseQueue(path: path, configuration: configuration)
    if let queue = opened, !Self.knowsItsTables(queue) { opened = nil }
    if opened == nil {
      try Self.mend(path, into: scratch, from: template)
      opened = try? DatabaseQueue(path: scratch, configuration: configuration)
    }
    guard let opened, Self.knowsItsTables(opened) else {
      throw LedgerError(
        .corrupt,
        attempted: "salvaging \(path)",
        cause: "no table of it can be read"
      )
    }
    queue = opened
    words = Self.words(opened)
    let columns = try? opened.read { try Row.fetchAll($0, sql: "PRAGMA table_info(records)") }
    isChained = columns?.contains { $0["name"] == "chain" } ?? false
    let candidates = Self.epochs(opened)
    epoch = candidates.first { proves($0) } ?? candidates.first
  }

  /// What the copies of the epoch say, the most frequent first.
  private static func epochs(_ queue: DatabaseQueue) -> [Epoch] {
    var votes: [Epoch: Int] = [:]
    for sql in ["SELECT value FROM epoch", "SELECT epoch FROM acknowledged"] {
      let copies = try? queue.read { try DatabaseValue.fetchAll($0, sql: sql) }
      for copy in copies ?? [] {
        if let text = String.fromDatabaseValue(copy), let epoch = Epoch(text) {
          votes[epoch, default: 0] += 1
        }
      }
    }
    return votes.sorted { $0.value > $1.value }.map(\.key)
  }

  /// Whether the first event of a lane follows on an epoch.
  private func proves(_ epoch: Epoch) -> Bool {
    Lane.allCases.contains { lane in
      guard let first = single(lane, "e.seq = ?", 1) else { return false }
      return Chain.link(first, after: Chain.origin(epoch, lane)) == first.chain
    }
  }

  private static func knowsItsTables(_ queue: DatabaseQueue) -> Bool {
    let count = try? queue.read { db in
      try Int.fetchOne(
        db,
        sql: """
          SELECT count(*) FROM sqlite_master
          WHERE name IN ('word', 'records', 'telemetry', 'acknowledged', 'epoch')
          """
      )
    }
    return count == 5
  }

  /// From the table and from its index, which holds every word once more.
  private static func words(_ queue: DatabaseQueue) -> [Int64: String] {
    var words: [Int64: String] = [:]
    for source in ["word NOT INDEXED", "word INDEXED BY sqlite_autoindex_word_1"] {
      try? queue.read { db in
        let order = source.contains("NOT") ? "id" : "text"
        let rows = try Row.fetchCursor(db, sql: "SELECT id, text FROM \(source) ORDER BY \(order)")
        while let row = try rows.next() {
          if let id = Int64.fromDatabaseValue(row["id"]),
            let text = String.fromDatabaseValue(row["text"])
          {
            words[id] = text
          }
        }
      }
    }
    return words
  }

  /// Makes a copy whose first page, and all pages of the schema, are those of an empty ledger.
  ///
  /// Every ledger has made its first tables in the same order, so they stand at the same pages.
  private static func mend(_ path: String, into scratch: String, from template: String) throws {
    let files = FileManager.default
    for suffix in ["", "-wal", "-shm"] { try? files.removeItem(atPath: scratch + suffix) }
    try files.copyItem(atPath: path, toPath: scratch)
    if files.fileExists(atPath: path + "-wal") {
      try files.copyItem(atPath: path + "-wal", toPath: scratch + "-wal")
    }
    let tables = try DatabaseQueue(path: template).read { db in
      try Set(Int.fetchAll(db, sql: "SELECT rootpage FROM sqlite_master WHERE rootpage > 1"))
    }
    var pages = try Data(contentsOf: URL(fileURLWithPath: template))
    let file = try FileHandle(forUpdating: URL(fileURLWithPath: scratch))
    defer { try? file.close() }
    let count = UInt32(clamping: try file.seekToEnd() / UInt64(Schema.pageBytes))
    // The size in pages and an empty list of free ones (SQLite file format, § 1.3).
    for index in 0..<4 {
      pages[28 + index] = UInt8(count >> (24 - 8 * UInt32(index)) & 255)
      pages[32 + index] = 0
      pages[36 + index] = 0
    }
    for number in 1...pages.count / Schema.pageBytes where !tables.contains(number) {
      let start = (number - 1) * Schema.pageBytes
      try file.seek(toOffset: UInt64(start))
      try file.write(contentsOf: pages[start..<start + Schema.pageBytes])
    }
  }

  /// What SQLite says is wrong with the file.
  func damage() -> [String] {
    do {
      return try queue.read { try String.fetchAll($0, sql: "PRAGMA integrity_check(50)") }
        .filter { $0 != "ok" }
    } catch { return ["\(error)"] }
  }

  /// Hands over all events of a lane that can be read, in order, each with what the chain says.
  func lode(_ lane: Lane, _ take: (Find, Lode) throws -> Void) throws -> Lode {
    var lode = Lode()
    let first = single(lane, "e.seq >= ?", 1)
    let position = try? queue.read { try Queries.position(lane, $0) }
    let purged = position?.purged ?? max(0, (first?.sequence ?? 1) - 1)
    lode.acknowledged = position?.acknowledged ?? purged
    lode.last = purged
    let anchor = epoch.flatMap { epoch in try? queue.read { try Chain.anchor(lane, epoch, $0) } }
    var prover = Prover(link: anchor, last: purged, widest: Self.widestSearch)
    try rows(lane, after: purged) { event in
      for find in prover.take(event) { try Self.note(find, in: &lode, take) }
    }
    let known = try? queue.read { db in
      try Int64.fetchOne(db, sql: "SELECT max(seq) FROM \(lane.rawValue)")
    }
    let end = max((known ?? nil) ?? 0, lode.acknowledged)
    // A number far beyond is itself damage.
    if end > lode.last, end - lode.last <= Self.widestSearch {
      lode.lost.append(lode.last + 1...end)
      lode.last = end
    }
    return lode
  }

  private static func note(
    _ find: Find,
    in lode: inout Lode,
    _ take: (Find, Lode) throws -> Void
  ) throws {
    let sequence = find.event.sequence
    if sequence > lode.last + 1 { lode.lost.append(lode.last + 1...sequence - 1) }
    lode.last = sequence
    lode.events += 1
    if sequence > lode.acknowledged { lode.unsent += 1 }
    try take(find, lode)
  }

  private func rows(_ lane: Lane, after start: Int64, _ take: (Event) throws -> Void) throws {
    var next = start + 1
    while true {
      let (found, isWhole) = chunk(lane, from: next)
      for event in found { try take(event) }
      if let newest = found.last { next = newest.sequence + 1 }
      if isWhole {
        guard !found.isEmpty else { return }
        continue
      }
      guard let landing = landing(lane, after: next) else { return }
      if landing.sequence - next <= Self.widestSearch {
        for sequence in next..<landing.sequence {
          if let event = single(lane, "e.seq = ?", sequence) { try take(event) }
        }
      }
      try take(landing)
      next = landing.sequence + 1
    }
  }

  /// The next events up to the first that cannot be read, and whether there was none such.
  private func chunk(_ lane: Lane, from start: Int64) -> ([Event], Bool) {
    var events: [Event] = []
    do {
      try queue.read { db in
        let rows = try Row.fetchCursor(
          db,
          sql: selection(lane) + " WHERE e.seq >= ? ORDER BY e.seq LIMIT 500",
          arguments: [start]
        )
        while let row = try rows.next() {
          guard let event = event(row, lane) else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
          }
          guard event.sequence >= (events.last?.sequence ?? start - 1) + 1 else {
            throw DatabaseError(resultCode: .SQLITE_CORRUPT)
          }
          events.append(event)
        }
      }
      return (events, true)
    } catch { return (events, false) }
  }

  /// The first readable event beyond a hole, by jumps that double.
  private func landing(_ lane: Lane, after hole: Int64) -> Event? {
    var jump: Int64 = 1
    while jump < 1 << 40 {
      let event = single(lane, "e.seq >= ?", hole + jump)
      if let event, event.sequence >= hole + jump { return event }
      jump *= 2
    }
    return nil
  }

  private func single(_ lane: Lane, _ condition: String, _ sequence: Int64) -> Event? {
    let row = try? queue.read { db in
      try Row.fetchOne(
        db,
        sql: selection(lane) + " WHERE \(condition) ORDER BY e.seq LIMIT 1",
        arguments: [sequence]
      )
    }
    return (row ?? nil).flatMap { event($0, lane) }
  }

  /// Without the joins that one spoilt word would empty, and without columns the file has not.
  private func selection(_ lane: Lane) -> String {
    """
    SELECT e.seq, e.type, e.body, e.boot, e.monotonic, e.wall, e.quality, \
    \(isChained ? "e.chain" : "x'' AS chain") FROM \(lane.rawValue) e
    """
  }

  /// A row whose values are of the wrong kind is no event.
  private func event(_ row: Row, _ lane: Lane) -> Event? {
    guard let body = Data.fromDatabaseValue(row["body"]),
      let chain = Data.fromDatabaseValue(row["chain"]),
      let type = Int64.fromDatabaseValue(row["type"]).flatMap({ words[$0] }),
      let boot = Int64.fromDatabaseValue(row["boot"]).flatMap({ words[$0] }),
      let sequence = Int64.fromDatabaseValue(row["seq"]),
      let monotonic = Int64.fromDatabaseValue(row["monotonic"]),
      let wall = Int64.fromDatabaseValue(row["wall"]),
      let quality = Int.fromDatabaseValue(row["quality"]).flatMap({ ClockQuality(code: $0) })
    else { return nil }
    return Event(
      epoch: epoch ?? Epoch(0),
      lane: lane,
      sequence: sequence,
      type: type,
      body: Array(body),
      time: Timestamp(
        boot: boot,
        monotonic: Instant(nanoseconds: monotonic),
        wallMilliseconds: wall,
        quality: quality
      ),
      chain: Array(chain)
    )
  }

  func close() { try? queue.close() }
}

/// Tells by the chain which events are as they were recorded.
private struct Prover {
  /// The link of the event before; `nil` where nobody knows it.
  var link: [UInt8]?
  var last: Int64
  let widest: Int64
  /// An event whose own link is not right: the next one may still vouch for its content.
  private var held: (event: Event, expected: [UInt8])?

  init(link: [UInt8]?, last: Int64, widest: Int64) {
    (self.link, self.last, self.widest) = (link, last, widest)
  }

  /// What is sure after this event: itself, the one before it, both or neither.
  mutating func take(_ event: Event) -> [SalvageReader.Find] {
    guard event.sequence > last, event.sequence - last <= widest else { return [] }
    var finds: [SalvageReader.Find] = []
    if let (spoilt, expected) = held {
      var before = spoilt
      held = nil
      link = before.chain
      if event.sequence == before.sequence + 1, Chain.link(event, after: expected) == event.chain {
        link = expected
        before.chain = expected
        finds.append(.init(event: before, isProved: true))
      }
    }
    let isNext = event.sequence == last + 1
    last = event.sequence
    guard isNext, let previous = link, !event.chain.isEmpty else {
      // What follows on a gap, or was recorded before there was a chain, cannot be proved.
      link = event.chain.isEmpty ? nil : event.chain
      return finds + [.init(event: event, isProved: false)]
    }
    let expected = Chain.link(event, after: previous)
    guard expected == event.chain else {
      held = (event, expected)
      return finds
    }
    link = expected
    return finds + [.init(event: event, isProved: true)]
  }
}
