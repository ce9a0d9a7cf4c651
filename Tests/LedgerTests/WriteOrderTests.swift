import Domain
import Ledger
import Simulator
import Testing

/// A ledger on a disk that loses power in the middle of any operation, with any fate of what had
/// not been synced.
struct WriteOrderTests {
  /// What is wrong with the ledger on what a power cut left; nothing in a sound one.
  private static func violations(
    _ order: WriteOrder,
    _ medium: Medium,
    during operation: Int,
    seed: UInt64
  ) throws -> [String] {
    var random = Seeded(seed)
    let scratch = try Scratch()
    let ticker = Ticker()
    var disk = SimulatedDisk(medium, at: scratch.path)
    if Int.random(in: 0..<3, using: &random) == 0 {
      // The power comes back only for a moment.
      let moment = Int.random(in: 0..<60, using: &random)
      disk.setFaults { $0.operationsUntilPowerCut = moment }
      try? Ledger.open(path: scratch.file, now: ticker.now).ledger.close()
      var medium = disk.medium
      medium.losePower(using: &random)
      disk = SimulatedDisk(medium, at: scratch.path)
    }
    let opening = try Ledger.open(path: scratch.file, now: ticker.now)
    let ledger = opening.ledger
    var wrongs: [String] = []
    if let salvaged = opening.salvaged { wrongs.append("it was salvaged: \(salvaged)") }
    let promise = order.promise(before: operation)
    if promise != nil, ledger.epoch != order.epoch { wrongs.append("another epoch") }
    for lane in Lane.allCases {
      wrongs += try Self.violations(order, promise, lane, ledger.reader)
    }
    // It goes on.
    let serial = try ledger.reader.recover(now: ticker.now()).nextSerial
    for entries in try Desk(ledger.epoch).walk(serial) { try ledger.append(entries) }
    let verification = try ledger.reader.verify()
    if !verification.isSound { wrongs.append("\(verification)") }
    try ledger.close()
    return wrongs
  }

  private static func violations(
    _ order: WriteOrder,
    _ promise: WriteOrder.Promise?,
    _ lane: Lane,
    _ reader: LedgerReader
  ) throws -> [String] {
    guard let promise else { return [] }
    var wrongs: [String] = []
    let position = try reader.position(lane)
    let promised = promise.last[lane] ?? 0
    if position.last < promised { wrongs.append("\(lane): \(promised - position.last) are lost") }
    let kept = try everything(lane, in: reader)
    if kept.first.map({ $0.sequence != position.purged + 1 }) ?? false {
      wrongs.append("\(lane): begins at \(kept[0].sequence) after \(position.purged)")
    }
    let known = (order.events[lane] ?? []).reduce(into: [:]) { $0[$1.sequence] = $1 }
    for event in kept where known[event.sequence] != event {
      wrongs.append("\(lane) \(event.sequence) is not what was appended")
    }
    return wrongs
  }

  @Test(arguments: WriteOrder.Start.allCases)
  func `a power cut at every operation of a small day loses nothing that was promised`(
    start: WriteOrder.Start
  ) throws {
    let order = try WriteOrder(seed: 5, steps: 6, from: start)
    try order.losePower(during: order.log.indices) { operation, fate, medium in
      let wrongs = try Self.violations(order, medium, during: operation, seed: fate)
      #expect(wrongs == [], "operation \(operation) of \(order.log.count)")
    }
  }

  @Test(arguments: 0..<24 as Range<UInt64>)
  func `a power cut anywhere in a long day loses nothing that was promised`(seed: UInt64) throws {
    let starts = WriteOrder.Start.allCases
    let order = try WriteOrder(seed: seed, steps: 80, from: starts[Int(seed) % starts.count])
    var random = Seeded(seed &+ 1)
    let moments = (0..<30).map { _ in Int.random(in: order.log.indices, using: &random) }
    try order.losePower(during: moments) { operation, fate, medium in
      let wrongs = try Self.violations(order, medium, during: operation, seed: fate)
      #expect(wrongs == [], "seed \(seed), operation \(operation) of \(order.log.count)")
    }
  }

  @Test func `a disk that lies about its sync is found out`() throws {
    let order = try WriteOrder(seed: 1, steps: 40, from: .nothing, liesAboutSync: true)
    var found = 0
    let moments = repeatElement(order.log.count / 2, count: 20)
    order.losePower(during: moments) { operation, fate, medium in
      let wrongs = try? Self.violations(order, medium, during: operation, seed: fate)
      if wrongs != [] { found += 1 }
    }
    #expect(found > 10)
  }
}
