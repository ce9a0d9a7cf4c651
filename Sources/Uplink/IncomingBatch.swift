package import Domain

/// A batch as it arrived, each row read on its own.
package struct IncomingBatch: Hashable, Sendable {
  /// One row of a batch.
  package enum Row: Hashable, Sendable {
    case event(Event)
    /// The row cannot be read. It must never block the others.
    case unreadable(sequence: Int64?, raw: [UInt8], reason: String)
  }

  /// Why a whole batch is refused.
  package struct Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    package var description: String
  }

  /// No honest station sends more rows at once.
  package static let mostRows = 1000

  package var site: SiteID
  package var epoch: Epoch
  package var lane: Lane
  package var rows: [Row]
  /// The first sequence that the station still keeps: what is lacking before it never comes.
  package var oldest: Int64 = 1

  /// The highest sequence among its rows; `nil` where none has one.
  package var lastSequence: Int64? {
    rows.compactMap { row in
      switch row {
      case .event(let event): event.sequence
      case .unreadable(let sequence, _, _): sequence
      }
    }.max()
  }

  /// Reads the inflated JSON of a batch whose head is known to be true; it may have no rows.
  package init(_ head: SignedBatch.Head, json bytes: [UInt8]) throws(Refusal) {
    let envelopes = try Self.envelopes(of: head.site, bytes)
    let isForeign = envelopes.contains { row in
      (row.epoch.map { $0 != head.epoch } ?? false) || (row.lane.map { $0 != head.lane } ?? false)
    }
    guard !isForeign else {
      throw Refusal(description: "a row is not of \(head.epoch)/\(head.lane.rawValue)")
    }
    (site, epoch, lane, oldest) = (head.site, head.epoch, head.lane, head.oldest)
    rows = envelopes.map { $0.row }
  }

  /// A batch whose rows have been read already.
  package init(_ head: SignedBatch.Head, rows: [Row]) {
    (site, epoch, lane, oldest) = (head.site, head.epoch, head.lane, head.oldest)
    self.rows = rows
  }

  /// Reads the inflated JSON of a batch that was posted for a site, which its rows describe.
  package init(site: SiteID, json bytes: [UInt8]) throws(Refusal) {
    let envelopes = try Self.envelopes(of: site, bytes)
    self.site = site
    let epochs = Set(envelopes.compactMap(\.epoch))
    let lanes = Set(envelopes.compactMap(\.lane))
    guard epochs.count <= 1, lanes.count <= 1 else {
      throw Refusal(description: "a batch holds one lane of one epoch")
    }
    guard let epoch = epochs.first, let lane = lanes.first else {
      throw Refusal(description: "no row says to which epoch and lane the batch belongs")
    }
    self.epoch = epoch
    self.lane = lane
    rows = envelopes.map { $0.row }
  }

  private static func envelopes(
    of site: SiteID,
    _ bytes: [UInt8]
  ) throws(Refusal) -> [Envelope] {
    let text = RawJSON(bytes: bytes)
    guard let elements = text.elements(of: bytes.indices) else {
      throw Refusal(description: "the body is not a JSON array")
    }
    guard elements.count <= mostRows else {
      throw Refusal(description: "\(elements.count) rows; the most is \(mostRows)")
    }
    let envelopes = elements.map { Envelope(text, $0) }
    let source = Wire.source(of: site)
    if let other = envelopes.lazy.compactMap(\.source).first(where: { $0 != source }) {
      throw Refusal(description: "a row comes from \(other), the batch was posted for \(source)")
    }
    return envelopes
  }
}

/// One CloudEvent, its attributes parsed one by one so that a bad one does not hide the others.
private struct Envelope {
  let raw: [UInt8]
  private var fields: [String: Result<JSON, JSON.ParseError>] = [:]
  private var fault: String?

