import Agent
import Domain
import Drivers
import Foundation
import Hub
import Ledger
import Logging
import Station
import Synchronization
import Testing
import Uplink

/// Cards of one station that were copied or set back, and the hub that hears of both.
struct ForkScenarioTests {
  /// The hub's store without a network between.
  private struct StoreUplink: Uplink {
    let store: SQLiteHubStore

    func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt {
      let head = SignedBatch.Head(
        site: batch.site,
        epoch: batch.epoch,
        lane: batch.lane,
        oldest: batch.oldest
      )
      do {
        let json = try Gzip.inflate(batch.encoded(), limit: 8 << 20)
        return try await store.accept(IncomingBatch(head, json: json), at: 1_800_000_000_000)
      } catch { throw .badAnswer(cause: "\(error)") }
    }
  }

  /// One card, in whatever box it is.
  private struct Card {
    let folder: URL
    let boot: String

    init(boot: String) throws {
      folder = try Fixture.folder()
      self.boot = boot
    }

    var file: String { folder.appending(path: "ledger.sqlite").path }

    func open() throws -> LedgerOpening {
      let boot = boot
      return try Ledger.open(
        path: file,
        now: {
          Timestamp(
            boot: boot,
            monotonic: MonotonicClock.now(),
            wallMilliseconds: 7,
            quality: .none
          )
        }
      )
    }

    func copy(from other: Card) throws {
      try? FileManager.default.removeItem(atPath: file)
      try FileManager.default.copyItem(atPath: other.file, toPath: file)
    }

    /// Dispatches so many parcels, as a station without a link.
    func work(_ count: Int, grams: Int) throws {
      let ledger = try open().ledger
      var serial = try ledger.reader.recover(now: BoxClock().timestamp()).nextSerial
      for _ in 0..<count {
        let number = ParcelNumber(
          site: VirtualStation.station,
          epoch: ledger.epoch,
          serial: serial
        )
        let parcel = Parcel(
          number: number,
          mass: Mass(grams: grams),
          direction: .up,
          stage: .collect,
          labelCopy: 1,
          sealed: false
        )
        try ledger.append([.dispatched(parcel)])
        try ledger.append([.started(version: "test", inDoubt: 0)])
        serial += 1
      }
      try ledger.close()
    }

