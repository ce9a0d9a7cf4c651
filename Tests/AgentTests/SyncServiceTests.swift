import Agent
import Domain
import Drivers
import Foundation
import Ledger
import Logging
import Synchronization
import Testing
import Uplink

/// The loop between ledger and hub, as the daemon runs it.
struct SyncServiceTests {
  /// What the service told.
  private final class Heard: Sendable {
    let times = Mutex<[Int64]>([])
    let lamp = Mutex<[Bool]>([])
  }

  private static let site = SiteID("SM017")

  private struct Missing: Error {}

  /// Runs a service while the body runs.
  private static func run(
    _ folder: URL,
    _ hub: MemoryUplink,
    _ body: @escaping @Sendable (Journal, StatusBoard, SyncService, Heard) async throws -> Void
  ) async throws {
    guard let site else { throw Missing() }
    let clock = SystemClock()
    let ledger = try Ledger(
      path: folder.appending(path: "ledger.sqlite").path,
      now: { clock.timestamp() }
    )
    let (journal, board, heard) = (Journal(ledger: ledger), StatusBoard(), Heard())
    var logger = Logger(label: "sync")
    logger.logLevel = .critical
    let service = SyncService(
      site: site,
      journal: journal,
      uplink: hub,
      board: board,
      clock: clock,
      logger: logger,
      hurry: Bell(),
      splay: .zero,
      events: SyncEvents(
        linkChanged: { isUp in heard.lamp.withLock { $0.append(isUp) } },
        hubTime: { time, _ in heard.times.withLock { $0.append(time) } }
      )
    )
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await service.run() }
      try await body(journal, board, service, heard)
      group.cancelAll()
    }
    try ledger.close()
  }

  private static func record(_ count: Int, _ journal: Journal) async throws {
    for _ in 0..<count {
      _ = try await journal.append([.scaleRequest(request: "zero", answer: "done", by: "test")])
    }
  }

  private static func until(_ condition: () async throws -> Bool) async throws {
    for _ in 0..<3000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(10))
    }
    Issue.record("it never came about")
  }

  private static func held(_ hub: MemoryUplink, _ journal: Journal) -> Int {
    guard let site else { return -1 }
    return hub.events(site, journal.epoch, .records).count
  }

  private static func pending(_ journal: Journal) async throws -> Int64 {
    try await journal.perform { ledger throws(LedgerError) in
      try ledger.position(.records).pending
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `an idle station fills a hub that was restored from an old copy`() async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let hub = MemoryUplink(now: { 1_700_000_000_000 })
    try await Self.run(folder, hub) { journal, _, service, heard in
      try await Self.record(30, journal)
      try await Self.until { try await Self.pending(journal) == 0 }
      guard let site = Self.site else { throw Missing() }
      hub.forget(site, beyond: 12)
      // Nothing new is recorded: only the question of every quarter of an hour, here at once.
      service.now()
      try await Self.until { Self.held(hub, journal) == 30 }
      try await Self.until { try await Self.pending(journal) == 0 }
      #expect(heard.times.withLock { $0.allSatisfy { $0 == 1_700_000_000_000 } && !$0.isEmpty })
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a pause holds back what is recorded, and nothing else`() async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let hub = MemoryUplink()
    try await Self.run(folder, hub) { journal, board, service, _ in
      try await Self.record(1, journal)
      try await Self.until { Self.held(hub, journal) == 1 }
      service.pause(true)
      #expect(board.link.isPaused)
      try await Self.record(5, journal)
      try await Task.sleep(for: .milliseconds(200))
      #expect(Self.held(hub, journal) == 1)
      service.pause(false)
      try await Self.until { Self.held(hub, journal) == 6 }
      #expect(!board.link.isPaused)
    }
  }

  @Test func `the rate is that of the last minute`() {
    var link = StatusBoard.Link()
    let start = Instant(nanoseconds: 7_000_000_000)
    link.sent(5, at: start)
    link.sent(2, at: start + .seconds(30))
    #expect(link.perMinute(at: start + .seconds(59)) == 7)
    #expect(link.perMinute(at: start + .seconds(61)) == 2)
    #expect(link.perMinute(at: start + .seconds(91)) == 0)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a card that was set back or copied is told by the lamp and in the status`() async throws {
    let folder = try Fixture.folder()
    let copy = try Fixture.folder()
    defer { for path in [folder, copy] { try? FileManager.default.removeItem(at: path) } }
    let hub = MemoryUplink()
    try await Self.run(folder, hub) { journal, _, _, heard in
      try await Self.record(3, journal)
      try await Self.until { try await Self.pending(journal) == 0 }
      #expect(heard.lamp.withLock { $0.last } == true)
    }
    let file = "ledger.sqlite"
    try FileManager.default.copyItem(
      at: folder.appending(path: file),
      to: copy.appending(path: file)
    )
    try await Self.run(folder, hub) { journal, _, _, _ in
      try await Self.record(4, journal)
      try await Self.until { Self.held(hub, journal) == 7 }
    }
    try await Self.run(copy, hub) { _, board, _, heard in
      try await Self.until { !board.link.forks.isEmpty }
      #expect(board.link.forks == ["records 4…7"])
      #expect(board.link.hasAlarm)
      try await Self.until { heard.lamp.withLock { $0.last } == false }
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a failure is shown, and a hurry ends its wait`() async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let hub = MemoryUplink()
    hub.failNext([.busy(retryAfter: .seconds(600))])
    try await Self.run(folder, hub) { journal, board, service, heard in
      try await Self.record(2, journal)
      try await Self.until { board.link.state == .offline }
      #expect(board.link.lastError?.contains("busy") == true)
      let wait = (board.link.nextTry ?? .zero) - MonotonicClock.now()
      #expect(wait > .seconds(500))
      #expect(heard.lamp.withLock { $0.last } == false)
      service.now()
      try await Self.until { Self.held(hub, journal) == 2 }
      try await Self.until { board.link.state == .online }
      #expect(board.link.lastError == nil)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `what a damaged ledger still owed reaches the hub from its successor`() async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let path = folder.appending(path: "ledger.sqlite").path
    let clock = SystemClock()
    let first = try Ledger(path: path, now: { clock.timestamp() })
    for _ in 0..<90 {
      try first.append([.scaleRequest(request: "zero", answer: "done", by: "test")])
    }
    try first.acknowledge(.records, durableUpTo: 40)
    let all = try first.reader.events(.records, after: 0, limit: 100)
    try first.close()
    var data = try Data(contentsOf: URL(filePath: path))
    let place = try #require(data.range(of: Data(all[69].chain)))
    let page = place.lowerBound / 512 * 512
    data.replaceSubrange(page..<page + 512, with: Data(count: 512))
    try data.write(to: URL(filePath: path))
    let opening = try Ledger.open(path: path, now: { clock.timestamp() })
    let lost = try #require(opening.salvaged).lost
    try opening.ledger.close()

    let hub = MemoryUplink()
    try await Self.run(folder, hub) { journal, _, _, _ in
      try await Self.until {
        try await journal.perform { ledger throws(LedgerError) in try ledger.arrears() } == nil
      }
      #expect(Self.held(hub, journal) == 1)
    }
    guard let site = Self.site else { throw Missing() }
    let held = hub.events(site, first.epoch, .records)
    #expect(held.map(\.sequence) == Array(41...90))
    let whole = held.filter { $0.type != "ledger.lost" }
    #expect(held.count - whole.count == lost && lost > 0)
    #expect(whole.allSatisfy { all.contains($0) })

    // A hub that is restored from an old copy lacks it again, and nobody else has it any more.
    hub.forget(site, beyond: 0)
    try await Self.run(folder, hub) { journal, _, _, _ in
      try await Self.record(1, journal)
      try await Self.until { hub.events(site, first.epoch, .records).count == held.count }
      #expect(hub.events(site, first.epoch, .records) == held)
    }
  }
}
