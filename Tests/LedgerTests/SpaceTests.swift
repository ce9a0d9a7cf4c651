import Domain
import Foundation
import Glibc
import Ledger
import Synchronization
import Testing

struct SpaceTests {
  /// Always enough room, so that only age counts.
  private static let roomy = SpacePolicy(ballastBytes: 4096, scarceBytes: 0, stepEvents: 100)
  /// Never enough room.
  private static let scarce = SpacePolicy(ballastBytes: 4096, scarceBytes: .max, stepEvents: 100)

  /// A clock that is set by hand.
  private final class Hand: Sendable {
    let stamp = Mutex(
      Timestamp(boot: "boot-1", monotonic: .zero, wallMilliseconds: 0, quality: .ntp)
    )

    var now: @Sendable () -> Timestamp {
      { [self] in
        stamp.withLock { stamp in
          stamp.monotonic = stamp.monotonic + .milliseconds(1)
          return stamp
        }
      }
    }

    func day(_ day: Int64, _ quality: ClockQuality = .ntp) {
      stamp.withLock {
        $0.wallMilliseconds = day * 86_400_000
        $0.quality = quality
      }
    }
  }

  private static func fill(_ ledger: Ledger, _ serials: ClosedRange<Int>) throws {
    let desk = try Desk(ledger.epoch)
    for serial in serials {
      try ledger.append(desk.walk(serial).flatMap(\.self))
      try ledger.append([.device(role: "scale", state: "ready", detail: "\(serial)")])
    }
  }

  private static func acknowledgeAll(_ ledger: Ledger) throws {
    for lane in Lane.allCases {
      try ledger.acknowledge(lane, durableUpTo: ledger.position(lane).last)
    }
  }

  private static func keepHouse(_ ledger: Ledger) throws {
    var steps = 0
    while try ledger.upkeep() {
      steps += 1
      try #require(steps < 100, "the purge feeds on its own records")
    }
  }

  private static func purges(_ ledger: Ledger) throws -> [JSON] {
    try everything(.records, in: ledger.reader).filter { $0.type == "ledger.purged" }
      .map { try JSON(parsing: $0.body) }
  }

  @Test func `acknowledged events past the retention go, and each step is a record`() throws {
    let scratch = try Scratch()
    let hand = Hand()
    let ledger = try Ledger(path: scratch.file, policy: Self.roomy, now: hand.now)
    hand.day(20_000)
    try Self.fill(ledger, 1...60)
    hand.day(20_100)
    try Self.fill(ledger, 61...90)
    try Self.acknowledgeAll(ledger)
    hand.day(20_399)
    try Self.keepHouse(ledger)
    #expect(try Self.purges(ledger).isEmpty)
    hand.day(20_401)
    try Self.keepHouse(ledger)
    #expect(try ledger.position(.records).purged == 300)
    #expect(try Self.purges(ledger).map { $0["upTo"]?.int } == [100, 200, 300])
    #expect(try Self.purges(ledger).allSatisfy { $0["reason"]?.string == "age" })
    // Sixty events of telemetry are not worth a record.
    #expect(try ledger.position(.telemetry).purged == 0)
    #expect(try ledger.reader.verify().isSound)
    let desk = try Desk(ledger.epoch)
    #expect(try ledger.reader.parcel(desk.number(60)) == nil)
    #expect(try ledger.reader.parcel(desk.number(61))?.state == .done)
    #expect(try ledger.reader.recover(now: hand.now()).nextSerial == 91)
    try ledger.close()
    let again = try Ledger(path: scratch.file, policy: Self.roomy, now: hand.now)
    #expect(try again.reader.verify().isSound)
    try Self.fill(again, 91...91)
    #expect(try again.reader.verify().isSound)
  }

  @Test(arguments: [ClockQuality.none, .rtc])
  func `no untrusted clock makes anything old`(quality: ClockQuality) throws {
    let scratch = try Scratch()
    let hand = Hand()
    let ledger = try Ledger(path: scratch.file, policy: Self.roomy, now: hand.now)
    hand.day(20_000)
    try Self.fill(ledger, 1...60)
    try Self.acknowledgeAll(ledger)
    hand.day(40_000, quality)
    try Self.keepHouse(ledger)
    #expect(try ledger.position(.records).purged == 0)
    // The other way round: events of unknown time, today known.
    let other = try Scratch()
    let second = try Ledger(path: other.file, policy: Self.roomy, now: hand.now)
    hand.day(1, quality)
    try Self.fill(second, 1...60)
    try Self.acknowledgeAll(second)
    hand.day(40_000)
    try Self.keepHouse(second)
    #expect(try second.position(.records).purged == 0)
  }

  @Test func `events of unknown time are as old as a later one of known time`() throws {
    let scratch = try Scratch()
    let hand = Hand()
    let policy = SpacePolicy(ballastBytes: 4096, scarceBytes: 0, stepEvents: 5)
    let ledger = try Ledger(path: scratch.file, policy: policy, now: hand.now)
    hand.day(0, .none)
    try Self.fill(ledger, 1...30)
    hand.day(20_000)
    try Self.fill(ledger, 31...31)
    hand.day(20_500)
    try Self.fill(ledger, 32...32)
    try Self.acknowledgeAll(ledger)
    try Self.keepHouse(ledger)
    #expect(try ledger.position(.records).purged == 155)
  }

