import Agent
import Domain
import Foundation
import Hub
import Ledger
import Logging
import Testing
import Uplink

/// Records that travel by hand.
struct CourierTests {
  /// A station, a hub and a stick between them.
  private struct Bench {
    let scratch: Scratch
    let ledger: Ledger
    let store: SQLiteHubStore
    let hub: HubKey
    let folder: CourierFolder

    init() async throws {
      scratch = try Scratch()
      ledger = try scratch.ledger()
      store = try SQLiteHubStore(path: scratch.store)
      let key = try StationKeyFile.load(scratch.path)
      _ = try await store.change(.test(), .approve(key.publicKey), at: 0)
      let stick = scratch.path + "/stick"
      try FileManager.default.createDirectory(atPath: stick, withIntermediateDirectories: true)
      folder = CourierFolder(stick)
      try Certificate.make(scratch.path + "/hub.pem", scratch.path + "/hub.key")
      let pem = try String(contentsOfFile: scratch.path + "/hub.key", encoding: .utf8)
      hub = try #require(HubKey(pem: pem))
    }

    func record(_ count: Int) throws {
      for _ in 0..<count {
        try ledger.append([
          .scaleRequest(request: "zero", answer: "done", by: "test"),
          .device(role: "scale", state: "ready", detail: ""),
        ])
      }
    }

    func export(all: Bool = false) throws -> CourierExport.Report {
      try CourierExport(site: .test(), stateDirectory: scratch.path, folder: folder).run(all: all)
    }

    func take() async throws -> CourierImport.Report {
      var logger = Logger(label: "courier")
      logger.logLevel = .critical
      return try await CourierImport(
        folder: folder,
        reception: Reception(store: store, logger: logger, now: { 1_800_000_000_000 }),
        store: store,
        key: hub,
        now: { 1_800_000_000_000 }
      ).run()
    }

    func acknowledgement() throws -> [UInt8] {
      let name = Courier.stem(try .test(), ledger.epoch) + Courier.acknowledgementSuffix
      return try #require(try folder.read(name))
    }

    func apply() throws {
      try ledger.acknowledge(Acknowledgement(file: acknowledgement(), pin: hub.pin))
    }

