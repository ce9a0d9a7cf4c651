import Domain
import Ledger
import Simulator
import Testing

struct BadSyncTests {
  /// The power goes while a ledger is open, and comes back.
  private func afterPowerCut(
    _ disk: SimulatedDisk,
    _ ledger: Ledger,
    _ scratch: Scratch,
    seed: UInt64
  ) -> SimulatedDisk {
    disk.cutPower()
    try? ledger.close()
    var (medium, random) = (disk.medium, Seeded(seed))
    medium.losePower(using: &random)
    return SimulatedDisk(medium, at: scratch.path)
  }

  @Test(arguments: 0..<40 as Range<UInt64>)
  func `what is kept after a failed sync survives a power cut`(
    seed: UInt64
  ) throws {
    let scratch = try Scratch()
    let disk = SimulatedDisk(at: scratch.path, seed: seed)
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(1)])
    // Were it written and not forced, the failed sync would leave a hole for it.
    try ledger.acknowledge(.records, durableUpTo: 1)
    disk.setFaults { $0.badSyncs = 1 + Int(seed % 3) }
    let refusal = #expect(throws: LedgerError.self) { try ledger.append([desk.intent(2)]) }
    #expect(refusal?.kind == .storage)
    var tries = 0
    while (try? ledger.append([desk.intent(2)])) == nil {
      tries += 1
      try #require(tries < 5)
    }
    try ledger.append([desk.intent(3)])
    let next = afterPowerCut(disk, ledger, scratch, seed: seed)
    let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
    #expect(opening.salvaged == nil)
    #expect(try opening.ledger.position(.records).last == 3, "seed \(seed)")
    #expect(try opening.ledger.reader.verify().isSound)
    try opening.ledger.close()
    withExtendedLifetime(next) {}
  }

  @Test(arguments: 0..<40 as Range<UInt64>, [false, true])
  func `what is read after a failed sync and a start survives a power cut`(
    seed: UInt64,
    isFull: Bool
  ) throws {
    let scratch = try Scratch()
    var disk = SimulatedDisk(at: scratch.path, seed: seed)
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(1)])
    disk.setFaults { $0.badSyncs = 1 }
    #expect(throws: LedgerError.self) { try ledger.append([desk.intent(2)]) }
    // Killed: the system still has in memory what the disk has not got, and takes it for written.
    disk.cutPower()
    try? ledger.close()
    disk = SimulatedDisk(disk.medium, at: scratch.path)
    if isFull {
      disk.setFaults { $0.fullWrites = .max }
      let refusal = #expect(throws: LedgerError.self) {
        try Ledger.open(path: scratch.file, now: Ticker().now)
      }
      #expect(refusal?.kind == .full)
      disk.setFaults { $0.fullWrites = 0 }
    }
    var next = try Ledger.open(path: scratch.file, now: Ticker().now).ledger
    let seen = try next.position(.records).last
    // On a disk that is full by now, so that nothing is copied out of the log.
    disk.setFaults { $0.fullWrites = .max }
    try? next.close()
    disk = afterPowerCut(disk, next, scratch, seed: seed)
    next = try Ledger.open(path: scratch.file, now: Ticker().now).ledger
    #expect(try next.position(.records).last == seen, "seed \(seed)")
    #expect(try next.reader.verify().isSound)
    try next.close()
  }

  @Test(arguments: 0..<12)
  func `what is read after a kill survives the next power cut, though its sync never ran`(
    operation: Int
  ) throws {
    let scratch = try Scratch()
    var disk = SimulatedDisk(at: scratch.path)
    let ledger = try scratch.ledger()
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(1)])
    // Killed at any operation of the next append: what is written stays in the system's memory.
    disk.setFaults { $0.operationsUntilPowerCut = operation }
    _ = try? ledger.append([desk.intent(2)])
    disk.cutPower()
    try? ledger.close()
    let killed = disk.medium
    for fate in UInt64(0)..<8 {
      disk = SimulatedDisk(killed, at: scratch.path)
      var next = try Ledger.open(path: scratch.file, now: Ticker().now).ledger
      let seen = try next.position(.records).last
      disk = afterPowerCut(disk, next, scratch, seed: fate)
      next = try Ledger.open(path: scratch.file, now: Ticker().now).ledger
      #expect(try next.position(.records).last == seen, "fate \(fate)")
      #expect(try next.reader.verify().isSound)
      try next.close()
    }
  }
}
