import Domain
import Ledger
import Synchronization
import Testing

struct ClockTests {
  /// A box without a clock: each boot begins in 1970.
  private final class Box: Sendable {
    let stamp = Mutex(
      Timestamp(boot: "boot-1", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    )

    var now: @Sendable () -> Timestamp {
      { [self] in
        stamp.withLock { stamp in
          stamp.monotonic = stamp.monotonic + .seconds(1)
          stamp.wallMilliseconds += 1000
          return stamp
        }
      }
    }

    func pass(_ time: Duration) {
      stamp.withLock { stamp in
        stamp.monotonic = stamp.monotonic + time
        stamp.wallMilliseconds += time.milliseconds
      }
    }
  }

  /// 2026-05-10T16:00Z, in hours since 1970.
  private static let start: Int64 = 494_008

  private static func correction(_ hours: Int64, boot: String = "boot-1") -> Entry {
    .housekeeping(.clockCorrected(boot: boot, offsetMilliseconds: hours * 3_600_000, .ntp))
  }

  @Test func `a correction moves what the boot has counted to the hours in which it happened`()
    throws
  {
    let scratch = try Scratch()
    let box = Box()
    let ledger = try Ledger(path: scratch.file, now: box.now)
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.dispatched(1, grams: 100)])
    box.pass(.seconds(3600))
    try ledger.append([desk.dispatched(2, grams: 50, .down)])
    #expect(try ledger.reader.throughput(hours: 0..<2).map(\.tally.parcels) == [1, 1])
    try ledger.append([Self.correction(Self.start)])
    try ledger.append([desk.dispatched(3, grams: 7)])
    let rows = try ledger.reader.throughput(hours: Self.start..<Self.start + 2)
    #expect(rows.map(\.tally.mass.grams) == [100, 7, 50])
    #expect(try ledger.reader.throughput(hours: 0..<2).allSatisfy { $0.tally == .zero })
    // Today is told from the corrected time, too.
    #expect(try ledger.reader.recover(now: box.now()).today[.up]?.parcels == 2)
    #expect(try ledger.reader.verify().isSound)
  }

  @Test func `an event takes the correction known at its time, else the first of its boot`() throws
  {
    let scratch = try Scratch()
    let box = Box()
    let ledger = try Ledger(path: scratch.file, now: box.now)
    try ledger.append([.stopped(reason: "before")])
    try ledger.append([Self.correction(10)])
    try ledger.append([.stopped(reason: "between")])
    try ledger.append([Self.correction(20)])
    try ledger.append([.stopped(reason: "after")])
    box.stamp.withLock { $0.boot = "boot-2" }
    try ledger.append([.stopped(reason: "elsewhere")])
    let clocks = try ledger.reader.clocks()
    let times = try everything(.telemetry, in: ledger.reader).map { clocks.time(of: $0.time) }
    #expect(times.map(\.certainty) == [.corrected, .corrected, .corrected, .unknown])
    #expect(times.map(\.hour) == [10, 10, 20, 0])
    #expect(times[0].milliseconds == 36_001_000)
    // Nothing recorded was rewritten.
    let walls = try everything(.telemetry, in: ledger.reader).map(\.time.wallMilliseconds)
    #expect(walls == [1000, 3000, 5000, 6000])
    #expect(clocks.newest(boot: "boot-1")?.offsetMilliseconds == 72_000_000)
  }

  @Test func `a trusted clock is taken at its word, a clock chip only for want of better`() {
    var clocks = ClockBook()
    var stamp = Timestamp(boot: "b", monotonic: .zero, wallMilliseconds: 5, quality: .rtc)
    #expect(clocks.time(of: stamp) == EventTime(milliseconds: 5, certainty: .unconfirmed))
    clocks.add(.init(at: .zero, offsetMilliseconds: 9, quality: .hub), boot: "b")
    #expect(clocks.time(of: stamp) == EventTime(milliseconds: 9, certainty: .corrected))
    stamp.quality = .ntp
    #expect(clocks.time(of: stamp) == EventTime(milliseconds: 5, certainty: .measured))
  }

  @Test func `a boot that has recorded nothing cannot be corrected`() throws {
    let scratch = try Scratch()
    let ledger = try Ledger(path: scratch.file, now: Box().now)
    let error = #expect(throws: LedgerError.self) {
      try ledger.append([Self.correction(1, boot: "boot-9")])
    }
    #expect(error?.kind == .refused)
  }
}
