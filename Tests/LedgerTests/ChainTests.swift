import Domain
import Foundation
import Ledger
import Testing

struct ChainTests {
  private static func day(_ scratch: Scratch, parcels: Int = 12) throws -> Ledger {
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...parcels {
      for entries in desk.walk(serial) { try ledger.append(entries) }
      try ledger.append([.device(role: "scale", state: "ready", detail: "")])
    }
    return ledger
  }

  @Test func `canonical bytes differ wherever two events differ`() {
    let time = Timestamp(
      boot: "b",
      monotonic: Instant(nanoseconds: 1),
      wallMilliseconds: 2,
      quality: .ntp
    )
    let event = Event(
      epoch: Epoch(1),
      lane: .records,
      sequence: 1,
      type: "t",
      body: Array("{}".utf8),
      time: time
    )
    var others = Array(repeating: event, count: 8)
    others[0].sequence = 2
    others[1].type = "tb"
    others[2].body = Array("{} ".utf8)
    others[3].time.boot = "tb"
    others[4].time.monotonic = .zero
    others[5].time.wallMilliseconds = -2
    others[6].time.quality = .hub
    // The same letters, parted elsewhere.
    others[7].type = "tb"
    others[7].time.boot = ""
    let all = Set(([event] + others).map(\.canonical))
    #expect(all.count == 9)
    #expect(Event.origin(Epoch(1), .records) != Event.origin(Epoch(1), .telemetry))
    #expect(event.canonical.count == 24 + 4 * 4 + 3 + 1 + 1 + 2)
  }

  @Test func `verify finds nothing in a sound ledger, also after reopening`() throws {
    let scratch = try Scratch()
    let ledger = try Self.day(scratch)
    try ledger.close()
    let again = try scratch.ledger()
    try again.append([.stopped(reason: "")])
    var told: [Int64] = []
    let verification = try again.reader.verify { done, _ in told.append(done) }
    #expect(verification.isSound)
    #expect(verification.lanes.map(\.events) == [60, 13])
    #expect(told == [60, 73])
  }

  @Test(arguments: [
    "body = CAST(replace(body, '1234', '1235') AS BLOB)", "wall = wall + 1",
    "monotonic = monotonic - 1", "quality = 0", "chain = randomblob(32)",
    "type = (SELECT id FROM word WHERE text = 'parcel.voided' UNION SELECT max(id) FROM word)",
  ])
  func `any change of one event is found, and the first such event is named`(
    change: String
  ) throws {
    let scratch = try Scratch()
    try Self.day(scratch).close()
    try runSQL("UPDATE records SET \(change) WHERE seq IN (31, 45)", on: scratch.file)
    let verification = try LedgerReader(path: scratch.file).verify()
    #expect(
      verification.faults == [.init(lane: .records, sequence: 31, reason: .altered)],
      "\(change)"
    )
  }

  @Test func `an event taken out is found, in the middle and at the start`() throws {
    for (sql, sequence) in [
      ("DELETE FROM records WHERE seq = 20", 20), ("DELETE FROM records WHERE seq < 6", 1),
    ] as [(String, Int64)] {
      let scratch = try Scratch()
      try Self.day(scratch).close()
      try runSQL(sql, on: scratch.file)
      let verification = try LedgerReader(path: scratch.file).verify()
      #expect(verification.faults == [.init(lane: .records, sequence: sequence, reason: .missing)])
    }
  }

  @Test func `a copy made while the ledger is written is whole and stands by itself`() throws {
    let scratch = try Scratch()
    let ledger = try Self.day(scratch)
    let copy = scratch.path + "/copy.sqlite"
    try LedgerReader(path: scratch.file).backup(to: copy)
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(99)])
    let reader = try LedgerReader(path: copy)
    #expect(reader.epoch == ledger.epoch)
    #expect(try reader.verify().isSound)
    #expect(
      try everything(.records, in: reader) == everything(.records, in: ledger.reader).dropLast()
    )
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
    #expect(names.filter { $0.hasPrefix("copy") } == ["copy.sqlite"])
    // A second copy replaces the first.
    try ledger.reader.backup(to: copy)
    #expect(try LedgerReader(path: copy).position(.records).last == 61)
    let refusal = #expect(throws: LedgerError.self) {
      try ledger.reader.backup(to: scratch.path + "/no/where")
    }
    #expect(refusal?.kind == .unreachable)
  }
}