    /// Lets the station talk with the hub until it has delivered everything, or knows of the fork.
    ///
    /// - Returns: Whether it knows of a fork.
    func talk(with hub: SQLiteHubStore) async throws -> Bool {
      let ledger = try open().ledger
      let journal = Journal(ledger: ledger)
      let hasForked = Mutex(false)
      var logger = Logger(label: "fork")
      logger.handler = SwiftLogNoOpLogHandler()
      let service = SyncService(
        site: VirtualStation.station,
        journal: journal,
        uplink: StoreUplink(store: hub),
        board: StatusBoard(),
        clock: SystemClock(),
        logger: logger,
        hurry: Bell(),
        splay: .zero,
        events: SyncEvents(forked: { hasForked.withLock { $0 = true } })
      )
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await service.run() }
        for _ in 0..<3000 where !hasForked.withLock(\.self) {
          let left = try await journal.perform { ledger throws(LedgerError) in
            try ledger.position(.records).pending + ledger.position(.telemetry).pending
          }
          // Where nothing is pending, one question of each lane comes first.
          if left == 0, service.hasAsked { break }
          try await Task.sleep(for: .milliseconds(10))
        }
        group.cancelAll()
      }
      try ledger.close()
      return hasForked.withLock(\.self)
    }
  }

  private static func parcels(_ hub: SQLiteHubStore) async throws -> [Int: Int] {
    try await hub.parcels(of: VirtualStation.station, limit: 1000)
      .reduce(into: [:]) { $0[$1.grams, default: 0] += 1 }
  }

  @Test(.timeLimit(.minutes(5)), arguments: [1, 7], [1, 4])
  func `two cards of one history each keep what is theirs, and no parcel is lost or doubled`(
    ofFirst: Int,
    ofSecond: Int
  ) async throws {
    let (first, second) = (try Card(boot: "first"), try Card(boot: "second"))
    defer {
      for card in [first, second] { try? FileManager.default.removeItem(at: card.folder) }
    }
    let hub = try SQLiteHubStore(path: first.folder.appending(path: "hub.sqlite").path)
    try first.work(3, grams: 100)
    #expect(try await first.talk(with: hub) == false)
    try second.copy(from: first)
    for round in 0..<3 {
      // Each takes itself for the original, and the two take turns on the link.
      try first.work(ofFirst, grams: 200)
      try second.work(ofSecond, grams: 300)
      let cards = round == 1 ? [second, first] : [first, second]
      for card in cards {
        if try await card.talk(with: hub) { #expect(try await card.talk(with: hub) == false) }
      }
      #expect(
        try await Self.parcels(hub) == [
          100: 3, 200: ofFirst * (round + 1), 300: ofSecond * (round + 1),
        ],
        "round \(round)"
      )
    }
    let view = try #require(try await hub.site(VirtualStation.station))
    #expect(view.up.parcels == 3 + 3 * (ofFirst + ofSecond))
    #expect(view.lanes.map(\.conflicts).reduce(0, +) > 0, "the alarm stays")
    #expect(view.lanes.allSatisfy { $0.chainBreaks == 0 && $0.missing == 0 })
    #expect(Set(view.lanes.map(\.epoch)).count == 2, "only the one that was contradicted moved")
  }

  @Test(.timeLimit(.minutes(5)), arguments: [0, 2])
  func `a card that was set back to an image goes on beside what it has forgotten`(
    since: Int
  ) async throws {
    let (card, image) = (try Card(boot: "before"), try Card(boot: "after"))
    defer { for card in [card, image] { try? FileManager.default.removeItem(at: card.folder) } }
    let hub = try SQLiteHubStore(path: card.folder.appending(path: "hub.sqlite").path)
    try card.work(3, grams: 100)
    #expect(try await card.talk(with: hub) == false)
    try image.copy(from: card)
    try card.work(5, grams: 200)
    #expect(try await card.talk(with: hub) == false)
    try image.work(since, grams: 300)
    #expect(try await image.talk(with: hub), "the hub has more than the card ever wrote")
    #expect(try await image.talk(with: hub) == false)
    try image.work(1, grams: 300)
    #expect(try await image.talk(with: hub) == false)
    #expect(try await Self.parcels(hub) == [100: 3, 200: 5, 300: since + 1])
  }

  @Test func `a worker is asked in the new epoch what the old one left in doubt`() throws {
    let card = try Card(boot: "boot")
    defer { try? FileManager.default.removeItem(at: card.folder) }
    let ledger = try card.open().ledger
    let number = ParcelNumber(site: VirtualStation.station, epoch: ledger.epoch, serial: 1)
    let label = ActionID(parcel: number, action: .label, copy: 1)
    try ledger.append([.intent(Intent(id: label, mass: Mass(grams: 500)))])
    try ledger.noteFork(["records 1"])
    try ledger.close()
    let renewed = try card.open().ledger
    let recovery = try renewed.reader.recover(now: BoxClock().timestamp())
    let doubts = try renewed.reader.doubts(recovery)
    var workflow = Workflow(
      plan: Plan(closing: nil),
      site: VirtualStation.station,
      epoch: renewed.epoch
    )
    _ = workflow.handle(
      .recovered(nextSerial: recovery.nextSerial, doubts: doubts),
      at: .zero
    )
    #expect(workflow.meaning == .askLabel && workflow.parcel == number)
    let effects = workflow.handle(.pressed(.go), at: .zero)
    guard case .commit(let token, let entries)? = effects.first else {
      Issue.record("nothing was written: \(effects)")
      return
    }
    try renewed.append(entries)
    _ = workflow.handle(.committed(token), at: .zero)
    #expect(workflow.meaning != .askLabel)
    #expect(try renewed.reader.parcel(number)?.state == .done)
    #expect(try renewed.reader.recover(now: BoxClock().timestamp()).inDoubt == [])
    try renewed.close()
  }
}
