import Dispatch
import Domain
import Foundation
import Glibc
import Ledger
import Testing

struct CrashTests {
  @Test(.timeLimit(.minutes(2)), arguments: 0..<12 as Range<UInt32>)
  func `every append that returned is there after SIGKILL at any moment`(round: UInt32) async throws
  {
    let scratch = try Scratch()
    let (path, witness) = (scratch.file, scratch.path + "/returned")
    try Data().write(to: URL(fileURLWithPath: witness))
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, witness = witness as String, round = round as UInt32] in
      DispatchQueue.global().asyncAfter(
        deadline: .now() + .milliseconds(Int(2 + round * round * 4))
      ) {
        kill(getpid(), SIGKILL)
      }
      try Self.appendForEver(path, witness)
    }
    let returned = try String(contentsOfFile: witness, encoding: .utf8).split(separator: "\n").count
    let ledger = try scratch.ledger()
    let events = try everything(.records, in: ledger.reader)
    #expect(events.map(\.sequence) == (0..<events.count).map { Int64($0 + 1) })
    // Transactions hold 1, 2 and 2 events in turn, and at most one has not been witnessed.
    let kept = events.count / 5 * 3 + [0, 1, 1, 2, 2][events.count % 5]
    #expect([0, 1, 3].contains(events.count % 5), "half a transaction")
    #expect(kept == returned || kept == returned + 1)
    let fold = try Fold(events)
    #expect(try Fold.projected(by: ledger.reader, asking: fold.parcels.keys) == fold)
    #expect(try ledger.reader.verify().isSound)
  }

  private static func appendForEver(_ path: String, _ witness: String) throws {
    let ledger = try Ledger(path: path, now: Ticker().now)
    let desk = try Desk(ledger.epoch)
    let file = unsafe open(witness, O_WRONLY | O_APPEND)
    for serial in 1... {
      for entries in desk.walk(serial) {
        try ledger.append(entries)
        _ = unsafe write(file, "x\n", 2)
      }
    }
  }

  @Test(.timeLimit(.minutes(2)), arguments: 0..<8 as Range<UInt32>)
  func `a kill amid purges, acknowledgements and corrections leaves a ledger that verifies`(
    round: UInt32
  ) async throws {
    let scratch = try Scratch()
    let path = scratch.file
    await #expect(processExitsWith: .signal(SIGKILL)) {
      [path = path as String, round = round as UInt32] in
      DispatchQueue.global().asyncAfter(deadline: .now() + .milliseconds(Int(20 + round * 60))) {
        kill(getpid(), SIGKILL)
      }
      try Self.keepHouseForEver(path)
    }
    let ledger = try Ledger(path: path, policy: Self.housekeeping, now: Ticker().now)
    #expect(try ledger.reader.verify().isSound)
    let position = try ledger.position(.records)
    #expect(position.purged <= position.acknowledged && position.acknowledged <= position.last)
    // What was purged is exactly what the records of purges tell.
    let purges = try ledger.reader.tail(Int(position.last), lane: .records)
      .filter { $0.type == "ledger.purged" }.compactMap { try JSON(parsing: $0.body)["upTo"]?.int }
    #expect(purges.last.map { Int64($0) } ?? 0 == position.purged)
    let desk = try Desk(ledger.epoch)
    let serial = try ledger.reader.recover(now: Ticker().now()).nextSerial
    for entries in desk.walk(serial) { try ledger.append(entries) }
    #expect(try ledger.reader.verify().isSound)
  }

  /// Everything acknowledged is old enough, and room is never enough.
  private static let housekeeping = SpacePolicy(
    ballastBytes: 4096,
    scarceBytes: .max,
    leastDays: 0,
    stepEvents: 20
  )

  private static func keepHouseForEver(_ path: String) throws {
    let ledger = try Ledger(path: path, policy: housekeeping, now: Ticker().now)
    let desk = try Desk(ledger.epoch)
    for serial in 1... {
      for entries in desk.walk(serial) { try ledger.append(entries) }
      try ledger.acknowledge(.records, durableUpTo: ledger.position(.records).last - 3)
      _ = try ledger.upkeep()
      if serial % 5 == 0 {
        let record = Housekeeping.clockCorrected(
          boot: "boot-1",
          offsetMilliseconds: Int64(serial),
          .hub
        )
        try ledger.append([.housekeeping(record)])
      }
    }
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `a log torn at any byte loses whole transactions from its end and nothing else`(
    seed: UInt64
  ) throws {
    var random = Seeded(seed)
    let (scratch, copy) = (try Scratch(), try Scratch())
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...20 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    let all = try everything(.records, in: ledger.reader)
    try FileManager.default.copyItem(atPath: scratch.file, toPath: copy.file)
    let log = try Data(contentsOf: URL(fileURLWithPath: scratch.file + "-wal"))
    // Below this the schema itself would be torn, which is a file that never was a ledger.
    let cut = Int.random(in: 60_000..<log.count, using: &random)
    var torn = log.prefix(cut)
    if Bool.random(using: &random) { torn.append(contentsOf: repeatElement(0, count: 700)) }
    try torn.write(to: URL(fileURLWithPath: copy.file + "-wal"))
    let reopened = try copy.ledger()
    let kept = try everything(.records, in: reopened.reader)
    #expect(kept == Array(all.prefix(kept.count)), "seed \(seed)")
    #expect([0, 1, 3].contains(kept.count % 5), "seed \(seed): half a transaction")
    let fold = try Fold(kept)
    let projected = try Fold.projected(by: reopened.reader, asking: fold.parcels.keys)
    #expect(projected == fold, "seed \(seed)")
    #expect(try reopened.reader.verify().isSound, "seed \(seed)")
  }

  @Test(arguments: 0..<30 as Range<UInt64>)
  func `a checkpoint cut short loses nothing, in whatever order its pages reached the disk`(
    seed: UInt64
  ) throws {
    var random = Seeded(seed)
    let (scratch, copy) = (try Scratch(), try Scratch())
    var ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...10 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    try ledger.close()
    ledger = try scratch.ledger()
    for serial in 11...30 { for entries in desk.walk(serial) { try ledger.append(entries) } }
    let all = try everything(.records, in: ledger.reader)
    let before = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    let log = try Data(contentsOf: URL(fileURLWithPath: scratch.file + "-wal"))
    try ledger.close()
    let after = try Data(contentsOf: URL(fileURLWithPath: scratch.file))
    var mixed = Data()
    for start in stride(from: 0, to: after.count, by: 512) {
      let old = start < before.count ? before[start..<start + 512] : Data(count: 512)
      mixed += Bool.random(using: &random) ? old : after[start..<start + 512]
    }
    // What lies at the end may not have been written at all.
    if Bool.random(using: &random) {
      mixed = mixed.prefix(Int.random(in: before.count...after.count, using: &random))
    }
    try mixed.write(to: URL(fileURLWithPath: copy.file))
    try log.write(to: URL(fileURLWithPath: copy.file + "-wal"))
    let opening = try Ledger.open(path: copy.file, now: Ticker().now)
    #expect(opening.salvaged == nil, "seed \(seed)")
    #expect(try everything(.records, in: opening.ledger.reader) == all, "seed \(seed)")
    #expect(try opening.ledger.reader.verify().isSound, "seed \(seed)")
  }
}