    func marks() async throws -> [Lane: Int64] {
      let lanes = try await store.site(.test())?.lanes ?? []
      return Dictionary(lanes.map { ($0.lane, $0.durableUpTo) }) { $1 }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a stick carries everything there and the answer back, however often`() async throws {
    let bench = try await Bench()
    try bench.record(620)
    let export = try bench.export()
    #expect(export.events == 1240 && export.files.count == 4)
    for _ in 0..<2 {
      let report = try await bench.take()
      #expect(!report.hasRefusals && report.lines.count == 4)
      #expect(report.acknowledgements.count == 1)
    }
    #expect(try await bench.marks() == [.records: 620, .telemetry: 620])
    try bench.apply()
    try bench.apply()
    for lane in Lane.allCases { #expect(try bench.ledger.position(lane).pending == 0) }
    #expect(try bench.export().events == 0)
    #expect(try bench.export(all: true).events == 1240)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a stick carries what a damaged ledger still owes, and its acknowledgement back`()
    async throws
  {
    let bench = try await Bench()
    try bench.record(30)
    try bench.ledger.acknowledge(.records, durableUpTo: 10)
    let old = bench.ledger.epoch
    try bench.ledger.close()
    let file = bench.scratch.path + "/ledger.sqlite"
    try Spawn.run(["/usr/bin/sqlite3", file, "UPDATE records SET wall = 1 WHERE seq = 2"])
    let ledger = try Ledger.open(path: file, now: { .test }).ledger
    try ledger.append([.scaleRequest(request: "zero", answer: "done", by: "test")])
    #expect(try ledger.reader.debts().map(\.owed) == [20, 30])
    // Its own two records, and what the old one owes.
    #expect(try bench.export().events == 52)
    let report = try await bench.take()
    #expect(!report.hasRefusals && report.acknowledgements.count == 2)
    for name in report.acknowledgements {
      let file = try #require(try bench.folder.read(name))
      let word = try Acknowledgement(file: file, pin: bench.hub.pin)
      #expect(try ledger.acknowledge(word))
      #expect(word.forks.isEmpty)
    }
    #expect(try ledger.reader.debts().isEmpty)
    #expect(try ledger.position(.records).pending == 0)
    let lanes = try #require(try await bench.store.site(.test())).lanes
    #expect(lanes.first { $0.epoch == old && $0.lane == .records }?.durableUpTo == 30)
    #expect(try bench.export().events == 0)
    #expect(try bench.export(all: true).events == 52)
    let stranger = Acknowledgement(
      site: try .test(),
      epoch: Epoch(1),
      marks: [.records: 1],
      timeMilliseconds: 0
    )
    #expect(try ledger.acknowledge(stranger) == false)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a stick of a copied card tells the fork, and takes nothing for delivered that is not`()
    async throws
  {
    let bench = try await Bench()
    // Another card of the same history was first.
    try bench.record(5)
    let others = try bench.scratch.ledger("other.sqlite")
    for _ in 0..<9 { try others.append([.scaleRequest(request: "tare", answer: "done", by: "x")]) }
    let epoch = bench.ledger.epoch
    let events = try others.reader.events(.records, after: 0).map { event in
      var event = event
      (event.epoch, event.chain) = (epoch, [])
      return event
    }
    let mine = try bench.ledger.reader.events(.records, after: 0)
    let batch = Batch(
      site: try .test(),
      epoch: epoch,
      lane: .records,
      events: Array(mine.prefix(3)) + Array(events[3...])
    )
    let head = SignedBatch.Head(site: batch.site, epoch: epoch, lane: .records)
    let json = try Gzip.inflate(batch.encoded(), limit: 8 << 20)
    _ = try await bench.store.accept(IncomingBatch(head, json: json), at: 7)
    _ = try bench.export()
    _ = try await bench.take()
    try bench.apply()
    #expect(try bench.ledger.position(.records).acknowledged == 3)
    #expect(try bench.ledger.position(.telemetry).acknowledged == 5)
    #expect(bench.ledger.fork?.signs == ["records 4"])
    #expect(bench.ledger.fork?.marks == [.records: 3, .telemetry: 5])
  }

  @Test(.timeLimit(.minutes(5)), arguments: 0..<3 as Range<UInt64>)
  func `sticks may arrive in any order`(seed: UInt64) async throws {
    var random = Seeded(seed)
    let bench = try await Bench()
    var files: [String: [UInt8]] = [:]
    for _ in 0..<4 {
      try bench.record(7)
      for name in try bench.export().files { files[name] = try bench.folder.read(name) }
    }
    let names = files.keys.shuffled(using: &random)
    for name in try FileManager.default.contentsOfDirectory(atPath: bench.folder.path) {
      try FileManager.default.removeItem(atPath: bench.folder.path + "/" + name)
    }
    for name in names + names {
      try bench.folder.write(name, try #require(files[name]))
      #expect(try await !bench.take().hasRefusals)
      try FileManager.default.removeItem(atPath: bench.folder.path + "/" + name)
    }
    #expect(try await bench.marks() == [.records: 28, .telemetry: 28], "seed \(seed)")
    let lanes = try #require(try await bench.store.site(.test())).lanes
    #expect(lanes.allSatisfy { $0.conflicts == 0 && $0.missing == 0 })
  }

  @Test(.timeLimit(.minutes(5)))
  func `what was altered, is missing or comes from a stranger is refused by name`() async throws {
    let bench = try await Bench()
    try bench.record(3)
    let files = try bench.export().files
    let whole = try #require(try bench.folder.read(files[0]))
    var bad = whole
    bad[bad.count - 9] ^= 1
    try bench.folder.write(files[0], bad)
    let other = SignedBatch(try Sender().batch(1...2), by: StationKey())
    try bench.folder.write("stranger.batch", other.file)
    try bench.folder.write("note.batch", Array("buy eggs".utf8))
    try bench.folder.write("large.batch", [UInt8](repeating: 0, count: 3 << 20))
    try bench.folder.write("forged.manifest", Array("key: none\nsignature: AAAA\nx".utf8))
    try FileManager.default.removeItem(atPath: bench.folder.path + "/" + files[1])
    let report = try await bench.take()
    let refused = Dictionary(uniqueKeysWithValues: report.lines.map { ($0.name, $0.refusal) })
    let names = [
      files[0], files[1], "stranger.batch", "note.batch", "large.batch", "forged.manifest",
    ]
    for name in names { #expect(refused[name] != Optional(nil), "\(name)") }
    #expect(report.lines.count == names.count)
    #expect(try await bench.store.sites().isEmpty)
    #expect(report.acknowledgements.isEmpty)
    // Without its manifest an altered file still has its own signature against it.
    let manifest = Courier.stem(try .test(), bench.ledger.epoch) + Courier.manifestSuffix
    try FileManager.default.removeItem(atPath: bench.folder.path + "/" + manifest)
    #expect(try await bench.take().hasRefusals)
    #expect(try await bench.store.sites().isEmpty)
  }

  @Test(.timeLimit(.minutes(5)))
  func `an acknowledgement counts only from the hub that is pinned, and as it was`() async throws {
    let bench = try await Bench()
    try bench.record(5)
    _ = try bench.export()
    _ = try await bench.take()
    let file = try bench.acknowledgement()
    for index in file.indices {
      var bad = file
      bad[index] ^= 1
      #expect(throws: Acknowledgement.Refusal.self) {
        try Acknowledgement(file: bad, pin: bench.hub.pin)
      }
    }
    try Certificate.make(bench.scratch.path + "/other.pem", bench.scratch.path + "/other.key")
    let pem = try String(contentsOfFile: bench.scratch.path + "/other.key", encoding: .utf8)
    let other = try #require(HubKey(pem: pem))
    #expect(throws: Acknowledgement.Refusal.foreignHub(bench.hub.pin)) {
      try Acknowledgement(file: file, pin: other.pin)
    }
    #expect(Acknowledgement.addressee(of: file)?.epoch == bench.ledger.epoch)
  }

  @Test func `an old acknowledgement takes nothing back, and none goes beyond the ledger`()
    async throws
  {
    let bench = try await Bench()
    try bench.record(5)
    func word(_ mark: Int64) throws -> Acknowledgement {
      Acknowledgement(
        site: try .test(),
        epoch: bench.ledger.epoch,
        marks: [.records: mark],
        timeMilliseconds: 0
      )
    }
    try bench.ledger.acknowledge(word(4))
    try bench.ledger.acknowledge(word(2))
    #expect(try bench.ledger.position(.records).acknowledged == 4)
    try bench.ledger.acknowledge(word(99))
    #expect(try bench.ledger.position(.records).acknowledged == 5)
  }

  @Test func `a stick that is not there is named`() throws {
    let folder = CourierFolder("/nowhere/at/all")
    #expect(throws: CourierError.self) { try folder.names(".batch") }
    #expect(throws: CourierError.self) { try folder.write("x", [1]) }
  }
}
