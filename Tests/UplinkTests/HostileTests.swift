import Domain
import Foundation
import Glibc
import Hub
import Logging
import Synchronization
import Testing
import Uplink

/// Senders that mean no good, and hubs that cannot keep up.
struct HostileTests {
  private let path = "/v1/sites/SM017/events"

  @Test(.timeLimit(.minutes(5)))
  func `strangers are refused, noted for the operator, and leave nothing else`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    let stranger = StationKey()
    try await withHub(scratch.store) { port in
      let uplink = HTTPUplink(.init(url: "http://127.0.0.1:\(port)"), key: stranger)
      for _ in 0..<2 {
        let error = await #expect(throws: UplinkError.self) {
          try await uplink.deliver(sender.batch(1...3))
        }
        guard case .notEnrolled(let detail) = error else {
          Issue.record("another error")
          return
        }
        #expect(detail.contains(stranger.publicKey.fingerprint))
      }
    }
    let store = try SQLiteHubStore(path: scratch.store, readOnly: true)
    let pending = try await store.keys().filter { $0.state == .pending }
    #expect(pending.map(\.key) == [stranger.publicKey] && pending.map(\.times) == [2])
    #expect(try await store.sites().isEmpty)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a revoked box is refused, and the box that replaced it goes on`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    let store = try SQLiteHubStore(path: scratch.store)
    let (old, new) = (StationKey(), StationKey())
    _ = try await store.change(sender.site, .approve(old.publicKey), at: 0)
    try await withHub(on: store) { port in
      let url = "http://127.0.0.1:\(port)"
      _ = try await HTTPUplink(.init(url: url), key: old).deliver(sender.batch(1...3))
      _ = try await store.change(sender.site, .replace(new.publicKey), at: 1)
      var fresh = sender
      fresh.epoch = Epoch(9)
      let first = fresh.batch(1...2)
      #expect(
        try await HTTPUplink(.init(url: url), key: new).deliver(first).durableUpTo == 2
      )
      // What the old box had begun may end; nothing new.
      _ = try await HTTPUplink(.init(url: url), key: old).deliver(sender.batch([4]))
      fresh.epoch = Epoch(10)
      let (third, fourth) = (fresh.batch([1]), sender.batch([5]))
      await #expect(throws: UplinkError.self) {
        try await HTTPUplink(.init(url: url), key: old).deliver(third)
      }
      _ = try await store.change(sender.site, .revoke(old.publicKey), at: 2)
      await #expect(throws: UplinkError.self) {
        try await HTTPUplink(.init(url: url), key: old).deliver(fourth)
      }
    }
    let view = try await view(scratch.store, sender.site)
    #expect(view.lanes.map(\.durableUpTo) == [4, 2])
  }

  @Test(.timeLimit(.minutes(5)))
  func `a captured batch cannot be turned against another site, lane or epoch`() async throws {
    let scratch = try Scratch()
    let signed = SignedBatch(try Sender().batch(1...3), by: .test)
    try await withHub(scratch.store) { port in
      func send(_ path: String, _ change: (inout [String]) -> Void) async throws -> Int {
        var headers = signed.headers
        change(&headers)
        let head =
          (["POST \(path) HTTP/1.1", "Host: hub", "Connection: close"] + headers + [
            "Content-Length: \(signed.body.count)", "", "",
          ]).joined(separator: "\r\n")
        return try await exchange(port) { $0.write(Array(head.utf8) + signed.body) }.status
      }
      #expect(try await send("/v1/sites/SM018/events") { _ in } == 401)
      for (from, to) in [
        ("Lane: records", "Lane: telemetry"), ("Epoch: 1", "Epoch: 2"), ("Oldest: 1", "Oldest: 3"),
        ("Encoding: gzip", "Encoding: identity"),
      ] {
        let status = try await send(path) { headers in
          headers = headers.map { $0.replacing(from, with: to) }
        }
        #expect(status == 401, "\(to)")
      }
      // Sent again as it was, it is harmless.
      for _ in 0..<3 { #expect(try await send(path) { _ in } == 200) }
    }
    let view = try await view(scratch.store, .test())
    #expect(view.lanes.map(\.durableUpTo) == [3] && view.lanes.map(\.conflicts) == [0])
  }

  @Test(.timeLimit(.minutes(5)))
  func `deep nesting, endless numbers and odd text spoil their rows and no more`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    let deep = String(repeating: "[", count: 100_000) + String(repeating: "]", count: 100_000)
    let good = try sender.json(1...3)
    let spoiled = [
      ("\"grams\":1000", "\"grams\":\(deep)"),
      ("\"grams\":1000", "\"grams\":\(String(repeating: "9", count: 100_000))"),
      ("\"grams\":1000", "\"grams\":\"\\ud800\""),
      ("\"bootid\":\"boot-1\"", "\"bootid\":\"\\u0000\""),
      ("\"sequence\":\"1\"", "\"sequence\":\"9223372036854775807\""),
      ("cn.yizhan.parcel", "cn.yizhan.\\u0000parcel"),
    ]
    try await withHub(scratch.store) { port in
      for (from, to) in spoiled {
        let json = good.replacing(from, with: to, maxReplacements: 1)
        #expect(json != good, "\(from)")
        let body = Gzip.compress(Array(json.utf8))
        let answer = try await exchange(port) { $0.post(path, body) }
        #expect(answer.status == 200, "\(to.prefix(40)): \(answer.status)")
      }
      let bare = Gzip.compress(Array(deep.utf8))
      #expect(try await exchange(port) { $0.post(path, bare) }.status == 200)
      #expect(try await HTTPUplink.to(port).deliver(sender.batch(1...4)).durableUpTo == 4)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a flood of bombs, forgeries and halves costs a bounded amount of memory`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    let bomb = Gzip.compress([UInt8](repeating: 0x5B, count: 256 << 20))
    let large = [UInt8](repeating: 7, count: 1 << 20)
    try await withHub(scratch.store) { port in
      _ = try await HTTPUplink.to(port).deliver(sender.batch(1...3))
      let before = Self.residentBytes()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for index in 0..<120 {
          // Each waits on a thread, and those of the process are not without number.
          if index >= 16 { try await group.next() }
          group.addTask {
            let answer = try await exchange(port) { connection in
              switch index % 4 {
              case 0: connection.post(path, bomb)
              case 1: connection.post(path, bomb, key: StationKey())
              case 2: connection.post(path, large)
              default: connection.post(path, [1, 2, 3], type: "text/plain")
              }
            }
            #expect([400, 403, 413, 415, 429, 503].contains(answer.status), "\(answer.status)")
          }
        }
        try await group.waitForAll()
      }
      let grown = Self.residentBytes() - before
      #expect(grown < 160 << 20, "it grew by \(grown >> 20) MiB")
      #expect(try await HTTPUplink.to(port).deliver(sender.batch([4])).durableUpTo == 4)
    }
  }

  private static func residentBytes() -> Int {
    let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
    return (Int(text.split(separator: " ").dropFirst().first ?? "") ?? 0) * 4096
  }

  @Test(.timeLimit(.minutes(5)))
  func `senders who drip their heads are cut off`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    try await withHub(scratch.store, headTimeout: .seconds(1)) { port in
      let slow = try (0..<40).map { _ in try RawConnection(port: port) }
      await withTaskGroup(of: Void.self) { group in
        group.addTask {
          // One byte after the other: never idle, never done.
          for byte in "GET /healthz HTTP/1.1\r\nHost: a".utf8 {
            for connection in slow { connection.write([byte]) }
            try? await Task.sleep(for: .milliseconds(100))
          }
        }
      }
      for connection in slow {
        await #expect(throws: Missing.self) { try await connection.answerOffThePool() }
      }
      #expect(try await HTTPUplink.to(port).deliver(sender.batch(1...2)).durableUpTo == 2)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hub that is behind says when to come again`() async throws {
    let store = SlowStore()
    try await withHub(on: store) { port in
      let sender = try Sender()
      let statuses = try await withThrowingTaskGroup(of: RawAnswer.self) { group in
        for site in ["SM017", "SM018"] {
          for sequence in 1...6 as ClosedRange<Int64> {
            var own = sender
            own.site = try .test(site)
            let body = own.batch([sequence]).encoded()
            group.addTask { try await exchange(port) { $0.post("/v1/sites/\(site)/events", body) } }
          }
        }
        try await store.waitForCallers(8)
        store.open()
        return try await group.reduce(into: []) { $0.append($1) }
      }
      let late = statuses.filter { $0.status == 429 }
      #expect(late.count == 4 && statuses.count { $0.status == 200 } == 8)
      #expect(late.allSatisfy { $0.head.lowercased().contains("retry-after: 5") })
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `a hub that is full says when to come again`() async throws {
    let store = SlowStore(fails: true)
    try await withHub(on: store) { port in
      let error = await #expect(throws: UplinkError.self) {
        try await HTTPUplink.to(port).deliver(Sender().batch([1]))
      }
      #expect(error == .busy(retryAfter: .seconds(30)))
    }
  }
}

