import Domain
import Foundation
import Glibc
import Ledger
import Testing

struct SalvageTests {
  /// A day of forty parcels, of which the hub has the first half.
  private static func day(_ scratch: Scratch, log: Bool) throws -> [Lane: [Event]] {
    var ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...40 {
      if serial == 30 {
        // All before is in the file, what follows in the log.
        try ledger.close()
        ledger = try scratch.ledger()
      }
      for entries in desk.walk(serial) { try ledger.append(entries) }
      if serial % 4 == 0 { try ledger.append([.device(role: "scale", state: "ready", detail: "")]) }
    }
    try ledger.acknowledge(.records, durableUpTo: 100)
    var all: [Lane: [Event]] = [:]
    for lane in Lane.allCases { all[lane] = try everything(lane, in: ledger.reader) }
    if log {
      let copy = scratch.path + "/copy"
      for suffix in ["", "-wal"] {
        try FileManager.default.copyItem(
          atPath: scratch.file + suffix,
          toPath: copy + suffix
        )
      }
      try ledger.close()
      for suffix in ["", "-wal"] {
        try? FileManager.default.removeItem(atPath: scratch.file + suffix)
        try FileManager.default.moveItem(atPath: copy + suffix, toPath: scratch.file + suffix)
      }
    } else {
      try ledger.close()
    }
    return all
  }

  private enum Wound: CaseIterable {
    case flippedBytes, truncated, zeroedPage, wrongHeader, noise
  }

  private static func wound(_ path: String, _ wound: Wound, _ random: inout Seeded) throws {
    var data = try Data(contentsOf: URL(fileURLWithPath: path))
    switch wound {
    case .flippedBytes:
      for _ in 0..<Int.random(in: 1...6, using: &random) {
        data[Int.random(in: 0..<data.count, using: &random)] ^=
          1 << UInt8.random(in: 0..<8, using: &random)
      }
    case .truncated: data = data.prefix(Int.random(in: 1..<data.count, using: &random))
    case .zeroedPage, .noise:
      let page = Int.random(in: 0..<data.count / 512, using: &random) * 512
      for offset in page..<min(page + 512, data.count) {
        data[offset] = wound == .noise ? UInt8.random(in: 0...255, using: &random) : 0
      }
    case .wrongHeader:
      for offset in 0..<min(100, data.count) {
        data[offset] = UInt8.random(in: 0...255, using: &random)
      }
    }
    try data.write(to: URL(fileURLWithPath: path))
  }

  /// Whether a header was spoilt so that the file seems to be another program's, or a newer one's.
  private static func isNotOurs(_ error: LedgerError) -> Bool {
    switch error.kind {
    case .foreign, .newerSchema: true
    default: false
    }
  }

