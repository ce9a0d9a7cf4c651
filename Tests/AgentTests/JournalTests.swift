import Agent
import Dispatch
import Domain
import Drivers
import Foundation
import Ledger
import Logging
import Synchronization
import Testing

/// The way to the ledger, and what the clock's keeper sends along it.
struct JournalTests {
  /// A clock that moves with every transaction, so that its events show what was written together.
  private final class Steps: Sendable {
    let stamp = Mutex(
      Timestamp(boot: "boot-1", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    )

    var now: @Sendable () -> Timestamp {
      { [self] in
        stamp.withLock { stamp in
          stamp.monotonic = stamp.monotonic + .milliseconds(1)
          stamp.wallMilliseconds += 1
          return stamp
        }
      }
    }
  }

  private static func journal(_ folder: URL, _ steps: Steps) throws -> Journal {
    Journal(ledger: try Ledger(path: folder.appending(path: "l.sqlite").path, now: steps.now))
  }

  private static func entry(_ text: String) -> Entry { .stopped(reason: text) }

  @Test func `what gathers behind a busy writer is one transaction, a lone record does not wait`()
    async throws
  {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let journal = try Self.journal(folder, Steps())
    let gate = DispatchSemaphore(value: 0)
    let answers = Mutex<[[Event]]>([])
    // The writer stands still inside this read.
    journal.read { _ throws(LedgerError) in
      gate.wait()
    } then: { _ in
    }
    for number in 0..<50 {
      journal.append([Self.entry("\(number)")]) { result in
        answers.withLock { $0.append((try? result.get()) ?? []) }
      }
    }
    gate.signal()
    // What was handed in before is done when the writer comes to this.
    try await journal.perform { _ throws(LedgerError) in }
    let alone = try await journal.append([Self.entry("alone")])
    let together = answers.withLock { $0 }
    #expect(together.map { $0.map(\.sequence) } == (1...50).map { [$0] })
    #expect(Set(together.flatMap(\.self).map(\.time.monotonic)).count == 1)
    #expect(alone.map(\.sequence) == [51])
    #expect(alone.first?.time.monotonic != together.first?.first?.time.monotonic)
  }

  @Test func `one entry that is refused does not take with it what waited beside it`() async throws
  {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let journal = try Self.journal(folder, Steps())
    let site = try #require(SiteID("SM017"))
    let number = ParcelNumber(site: site, epoch: Epoch(journal.epoch.value ^ 1), serial: 1)
    let gate = DispatchSemaphore(value: 0)
    let kept = Mutex<[Bool]>([])
    journal.read { _ throws(LedgerError) in
      gate.wait()
    } then: { _ in
    }
    for entry in [Self.entry("a"), .voided(number, reason: "foreign"), Self.entry("b")] {
      journal.append([entry]) { result in
        let isKept = (try? result.get()) != nil
        kept.withLock { $0.append(isKept) }
      }
    }
    gate.signal()
    _ = try await journal.append([Self.entry("c")])
    #expect(kept.withLock { $0 } == [true, false, true])
  }

  private static func corrections(_ journal: Journal) async throws -> [JSON] {
    try await journal.perform { ledger throws(LedgerError) in
      try ledger.reader.tail(100, lane: .records)
    }.filter { $0.type == "clock.corrected" }.map { try JSON(parsing: $0.body) }
  }

  /// 2026-05-10T16:00Z.
  private static let today: Int64 = 1_778_428_800_000

  @Test func `the first trusted time of a boot is recorded, later ones only where they differ`()
    async throws
  {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let steps = Steps()
    let journal = try Self.journal(folder, steps)
    let keeper = ClockKeeper(journal: journal, now: steps.now, logger: Logger(label: "test"))
    keeper.check()
    #expect(try await Self.corrections(journal).isEmpty)
    // Slow, impossible, good, much the same, and another one.
    keeper.hubTime(Self.today, roundTrip: .seconds(11))
    keeper.hubTime(1_000_000, roundTrip: .milliseconds(100))
    keeper.hubTime(Self.today, roundTrip: .milliseconds(200))
    keeper.hubTime(Self.today + 1900, roundTrip: .milliseconds(200))
    keeper.hubTime(Self.today + 5000, roundTrip: .milliseconds(200))
    var found = try await Self.corrections(journal)
    #expect(found.map { $0["quality"]?.string } == ["hub", "hub"])
    let offset = try #require(found.first?["offsetMilliseconds"]?.int)
    #expect((Self.today + 80...Self.today + 100).contains(Int64(offset)))
    // NTP agrees: nothing new, and from now on the hub is not asked.
    steps.stamp.withLock {
      $0.quality = .ntp
      $0.wallMilliseconds = Self.today + 5100
    }
    keeper.check()
    #expect(keeper.isSettled)
    keeper.hubTime(Self.today + 900_000, roundTrip: .zero)
    #expect(try await Self.corrections(journal).count == 2)
    steps.stamp.withLock { $0.wallMilliseconds += 60_000 }
    keeper.check()
    found = try await Self.corrections(journal)
    #expect(found.map { $0["quality"]?.string } == ["hub", "hub", "ntp"])
  }

  @Test func `after a restart in the same boot the time is still known`() async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    let steps = Steps()
    let journal = try Self.journal(folder, steps)
    let first = ClockKeeper(journal: journal, now: steps.now, logger: Logger(label: "test"))
    first.hubTime(Self.today, roundTrip: .zero)
    #expect(try await Self.corrections(journal).count == 1)
    let second = ClockKeeper(journal: journal, now: steps.now, logger: Logger(label: "test"))
    await second.recall()
    second.hubTime(Self.today, roundTrip: .zero)
    #expect(try await Self.corrections(journal).count == 1)
    steps.stamp.withLock { $0.boot = "boot-2" }
    let third = ClockKeeper(journal: journal, now: steps.now, logger: Logger(label: "test"))
    await third.recall()
    third.hubTime(Self.today, roundTrip: .zero)
    #expect(try await Self.corrections(journal).count == 2)
  }
}