/// A store that takes its time, or has no room.
private final class SlowStore: HubStore, KeyRegistry {
  private struct State {
    var isOpen = false
    var callers = 0
  }

  private let state: Mutex<State>
  private let fails: Bool

  init(fails: Bool = false) {
    state = Mutex(State(isOpen: fails))
    self.fails = fails
  }

  func open() { state.withLock { $0.isOpen = true } }

  func waitForCallers(_ count: Int) async throws {
    while state.withLock({ $0.callers }) < count { try await Task.sleep(for: .milliseconds(10)) }
    // Whoever is one too many has been answered at once, and does not come here.
    try await Task.sleep(for: .milliseconds(300))
  }

  func accept(_ batch: IncomingBatch, at milliseconds: Int64) async throws(HubError) -> Receipt {
    if fails { throw HubError(attempted: "storing", cause: "no room", remedy: "make some") }
    state.withLock { $0.callers += 1 }
    while !state.withLock({ $0.isOpen }) { try? await Task.sleep(for: .milliseconds(10)) }
    return Receipt(lane: batch.lane, epoch: batch.epoch, durableUpTo: 1, timeMilliseconds: 0)
  }

  func sites() async throws(HubError) -> [SiteView] { [] }
  func site(_ id: SiteID) async throws(HubError) -> SiteView? { nil }
  func parcels(of site: SiteID, limit: Int) async throws(HubError) -> [ParcelView] { [] }
  func keys() async throws(HubError) -> [KeyView] { [] }

  func admit(
    _ key: VerificationKey,
    for site: SiteID,
    epoch: Epoch,
    at milliseconds: Int64
  ) async throws(HubError) -> Admission { .granted }

  func change(
    _ site: SiteID,
    _ change: KeyChange,
    at milliseconds: Int64
  ) async throws(HubError) -> [KeyView] { [] }
}
