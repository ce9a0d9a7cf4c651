import Agent
import Domain
import Foundation
import Ledger
import Logging
import Synchronization
import Testing

/// The date on a label: right, or not there.
struct PrintedTimeTests {
  /// A clock that the test sets.
  private final class Wall: Sendable {
    let time = Mutex(
      Timestamp(
        boot: "boot",
        monotonic: Instant(nanoseconds: 5_000_000_000),
        wallMilliseconds: 5000,
        quality: .none
      )
    )
  }

  /// 2026-11-25T00:00:00Z.
  private static let day: Int64 = 1_795_564_800_000

  @Test func `a label prints the time that is known, and none that is not`() throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let wall = Wall()
    let now: @Sendable () -> Timestamp = { wall.time.withLock(\.self) }
    let ledger = try Ledger(path: folder.appending(path: "ledger.sqlite").path, now: now)
    let journal = Journal(ledger: ledger)
    let logger = Logger(label: "clock") { _ in SwiftLogNoOpLogHandler() }
    let keeper = ClockKeeper(journal: journal, now: now, logger: logger)
    #expect(keeper.printed() == nil, "1970, and nobody has set it")
    #expect(keeper.quality == .none)
    // A clock that claims to be set, and shows a year before this program.
    wall.time.withLock { $0.quality = .ntp }
    #expect(keeper.printed() == nil)
    wall.time.withLock { $0.quality = .none }
    // The hub's word: the clock itself still says 1970.
    keeper.hubTime(Self.day, roundTrip: .zero)
    #expect(keeper.printed() == "2026-11-25 08:00")
    #expect(keeper.quality == .hub)
    wall.time.withLock { $0.monotonic = $0.monotonic + .seconds(90) }
    #expect(keeper.printed() == "2026-11-25 08:01")
    // Once the clock is disciplined it is believed itself.
    wall.time.withLock {
      $0.quality = .ntp
      $0.wallMilliseconds = Self.day + 3_600_000
    }
    #expect(keeper.printed() == "2026-11-25 09:00")
    try ledger.close()
  }
}
