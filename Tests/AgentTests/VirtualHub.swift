import Domain
import Foundation
import Hub
import Simulator
import Uplink

/// The county's hub: the real store on a simulated disk, whose machine may fail, too.
struct VirtualHub {
  /// What the store must hold: it is set back together with it.
  private struct Account {
    /// The highest mark that was given out, by lane.
    var promised: [Lane: Int64] = [:]
    /// Every payload of a sequence that a receipt was given for.
    var payloads: [Lane: [Int64: Set<[UInt8]>]] = [:]
  }

  private let folder: URL
  private var disk: SimulatedDisk
  /// Gone only while the disk is changed.
  private var running: SQLiteHubStore?
  private var random: SeededRandom
  private var account = Account()
  private var backup: (medium: Medium, account: Account)?
  /// What must not have happened.
  private(set) var wrongs: [String] = []
  var tally = FaultTally()

  init(folder: URL, seed: UInt64) throws {
    self.folder = folder
    random = SeededRandom(seed: seed &+ 3)
    disk = SimulatedDisk(at: folder.path, seed: seed)
    running = try SQLiteHubStore(path: Self.file(folder))
  }

  private var store: SQLiteHubStore {
    get throws {
      guard let running else { throw CocoaError(.fileNoSuchFile) }
      return running
    }
  }

  private static func file(_ folder: URL) -> String { folder.appending(path: "hub.sqlite").path }

  /// Takes a batch in, over the wire.
  ///
  /// - Returns: What it answers; `nil` where its machine failed.
  mutating func accept(_ batch: Batch) async throws -> Receipt? {
    let head = SignedBatch.Head(
      site: batch.site,
      epoch: batch.epoch,
      lane: batch.lane,
      oldest: batch.oldest
    )
    let json = try Gzip.inflate(batch.encoded(), limit: 8 << 20)
    let refusals = disk.refusals
    do {
      let receipt = try await store.accept(
        IncomingBatch(head, json: json),
        at: 1_800_000_000_000
      )
      account.promised[batch.lane] = max(
        account.promised[batch.lane] ?? 0,
        receipt.durableUpTo
      )
      // Beyond the first that contradicts, nothing is taken, and no station counts it as taken.
      let taken = receipt.conflicts.min() ?? .max
      for event in batch.events where event.sequence <= taken {
        account.payloads[batch.lane, default: [:]][event.sequence, default: []]
          .insert(event.canonical + event.chain)
      }
      return receipt
    } catch {
      guard disk.isOff || disk.refusals > refusals else { throw error }
      return nil
    }
  }

  /// Something happens to its disk.
  mutating func spoil() {
    let count = Int.random(in: 0..<60, using: &random)
    let kind = Int.random(in: 0..<4, using: &random)
    disk.setFaults { faults in
      switch kind {
      case 0: faults.fullWrites = count
      case 1: faults.badWrites = 1 + count % 3
      case 2: faults.badSyncs = 1 + count % 2
      default: faults.operationsUntilPowerCut = count
      }
    }
  }

  /// Its machine starts again after a power cut.
  mutating func recover() async throws {
    guard disk.isOff else { return }
    tally.add("hub: power-on after a cut")
    var medium = disk.medium
    tally.add(medium.losePower(using: &random), of: "hub")
    try put(medium)
    try await checkPromises()
  }

  private mutating func put(_ medium: Medium) throws {
    tally.add(disk, of: "hub")
    // What an old process still does to its files must not reach the new disk.
    disk.cutPower()
    running = nil
    disk = SimulatedDisk(medium, at: folder.path, seed: random.next())
    running = try SQLiteHubStore(path: Self.file(folder))
  }

  /// What a receipt has said is still so.
  private mutating func checkPromises() async throws {
    let lanes = try await lanes(of: nil)
    for (lane, mark) in account.promised where mark > 0 {
      let durable = lanes.filter { $0.lane == lane }.map(\.durableUpTo).max() ?? 0
      if durable < mark { wrongs.append("the hub promised \(lane) \(mark), and has \(durable)") }
    }
  }

  mutating func mend() async throws {
    try await recover()
    disk.setFaults { $0 = DiskFaults() }
  }

  mutating func backUp() {
    guard !disk.isOff else { return }
    backup = (disk.medium.copied(), account)
  }

  /// The store is set back to the last backup, however old.
  mutating func restore() throws {
    guard let backup else { return }
    tally.add("hub: restored from an old backup")
    try put(backup.medium)
    account = backup.account
  }

  /// The lanes of the station's site, of one epoch or of all.
  func lanes(of epoch: Epoch?) async throws -> [LaneView] {
    let site = try await store.site(VirtualStation.station)
    return site?.lanes.filter { epoch == nil || $0.epoch == epoch } ?? []
  }

  /// The parcels that the site delivered.
  func parcels() async throws -> [ParcelView] {
    try await store.parcels(of: VirtualStation.station, limit: 100_000)
  }

  /// What is wrong with what the hub keeps of an epoch that has two histories: nothing while every
  /// payload that ever got a receipt is kept, the first one as the event and others as conflicts.
  func forkViolations(of epoch: Epoch) async throws -> [String] {
    var wrongs: [String] = []
    for view in try await lanes(of: epoch) {
      let payloads = account.payloads[view.lane] ?? [:]
      let events = view.types.values.reduce(0, +)
      let others = payloads.values.reduce(0) { $0 + $1.count - 1 }
      if events < payloads.count { wrongs.append("\(view.lane): \(events) of \(payloads.count)") }
      if view.conflicts < others {
        wrongs.append("\(view.lane): \(view.conflicts) conflicts of \(others)")
      }
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
