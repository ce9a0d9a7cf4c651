import Domain
import Foundation
import Hub
import Ledger
import Logging
import Uplink

/// The link's figures: a backlog of thirty days over TLS, what a parcel costs on the wire, and how
/// fast a hub makes events durable.
@main
enum UplinkBench {
  static func main() async throws {
    let arguments = CommandLine.arguments.dropFirst()
    guard let mode = arguments.first, let second = arguments.dropFirst().first else {
      print("usage: UplinkBench drain FOLDER [EVENTS] | store POSTGRES-ADDRESS [EVENTS]")
      exit(64)
    }
    let count = arguments.dropFirst(2).first.flatMap { Int($0) } ?? 37_500
    switch mode {
    case "drain": try await Drain(folder: second, events: count).run()
    default: try await StoreRate(address: second, events: count).run()
    }
  }

  static func site(_ text: String) -> SiteID {
    guard let site = SiteID(text) else { preconditionFailure("\(text) is a site") }
    return site
  }
}

/// Fills a ledger, and drains it to a hub of its own over TLS.
private struct Drain {
  var folder: String
  var events: Int

  func run() async throws {
    let clock = Timestamp(
      boot: "0f1e2d3c-0000-4000-8000-000000000000",
      monotonic: Instant(nanoseconds: 5_000_000_000),
      wallMilliseconds: 1_790_000_000_042,
      quality: .ntp
    )
    let ledger = try Ledger(path: folder + "/ledger.sqlite", now: { clock })
    let key = try StationKeyFile.load(folder)
    let site = UplinkBench.site("SM017")
    try fill(ledger, site)
    let store = try SQLiteHubStore(path: folder + "/hub.sqlite")
    _ = try await store.change(site, .approve(key.publicKey), at: 0)
    var settings = HubApplication.Settings(port: 0)
    settings.tls = .init(certificate: folder + "/hub.pem", key: folder + "/hub.key")
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    var logger = Logger(label: "bench")
    logger.logLevel = .critical
    let hub = try HubApplication(
      store: store,
      settings: settings,
      logger: logger,
      onListening: { port.yield($0) }
    )
    let pin = try HubApplication.pin(certificate: folder + "/hub.pem")
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await hub.run() }
      guard let bound = await ports.first(where: { _ in true }) else { return }
      let uplink = HTTPUplink(.init(url: "https://127.0.0.1:\(bound)", pin: pin), key: key)
      try await drain(ledger, uplink, site)
      group.cancelAll()
    }
  }

  /// Six events a parcel, as a point has them.
  private func fill(_ ledger: Ledger, _ site: SiteID) throws {
    for start in stride(from: 1, through: events / 6, by: 500) {
      var entries: [Entry] = []
      for serial in start..<min(start + 500, events / 6 + 1) {
        let number = ParcelNumber(site: site, epoch: ledger.epoch, serial: serial)
        let mass = Mass(grams: 200 + serial % 9000)
        for action in [.label, .seal] as [PhysicalAction] {
          let id = ActionID(parcel: number, action: action, copy: 1)
          entries.append(.intent(Intent(id: id, mass: mass)))
          entries.append(.outcome(id, .done, .counter))
        }
        let parcel = Parcel(
          number: number,
          mass: mass,
          direction: .up,
          stage: .collect,
          labelCopy: 1,
          sealed: true
        )
        entries.append(.dispatched(parcel))
        entries.append(.device(role: "scale", state: "ready", detail: ""))
      }
      try ledger.append(entries)
    }
  }

  private func drain(_ ledger: Ledger, _ uplink: HTTPUplink, _ site: SiteID) async throws {
    let clock = ContinuousClock()
    let start = clock.now
    var sent = 0
    for lane in Lane.allCases {
      while true {
        let events = try ledger.pending(lane)
        if events.isEmpty { break }
        let batch = Batch(site: site, epoch: ledger.epoch, lane: lane, events: events)
        let receipt = try await uplink.deliver(batch)
        try ledger.acknowledge(lane, durableUpTo: receipt.durableUpTo)
        sent += events.count
      }
    }
    let seconds = (clock.now - start) / .seconds(1)
    let perParcel = Int(uplink.bytesMoved) * 6 / max(1, sent)
    print(
      "\(sent) events over TLS in \(String(format: "%.2f", seconds)) s,"
        + " \(Int(Double(sent) / seconds)) events/s, \(perParcel) bytes a parcel on the wire"
    )
  }
}

/// Gives batches of many sites straight to a PostgreSQL store.
private struct StoreRate {
  var address: String
  var events: Int

  func run() async throws {
    let store = try await PostgresHubStore(address)
    let batches = (0..<max(1, events / 500)).map { batch(site: $0 % 84, part: $0 / 84) }
    let clock = ContinuousClock()
    let start = clock.now
    try await withThrowingTaskGroup(of: Void.self) { group in
      for worker in 0..<4 {
        group.addTask {
          for index in stride(from: worker, to: batches.count, by: 4) {
            _ = try await store.accept(batches[index], at: 1_800_000_000_000)
          }
        }
      }
      try await group.waitForAll()
    }
    let seconds = (clock.now - start) / .seconds(1)
    print("\(Int(Double(batches.count * 500) / seconds)) events/s durable in PostgreSQL")
  }

  private func batch(site index: Int, part: Int) -> IncomingBatch {
    let (site, epoch) = (UplinkBench.site("SM\(100 + index)"), Epoch(UInt64(index + 1)))
    let events = (0..<500).map { offset -> IncomingBatch.Row in
      let sequence = part * 500 + offset + 1
      let number = ParcelNumber(site: site, epoch: epoch, serial: sequence)
      let entry =
        offset % 6 == 0
        ? Entry.dispatched(
          Parcel(
            number: number,
            mass: Mass(grams: 1000),
            direction: .up,
            stage: .collect,
            labelCopy: 1,
            sealed: true
          )
        )
        : Entry.outcome(ActionID(parcel: number, action: .seal, copy: 1), .done, .counter)
      return .event(
        Event(
          epoch: epoch,
          lane: .records,
          sequence: Int64(sequence),
          type: entry.type,
          body: entry.body.canonical,
          time: Timestamp(
            boot: "boot",
            monotonic: .zero,
            wallMilliseconds: 1_790_000_000_000,
            quality: .ntp
          ),
          chain: []
        )
      )
    }
    return IncomingBatch(
      SignedBatch.Head(site: site, epoch: epoch, lane: .records),
      rows: events
    )
  }
}
