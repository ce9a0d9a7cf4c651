import Domain
import Foundation
import Hub
import Ledger
import Logging
import Synchronization
import Uplink

/// A directory that goes away with the value.
final class Scratch: Sendable {
  let path: String

  init() throws {
    path = NSTemporaryDirectory() + "yizhan-hub-" + UUID().uuidString
    try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }

  var store: String { path + "/hub.sqlite" }

  func ledger(_ name: String = "ledger.sqlite") throws -> Ledger {
    try Ledger(path: path + "/" + name, now: { .test })
  }
}

struct Missing: Error {}

extension StationKey {
  /// The key of the box that the tests are.
  static let test = StationKey()
}

extension Timestamp {
  static let test = Timestamp(
    boot: "boot-1",
    monotonic: Instant(nanoseconds: 5_000_000_000),
    wallMilliseconds: 1_790_000_000_042,
    quality: .ntp
  )
}

extension SiteID {
  static func test(_ text: String = "SM017") throws -> SiteID {
    guard let site = SiteID(text) else { throw Missing() }
    return site
  }
}

/// SplitMix64, so that a failing seed can be run again.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// One station's records, made without a ledger.
struct Sender {
  var site: SiteID
  var epoch = Epoch(0x1234_5678_9ABC_DEF0)

  init(_ site: String = "SM017") throws { self.site = try .test(site) }

  func event(_ sequence: Int64, grams: Int = 1000) -> Event {
    let parcel = Parcel(
      number: ParcelNumber(site: site, epoch: epoch, serial: Int(sequence)),
      mass: Mass(grams: grams),
      direction: sequence % 3 == 0 ? .down : .up,
      stage: .collect,
      labelCopy: 1,
      sealed: true
    )
    let entry = Entry.dispatched(parcel)
    return Event(
      epoch: epoch,
      lane: .records,
      sequence: sequence,
      type: entry.type,
      body: entry.body.canonical,
      time: .test
    )
  }

  func batch(_ sequences: some Sequence<Int64>) -> Batch {
    Batch(site: site, epoch: epoch, lane: .records, events: sequences.map { event($0) })
  }

  /// The JSON of a batch before compression, to be spoiled.
  func json(_ sequences: some Sequence<Int64>) throws -> String {
    String(decoding: try Gzip.inflate(batch(sequences).encoded(), limit: 1 << 20), as: UTF8.self)
  }
}

/// A hub on loopback that serves while `body` runs.
func withHub<Value: Sendable>(
  _ store: String,
  port: Int = 0,
  tls: HubApplication.TLSFiles? = nil,
  bodyTimeout: Duration = .seconds(60),
  headTimeout: Duration = .seconds(20),
  _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> Value {
  let held = try SQLiteHubStore(path: store)
  for site in ["SM017", "SM018"] {
    _ = try await held.change(.test(site), .approve(StationKey.test.publicKey), at: 0)
  }
  var settings = HubApplication.Settings(port: port, tls: tls)
  (settings.bodyTimeout, settings.headTimeout) = (bodyTimeout, headTimeout)
  return try await withHub(on: held, settings, body)
}

/// The same on a store of whatever kind.
func withHub<Value: Sendable>(
  on held: CountyStore,
  _ settings: HubApplication.Settings = .init(port: 0),
  _ body: @escaping @Sendable (Int) async throws -> Value
) async throws -> Value {
  let (ports, continuation) = AsyncStream.makeStream(of: Int.self)
  var logger = Logger(label: "hub")
  logger.logLevel = .critical
  let hub = try HubApplication(
    store: held,
    settings: settings,
    logger: logger,
    now: { 1_800_000_000_000 },
    onListening: { continuation.yield($0) }
  )
  return try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask {
      defer { continuation.finish() }
      try await hub.run()
    }
    var iterator = ports.makeAsyncIterator()
    guard let port = await iterator.next() else {
      try await group.waitForAll()
      throw Missing()
    }
    let value = try await body(port)
    group.cancelAll()
    return value
  }
}

extension HTTPUplink {
  static func to(_ port: Int) -> HTTPUplink {
    HTTPUplink(Settings(url: "http://127.0.0.1:\(port)"), key: .test)
  }
}

/// What a hub keeps, without the time at which it heard of it.
func view(_ store: String, _ site: SiteID) async throws -> SiteView {
  guard let view = try await SQLiteHubStore(path: store, readOnly: true).site(site) else {
    throw Missing()
  }
  return view
}