  @Test func `where room is scarce telemetry goes first, then records past the least age`() throws {
    let scratch = try Scratch()
    let hand = Hand()
    let ledger = try Ledger(path: scratch.file, policy: Self.scarce, now: hand.now)
    hand.day(20_000)
    try Self.fill(ledger, 1...150)
    try Self.acknowledgeAll(ledger)
    hand.day(20_029)
    try Self.keepHouse(ledger)
    #expect(try ledger.position(.telemetry).purged == 100)
    #expect(try ledger.position(.records).purged == 0)
    hand.day(20_031)
    try Self.keepHouse(ledger)
    // The rest is not worth a record yet.
    #expect(try ledger.position(.records).purged == 700)
    #expect(try Self.purges(ledger).allSatisfy { $0["reason"]?.string == "space" })
    #expect(try ledger.reader.verify().isSound)
  }

  @Test func `what the hub lacks is never purged, nor the newest event, nor an open parcel`() throws
  {
    let scratch = try Scratch()
    let hand = Hand()
    let ledger = try Ledger(path: scratch.file, policy: Self.scarce, now: hand.now)
    hand.day(20_000)
    let desk = try Desk(ledger.epoch)
    try ledger.append([desk.intent(1)])
    try Self.fill(ledger, 2...101)
    try ledger.acknowledge(.records, durableUpTo: 333)
    hand.day(30_000)
    try Self.keepHouse(ledger)
    #expect(try ledger.position(.records).purged == 300)
    #expect(try ledger.position(.telemetry).purged == 0)
    #expect(try ledger.pending(.records).first?.sequence == 334)
    #expect(try ledger.reader.recover(now: hand.now()).inDoubt.map(\.id) == [desk.id(1)])
    // The hub goes back beyond what is left: it is given the oldest there is.
    try ledger.acknowledge(.records, durableUpTo: 10)
    #expect(try ledger.pending(.records).first?.sequence == 301)
    try Self.acknowledgeAll(ledger)
    try Self.keepHouse(ledger)
    for lane in Lane.allCases {
      let position = try ledger.position(lane)
      #expect(position.purged < position.last)
    }
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs asks for root"))
  func `on a full disk the parcel in hand is finished, and no other begins until there is room`()
    throws
  {
    let scratch = try Scratch()
    let isMounted = unsafe mount("tmpfs", scratch.path, "tmpfs", 0, "size=2048k") == 0
    try #require(isMounted)
    defer { _ = unsafe umount2(scratch.path, 2) }
    let policy = SpacePolicy(ballastBytes: 512 << 10, scarceBytes: 0)
    var ledger = try Ledger(path: scratch.file, policy: policy, now: Ticker().now)
    let desk = try Desk(ledger.epoch)
    let filler = scratch.path + "/filler"
    try Data(count: 600 << 10).write(to: URL(fileURLWithPath: filler))
    var serial = 0
    var refused: LedgerError?
    while refused == nil, serial < 5000 {
      serial += 1
      do throws(LedgerError) { try ledger.append([desk.intent(serial)]) } catch { refused = error }
    }
    #expect(refused?.kind == .full)
    #expect(ledger.isFinishing)
    serial -= 1
    // The ballast is gone, and with its room the walk goes on to its end.
    #expect(!FileManager.default.fileExists(atPath: scratch.file + ".ballast"))
    for entries in desk.walk(serial).dropFirst() { try ledger.append(entries) }
    for entry in [desk.intent(serial + 1), .device(role: "scale", state: "ready", detail: "")] {
      let refusal = #expect(throws: LedgerError.self) { try ledger.append([entry]) }
      #expect(refusal?.kind == .full)
    }
    _ = try ledger.upkeep()
    #expect(ledger.isFinishing)
    // A restart does not forget it, though closing has given the log's room back.
    try ledger.close()
    var status = statvfs()
    try #require(unsafe statvfs(scratch.path, &status) == 0)
    let free = Int(status.f_bavail * status.f_frsize)
    try Data(count: max(0, free - (300 << 10))).write(to: URL(fileURLWithPath: filler + "2"))
    ledger = try Ledger(path: scratch.file, policy: policy, now: Ticker().now)
    let refusal = #expect(throws: LedgerError.self) { try ledger.append([desk.intent(serial + 1)]) }
    #expect(refusal?.kind == .full)
    for suffix in ["", "2"] { try FileManager.default.removeItem(atPath: filler + suffix) }
    _ = try ledger.upkeep()
    #expect(FileManager.default.fileExists(atPath: scratch.file + ".ballast"))
    #expect(!ledger.isFinishing)
    try ledger.append([desk.intent(serial + 1)])
    #expect(try ledger.reader.verify().isSound)
    try ledger.close()
  }

  @Test(.enabled(if: geteuid() == 0, "mounting a tmpfs asks for root"))
  func `on a read-only file system the refusal says so`() throws {
    let scratch = try Scratch()
    let isMounted = unsafe mount("tmpfs", scratch.path, "tmpfs", 0, "size=1024k") == 0
    try #require(isMounted)
    defer { _ = unsafe umount2(scratch.path, 2) }
    try scratch.ledger().close()
    let isReadOnly =
      unsafe mount(
        "tmpfs",
        scratch.path,
        "tmpfs",
        UInt(MS_REMOUNT) | UInt(MS_RDONLY),
        ""
      )
      == 0
    try #require(isReadOnly)
    let refusal = #expect(throws: LedgerError.self) { try scratch.ledger() }
    #expect(refusal?.kind == .readOnly)
    let other = #expect(throws: LedgerError.self) {
      try Ledger.open(path: scratch.file, policy: Self.roomy, now: Ticker().now)
    }
    #expect(other?.kind == .readOnly)
    #expect(refusal?.remedy.contains("remount") == true)
  }
}
