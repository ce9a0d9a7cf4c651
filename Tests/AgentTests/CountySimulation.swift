import Agent
import Domain
import Foundation
import Hub
import Ledger
import Simulator
import Station
import Uplink

/// A station, a bad network and the county's hub on virtual time, all of it drawn from one seed.
///
/// The station's core, ledger and workflow are the real ones, and so are the hub's store and the
/// wire format between them; what is played is the worker, fate, power, the network and a hub that
/// is set back to an old backup.
struct CountySimulation {
  private(set) var station: VirtualStation
  private var day: RandomDay
  private var random: SeededRandom
  private var hub: SQLiteHubStore?
  private let folder: URL
  /// Batches that the network has seen, and may deliver late or again.
  private var seen: [Batch] = []
  private var hasBackup = false
  /// Now and then gives an event up as if it had been purged, to see that this is found out.
  var forgets = false

  init(seed: UInt64, folder: URL) throws {
    self.folder = folder
    station = try VirtualStation(config: Fixture.config(scans: true), seed: seed, folder: folder)
    day = RandomDay(seed: seed)
    random = SeededRandom(seed: seed &+ 1)
    hub = try SQLiteHubStore(path: hubFile("hub").path)
  }

  private func hubFile(_ name: String) -> URL { folder.appending(path: "\(name).sqlite") }

  /// So many moves of the worker and of fate, with the network working or failing in between.
  mutating func play(moves: Int) async throws {
    for _ in 0..<moves {
      try day.play(&station, steps: 1)
      try await act()
    }
  }

  private mutating func act() async throws {
    let lane: Lane = Int.random(in: 0..<4, using: &random) == 0 ? .telemetry : .records
    switch Int.random(in: 0..<100, using: &random) {
    case 0..<45: try await send(lane, isHeard: true)
    case 45..<55: seen.append(try batch(lane))
    case 55..<70: try await send(lane, isHeard: false)
    case 70..<85:
      // Late, doubled, in any order; the answer finds nobody.
      guard let old = seen.randomElement(using: &random) else { return }
      _ = try await deliver(old)
    case 85..<92: try await ask(lane)
    case 92..<96: try backUp()
    case 96..<98: try restore()
    default: break
    }
  }

  private mutating func batch(_ lane: Lane) throws -> Batch {
    let limit = Int.random(in: 1...40, using: &random)
    let ledger = station.ledger
    return Batch(
      site: VirtualStation.station,
      epoch: ledger.epoch,
      lane: lane,
      events: try ledger.pending(lane, limit: limit, maxBytes: SyncPolicy.mostBytes),
      oldest: try ledger.reader.oldest(lane)
    )
  }

  private mutating func send(_ lane: Lane, isHeard: Bool) async throws {
    var batch = try batch(lane)
    guard !batch.events.isEmpty else { return }
    if forgets, batch.events.count > 1, Bool.random(using: &random) {
      batch.events.removeFirst()
      batch.oldest = batch.events[0].sequence
    }
    seen.append(batch)
    let receipt = try await deliver(batch)
    if isHeard { try accept(receipt) }
  }

  private mutating func ask(_ lane: Lane) async throws {
    var question = try batch(lane)
    question.events = []
    try accept(try await deliver(question))
  }

  /// Over the wire and back: what the hub reads is what was written for it.
  private func deliver(_ batch: Batch) async throws -> Receipt {
    guard let hub else { throw CocoaError(.fileNoSuchFile) }
    let head = SignedBatch.Head(
      site: batch.site,
      epoch: batch.epoch,
      lane: batch.lane,
      oldest: batch.oldest
    )
    let json = try Gzip.inflate(batch.encoded(), limit: 8 << 20)
    return try await hub.accept(IncomingBatch(head, json: json), at: 1_800_000_000_000)
  }

  /// What the station does with an answer; it may go back.
  private func accept(_ receipt: Receipt) throws {
    let last = try station.ledger.position(receipt.lane).last
    try station.ledger.acknowledge(receipt.lane, durableUpTo: min(receipt.durableUpTo, last))
  }

