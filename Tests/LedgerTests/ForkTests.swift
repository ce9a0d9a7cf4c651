import Domain
import Foundation
import Glibc
import Ledger
import Testing

/// What becomes of a ledger whose card was copied or set back.
struct ForkTests {
  private static let sign = "records 13"

  /// Five parcels, of which the hub has four; the sixth has an intent and no outcome.
  private static func forked(_ scratch: Scratch, _ shipment: Shipment? = nil) throws -> Desk {
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...5 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    try ledger.append([.device(role: "scale", state: "ready", detail: "")])
    let intent = Intent(id: desk.id(6), mass: Mass(grams: 700), shipment: shipment)
    try ledger.append([.intent(intent)])
    try ledger.acknowledge(.records, durableUpTo: 20)
    try ledger.noteFork([sign])
    try ledger.close()
    return desk
  }

  @Test func `a forked ledger goes on in a new epoch, with what the hub has not got recorded anew`()
    throws
  {
    let scratch = try Scratch()
    let desk = try Self.forked(scratch)
    let old = try everything(.records, in: LedgerReader(path: scratch.file))
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    let salvaged = try #require(opening.salvaged)
    #expect(salvaged.epoch == desk.epoch && salvaged.forks == [Self.sign])
    #expect(salvaged.anewFrom == [.records: 21, .telemetry: 1])
    #expect(salvaged.file == "ledger.sqlite.forked-1" && opening.refusal == nil)
    let ledger = opening.ledger
    #expect(ledger.epoch != desk.epoch && ledger.epoch.tag != desk.epoch.tag)
    #expect(try ledger.arrears() == nil, "nothing more goes under the old epoch")
    let new = try everything(.records, in: ledger.reader)
    // Twenty-five and one were recorded, and the hub has twenty.
    #expect(new.map(\.type) == old.dropFirst(20).map(\.type) + ["ledger.renewed"])
    #expect(new.dropLast().map(\.body) == old.dropFirst(20).map(\.body))
    #expect(new.dropLast().map(\.time) == old.dropFirst(20).map(\.time))
    #expect(try everything(.telemetry, in: ledger.reader).map(\.type) == ["device.state"])
    #expect(try ledger.reader.verify().isSound)
    #expect(ledger.fork == nil)
    let kept = try LedgerReader(path: scratch.path + "/" + salvaged.file)
    #expect(try everything(.records, in: kept) == old)
    try ledger.close()
    let again = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(again.salvaged == nil && again.ledger.epoch == ledger.epoch)
  }

