import Domain
package import Uplink

/// Takes in what a courier brought, through the same door as what comes over the network.
package struct CourierImport: Sendable {
  /// What became of one file.
  package struct Line: Hashable, Sendable {
    package var name: String
    /// Why it was not taken; `nil` where it was.
    package var refusal: String?

    package init(name: String, refusal: String?) {
      self.name = name
      self.refusal = refusal
    }
  }

  /// What became of all of them.
  package struct Report: Hashable, Sendable {
    package var lines: [Line] = []
    /// The files that were written for the way back.
    package var acknowledgements: [String] = []

    package var hasRefusals: Bool { lines.contains { $0.refusal != nil } }
  }

  private struct Ledger: Hashable {
    var site: SiteID
    var epoch: Epoch
  }

  /// What the files of one ledger have shown of a lane.
  private struct Shown {
    /// The highest sequence among them.
    var last: Int64 = 0
    /// The lowest that contradicts what is held.
    var fork: Int64?
  }

  private let folder: CourierFolder
  private let reception: Reception
  private let store: any HubStore & KeyRegistry
  private let key: HubKey
  private let now: @Sendable () -> Int64

  /// - Parameters:
  ///   - folder: The stick.
  ///   - reception: The door.
  ///   - store: Where it leads to.
  ///   - key: Signs the acknowledgement.
  ///   - now: The hub's time in milliseconds since 1970.
  package init(
    folder: CourierFolder,
    reception: Reception,
    store: any HubStore & KeyRegistry,
    key: HubKey,
    now: @escaping @Sendable () -> Int64
  ) {
    self.folder = folder
    self.reception = reception
    self.store = store
    self.key = key
    self.now = now
  }

  /// Takes in every batch of the folder and writes the acknowledgements.
  ///
  /// - Throws: `CourierError` for the stick, ``HubError`` for the store; what was taken in until
  ///   then stays.
  package func run() async throws -> Report {
    var report = Report()
    var ledgers: [Ledger: [Lane: Shown]] = [:]
    let promised = try manifests(&report)
    for name in try folder.names(Courier.batchSuffix) {
      guard let bytes = try folder.read(name) else {
        report.lines.append(Line(name: name, refusal: "it is larger than any batch"))
        continue
      }
      if let file = promised[name], file != CourierManifest.File(name: name, content: bytes) {
        report.lines.append(Line(name: name, refusal: "it is not the file that was exported"))
        continue
      }
      do {
        try await take(bytes, &ledgers)
        report.lines.append(Line(name: name, refusal: nil))
      } catch let refusal as BatchRefusal {
        report.lines.append(Line(name: name, refusal: refusal.description))
      }
    }
    let present = Set(report.lines.map(\.name))
    for name in promised.keys.sorted() where !present.contains(name) {
      report.lines.append(Line(name: name, refusal: "it was exported, and is not here"))
    }
    for (ledger, shown) in ledgers.sorted(by: { $0.key.site.text < $1.key.site.text }) {
      report.acknowledgements.append(try await acknowledge(ledger, shown))
    }
    try folder.settle()
    return report
  }

  private func manifests(_ report: inout Report) throws -> [String: CourierManifest.File] {
    var files: [String: CourierManifest.File] = [:]
    for name in try folder.names(Courier.manifestSuffix) {
      guard let bytes = try folder.read(name), let (manifest, _) = CourierManifest.read(bytes)
      else {
        report.lines.append(Line(name: name, refusal: "it is no manifest, or was altered"))
        continue
      }
      // It vouches for its own ledger's files only, so a foreign one cannot forbid any.
      let own = Courier.stem(manifest.site, manifest.epoch) + "-"
      for file in manifest.files where file.name.hasPrefix(own) { files[file.name] = file }
    }
    return files
  }

  private func take(_ bytes: [UInt8], _ ledgers: inout [Ledger: [Lane: Shown]]) async throws {
    guard let signed = SignedBatch(file: bytes) else {
      throw BatchRefusal.malformed("it is no batch of a station")
    }
    let batch = try await reception.open(signed)
    let receipt = try await reception.store(batch)
    let ledger = Ledger(site: signed.head.site, epoch: signed.head.epoch)
    var shown = ledgers[ledger]?[receipt.lane] ?? Shown()
    shown.last = max(shown.last, batch.lastSequence ?? 0)
    shown.fork = ([shown.fork].compactMap(\.self) + receipt.conflicts).min()
    ledgers[ledger, default: [:]][receipt.lane] = shown
  }

  /// Writes up to where the hub holds what the files have shown.
  ///
  /// What it holds beyond that may be another card's, and says nothing to this one.
  private func acknowledge(_ ledger: Ledger, _ shown: [Lane: Shown]) async throws -> String {
    let view = try await store.site(ledger.site)
    var acknowledgement = Acknowledgement(
      site: ledger.site,
      epoch: ledger.epoch,
      marks: [:],
      timeMilliseconds: now()
    )
    for lane in view?.lanes ?? [] where lane.epoch == ledger.epoch {
      guard let shown = shown[lane.lane] else { continue }
      acknowledgement.forks[lane.lane] = shown.fork
      acknowledgement.marks[lane.lane] = min(
        lane.durableUpTo,
        shown.last,
        (shown.fork ?? .max) - 1
      )
    }
    let name = Courier.stem(ledger.site, ledger.epoch) + Courier.acknowledgementSuffix
    try folder.write(name, key.file(acknowledgement))
    return name
  }
}
