import Domain
import Ledger
import Testing

struct AppendTests {
  @Test func `a record comes back as it was given, and again after reopening`() throws {
    let scratch = try Scratch()
    var ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    let events = try ledger.append([desk.intent(1), .started(version: "1", inDoubt: 0)])
    #expect(events.map(\.sequence) == [1, 1])
    #expect(events.map(\.lane) == [.records, .telemetry])
    #expect(try ledger.pending(.records) == [events[0]])
    let epoch = ledger.epoch
    try ledger.close()
    ledger = try scratch.ledger()
    #expect(ledger.epoch == epoch)
    #expect(try ledger.pending(.records) == [events[0]])
    #expect(try ledger.append([desk.intent(2)]).map(\.sequence) == [2])
  }

  @Test(arguments: 0..<6 as Range<UInt64>)
  func `under random batches no lane has a gap and the projections are a fold`(
    seed: UInt64
  ) throws {
    var random = Seeded(seed)
    let scratch = try Scratch()
    var ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    var refused = 0
    for _ in 0..<150 {
      let batch = (0..<Int.random(in: 1...5, using: &random)).map { _ in
        Self.anyEntry(desk, &random)
      }
      do throws(LedgerError) { try ledger.append(batch) } catch {
        guard error.kind == .refused else { throw error }
        refused += 1
      }
      if Int.random(in: 0..<40, using: &random) == 0 {
        try ledger.close()
        ledger = try scratch.ledger()
      }
    }
    #expect(refused > 0, "seed \(seed) never met a refusal")
    for lane in Lane.allCases {
      let events = try everything(lane, in: ledger.reader)
      #expect(events.map(\.sequence) == (0..<events.count).map { Int64($0 + 1) }, "seed \(seed)")
    }
    let fold = try Fold(everything(.records, in: ledger.reader))
    let projected = try Fold.projected(by: ledger.reader, asking: fold.parcels.keys)
    #expect(projected == fold, "seed \(seed)")
    #expect(try ledger.reader.integrityCheck() == [])
  }

  private static func anyEntry(_ desk: Desk, _ random: inout Seeded) -> Entry {
    let serial = Int.random(in: 1...40, using: &random)
    let action: PhysicalAction = Bool.random(using: &random) ? .label : .seal
    let copy = Int.random(in: 1...2, using: &random)
    let grams = Int.random(in: 1...30_000, using: &random)
    switch Int.random(in: 0..<10, using: &random) {
    case 0..<4: return desk.intent(serial, action, copy: copy, grams: grams)
    case 4..<7:
      let outcome: Outcome = Bool.random(using: &random) ? .done : .failed
      return .outcome(desk.id(serial, action, copy: copy), outcome, .worker)
    case 7: return desk.dispatched(serial, grams: grams, Bool.random(using: &random) ? .up : .down)
    case 8: return .voided(desk.number(serial), reason: "torn")
    default: return .device(role: "scale", state: "ready", detail: "")
    }
  }

  @Test func `an intent armed again takes the new weight`() throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(1, grams: 500)])
    try ledger.append([desk.intent(1, grams: 750)])
    let recovery = try ledger.reader.recover(now: Ticker().now())
    #expect(recovery.inDoubt.map(\.mass.grams) == [750])
    #expect(recovery.open.map(\.mass.grams) == [750])
  }

  @Test func `an entry that contradicts the record is refused and nothing of its batch is kept`()
    throws
  {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for entries in desk.walk(1) { try ledger.append(entries) }
    let foreign = ParcelNumber(site: desk.site, epoch: Epoch(ledger.epoch.value ^ 1), serial: 1)
    let wrong: [Entry] = [
      desk.intent(1), .outcome(desk.id(1), .done, .worker), .outcome(desk.id(9), .done, .worker),
      desk.dispatched(1), .voided(desk.number(1), reason: ""), .voided(foreign, reason: ""),
    ]
    let before = try ledger.position(.records)
    for entry in wrong {
      let error = #expect(throws: LedgerError.self) {
        try ledger.append([desk.intent(2), entry])
      }
      #expect(error?.kind == .refused)
    }
    #expect(try ledger.position(.records) == before)
    #expect(try ledger.reader.parcel(desk.number(2)) == nil)
    #expect(try ledger.append([desk.intent(2)]).map(\.sequence) == [before.last + 1])
  }

  @Test func `recovery names what is in doubt, what is open and the next number`() throws {
    let scratch = try Scratch()
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for entries in desk.walk(1, grams: 2000) { try ledger.append(entries) }
    for entries in desk.walk(2).prefix(2) { try ledger.append(entries) }
    try ledger.append([desk.intent(3)])
    try ledger.append([.outcome(desk.id(3), .done, .accepted)])
    try ledger.append([.voided(desk.number(4), reason: "torn")])
    let recovery = try ledger.reader.recover(now: Ticker().now())
    #expect(recovery.nextSerial == 5)
    #expect(recovery.inDoubt.map(\.id) == [desk.id(2, .seal)])
    #expect(recovery.open.map(\.number) == [desk.number(2), desk.number(3)])
    #expect(recovery.open.map(\.labelCopy) == [1, 1])
    #expect(recovery.today[.up] == Tally(parcels: 1, mass: Mass(grams: 2000)))
  }

  @Test func `the day turns at local midnight`() throws {
    let scratch = try Scratch()
    // 494 008 hours since 1970 is 16:00 UTC: midnight eight hours further east.
    let ledger = try Ledger(path: scratch.file, now: Ticker(hour: 494_007).now)
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.dispatched(1)])
    let before = Ticker(hour: 494_007).now()
    let after = Ticker(hour: 494_008).now()
    #expect(try ledger.reader.recover(now: before).today[.up]?.parcels == 1)
    #expect(try ledger.reader.recover(now: after).today[.up]?.parcels == 0)
  }
}
