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
    #expect(try ledger.reader.integrityCheck() == [])
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
  }
}
