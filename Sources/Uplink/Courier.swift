import Crypto
package import Domain

/// The files that travel by hand between a station and its hub.
package enum Courier {
  /// A signed batch.
  package static let batchSuffix = ".batch"
  /// What the station put on the stick.
  package static let manifestSuffix = ".manifest"
  /// What the hub says to it.
  package static let acknowledgementSuffix = ".ack"
  /// The most bytes of a file that is read at all.
  package static let mostBytes = 2 << 20

  /// The name of a batch's file: the same batch always has the same.
  package static func name(_ batch: Batch) -> String {
    let ends = [batch.events.first?.sequence ?? 0, batch.events.last?.sequence ?? 0].map { number in
      let digits = String(number)
      return String(repeating: "0", count: max(0, 12 - digits.count)) + digits
    }
    return "\(batch.site)-\(batch.epoch)-\(batch.lane.rawValue)-\(ends[0])-\(ends[1])\(batchSuffix)"
  }

  /// What all files of a ledger begin with.
  package static func stem(_ site: SiteID, _ epoch: Epoch) -> String { "\(site)-\(epoch)" }
}

/// What a station put on a stick, so that a lost or exchanged file shows.
package struct CourierManifest: Hashable, Sendable {
  /// One file of it.
  package struct File: Hashable, Sendable {
    package var name: String
    package var bytes: Int
    /// SHA-256 of the whole file, in hexadecimal.
    package var hash: String

    /// Takes the measure of a file.
    package init(name: String, content: [UInt8]) {
      self.name = name
      bytes = content.count
      hash = Hex.encode(SHA256.hash(data: content))
    }

    fileprivate init?(_ text: String) {
      let parts = text.split(separator: " ", omittingEmptySubsequences: false)
      guard parts.count == 3, let bytes = Int(parts[0]), Hex.decode(String(parts[1])) != nil,
        !parts[2].contains("/")
      else { return nil }
      (name, self.bytes, hash) = (String(parts[2]), bytes, String(parts[1]))
    }
  }

  package var site: SiteID
  package var epoch: Epoch
  package var files: [File]

  private static let heading = "yizhan-manifest 1"

  package init(site: SiteID, epoch: Epoch, files: [File]) {
    self.site = site
    self.epoch = epoch
    self.files = files
  }

  /// The name of its own file.
  package var name: String { Courier.stem(site, epoch) + Courier.manifestSuffix }

  private var text: String {
    "\(Self.heading)\nsite: \(site)\nepoch: \(epoch)\n"
      + files.map { "file: \($0.bytes) \($0.hash) \($0.name)\n" }.joined()
  }

  /// The signed file.
  package func file(_ key: StationKey) -> [UInt8] {
    SignedText(
      key: key.publicKey.description,
      signature: key.signature(of: Array(text.utf8)),
      text: text
    ).file
  }

  /// Reads a file; `nil` where it has not the form of one, or was altered.
  package static func read(_ file: [UInt8]) -> (manifest: CourierManifest, key: VerificationKey)? {
    guard let signed = SignedText(file: file), let key = VerificationKey(signed.key),
      key.hasSigned(Array(signed.text.utf8), with: signed.signature),
      let fields = signed.fields(after: heading), fields.count >= 2,
      fields[0].name == "site", let site = SiteID(fields[0].value),
      fields[1].name == "epoch", let epoch = Epoch(fields[1].value)
    else { return nil }
    let files = fields.dropFirst(2).compactMap { $0.name == "file" ? File($0.value) : nil }
    let manifest = CourierManifest(site: site, epoch: epoch, files: files)
    return manifest.text == signed.text ? (manifest, key) : nil
  }
}
