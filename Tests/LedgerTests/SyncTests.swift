import Domain
import Ledger
import Testing

struct SyncTests {
  private let scratch: Scratch
  private let ledger: Ledger

  init() throws {
    scratch = try Scratch()
    ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    for serial in 1...4 {
      for entries in desk.walk(serial) { try ledger.append(entries) }
    }
  }

  @Test func `what is acknowledged is no longer pending, until the hub goes back`() throws {
    try ledger.acknowledge(.records, durableUpTo: 12)
    #expect(try ledger.pending(.records).map(\.sequence) == Array(13...20))
    try ledger.acknowledge(.records, durableUpTo: 3)
    #expect(try ledger.pending(.records).map(\.sequence) == Array(4...20))
    #expect(try ledger.position(.records) == Position(last: 20, acknowledged: 3))
    #expect(try ledger.reader.oldestUnsent(.records) == ledger.pending(.records).first?.time)
    try ledger.acknowledge(.records, durableUpTo: 20)
    #expect(try ledger.reader.oldestUnsent(.records) == nil)
  }

  @Test(arguments: [-1, 21, .max] as [Int64])
  func `nothing that does not exist can be acknowledged`(sequence: Int64) throws {
    let error = #expect(throws: LedgerError.self) {
      try ledger.acknowledge(.records, durableUpTo: sequence)
    }
    #expect(error?.kind == .refused)
    #expect(try ledger.position(.records).acknowledged == 0)
  }

  @Test func `an acknowledgement survives reopening`() throws {
    try ledger.acknowledge(.records, durableUpTo: 7)
    try ledger.close()
    #expect(try scratch.ledger().position(.records).acknowledged == 7)
  }

  @Test func `a batch keeps to its limits but never stops at a large event`() throws {
    #expect(try ledger.pending(.records, limit: 3).count == 3)
    let first = try ledger.pending(.records, limit: 2)
    let bytes = first.map(\.body.count).reduce(0, +)
    #expect(try ledger.pending(.records, maxBytes: bytes).count == 2)
    #expect(try ledger.pending(.records, maxBytes: bytes - 1).count == 1)
    #expect(try ledger.pending(.records, maxBytes: 1).count == 1)
  }

  @Test func `the tail shows both lanes in the order in which things happened`() throws {
    try ledger.append([.stopped(reason: "test")])
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(9)])
    #expect(
      try ledger.reader.tail(3).map(\.type) == [
        "parcel.dispatched", "station.stopped", "action.intent",
      ]
    )
  }

  @Test func `a reader sees what the writer has committed, and cannot write`() throws {
    let reader = try LedgerReader(path: scratch.file)
    #expect(try reader.position(.records).last == 20)
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(9)])
    #expect(try reader.position(.records).last == 21)
    #expect(reader.epoch == ledger.epoch)
    #expect(try reader.counters() == Counters(labels: 4, seals: 4, voids: 0))
  }
}
