package import Domain

/// A batch as it leaves the station: bytes, and the proof of who sent them.
///
/// What is signed is the text of ``Head`` followed by the body exactly as it travels, so that the
/// same signature holds over HTTPS and on a stick, and is checked before anything is inflated.
package struct SignedBatch: Hashable, Sendable {
  /// What the signature says of the body.
  package struct Head: Hashable, Sendable {
    package var site: SiteID
    package var epoch: Epoch
    package var lane: Lane
    /// The first sequence of the lane that the station still keeps; what the hub lacks before it
    /// cannot come any more.
    package var oldest: Int64
    package var isCompressed: Bool

    package init(
      site: SiteID,
      epoch: Epoch,
      lane: Lane,
      oldest: Int64 = 1,
      isCompressed: Bool = true
    ) {
      self.site = site
      self.epoch = epoch
      self.lane = lane
      self.oldest = oldest
      self.isCompressed = isCompressed
    }

    /// The text that is signed before the body; each line ends with a line feed.
    package var text: String {
      """
      yizhan-batch 1
      site: \(site)
      epoch: \(epoch)
      lane: \(lane.rawValue)
      oldest: \(oldest)
      content-type: \(Batch.mediaType)
      content-encoding: \(isCompressed ? "gzip" : "identity")


      """
    }
  }

  /// The names of the header fields that carry the head and the proof over HTTP.
  package enum Field: String, CaseIterable, Sendable {
    case epoch = "Yizhan-Epoch"
    case lane = "Yizhan-Lane"
    case oldest = "Yizhan-Oldest"
    case key = "Yizhan-Key"
    case signature = "Yizhan-Signature"
  }

  package var head: Head
  package var key: VerificationKey
  package var signature: [UInt8]
  package var body: [UInt8]

  package init(head: Head, key: VerificationKey, signature: [UInt8], body: [UInt8]) {
    self.head = head
    self.key = key
    self.signature = signature
    self.body = body
  }

  /// Encodes and signs a batch.
  package init(_ batch: Batch, by key: StationKey) {
    self.init(
      head: Head(site: batch.site, epoch: batch.epoch, lane: batch.lane, oldest: batch.oldest),
      body: batch.encoded(),
      by: key
    )
  }

  /// Signs a body.
  package init(head: Head, body: [UInt8], by key: StationKey) {
    let signature = key.signature(of: Array(head.text.utf8) + body)
    self.init(head: head, key: key.publicKey, signature: signature, body: body)
  }

  /// Whether the key's owner sent exactly this.
  package var isGenuine: Bool {
    key.hasSigned(Array(head.text.utf8) + body, with: signature)
  }

  /// The JSON of the body; at most `limit` bytes.
  package func json(limit: Int) throws(Gzip.Failure) -> [UInt8] {
    head.isCompressed ? try Gzip.inflate(body, limit: limit) : body
  }

  /// The header lines for HTTP, with those of the body.
  package var headers: [String] {
    [
      "Content-Type: \(Batch.mediaType)",
      "Content-Encoding: \(head.isCompressed ? "gzip" : "identity")",
    ] + Field.allCases.map { "\($0.rawValue): \(value(of: $0))" }
  }

  private func value(of field: Field) -> String {
    switch field {
    case .epoch: head.epoch.description
    case .lane: head.lane.rawValue
    case .oldest: String(head.oldest)
    case .key: key.description
    case .signature: Base64.encode(signature)
    }
  }

  /// Reads what came over HTTP; `nil` names no reason, so ask ``fault(in:)`` first.
  package init?(
    site: SiteID,
    isCompressed: Bool,
    body: [UInt8],
    field: (Field) -> String?
  ) {
    guard Self.fault(in: field) == nil,
      let epoch = field(.epoch).flatMap({ Epoch($0) }),
      let lane = field(.lane).flatMap({ Lane(rawValue: $0) }),
      let oldest = field(.oldest).flatMap({ Sequence.read($0) }),
      let key = field(.key).flatMap({ VerificationKey($0) }),
      let signature = field(.signature).flatMap({ Base64.decode($0) })
    else { return nil }
    let head = Head(
      site: site,
      epoch: epoch,
      lane: lane,
      oldest: oldest,
      isCompressed: isCompressed
    )
    self.init(head: head, key: key, signature: signature, body: body)
  }

  /// The first field that is missing or cannot be read.
  package static func fault(in field: (Field) -> String?) -> Field? {
    Field.allCases.first { name in
      guard let text = field(name) else { return true }
      return switch name {
      case .epoch: Epoch(text) == nil
      case .lane: Lane(rawValue: text) == nil
      case .oldest: Sequence.read(text) == nil
      case .key: VerificationKey(text) == nil
      case .signature: Base64.decode(text)?.count != 64
      }
    }
  }
}

extension SignedBatch {
  /// A place in a lane: from 1, and below 2^53 so that every JSON reader can hold it.
  package enum Sequence {
    package static let last: Int64 = 1 << 53 - 1

    /// Reads the decimal digits of a sequence; `nil` for anything else.
    package static func read(_ text: String) -> Int64? {
      guard let number = Int64(text), (1...last).contains(number), String(number) == text else {
        return nil
      }
      return number
    }
  }
}

extension SignedBatch {
  private static let most = 1024

  /// The batch as one file: the proof, and then exactly what is signed.
  package var file: [UInt8] {
    Array("key: \(key)\nsignature: \(Base64.encode(signature))\n\(head.text)".utf8) + body
  }

  /// Reads a file as ``file`` writes it; `nil` where it is none.
  package init?(file bytes: [UInt8]) {
    guard let end = Self.endOfText(bytes) else { return nil }
    let text = String(decoding: bytes[..<end], as: UTF8.self)
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).dropLast(2)
    guard lines.count == 9, lines[2] == "yizhan-batch 1" else { return nil }
    var fields: [String: String] = [:]
    for line in lines where line != lines[2] {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2, parts[1].first == " " else { return nil }
      fields[String(parts[0])] = String(parts[1].dropFirst())
    }
    guard let site = fields["site"].flatMap({ SiteID($0) }),
      let encoding = fields["content-encoding"]
    else { return nil }
    self.init(
      site: site,
      isCompressed: encoding == "gzip",
      body: Array(bytes[end...]),
      field: { fields[String($0.rawValue.dropFirst("Yizhan-".count)).lowercased()] }
    )
    // One batch has one text: whatever was read must be what would be written.
    guard file == bytes else { return nil }
  }

  private static func endOfText(_ bytes: [UInt8]) -> Int? {
    let feed = UInt8(ascii: "\n")
    let end = bytes.prefix(most).indices.dropFirst().first {
      bytes[$0] == feed && bytes[$0 - 1] == feed
    }
    return end.map { $0 + 1 }
  }
}