  @Test(arguments: [false, true])
  func `what is in doubt is asked in the new epoch, under its old number`(isDamaged: Bool) throws {
    let scratch = try Scratch()
    let shipment = Shipment(waybill: "YT1234567890123", carrier: "yto")
    let desk = try Self.forked(scratch, shipment)
    if isDamaged {
      try FileManager.default.removeItem(atPath: scratch.file + ".fork")
      try runSQL("UPDATE records SET wall = 1 WHERE seq = 3", on: scratch.file)
    }
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(opening.salvaged?.forks.isEmpty == isDamaged)
    let ledger = opening.ledger
    let recovery = try ledger.reader.recover(now: Ticker().now())
    #expect(
      recovery.inDoubt == [Intent(id: desk.id(6), mass: Mass(grams: 700), shipment: shipment)]
    )
    #expect(recovery.nextSerial == 7, "no serial is issued twice")
    #expect(try ledger.reader.parcel(desk.number(6))?.state == .open)
    // A foreign number is refused as ever, a carried one takes whatever the worker says.
    let stranger = try #require(throws: LedgerError.self) { try ledger.append([desk.intent(5)]) }
    #expect(stranger.kind == .refused)
    try ledger.append([.outcome(desk.id(6), .repeated, .worker), desk.intent(6, copy: 2)])
    try ledger.close()
    let next = try scratch.ledger()
    #expect(try next.reader.recover(now: Ticker().now()).inDoubt.map(\.id) == [desk.id(6, copy: 2)])
    try next.append([
      .outcome(desk.id(6, copy: 2), .voided, .worker), .voided(desk.number(6), reason: "test"),
    ])
    #expect(try next.reader.recover(now: Ticker().now()).inDoubt == [])
    // It was given up, so that its waybill may be scanned again.
    #expect(try !next.reader.knows(waybill: shipment.waybill))
    let own = try Desk(next.epoch)
    for entries in own.walk(7) { try next.append(entries) }
    #expect(try next.reader.verify().isSound)
  }

  @Test func `a ledger that is damaged once more still owes what its predecessor owed`() throws {
    let scratch = try Scratch()
    let first = try scratch.ledger()
    let desk = try Desk(first.epoch)
    let shipment = Shipment(waybill: "YT1234567890123", carrier: "yto")
    var parcel = Parcel(
      number: desk.number(1),
      mass: Mass(grams: 1),
      direction: .up,
      stage: .collect,
      labelCopy: 1,
      sealed: true
    )
    parcel.shipment = shipment
    try first.append([.dispatched(parcel)])
    let owed = try everything(.records, in: first.reader)
    try first.close()
    for _ in 0..<2 {
      try runSQL("UPDATE records SET wall = wall + 1 WHERE seq = 1", on: scratch.file)
      let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
      #expect(opening.salvaged != nil)
      try opening.ledger.close()
    }
    let ledger = try scratch.ledger()
    #expect(try ledger.reader.knows(waybill: shipment.waybill))
    var sent: [Event] = []
    while let arrears = try ledger.arrears() {
      let last = try #require(arrears.events.last)
      sent += arrears.events
      try ledger.acknowledgeArrears(arrears.epoch, arrears.lane, durableUpTo: last.sequence)
    }
    let epochs = Set(sent.map(\.epoch))
    #expect(epochs.count == 2 && epochs.contains(desk.epoch))
    #expect(sent.filter { $0.epoch == desk.epoch }.map(\.sequence) == owed.map(\.sequence))
  }

  @Test func `a note of another epoch, or one that cannot be read, is no fork`() throws {
    let scratch = try Scratch()
    let desk = try Self.forked(scratch)
    let note = scratch.file + ".fork"
    let text = try String(contentsOfFile: note, encoding: .utf8)
    try text.replacing(desk.epoch.description, with: "00000000000abcde")
      .write(toFile: note, atomically: true, encoding: .utf8)
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(opening.salvaged == nil && opening.ledger.epoch == desk.epoch)
    #expect(!FileManager.default.fileExists(atPath: note))
    try opening.ledger.close()
    try "{".write(toFile: note, atomically: true, encoding: .utf8)
    let other = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(other.salvaged == nil && other.ledger.fork == nil)
    // The hub tells it again, and then it is noted.
    try other.ledger.noteFork([Self.sign])
    #expect(other.ledger.fork?.signs == [Self.sign])
  }

  @Test(.timeLimit(.minutes(2)), arguments: 0..<6 as Range<UInt32>)
  func `a kill while a new epoch begins loses and doubles nothing`(round: UInt32) async throws {
    let scratch = try Scratch()
    let desk = try Self.forked(scratch)
    let old = try everything(.records, in: LedgerReader(path: scratch.file))
    let path = scratch.file
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, round = round as UInt32] in
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(1 + round * 8))) {
        kill(getpid(), SIGKILL)
      }
      _ = try Ledger.open(path: path, now: Ticker().now)
      kill(getpid(), SIGKILL)
    }
    let ledger = try Ledger.open(path: scratch.file, now: Ticker().now).ledger
    #expect(ledger.epoch != desk.epoch)
    let new = try everything(.records, in: ledger.reader)
    #expect(new.map(\.body).dropLast() == old.dropFirst(20).map(\.body))
    #expect(new.last?.type == "ledger.renewed")
    let names = try FileManager.default.contentsOfDirectory(atPath: scratch.path)
    #expect(names.count { $0.hasPrefix("ledger.sqlite.forked-") && $0.last == "1" } == 1)
    #expect(names.allSatisfy { !$0.contains(".new") })
  }
}
