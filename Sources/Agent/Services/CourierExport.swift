package import Domain
import Ledger
package import Uplink

/// Writes what the hub lacks onto a stick, also of ledgers before this one; reads only, so the daemon may run or not.
package struct CourierExport: Sendable {
  private let site: SiteID
  private let state: String
  private let folder: CourierFolder

  /// What was written.
  package struct Report: Hashable, Sendable {
    package var files: [String] = []
    package var events = 0
  }

  /// Takes the station whose ledger and key are meant, and the stick.
  package init(_ config: StationConfig, folder: CourierFolder) {
    self.init(site: config.site, stateDirectory: config.stateDirectory, folder: folder)
  }

  package init(site: SiteID, stateDirectory: String, folder: CourierFolder) {
    self.site = site
    state = stateDirectory
    self.folder = folder
  }

  /// Writes the batches, and the manifest last.
  ///
  /// - Parameter all: Also what the hub has acknowledged.
  /// - Returns: What was written.
  /// - Throws: `StationKeyError`, `LedgerError` or `CourierError`.
  package func run(all: Bool) throws -> Report {
    let path = state + "/" + StationKeyFile.name
    guard let key = try StationKeyFile.read(path) else {
      throw StationKeyError(
        attempted: "reading the station's key in \(path)",
        cause: "there is none",
        remedy: "start the daemon once: it makes the key"
      )
    }
    let reader = try LedgerReader(path: state + "/ledger.sqlite")
    var report = Report()
    for lane in Lane.allCases {
      let oldest = try reader.oldest(lane)
      let start = all ? oldest - 1 : try reader.position(lane).acknowledged
      try write(reader.epoch, lane, after: start, key, &report) { mark in
        (try reader.events(lane, after: mark), oldest)
      }
    }
    // What a damaged ledger before this one still owes; its epoch goes on being its own.
    var epochs: Set<Epoch> = [reader.epoch]
    for debt in try reader.debts(settled: all) {
      epochs.insert(debt.epoch)
      try write(debt.epoch, debt.lane, after: all ? 0 : debt.acknowledged, key, &report) { mark in
        let arrears = try reader.arrears(debt, after: mark)
        return (arrears?.events ?? [], arrears?.oldest ?? 1)
      }
    }
    for epoch in epochs { try writeManifest(epoch, key) }
    return report
  }

  /// Writes a lane batch by batch, as long as there are events after the last one.
  private func write(
    _ epoch: Epoch,
    _ lane: Lane,
    after start: Int64,
    _ key: StationKey,
    _ report: inout Report,
    _ next: (Int64) throws -> (events: [Event], oldest: Int64)
  ) throws {
    var mark = start
    while true {
      let (events, oldest) = try next(mark)
      guard let last = events.last else { return }
      let batch = Batch(site: site, epoch: epoch, lane: lane, events: events, oldest: oldest)
      let name = Courier.name(batch)
      try folder.write(name, SignedBatch(batch, by: key).file)
      report.files.append(name)
      report.events += events.count
      mark = last.sequence
    }
  }

  /// Vouches for everything of this ledger that lies there, also for what earlier exports left.
  private func writeManifest(_ epoch: Epoch, _ key: StationKey) throws {
    var files: [CourierManifest.File] = []
    for name in try folder.names(Courier.batchSuffix)
    where name.hasPrefix(Courier.stem(site, epoch) + "-") {
      guard let content = try folder.read(name), let batch = SignedBatch(file: content),
        batch.isGenuine, batch.key == key.publicKey
      else { continue }
      files.append(CourierManifest.File(name: name, content: content))
    }
    let manifest = CourierManifest(site: site, epoch: epoch, files: files)
    try folder.write(manifest.name, manifest.file(key))
    try folder.settle()
  }
}
