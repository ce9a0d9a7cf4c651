import Agent
import Domain
import Foundation
import Logging
import Synchronization
import Testing
import Uplink

/// A metered link's budget over restarts, power cuts and wrong clocks.
struct LinkPurseTests {
  private static let day = 6_400_000
  /// What is drawn at once: a sixty-fourth of it.
  private static let piece: Int64 = 100_000

  /// A station with a purse and a clock that the test sets.
  private final class Bench: Sendable {
    let folder: URL
    let time = Mutex(
      Timestamp(
        boot: "one",
        monotonic: Instant(nanoseconds: 0) + .seconds(1000),
        wallMilliseconds: 0,
        quality: .none
      )
    )

    init() throws { folder = try Fixture.folder() }
    deinit { try? FileManager.default.removeItem(at: folder) }

    func purse() -> LinkPurse {
      LinkPurse(
        folder: folder.path,
        bytesPerDay: LinkPurseTests.day,
        now: { self.time.withLock(\.self) },
        logger: Logger(label: "purse") { _ in SwiftLogNoOpLogHandler() }
      )
    }

    func left() -> Int64 { purse().load().left(at: time.withLock(\.monotonic)) }

    func set(boot: String, seconds: Int64, wall: Int64 = 0, _ quality: ClockQuality = .none) {
      time.withLock {
        $0 = Timestamp(
          boot: boot,
          monotonic: Instant(nanoseconds: 0) + .seconds(seconds),
          wallMilliseconds: wall,
          quality: quality
        )
      }
    }

    var file: Data? { FileManager.default.contents(atPath: folder.path + "/link.budget") }
  }

  @Test func `what an orderly stop leaves is what the next start has`() throws {
    let bench = try Bench()
    #expect(bench.left() == Int64(Self.day), "there was none before")
    bench.purse().close(5000)
    #expect(bench.left() == 5000)
  }

  @Test func `a cut-off station has less than it had, never more, and does not write each time`()
    throws
  {
    let bench = try Bench()
    let purse = bench.purse()
    _ = purse.load()
    var (left, written, last) = (Int64(Self.day), 0, bench.file)
    for _ in 0..<100 {
      left -= 10_000
      purse.note(left)
      if bench.file != last { written += 1 }
      last = bench.file
      #expect(bench.left() <= left)
      #expect(bench.left() >= left - Self.piece)
    }
    #expect((10...11).contains(written), "once for each piece")
    // A station that starts again and again and moves a little each time pays for each start.
    for _ in 0..<80 {
      let purse = bench.purse()
      let left = purse.load().left(at: bench.time.withLock(\.monotonic))
      purse.note(left - 1)
    }
    #expect(bench.left() < 0)
  }

  @Test func `only time that has surely passed fills it`() throws {
    let bench = try Bench()
    bench.purse().close(0)
    let hour = Int64(Self.day) / 1000 * 3_600_000 / 86_400
    bench.set(boot: "one", seconds: 4600)
    #expect(bench.left() == hour, "within one boot by the monotonic clock")
    // Another boot, and a clock that leaps ten years: what it has run is all that is sure.
    bench.set(boot: "two", seconds: 3600, wall: 315_360_000_000)
    #expect(bench.left() == hour)
    bench.set(boot: "two", seconds: 3600, wall: 315_360_000_000, .ntp)
    #expect(bench.left() == hour, "it was not set when the purse was closed")
    bench.set(boot: "two", seconds: 0, wall: 1_800_000_000_000, .ntp)
    bench.purse().close(0)
    bench.set(boot: "three", seconds: 60, wall: 1_800_000_000_000 + 7_200_000, .ntp)
    #expect(bench.left() / 2 == hour, "both ends were set by NTP")
    bench.set(boot: "three", seconds: 60, wall: 1_700_000_000_000, .ntp)
    #expect(bench.left() == hour / 60, "a clock that went back takes nothing away")
    bench.set(boot: "three", seconds: 60, wall: 1_900_000_000_000, .ntp)
    #expect(bench.left() == Int64(Self.day), "and never more than a day's worth")
  }

  @Test func `a file that cannot be read is no budget spent`() throws {
    let bench = try Bench()
    try Data("{".utf8).write(to: bench.folder.appending(path: "link.budget"))
    #expect(bench.left() == Int64(Self.day))
  }
}