  @Test(.timeLimit(.minutes(5)), arguments: 0..<60 as Range<UInt64>)
  func `whatever rots, the station works, and what is read back is what was recorded`(
    seed: UInt64
  ) throws {
    var random = Seeded(seed)
    let scratch = try Scratch()
    let wound = Wound.allCases[Int(seed) % Wound.allCases.count]
    let hasLog = Bool.random(using: &random)
    let all = try Self.day(scratch, log: hasLog)
    let target = hasLog && Bool.random(using: &random) ? scratch.file + "-wal" : scratch.file
    try Self.wound(target, wound, &random)
    let opening: LedgerOpening
    do throws(LedgerError) {
      opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    } catch {
      #expect(Self.isNotOurs(error), "seed \(seed), \(wound): \(error)")
      return
    }
    let ledger = opening.ledger
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(900)])
    #expect(try ledger.reader.verify().isSound, "seed \(seed), \(wound)")
    guard let salvaged = opening.salvaged else {
      // Taken for sound: then it is what was recorded, to the last event that the log had kept.
      for lane in Lane.allCases {
        let kept = try everything(lane, in: ledger.reader).dropLast(lane == .records ? 1 : 0)
        #expect(
          Array(kept) == Array((all[lane] ?? []).prefix(kept.count)),
          "seed \(seed), \(wound)"
        )
      }
      return
    }
    try Self.expect(salvaged, ledger, all, scratch, "seed \(seed), \(wound)")
  }

  private static func expect(
    _ salvaged: Salvaged,
    _ ledger: Ledger,
    _ all: [Lane: [Event]],
    _ scratch: Scratch,
    _ note: String
  ) throws {
    let old = all[.records]?.first?.epoch
    #expect(ledger.epoch != old, "\(note)")
    let aside = scratch.path + "/" + salvaged.file
    #expect(FileManager.default.fileExists(atPath: aside), "\(note)")
    let report = try Data(contentsOf: URL(fileURLWithPath: aside + ".report.json"))
    #expect(try JSON(parsing: Array(report.dropLast()))["salvaged"] == salvaged.body, "\(note)")
    #expect(
      try everything(.records, in: ledger.reader).first?.type == "ledger.salvaged",
      "\(note)"
    )
    var next: [Lane: Int64] = [:]
    while let arrears = try ledger.arrears(limit: 17) {
      #expect(arrears.epoch == old, "\(note)")
      for event in arrears.events {
        let before = next[arrears.lane] ?? event.sequence - 1
        #expect(event.sequence == before + 1, "\(note): a gap before \(event.sequence)")
        next[arrears.lane] = event.sequence
        guard event.type != "ledger.lost" else { continue }
        let original = all[arrears.lane]?.first { $0.sequence == event.sequence }
        #expect(event == original, "\(note)")
      }
      try ledger.acknowledgeArrears(
        arrears.epoch,
        arrears.lane,
        durableUpTo: next[arrears.lane] ?? 0
      )
    }
  }

  @Test func `a lost page costs its own events and no other, and the hub's count comes to its end`()
    throws
  {
    let scratch = try Scratch()
    let all = try Self.day(scratch, log: false)
    let marker = Data(#""parcel":"SM017"#.utf8)
    var data = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    // A page of records from the middle of what the hub lacks.
    let needle = try #require(all[.records]?[150].chain)
    let place = try #require(data.range(of: Data(needle)))
    let page = place.lowerBound / 512 * 512
    #expect(data[page..<page + 512].range(of: marker) != nil)
    data.replaceSubrange(page..<page + 512, with: Data(count: 512))
    try data.write(to: URL(fileURLWithPath: scratch.file))
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    let salvaged = try #require(opening.salvaged)
    #expect((1...5).contains(salvaged.lost))
    #expect(salvaged.events == 210 - salvaged.lost)
    #expect(salvaged.unsent == 110 - salvaged.lost)
    let arrears = try #require(try opening.ledger.arrears())
    #expect(arrears.events.map(\.sequence) == Array(101...200))
    #expect(arrears.events.count { $0.type == "ledger.lost" } == salvaged.lost)
    // The next opening finds nothing wrong any more.
    try opening.ledger.close()
    #expect(try Ledger.open(path: scratch.file, now: Ticker().now).salvaged == nil)
  }

  @Test func `waybills, counts and doubts outlive the damage, and no number is issued twice`()
    throws
  {
    let scratch = try Scratch()
    let first = try scratch.ledger()
    let desk = try Desk(first.epoch)
    let shipment = Shipment(waybill: "YT1234567890123", carrier: "yto")
    for serial in 1...40 { for entries in desk.walk(serial) { try first.append(entries) } }
    try first.append([.intent(Intent(id: desk.id(41), mass: Mass(grams: 5), shipment: shipment))])
    let tally = try first.reader.throughput(hours: .min..<Int64.max)
    let chain = try everything(.records, in: first.reader)[60].chain
    try first.close()
    var data = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    let place = try #require(data.range(of: Data(chain)))
    data[place.lowerBound] ^= 1
    data[place.lowerBound - 50] ^= 1
    try data.write(to: URL(fileURLWithPath: scratch.file))
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    let salvaged = try #require(opening.salvaged)
    #expect(salvaged.inDoubt == [desk.id(41).description])
    #expect(try opening.ledger.reader.knows(waybill: shipment.waybill))
    #expect(try opening.ledger.reader.throughput(hours: .min..<Int64.max) == tally)
    #expect(opening.ledger.epoch.tag != first.epoch.tag)
  }

  @Test(arguments: ["epoch SET value", "acknowledged SET epoch"])
  func `an epoch that rots is put right by its copies, and never taken for another ledger`(
    place: String
  ) throws {
    let scratch = try Scratch()
    let all = try Self.day(scratch, log: false)
    try runSQL("UPDATE \(place) = '00000000000abcde'", on: scratch.file)
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    let old = all[.records]?.first?.epoch
    #expect(opening.salvaged?.epoch == old)
    #expect(opening.ledger.epoch != old)
  }

  @Test func `a text in the ledger's place is set aside, a foreign database is left alone`() throws
  {
    let scratch = try Scratch()
    let text = Data("not a database, whatever its name says\n".utf8)
    try text.write(to: URL(fileURLWithPath: scratch.file))
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(opening.salvaged?.epoch == nil)
    let aside = scratch.file + ".damaged-1"
    #expect(try Data(contentsOf: URL(fileURLWithPath: aside)) == text)
    let other = try Scratch()
    try runSQL("CREATE TABLE t (a); INSERT INTO t VALUES (1);", on: other.file)
    let error = #expect(throws: LedgerError.self) {
      try Ledger.open(path: other.file, now: Ticker().now)
    }
    #expect(error?.kind == .foreign)
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: other.path).count {
        $0.contains("damaged")
      } == 0
    )
  }

  @Test(.timeLimit(.minutes(2)), arguments: 0..<8 as Range<UInt32>)
  func `a kill during the salvage loses nothing that was saved`(round: UInt32) async throws {
    let scratch = try Scratch()
    let all = try Self.day(scratch, log: true)
    var data = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    for offset in 20 * 512..<21 * 512 { data[offset] = 0xA5 }
    try data.write(to: URL(fileURLWithPath: scratch.file))
    let path = scratch.file
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, round = round as UInt32] in
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(1 + round * 6))) {
        kill(getpid(), SIGKILL)
      }
      _ = try Ledger.open(path: path, now: Ticker().now)
      kill(getpid(), SIGKILL)
    }
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    let ledger = opening.ledger
    let record = try #require(try everything(.records, in: ledger.reader).first)
    #expect(record.type == "ledger.salvaged")
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
    #expect(
      names.count {
        $0.hasPrefix("ledger.sqlite.damaged-") && !$0.contains("wal") && !$0.contains("shm")
          && !$0.contains("json")
      } == 1
    )
    // What was begun and cut short is not left lying about.
    #expect(names.allSatisfy { !$0.contains(".new") && !$0.contains(".mend") })
    let arrears = try #require(try ledger.arrears())
    #expect(arrears.events.last?.sequence == all[arrears.lane]?.last?.sequence)
  }
}
