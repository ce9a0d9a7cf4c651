import Crypto
import Domain
import Uplink

/// Takes one batch into the store, inside one transaction.
///
/// First everything is sorted in memory, then written at once: a batch costs a handful of
/// statements, however many rows it has.
struct Intake {
  private let session: any SQLSession
  private let batch: IncomingBatch
  private let now: Int64
  private let stream: Stream

  /// Rows that are new, by their sequence.
  private var fresh: [Int64: Event] = [:]
  private var order: [Int64] = []
  /// Sequences whose event had been given up, and comes after all.
  private var replaced: [Int64] = []
  private var conflicts: [Event] = []
  private var quarantined: [(sequence: Int64, raw: [UInt8], reason: String)] = []
  private var ended: [(end: ParcelEnd, event: Event)] = []

  init(_ session: some SQLSession, _ batch: IncomingBatch, at now: Int64) throws {
    self.session = session
    self.batch = batch
    self.now = now
    // The row of the site is locked until the end: two hubs on one database take turns.
    try session.run(
      """
      INSERT INTO site (id, seen) VALUES ($1, $2)
      ON CONFLICT (id) DO UPDATE SET seen = excluded.seen
      """,
      [.text(batch.site.text), .int(now)]
    )
    stream = try Stream(session, batch)
  }

  mutating func run() throws -> Receipt {
    let held = try held()
    for row in batch.rows {
      switch row {
      case .event(let event): take(event, held)
      case .unreadable(let sequence, let raw, let reason):
        quarantined.append((sequence ?? 0, raw, reason))
      }
    }
    let forks = conflicts.map(\.sequence)
    if let first = forks.min() { turnAway(beyond: first) }
    try forget(replaced)
    try endParcels()
    try writeEvents()
    for event in conflicts { try keepConflict(event) }
    for row in quarantined { try keepQuarantined(row.sequence, row.raw, row.reason) }
    var mark = Mark(session, stream, now: now)
    let durable = try mark.advance(
      over: fresh,
      and: Set(quarantined.map(\.sequence)),
      // What a second history no longer keeps says nothing of the first.
      oldest: forks.isEmpty ? batch.oldest : 1
    )
    return Receipt(
      lane: batch.lane,
      epoch: batch.epoch,
      durableUpTo: durable,
      quarantined: quarantined.map(\.sequence).filter { $0 > 0 },
      conflicts: forks,
      timeMilliseconds: now
    )
  }

  private mutating func take(_ event: Event, _ held: [Int64: Event]) {
    if let other = fresh[event.sequence] ?? held[event.sequence] {
      // A station that cannot read an event any more gives it up; that contradicts nothing.
      if event.type == Event.lost || other.isSame(as: event) { return }
      guard other.type == Event.lost else { return conflicts.append(event) }
      if fresh[event.sequence] == nil { replaced.append(event.sequence) }
      order.removeAll { $0 == event.sequence }
    }
    guard let effect = Effect(event) else {
      return quarantined.append(
        (event.sequence, event.body, "\(event.type) lacks what it must have")
      )
    }
    fresh[event.sequence] = event
    order.append(event.sequence)
    if let end = ParcelEnd(effect) { ended.append((end, event)) }
  }

  /// Leaves out what follows in the batch on a conflict, so that two histories never mix: the
  /// station brings it under an epoch of its own.
  private mutating func turnAway(beyond sequence: Int64) {
    fresh = fresh.filter { $0.key < sequence }
    order.removeAll { $0 > sequence }
    replaced.removeAll { $0 > sequence }
    ended.removeAll { $0.event.sequence > sequence }
    quarantined.removeAll { $0.sequence > sequence }
  }

  /// Makes room for events that had been given up and came after all, as by a stick.
  private func forget(_ sequences: [Int64]) throws {
    for sequence in sequences {
      try session.run(
        "DELETE FROM event WHERE stream = $1 AND seq = $2",
        [.int(stream.id), .int(sequence)]
      )
      try session.run(
        "UPDATE type_count SET n = n - 1 WHERE stream = $1 AND type = $2",
        [.int(stream.id), .text(Event.lost)]
      )
    }
  }

  /// What is there already of the batch's sequences.
  private func held() throws -> [Int64: Event] {
    let sequences = batch.rows.compactMap { row in
      if case .event(let event) = row, event.sequence <= stream.highest {
        event.sequence
      } else {
        nil
      }
    }.sorted()
    guard let first = sequences.first, let last = sequences.last else { return [:] }
    // Rows far apart are asked for one by one, so that a batch never costs more than its rows.
    let spans = last - first < 4096 ? [first...last] : sequences.map { $0...$0 }
    var events: [Int64: Event] = [:]
    for span in spans {
      for event in try stream.events(in: span, session) { events[event.sequence] = event }
    }
    return events
  }

