import Domain
import Foundation
import Hub
import Ledger
import Testing
import Uplink

/// Networks as they are out there, in front of a real hub.
struct FaultTests {
  private static let events = 900

  private static func fill(_ ledger: Ledger) throws {
    for serial in 1...events / 2 {
      try ledger.append([
        .dispatched(
          Parcel(
            number: ParcelNumber(site: try .test(), epoch: ledger.epoch, serial: serial),
            mass: Mass(grams: serial),
            direction: .up,
            stage: .collect,
            labelCopy: 1,
            sealed: true
          )
        ), .device(role: "scale", state: "ready", detail: "\(serial)"),
      ])
    }
  }

  private static func faults(_ seed: UInt64, _ count: Int) -> [FaultRelay.Fault] {
    var random = Seeded(seed)
    return (0..<count).map { _ in
      let (up, down) = (
        Int.random(in: 0...9000, using: &random), Int.random(in: 0...400, using: &random)
      )
      switch Int.random(in: 0..<6, using: &random) {
      case 0: return .stall(afterUp: up, afterDown: .max)
      case 1: return .stall(afterUp: .max, afterDown: down)
      case 2: return .reset(afterUp: up, afterDown: .max)
      case 3, 4: return .reset(afterUp: .max, afterDown: down)
      default: return .delay(milliseconds: 5)
      }
    }
  }

  @Test(.timeLimit(.minutes(5)), arguments: 1..<4 as Range<UInt64>)
  func `half-open lines, delays and resets in mid-answer lose and double nothing`(
    seed: UInt64
  ) async throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    try Self.fill(ledger)
    let count = try await withHub(scratch.store) { port in
      let relay = try FaultRelay(to: port, Self.faults(seed, 25))
      defer { relay.stop() }
      var settings = HTTPUplink.Settings(url: "http://127.0.0.1:\(relay.port)")
      settings.totalTimeout = .milliseconds(700)
      var failures = 0
      var size = BatchSize()
      for lane in Lane.allCases {
        while true {
          let events = try ledger.pending(lane, limit: min(40, size.current))
          if events.isEmpty { break }
          let batch = Batch(site: try .test(), epoch: ledger.epoch, lane: lane, events: events)
          do throws(UplinkError) {
            // A connection of its own, so that the next fault is met.
            let receipt = try await HTTPUplink(settings, key: .test).deliver(batch)
            size.note(nil)
            try? ledger.acknowledge(lane, durableUpTo: receipt.durableUpTo)
          } catch {
            failures += 1
            size.note(error)
            try #require(failures < 200, "\(error)")
          }
        }
      }
      #expect(relay.connections > 20, "the faults were not met")
      return failures
    }
    #expect(count > 5, "\(count) failures")
    let view = try await view(scratch.store, .test())
    let half = Self.events / 2
    #expect(view.up == Traffic(parcels: half, grams: half * (half + 1) / 2), "seed \(seed)")
    #expect(view.lanes.map(\.durableUpTo) == [Int64(half), Int64(half)])
    #expect(view.lanes.allSatisfy { $0.conflicts == 0 && $0.quarantined == 0 && $0.missing == 0 })
  }
}
