import Domain
import Foundation
import Hub
import Ledger
import Testing
import Uplink

struct HubTests {
  private let path = "/v1/sites/SM017/events"

  @Test(.timeLimit(.minutes(5)), arguments: 0..<3 as Range<UInt64>)
  func `any duplicates in any order count once`(seed: UInt64) async throws {
    let scratch = try Scratch()
    let sender = try Sender()
    try await withHub(scratch.store) { port in
      let uplink = HTTPUplink.to(port)
      var random = Seeded(seed)
      for _ in 0..<30 {
        let start = Int64.random(in: 1...40, using: &random)
        let some = (start...start + 20).shuffled(using: &random)
        _ = try await uplink.deliver(sender.batch(some))
      }
      _ = try await uplink.deliver(sender.batch((1...60).reversed()))
    }
    let view = try await view(scratch.store, sender.site)
    #expect(view.up == Traffic(parcels: 40, grams: 40_000), "seed \(seed)")
    #expect(view.down == Traffic(parcels: 20, grams: 20_000), "seed \(seed)")
    #expect(view.lanes.map(\.durableUpTo) == [60])
    #expect(view.lanes.map(\.conflicts) == [0])
  }

  @Test func `another payload under a taken key is kept, counted and changes nothing`() async throws
  {
    let (scratch, sender) = (try Scratch(), try Sender())
    try await withHub(scratch.store) { port in
      let uplink = HTTPUplink.to(port)
      _ = try await uplink.deliver(sender.batch(1...3))
      var clone = sender.batch([2])
      clone.events[0] = sender.event(2, grams: 9999)
      #expect(try await uplink.deliver(clone).durableUpTo == 3)
      _ = try await uplink.deliver(clone)
    }
    let view = try await view(scratch.store, sender.site)
    #expect(view.lanes.map(\.conflicts) == [1])
    #expect(view.up.grams + view.down.grams == 3000)
  }

  @Test func `a poison row is set aside, named, and blocks nobody`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    try await withHub(scratch.store) { port in
      let json = try sender.json(1...5).replacing(
        "-000003-",
        with: "-000003-\u{7}",
        maxReplacements: 1
      )
      for _ in 0..<2 {
        let answer = try await exchange(port) { $0.post(path, Gzip.compress(Array(json.utf8))) }
        #expect(answer.status == 200)
        let receipt = answer.json.flatMap { Receipt(json: $0) }
        #expect(receipt?.durableUpTo == 5)
        #expect(receipt?.quarantined == [3])
      }
      #expect(try await HTTPUplink.to(port).deliver(sender.batch([6])).durableUpTo == 6)
    }
    let view = try await view(scratch.store, sender.site)
    #expect(view.lanes.map(\.quarantined) == [1])
    #expect(view.up.parcels + view.down.parcels == 5)
  }

  @Test func `a dispatch without its weight is set aside, an unknown type is kept`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    try await withHub(scratch.store) { port in
      var batch = sender.batch(1...3)
      batch.events[0].body = Array("{\"parcel\":\"x\"}".utf8)
      batch.events[1].type = "parcel.teleported"
      let receipt = try await HTTPUplink.to(port).deliver(batch)
      #expect(receipt.quarantined == [1] && receipt.durableUpTo == 3)
    }
    let view = try await view(scratch.store, sender.site)
    #expect(view.lanes.map(\.types) == [["parcel.dispatched": 1, "parcel.teleported": 1]])
  }

  @Test func `what cannot be accepted is answered with a reason in JSON`() async throws {
    let scratch = try Scratch()
    let good = try Sender().batch(1...2).encoded()
    let bomb = Gzip.compress([UInt8](repeating: 0x20, count: 64 << 20))
    try #require(bomb.count < 1 << 20)
    try await withHub(scratch.store) { port in
      func status(_ send: @escaping @Sendable (RawConnection) -> Void) async throws -> Int {
        let answer = try await exchange(port, send)
        #expect(answer.json?["error"]?.string?.isEmpty == false, "\(answer.head)")
        #expect(answer.json?["remedy"]?.string?.isEmpty == false, "\(answer.head)")
        return answer.status
      }
      #expect(try await status { $0.post(path, good, type: "application/json") } == 415)
      #expect(try await status { $0.post(path, good, encoding: "br") } == 415)
      #expect(try await status { $0.post(path, [1, 2, 3]) } == 400)
      #expect(try await status { $0.post(path, good, encoding: "identity") } == 400)
      #expect(try await status { $0.post("/v1/sites/SM018/events", good) } == 400)
      #expect(try await status { $0.post("/v1/sites/sm_17/events", good) } == 400)
      #expect(try await status { $0.post("/v2/nothing", good) } == 404)
      #expect(try await status { $0.post("/v1/sites/SM017", [], method: "GET") } == 404)
      #expect(try await status { $0.post(path, bomb) } == 413)
      let large = [UInt8](repeating: 7, count: (1 << 20) + 1)
      #expect(try await status { $0.post(path, [], length: large.count) } == 413)
      let health = try await exchange(port) { $0.post("/healthz", [], method: "GET") }
      #expect(health.status == 200)
    }
    #expect(try await SQLiteHubStore(path: scratch.store, readOnly: true).sites().isEmpty)
  }

  @Test func `the views tell what was delivered`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    try await withHub(scratch.store) { port in
      _ = try await HTTPUplink.to(port).deliver(sender.batch(1...3))
      let all = try await exchange(port) { $0.post("/v1/sites", [], method: "GET") }
      let site = all.json?["sites"]?.array?.first
      #expect(site?["site"]?.string == "SM017")
      #expect(site?["up"]?["grams"]?.int == 2000)
      #expect(site?["lastSeen"]?.string == "2027-01-15T08:00:00.000Z")
      let parcels = try await exchange(port) {
        $0.post("/v1/sites/SM017/parcels?limit=2", [], method: "GET")
      }
      let numbers = parcels.json?["parcels"]?.array?.map { $0["parcel"]?.string }
      let newest = [3, 2].map { ParcelNumber(site: sender.site, epoch: sender.epoch, serial: $0) }
      #expect(numbers == newest.map(\.text))
      let none = try await exchange(port) {
        $0.post("/v1/sites/SM017/parcels?limit=0", [], method: "GET")
      }
      #expect(none.status == 400)
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `senders who drip their bodies are cut off and do not hold up the others`() async throws {
    let (scratch, sender) = (try Scratch(), try Sender())
    let body = sender.batch(1...2).encoded()
    try await withHub(scratch.store, bodyTimeout: .seconds(2)) { port in
      let slow = try (0..<40).map { _ in try RawConnection(port: port) }
      for connection in slow {
        connection.post(path, Array(body.prefix(10)), length: body.count)
      }
      #expect(try await HTTPUplink.to(port).deliver(sender.batch(1...2)).durableUpTo == 2)
      let answer = try await exchange(port) {
        $0.post(path, Array(body.prefix(10)), length: body.count)
      }
      #expect(answer.status == 408)
      #expect(slow.count == 40)
    }
  }

  @Test func `a store of another program, and a newer one, are refused`() throws {
    let scratch = try Scratch()
    _ = try SQLiteHubStore(path: scratch.store)
    try scratch.ledger().close()
    #expect(throws: HubError.self) {
      try SQLiteHubStore(path: scratch.path + "/ledger.sqlite")
    }
    #expect(throws: HubError.self) { try SQLiteHubStore(path: "/nowhere/at/all") }
  }
}
