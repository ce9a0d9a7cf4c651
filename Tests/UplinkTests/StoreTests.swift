import Domain
import Hub
import Testing
import Uplink

/// The kinds of store that the contract holds for.
enum StoreKind: String, CaseIterable, CustomTestStringConvertible, Sendable {
  case sqlite
  case postgres

  var testDescription: String { rawValue }

  /// Those that this machine can run.
  static let here = PostgresServer.isInstalled ? allCases : [.sqlite]

  func open(_ scratch: Scratch) async throws -> CountyStore {
    switch self {
    case .sqlite: return try SQLiteHubStore(path: scratch.store)
    case .postgres:
      let server = try #require(PostgresServer.current)
      return try await PostgresHubStore(try server.database())
    }
  }
}

/// One suite for both stores: what they do must be the same.
@Suite(.postgres)
struct StoreTests {
  private func check(
    _ kind: StoreKind,
    _ body: (StoreContract) async throws -> Void
  ) async throws {
    let scratch = try Scratch()
    try await body(StoreContract(kind.open(scratch)))
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here, 0..<3 as Range<UInt64>)
  func `any duplicates in any order count once`(kind: StoreKind, seed: UInt64) async throws {
    try await check(kind) { try await $0.countsOnce(seed: seed) }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `the mark waits behind a hole, and passes what will never come`(
    kind: StoreKind
  ) async throws {
    try await check(kind) { try await $0.waitsBehindHoles() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `another payload under a taken key is kept, told and changes nothing`(
    kind: StoreKind
  ) async throws {
    try await check(kind) { try await $0.keepsConflicts() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `a parcel is known by its end: anew it is the same, from another box it is another`(
    kind: StoreKind
  ) async throws {
    try await check(kind) { try await $0.tellsParcelsApart() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `a hub set back to an old copy passes over what was purged, and takes it from a stick`(
    kind: StoreKind
  ) async throws {
    try await check(kind) { try await $0.passesWhatWasPurged() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `an event given up as lost contradicts nothing, and gives way to the real one`(
    kind: StoreKind
  ) async throws {
    try await check(kind) { try await $0.takesLostForLost() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `poison rows of any size and form block nobody`(kind: StoreKind) async throws {
    try await check(kind) { try await $0.setsPoisonAside() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `a row that was changed on the card breaks the chain`(kind: StoreKind) async throws {
    try await check(kind) { try await $0.followsTheChain() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `a key is approved, replaced and revoked`(kind: StoreKind) async throws {
    try await check(kind) { try await $0.knowsItsStations() }
  }

  @Test(.timeLimit(.minutes(5)), arguments: StoreKind.here)
  func `strangers cannot fill the store`(kind: StoreKind) async throws {
    try await check(kind) { try await $0.boundsWhoKnocks() }
  }

  @Test(.enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
  func `both stores answer the same to the same`() async throws {
    let (left, right) = (try Scratch(), try Scratch())
    let one = try StoreContract(await StoreKind.sqlite.open(left))
    let two = try StoreContract(await StoreKind.postgres.open(right))
    var random = Seeded(11)
    for round in 0..<60 {
      let start = Int64.random(in: 1...80, using: &random)
      var batch = one.sender.batch((start...start + 9).shuffled(using: &random))
      let index = batch.events.indices.randomElement(using: &random) ?? 0
      switch Int.random(in: 0..<6, using: &random) {
      case 0: batch.events[index] = one.sender.event(start, grams: 5)
      case 1: batch.events[index].type = "parcel.voided"
      case 2: batch.events[index].body = [0xFF]
      case 3: batch.oldest = Int64.random(in: 1...start, using: &random)
      default: break
      }
      let receipts = try await (one.take(batch), two.take(batch))
      #expect(receipts.0 == receipts.1, "round \(round)")
    }
    #expect(try await one.store.sites() == two.store.sites())
    let parcels = try await (
      one.store.parcels(of: one.sender.site, limit: 1000),
      two.store.parcels(of: one.sender.site, limit: 1000)
    )
    #expect(parcels.0 == parcels.1)
  }

  @Test(.enabled(if: PostgresServer.isInstalled), .timeLimit(.minutes(5)))
  func `hubs that share a database take turns on a site`() async throws {
    let address = try #require(PostgresServer.current).database()
    let sender = try Sender()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for seed in 0..<4 as Range<UInt64> {
        group.addTask {
          // They also make the tables at the same time.
          let hub = try StoreContract(await PostgresHubStore(address, connections: 2))
          var random = Seeded(seed)
          for start in stride(from: 1, to: 200, by: 10) as StrideTo<Int64> {
            _ = try await hub.take(sender.batch((start...start + 14).shuffled(using: &random)))
          }
        }
      }
      try await group.waitForAll()
    }
    let view = try #require(try await PostgresHubStore(address).site(sender.site))
    #expect(view.up.parcels + view.down.parcels == 205)
    #expect(view.lanes.map(\.durableUpTo) == [205] && view.lanes.map(\.conflicts) == [0])
    #expect(view.lanes.map(\.types) == [["parcel.dispatched": 205]])
  }

  @Test func `a store without a server is an error with a next step`() async throws {
    let error = await #expect(throws: HubError.self) {
      _ = try await PostgresHubStore("host=/nowhere dbname=none")
    }
    #expect(error?.remedy.contains("PostgreSQL server runs") == true)
  }
}

/// Apart from the others, because it stops the server under them.
@Suite(.postgres, .enabled(if: PostgresServer.isInstalled))
struct PostgresRestartTests {
  @Test(.timeLimit(.minutes(5)))
  func `a server that crashed and came back has lost nothing that was acknowledged`() async throws {
    let server = try #require(PostgresServer.current)
    let address = try server.database()
    let hub = try StoreContract(await PostgresHubStore(address))
    #expect(try await hub.take(hub.sender.batch(1...50)).durableUpTo == 50)
    try server.down()
    await #expect(throws: HubError.self) { try await hub.take(hub.sender.batch([51])) }
    try server.up()
    #expect(try await hub.take(hub.sender.batch([51])).durableUpTo == 51)
  }
}