  private mutating func backUp() throws {
    hub = nil
    try copyHub("hub", to: "backup")
    hub = try SQLiteHubStore(path: hubFile("hub").path)
    hasBackup = true
  }

  private mutating func restore() throws {
    guard hasBackup else { return }
    hub = nil
    try copyHub("backup", to: "hub")
    hub = try SQLiteHubStore(path: hubFile("hub").path)
  }

  private func copyHub(_ name: String, to other: String) throws {
    for ending in ["", "-wal", "-shm"] {
      let (from, to) = (hubFile(name).path + ending, hubFile(other).path + ending)
      try? FileManager.default.removeItem(atPath: to)
      guard FileManager.default.fileExists(atPath: from) else { continue }
      try FileManager.default.copyItem(atPath: from, toPath: to)
    }
  }

  /// Mends everything, lets the network work, and tells what is wrong then.
  mutating func violations() async throws -> [String] {
    var wrongs: [String] = []
    if try !day.settle(&station) { wrongs.append("the station did not come to rest") }
    for lane in Lane.allCases { try await ask(lane) }
    for _ in 0..<1000 {
      for lane in Lane.allCases { try await send(lane, isHeard: true) }
      let left = try Lane.allCases.map { try station.ledger.position($0).pending }
      if left == [0, 0] { break }
    }
    wrongs += try await lanes() + parcels()
    if Set(station.labels).count != station.labels.count {
      wrongs.append("a label was printed twice")
    }
    if !station.breaches.isEmpty { wrongs.append("something was on while it must not be") }
    let machine = station.bench.machine.violations.filter { $0 != .startedWhileBusy }
    if !machine.isEmpty { wrongs.append("the machine was misused: \(machine)") }
    return wrongs
  }

  private func lanes() async throws -> [String] {
    guard let site = try await hub?.site(VirtualStation.station) else { return ["no site"] }
    var wrongs: [String] = []
    for lane in Lane.allCases {
      let last = try station.ledger.position(lane).last
      guard last > 0 else { continue }
      guard let view = site.lanes.first(where: { $0.lane == lane }) else {
        wrongs.append("the hub has nothing of \(lane)")
        continue
      }
      if view.durableUpTo != last { wrongs.append("\(lane): \(view.durableUpTo) of \(last)") }
      if view.conflicts != 0 { wrongs.append("\(lane): \(view.conflicts) conflicts") }
      if view.chainBreaks != 0 { wrongs.append("\(lane): the chain breaks") }
      if view.quarantined + view.missing != 0 { wrongs.append("\(lane): rows are missing") }
    }
    return wrongs
  }

  /// Every green light's parcel is at the hub once, and so is all else that the ledger dispatched.
  private func parcels() async throws -> [String] {
    let rows = try await hub?.parcels(of: VirtualStation.station, limit: 100_000) ?? []
    let done = rows.filter { $0.state == "done" }
    let atHub = Dictionary(done.map { ($0.number, $0.grams) }) { first, _ in first }
    let bodies = try station.ledger.reader.tail(100_000, lane: .records)
      .filter { $0.type == "parcel.dispatched" }.map { try JSON(parsing: $0.body) }
    let inLedger = Dictionary(
      bodies.map { ($0["parcel"]?.string ?? "", $0["grams"]?.int ?? 0) }
    ) { first, _ in first }
    var wrongs: [String] = []
    if atHub.count != done.count { wrongs.append("the hub has a parcel twice") }
    if inLedger.count != bodies.count { wrongs.append("the ledger has a parcel twice") }
    if atHub != inLedger { wrongs.append("hub \(atHub) differs from ledger \(inLedger)") }
    for case .meaning(.done, let parcel?, _) in station.notices where atHub[parcel.text] == nil {
      wrongs.append("\(parcel) had its green light and is not at the hub")
    }
    return wrongs
  }
}

extension VirtualStation {
  /// The site of ``Fixture/config(closing:scans:scale:)``.
  static var station: SiteID {
    guard let site = SiteID("SM017") else { preconditionFailure("SM017 is a site") }
    return site
  }
}
