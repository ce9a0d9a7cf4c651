import Domain
import Foundation
import Ledger
import Simulator
import Testing

/// What a ledger made its disk do, in order, and what it had promised at which moment.
///
/// The equivalent of dm-log-writes: ``losePower(during:_:)`` gives the disk as a power cut in
/// the middle of any operation leaves it.
struct WriteOrder {
  /// What had been told to the caller when so many operations were done.
  struct Promise {
    var operations: Int
    var last: [Lane: Int64]
    var acknowledged: [Lane: Int64]
  }

  /// Where a workload begins.
  enum Start: CaseIterable {
    case nothing, oldSchema, salvaged
  }

  static let name = "ledger.sqlite"

  let start: Medium
  private(set) var log: [DiskOperation] = []
  private(set) var promises: [Promise] = []
  /// Everything that was appended, by lane, from `first` on.
  private(set) var events: [Lane: [Event]] = [:]
  private(set) var epoch = Epoch(0)

  /// Lets a ledger work for so many steps, all of them drawn from a seed.
  init(seed: UInt64, steps: Int, from start: Start, liesAboutSync: Bool = false) throws {
    self.start = try Self.medium(start, seed: seed)
    let scratch = try Scratch()
    let disk = SimulatedDisk(self.start, at: scratch.path, seed: seed, isRecording: true)
    disk.setFaults { $0.liesAboutSync = liesAboutSync }
    var random = Seeded(seed)
    let ticker = Ticker()
    var ledger = try Self.open(scratch, ticker)
    epoch = ledger.epoch
    for lane in Lane.allCases { events[lane] = try everything(lane, in: ledger.reader) }
    note(disk, ledger)
    for _ in 0..<steps {
      if Int.random(in: 0..<25, using: &random) == 0 {
        // All of the log goes into the file, and the log away.
        try ledger.close()
        ledger = try Self.open(scratch, ticker)
      } else {
        try work(ledger, &random)
      }
      note(disk, ledger)
    }
    try ledger.close()
    log = disk.log
  }

  /// Everything acknowledged is old enough, and room is never enough.
  private static let policy = SpacePolicy(
    ballastBytes: 4096,
    scarceBytes: .max,
    leastDays: 0,
    stepEvents: 5
  )

  static func open(_ scratch: Scratch, _ ticker: Ticker) throws -> Ledger {
    let opening = try Ledger.open(path: scratch.file, policy: policy, now: ticker.now)
    #expect(opening.salvaged == nil)
    return opening.ledger
  }

  private mutating func work(_ ledger: Ledger, _ random: inout Seeded) throws {
    let lane: Lane = Bool.random(using: &random) ? .records : .telemetry
    switch Int.random(in: 0..<12, using: &random) {
    case 0..<6:
      let serial = try ledger.reader.recover(now: Ticker().now()).nextSerial
      for entries in try Desk(ledger.epoch).walk(serial) { try append(entries, to: ledger) }
    case 6..<8:
      let text = String(repeating: "x", count: Int.random(in: 1...900, using: &random))
      try append([.device(role: "scale", state: "ready", detail: text)], to: ledger)
    case 8: _ = try ledger.upkeep()
    case 9:
      let record = Housekeeping.clockCorrected(boot: "boot-1", offsetMilliseconds: 5, .hub)
      try append([.housekeeping(record)], to: ledger)
    case 10:
      guard let arrears = try ledger.arrears(limit: 3), let last = arrears.events.last else {
        break
      }
      try ledger.acknowledgeArrears(arrears.epoch, arrears.lane, durableUpTo: last.sequence)
    default:
      let last = try ledger.position(lane).last
      let mark = Int64.random(in: max(0, last - 6)...last, using: &random)
      try ledger.acknowledge(lane, durableUpTo: mark)
    }
    // What the ledger records of its own housekeeping.
    for lane in Lane.allCases {
      let known = events[lane]?.last?.sequence ?? 0
      events[lane, default: []] += try ledger.reader.events(lane, after: known)
    }
  }

  private mutating func append(_ entries: [Entry], to ledger: Ledger) throws {
    for event in try ledger.append(entries) { events[event.lane, default: []].append(event) }
  }

  private mutating func note(_ disk: SimulatedDisk, _ ledger: Ledger) {
    let positions = Lane.allCases.map { ($0, try? ledger.position($0)) }
    promises.append(
      Promise(
        operations: disk.log.count,
        last: positions.reduce(into: [:]) { $0[$1.0] = $1.1?.last ?? 0 },
        acknowledged: positions.reduce(into: [:]) { $0[$1.0] = $1.1?.acknowledged ?? 0 }
      )
    )
  }

  /// What had been promised before an operation.
  func promise(before operation: Int) -> Promise? {
    promises.last { $0.operations <= operation }
  }

  /// Hands over the disk as power cuts in the middle of some operations leave it, in their order.
  func losePower(
    during operations: some Sequence<Int>,
    _ body: (_ operation: Int, _ fate: UInt64, Medium) throws -> Void
  ) rethrows {
    var (medium, done) = (start, 0)
    for (index, operation) in operations.sorted().enumerated() {
      while done < operation {
        medium.apply(log[done])
        done += 1
      }
      var left = medium
      switch log[operation] {
      case .sync, .syncNames: break
      case let begun: left.apply(begun)
      }
      let fate = UInt64(index)
      var random = Seeded(fate)
      left.losePower(using: &random)
      try body(operation, fate, left)
    }
  }

  private static func medium(_ start: Start, seed: UInt64) throws -> Medium {
    let scratch = try Scratch()
    switch start {
    case .nothing: return Medium()
    case .oldSchema: try MigrationTests.file(ofSchema: seed % 2 == 0 ? 1 : 2, in: scratch)
    case .salvaged:
      let ledger = try scratch.ledger()
      let desk = try Desk(ledger.epoch)
      for serial in 1...10 { for entries in desk.walk(serial) { try ledger.append(entries) } }
      try ledger.close()
      var bytes = try Data(contentsOf: URL(filePath: scratch.file))
      for index in bytes.count / 2..<bytes.count / 2 + 512 { bytes[index] = 0xFF }
      try bytes.write(to: URL(filePath: scratch.file))
      let opening = try Ledger.open(path: scratch.file, now: Ticker().now)
      #expect(opening.salvaged != nil)
      try opening.ledger.close()
    }
    return Medium(files: [name: Array(try Data(contentsOf: URL(filePath: scratch.file)))])
  }
}