  /// A parcel ends once: a second end under another sequence of its ledger is kept as a conflict, and
  /// changes nothing; the same end under another ledger is no news.
  ///
  /// Another end under another ledger is another parcel: two cards of one history have issued the
  /// number. Both count, and the conflict is kept for whoever looks.
  private mutating func endParcels() throws {
    var known = try knownEnds()
    var (rows, up, down): ([[SQLValue]], Traffic, Traffic) = ([], Traffic(), Traffic())
    for (end, event) in ended {
      let own = Origin(stream: stream.id, event)
      let others = known[end.number] ?? []
      if others.contains(where: { $0.isSame(as: own) }) { continue }
      if !others.isEmpty { conflicts.append(event) }
      guard others.allSatisfy({ $0.stream != nil && $0.stream != stream.id }) else { continue }
      known[end.number, default: []].append(own)
      rows.append([
        .text(batch.site.text), .text(end.number), .text(end.state), .int(Int64(end.grams)),
        .optional(end.direction?.rawValue), .optional(end.stage?.rawValue),
        .int(event.time.wallMilliseconds), .int(stream.id), .text(event.time.boot),
        .int(event.time.monotonic.nanoseconds),
      ])
      switch end.direction {
      case .up: up.add(end.grams)
      case .down: down.add(end.grams)
      case nil: break
      }
    }
    guard !rows.isEmpty else { return }
    let columns = [
      "site", "number", "state", "grams", "direction", "stage", "wall", "stream", "boot",
      "monotonic",
    ]
    try session.insert(rows, into: "parcel", columns)
    try session.run(
      """
      UPDATE site SET up_parcels = up_parcels + $1, up_grams = up_grams + $2,
      down_parcels = down_parcels + $3, down_grams = down_grams + $4 WHERE id = $5
      """,
      [
        .int(Int64(up.parcels)), .int(Int64(up.grams)), .int(Int64(down.parcels)),
        .int(Int64(down.grams)), .text(batch.site.text),
      ]
    )
  }

  /// Where the ends that are held of the batch's parcels came from, by number.
  private func knownEnds() throws -> [String: [Origin]] {
    var known: [String: [Origin]] = [:]
    for start in stride(from: 0, to: ended.count, by: 250) {
      let some = ended[start..<min(start + 250, ended.count)].map { SQLValue.text($0.end.number) }
      let places = some.indices.map { "$\($0 + 2)" }.joined(separator: ", ")
      let rows = try session.rows(
        """
        SELECT number, stream, boot, monotonic FROM parcel
        WHERE site = $1 AND number IN (\(places))
        """,
        [.text(batch.site.text)] + some
      )
      for row in rows {
        guard let number = row.text(0) else { continue }
        known[number, default: []].append(Origin(row))
      }
    }
    return known
  }

  private func writeEvents() throws {
    let events = order.compactMap { fresh[$0] }
    guard !events.isEmpty else { return }
    let rows = events.map { values(of: $0) + [.optional($0.chain)] }
    try session.insert(rows, into: "event", Self.columns + ["chain"])
    let types = events.reduce(into: [:]) { $0[$1.type, default: 0] += 1 as Int64 }
    for (type, count) in types.sorted(by: { $0.key < $1.key }) {
      try session.run(
        """
        INSERT INTO type_count (stream, type, n) VALUES ($1, $2, $3)
        ON CONFLICT (stream, type) DO UPDATE SET n = type_count.n + excluded.n
        """,
        [.int(stream.id), .text(type), .int(count)]
      )
    }
  }

  private static let columns = [
    "stream", "seq", "type", "body", "boot", "monotonic", "wall", "quality", "received",
  ]

  private func values(of event: Event) -> [SQLValue] {
    [
      .int(stream.id), .int(event.sequence), .text(event.type), .bytes(event.body),
      .text(event.time.boot), .int(event.time.monotonic.nanoseconds),
      .int(event.time.wallMilliseconds), .text(event.time.quality.rawValue), .int(now),
    ]
  }

  /// A cloned card or a rolled-back disk: both rows are kept, the first stands.
  private func keepConflict(_ event: Event) throws {
    let hash = Array(SHA256.hash(data: event.canonical + event.chain))
    try session.run(
      """
      INSERT INTO conflict (\(Self.columns.joined(separator: ", ")), hash)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
      ON CONFLICT (stream, seq, hash) DO UPDATE SET times = conflict.times + 1
      """,
      values(of: event) + [.bytes(hash)]
    )
  }

  private func keepQuarantined(_ sequence: Int64, _ raw: [UInt8], _ reason: String) throws {
    try session.run(
      """
      INSERT INTO quarantine (stream, seq, raw, reason, received, hash)
      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (stream, seq, hash) DO NOTHING
      """,
      [
        .int(stream.id), .int(sequence), .bytes(raw), .text(reason), .int(now),
        .bytes(Array(SHA256.hash(data: raw))),
      ]
    )
  }
}

extension Event {
  /// Whether it is the same event; a chain that one side does not know says nothing.
  fileprivate func isSame(as other: Event) -> Bool {
    var (left, right) = (self, other)
    if left.chain.isEmpty || right.chain.isEmpty { (left.chain, right.chain) = ([], []) }
    return left == right
  }
}

/// Where the end of a parcel came from; rows of older versions do not tell.
private struct Origin {
  var stream: Int64?
  var boot: String?
  var monotonic: Int64

  init(stream: Int64, _ event: Event) {
    self.stream = stream
    (boot, monotonic) = (event.time.boot, event.time.monotonic.nanoseconds)
  }

  /// Reads columns 1 to 3.
  init(_ row: SQLRow) {
    boot = row.text(2)
    stream = boot == nil ? nil : row.int(1)
    monotonic = row.int(3)
  }

  /// Whether it is the same moment of the same box, under two ledgers.
  func isSame(as other: Origin) -> Bool {
    stream != other.stream && boot != nil && boot == other.boot && monotonic == other.monotonic
  }
}

/// How a parcel ended.
private struct ParcelEnd {
  var number: String
  var state: String
  var grams = 0
  var direction: Direction?
  var stage: Stage?

  init?(_ effect: Effect) {
    switch effect {
    case .none: return nil
    case .dispatched(let parcel):
      (number, state) = (parcel.number.text, "done")
      (grams, direction, stage) = (parcel.mass.grams, parcel.direction, parcel.stage)
    case .voided(let parcel): (number, state) = (parcel.text, "voided")
    }
  }
}
