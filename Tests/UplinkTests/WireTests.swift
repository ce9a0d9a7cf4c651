import Domain
import Testing
import Uplink

struct WireTests {
  private func rows(_ json: String) throws -> [IncomingBatch.Row] {
    try IncomingBatch(site: .test(), json: Array(json.utf8)).rows
  }

  @Test func `what was encoded is read back as it was`() throws {
    let sender = try Sender()
    let batch = sender.batch(1...50)
    let json = try Gzip.inflate(batch.encoded(), limit: 1 << 20)
    let incoming = try IncomingBatch(site: sender.site, json: json)
    #expect(incoming.rows == batch.events.map { .event($0) })
    #expect(incoming.epoch == batch.epoch && incoming.lane == batch.lane)
  }

  @Test func `an event is a CloudEvent with wide numbers as strings`() throws {
    let json = try JSON(parsing: Array(Sender().json([7]).utf8))
    let event = json.array?.first
    #expect(event?["specversion"]?.string == "1.0")
    #expect(event?["id"]?.string == "SM017/123456789abcdef0/records/7")
    #expect(event?["source"]?.string == "/sites/SM017")
    #expect(event?["type"]?.string == "cn.yizhan.parcel.dispatched")
    #expect(event?["time"]?.string == "2026-09-21T14:13:20.042Z")
    #expect(event?["sequence"]?.string == "7")
    #expect(event?["monotonic"]?.string == "5000000000")
    #expect(event?["data"]?["grams"]?.int == 1000)
  }

  @Test(arguments: [
    ("\"grams\":1000", "\"grams\":1000.5"), ("\"grams\":1000", "\"grams\":1,\"grams\":2"),
    ("\"grams\":1000", "\"grams\":1e3"), ("\"specversion\":\"1.0\"", "\"specversion\":\"9\""),
    ("\"monotonic\":\"5000000000\"", "\"monotonic\":\"soon\""), ("\"data\":", "\"date\":"),
    ("2026-09-21T14", "2026-09-41T14"), ("\"bootid\":\"boot-1\",", ""),
    ("\"clock\":\"ntp\"", "\"clock\":\"sundial\""), ("\"cn.yizhan.", "\"com.example."),
  ])
  func `a spoiled row is set aside with its sequence and the others are read`(
    from: String,
    to: String
  ) throws {
    let sender = try Sender()
    let bad = try sender.json([2]).replacing(from, with: to)
    let good = try (sender.json([1]), sender.json([3]))
    let rows = try rows(
      "[\(good.0.dropFirst().dropLast()),\(bad.dropFirst().dropLast()),"
        + "\(good.1.dropFirst().dropLast())]"
    )
    guard case .unreadable(2?, let raw, _) = rows[1] else {
      Issue.record("\(to) was read as \(rows[1])")
      return
    }
    #expect(String(decoding: raw, as: UTF8.self) == bad.dropFirst().dropLast())
    #expect(rows[0] == .event(sender.event(1)) && rows[2] == .event(sender.event(3)))
  }

  @Test func `a body that is no JSON does not spoil its batch`() throws {
    var batch = try Sender().batch(1...3)
    batch.events[1].body = [0xFF, 0x22, 0x7B]
    let json = try Gzip.inflate(batch.encoded(), limit: 1 << 20)
    let rows = try IncomingBatch(site: batch.site, json: json).rows
    #expect(rows[0] == .event(batch.events[0]) && rows[2] == .event(batch.events[2]))
    guard case .unreadable(2?, _, _) = rows[1] else {
      Issue.record("it was read")
      return
    }
    #expect(String(decoding: json, as: UTF8.self).contains("\"data_base64\":\"/yJ7\""))
  }

  @Test(arguments: ["", "{}", "[", "[,]", "[}]", "[1]", "[{}]", "[{\"a\":1},]", "nonsense"])
  func `what is no batch at all is refused whole`(json: String) throws {
    #expect(throws: IncomingBatch.Refusal.self) { try rows(json) }
  }

  @Test func `mixed sites, epochs and lanes are refused whole`() throws {
    let one = try Sender().json([1])
    for (from, to) in [
      ("/sites/SM017", "/sites/SM018"), ("\"lane\":\"records\"", "\"lane\":\"telemetry\""),
      ("\"epoch\":\"1", "\"epoch\":\"2"),
    ] {
      let two =
        "[\(one.dropFirst().dropLast()),"
        + one.replacing(from, with: to).dropFirst()
      #expect(throws: IncomingBatch.Refusal.self) { try rows(two) }
    }
  }

  @Test(arguments: 0..<4 as Range<UInt64>)
  func `no damage makes the reader trap`(seed: UInt64) throws {
    var random = Seeded(seed)
    let json = Array(try Sender().json(1...3).utf8)
    for _ in 0..<2000 {
      var damaged = json
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        let index = Int.random(in: damaged.indices, using: &random)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: damaged[index] = UInt8.random(in: .min ... .max, using: &random)
        case 1: damaged.remove(at: index)
        default: damaged.removeSubrange(index..<min(index + 40, damaged.count))
        }
        if damaged.isEmpty { damaged = json }
      }
      _ = try? IncomingBatch(site: .test(), json: damaged)
    }
  }

  @Test func `gzip gives back what it was given and stops at its limit`() throws {
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* $0 >> 3) }
    for length in [0, 1, 65_536, 200_000] {
      let slice = Array(bytes.prefix(length))
      let compressed = Gzip.compress(slice)
      #expect(try Gzip.inflate(compressed, limit: length) == slice)
    }
    let bomb = Gzip.compress([UInt8](repeating: 0, count: 32 << 20))
    #expect(throws: Gzip.Failure.tooLarge(limit: 1 << 20)) {
      try Gzip.inflate(bomb, limit: 1 << 20)
    }
    let whole = Gzip.compress(bytes)
    for broken in [Array(whole.dropLast()), whole + [0], [], Array(whole.dropFirst())] {
      #expect(throws: Gzip.Failure.malformed) { try Gzip.inflate(broken, limit: 1 << 20) }
    }
  }

  @Test(arguments: [-62_135_596_800_000, -1, 0, 951_782_400_000, 253_402_300_799_999] as [Int64])
  func `a time survives its text`(milliseconds: Int64) {
    #expect(RFC3339.milliseconds(RFC3339.text(milliseconds)) == milliseconds)
  }
}