  init(_ text: RawJSON, _ range: Range<Int>) {
    raw = Array(text.bytes[range])
    guard let members = text.members(of: range) else {
      fault = "the row is not a JSON object"
      return
    }
    for member in members {
      guard let key = try? JSON(parsing: Array(text.bytes[member.key])).string else {
        fault = "a key is not a string"
        continue
      }
      if fields[key] != nil { fault = "the key \"\(key)\" stands twice" }
      fields[key] = Result { () throws(JSON.ParseError) in
        try JSON(parsing: Array(text.bytes[member.value]))
      }
    }
  }

  private func value(_ name: String) -> JSON? { try? fields[name]?.get() }

  var source: String? { value("source")?.string }
  var epoch: Epoch? { value("epoch")?.string.flatMap { Epoch($0) } }
  var lane: Lane? { value("lane")?.string.flatMap { Lane(rawValue: $0) } }

  /// From the attribute, or else from the end of the id.
  var sequence: Int64? {
    let text =
      value("sequence")?.string
      ?? value("id")?.string?.split(separator: "/").last.map(String.init)
    return text.flatMap { SignedBatch.Sequence.read($0) }
  }

  var row: IncomingBatch.Row {
    do throws(IncomingBatch.Refusal) { return .event(try event()) } catch {
      return .unreadable(sequence: sequence, raw: raw, reason: error.description.printable)
    }
  }

  private func text(_ name: String) throws(IncomingBatch.Refusal) -> String {
    guard let text = value(name)?.string else {
      throw IncomingBatch.Refusal(description: "\(name) is missing or no string")
    }
    return text
  }

  private func need<Value>(_ value: Value?, _ name: String) throws(IncomingBatch.Refusal) -> Value {
    guard let value else { throw IncomingBatch.Refusal(description: "\(name) cannot be read") }
    return value
  }

  private func event() throws(IncomingBatch.Refusal) -> Event {
    if let fault { throw IncomingBatch.Refusal(description: fault) }
    guard try text("specversion") == "1.0" else {
      throw IncomingBatch.Refusal(description: "specversion is not 1.0")
    }
    _ = try text("source")
    let (epoch, lane) = (try need(epoch, "epoch"), try need(lane, "lane"))
    let sequence = try need(
      value("sequence")?.string.flatMap { SignedBatch.Sequence.read($0) },
      "sequence"
    )
    guard try text("id").hasSuffix("/\(epoch)/\(lane.rawValue)/\(sequence)") else {
      throw IncomingBatch.Refusal(description: "id and sequence contradict each other")
    }
    let type = try text("type")
    guard type.hasPrefix(Wire.typePrefix), type == type.printable, type.utf8.count <= 128 else {
      throw IncomingBatch.Refusal(description: "the type \(type) is not of \(Wire.typePrefix)*")
    }
    guard case .success(let data) = fields["data"] else {
      throw IncomingBatch.Refusal(description: "data is missing or no JSON of whole numbers")
    }
    return Event(
      epoch: epoch,
      lane: lane,
      sequence: sequence,
      type: String(type.dropFirst(Wire.typePrefix.count)),
      body: data.canonical,
      time: try time(),
      chain: try chain()
    )
  }

  private func chain() throws(IncomingBatch.Refusal) -> [UInt8] {
    guard fields["chain"] != nil else { return [] }
    let chain = Hex.decode(try text("chain"))
    return try need(chain?.count == 32 ? chain : nil, "chain")
  }

  private func time() throws(IncomingBatch.Refusal) -> Timestamp {
    let monotonic = try need(Int64(try text("monotonic")), "monotonic")
    let boot = try text("bootid")
    return Timestamp(
      boot: try need(boot == boot.printable && boot.utf8.count <= 64 ? boot : nil, "bootid"),
      monotonic: Instant(nanoseconds: monotonic),
      wallMilliseconds: try need(RFC3339.milliseconds(try text("time")), "time"),
      quality: try need(ClockQuality(rawValue: try text("clock")), "clock")
    )
  }
}

extension String {
  /// The text without control characters: no store takes all of them, and no log should.
  fileprivate var printable: String {
    String(
      String.UnicodeScalarView(
        unicodeScalars.filter { $0.properties.generalCategory != .control }
      )
    )
  }
}
