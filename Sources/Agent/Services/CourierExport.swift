package import Domain
import Ledger
package import Uplink

/// Writes what the hub lacks onto a stick; reads only, so the daemon may run or not.
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
      var mark = all ? oldest - 1 : try reader.position(lane).acknowledged
      while true {
        let events = try reader.events(lane, after: mark)
        guard let last = events.last else { break }
        let batch = Batch(
          site: site,
          epoch: reader.epoch,
          lane: lane,
          events: events,
          oldest: oldest
        )
        let name = Courier.name(batch)
        try folder.write(name, SignedBatch(batch, by: key).file)
        report.files.append(name)
        report.events += events.count
        mark = last.sequence
      }
    }
    try writeManifest(reader.epoch, key)
    return report
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
