import Crypto
import Domain
import Uplink

/// One lane of one ledger, as the store has it at the start of a transaction.
struct Stream {
  var id: Int64
  /// Everything up to here is held.
  var durable: Int64
  /// The highest sequence that ever came.
  var highest: Int64
  /// The link of the hash chain at ``durable``; none where it is not known.
  var chain: [UInt8]
  private var epoch: Epoch
  private var lane: Lane

  /// Finds the stream of a batch, or makes it.
  init(_ session: some SQLSession, _ batch: IncomingBatch) throws {
    let key: [SQLValue] = [
      .text(batch.site.text), .text(batch.epoch.description), .text(batch.lane.rawValue),
    ]
    let sql = """
      SELECT id, durable, highest, chain FROM stream
      WHERE site = $1 AND epoch = $2 AND lane = $3
      """
    var row = try session.rows(sql, key).first
    if row == nil {
      try session.run("INSERT INTO stream (site, epoch, lane) VALUES ($1, $2, $3)", key)
      row = try session.rows(sql, key).first
    }
    guard let row else {
      throw HubError(
        attempted: "opening the stream of \(batch.site)",
        cause: "it did not come about",
        remedy: "check the store"
      )
    }
    (id, durable, highest, chain) = (row.int(0), row.int(1), row.int(2), row.bytes(3))
    (epoch, lane) = (batch.epoch, batch.lane)
  }

  /// The link before the first event of the lane.
  var origin: [UInt8] { Array(SHA256.hash(data: Event.origin(epoch, lane))) }

  private static let fields = "seq, type, body, boot, monotonic, wall, quality, chain"

  func events(in span: ClosedRange<Int64>, _ session: any SQLSession) throws -> [Event] {
    try session.rows(
      """
      SELECT \(Self.fields) FROM event WHERE stream = $1 AND seq >= $2 AND seq <= $3 ORDER BY seq
      """,
      [.int(id), .int(span.lowerBound), .int(span.upperBound)]
    ).map(event)
  }

  /// The next events after a sequence.
  func events(after sequence: Int64, _ session: any SQLSession) throws -> [Event] {
    try session.rows(
      "SELECT \(Self.fields) FROM event WHERE stream = $1 AND seq > $2 ORDER BY seq LIMIT 1000",
      [.int(id), .int(sequence)]
    ).map(event)
  }

  private func event(_ row: SQLRow) -> Event {
    Event(
      epoch: epoch,
      lane: lane,
      sequence: row.int(0),
      type: row.text(1) ?? "",
      body: row.bytes(2),
      time: Timestamp(
        boot: row.text(3) ?? "",
        monotonic: Instant(nanoseconds: row.int(4)),
        wallMilliseconds: row.int(5),
        quality: row.text(6).flatMap { ClockQuality(rawValue: $0) } ?? .none
      ),
      chain: row.bytes(7)
    )
  }
}

/// Moves the mark of a stream over everything that follows it without a hole.
struct Mark {
  private let session: any SQLSession
  private let stream: Stream
  private let now: Int64
  private var durable: Int64
  private var chain: [UInt8]

  init(_ session: any SQLSession, _ stream: Stream, now: Int64) {
    (self.session, self.stream, self.now) = (session, stream, now)
    durable = stream.durable
    chain = stream.durable == 0 ? stream.origin : stream.chain
  }

  /// Passes the new rows, what was held beyond them, and what the station no longer keeps.
  ///
  /// - Returns: The new mark, as it is kept.
  mutating func advance(
    over fresh: [Int64: Event],
    and quarantined: Set<Int64>,
    oldest: Int64
  ) throws -> Int64 {
    let highest = max(stream.highest, fresh.keys.max() ?? 0, quarantined.max() ?? 0)
    while true {
      let before = durable
      pass: while durable < highest {
        if let event = fresh[durable + 1] {
          try pass(event)
        } else if quarantined.contains(durable + 1) {
          passUnread()
        } else {
          break pass
        }
      }
      if durable < highest { try passHeld() }
      if durable + 1 < oldest { try passGap(before: oldest, fresh, quarantined) }
      if durable == before { break }
    }
    if durable != stream.durable || highest != stream.highest {
      try session.run(
        "UPDATE stream SET durable = $1, highest = $2, chain = $3 WHERE id = $4",
        [.int(durable), .int(max(highest, durable)), .optional(chain), .int(stream.id)]
      )
    }
    return durable
  }

  /// Passes an event, and notes where the chain does not lead to it: a row before it was changed
  /// or taken away.
  private mutating func pass(_ event: Event) throws {
    if !event.chain.isEmpty, !chain.isEmpty, event.chain != Self.link(chain, event) {
      try session.run(
        """
        INSERT INTO chain_break (stream, seq, received) VALUES ($1, $2, $3)
        ON CONFLICT (stream, seq) DO NOTHING
        """,
        [.int(stream.id), .int(event.sequence), .int(now)]
      )
    }
    chain = event.chain
    durable = event.sequence
  }

  /// The link of the hash chain that follows another.
  static func link(_ chain: [UInt8], _ event: Event) -> [UInt8] {
    Array(SHA256.hash(data: chain + event.canonical))
  }

  private mutating func passUnread() {
    durable += 1
    chain = []
  }

  private mutating func passHeld() throws {
    for event in try stream.events(after: durable, session) {
      while durable + 1 < event.sequence, try isQuarantined(durable + 1) { passUnread() }
      guard event.sequence == durable + 1 else { return }
      try pass(event)
    }
    while try isQuarantined(durable + 1) { passUnread() }
  }

  private func isQuarantined(_ sequence: Int64) throws -> Bool {
    let sql = "SELECT count(*) FROM quarantine WHERE stream = $1 AND seq = $2"
    return try session.number(sql, [.int(stream.id), .int(sequence)]) ?? 0 > 0
  }

  /// Notes that what follows will never come, up to the next row that is there.
  private mutating func passGap(
    before oldest: Int64,
    _ fresh: [Int64: Event],
    _ quarantined: Set<Int64>
  ) throws {
    let next = [
      fresh.keys.filter { $0 > durable }.min(), quarantined.filter { $0 > durable }.min(),
      try least("event"), try least("quarantine"),
    ].compactMap(\.self).min()
    let last = min(oldest - 1, (next ?? oldest) - 1)
    guard last > durable else { return }
    try session.run(
      "INSERT INTO gap (stream, first, last, received) VALUES ($1, $2, $3, $4)",
      [.int(stream.id), .int(durable + 1), .int(last), .int(now)]
    )
    durable = last
    chain = []
  }

  private func least(_ table: String) throws -> Int64? {
    let sql = "SELECT min(seq) FROM \(table) WHERE stream = $1 AND seq > $2"
    let found = try session.number(sql, [.int(stream.id), .int(durable)]) ?? 0
    return found > 0 ? found : nil
  }
}
