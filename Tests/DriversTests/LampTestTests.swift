import Domain
import Drivers
import Testing

struct LampTestTests {
  private static func at(_ milliseconds: Int64) -> Instant { .zero + .milliseconds(milliseconds) }

  @Test(arguments: [Lamp.allCases, [.red, .green, .amber], [.amber]])
  func `a walk lights every lamp by position, then all, then ends`(_ lamps: [Lamp]) {
    var test = LampTest(.walk, lamps: lamps, at: Self.at(0))
    var steps: [LampTest.Step] = []
    while let step = test.step {
      steps.append(step)
      #expect(test.advance(to: test.deadline - .nanoseconds(1)) == false)
      let due = test.deadline
      #expect(test.advance(to: due) == true)
    }
    let ordered = lamps.sorted { $0.position < $1.position }
    #expect(steps.map(\.lit) == ordered.map { [$0] } + [ordered])
    #expect(steps.map(\.beep) == ordered.map { _ in .short } + [.long])
    #expect(test.advance(to: Self.at(1_000_000)) == false, "the end is the end")
  }

  @Test func `a light to be looked at waits, and does not wait for ever`() {
    var test = LampTest(.lamp(.red), lamps: Lamp.allCases, at: Self.at(5))
    #expect(test.step?.lit == [.red])
    #expect(test.advance(to: Self.at(119_000)) == false)
    #expect(test.advance(to: Self.at(5) + LampTest.patience) == true)
    #expect(test.step == nil)
    #expect(LampTest(.all, lamps: [.red, .green], at: Self.at(0)).step?.lit == [.green, .red])
    #expect(LampTest(.beeper, lamps: [.red], at: Self.at(0)).step?.beep == .long)
    #expect(LampTest(.off, lamps: [.red], at: Self.at(0)).step == nil)
  }
}

struct QuietHoursTests {
  /// A moment of 2026-11-23 in local time, as the wall clock gives it.
  private static func moment(
    _ hour: Int,
    _ minute: Int,
    _ quality: ClockQuality = .ntp,
    ahead: Int = 8
  ) -> Timestamp {
    let midnight: Int64 = 1_795_392_000_000
    return Timestamp(
      boot: "",
      monotonic: .zero,
      wallMilliseconds: midnight + Int64((hour - ahead) * 60 + minute) * 60_000 + 59_999,
      quality: quality
    )
  }

  @Test(arguments: [
    (20, 59, false), (21, 0, true), (23, 59, true), (0, 0, true), (6, 29, true), (6, 30, false),
    (12, 0, false),
  ])
  func `quiet hours reach over midnight`(hour: Int, minute: Int, isQuiet: Bool) throws {
    let quiet = try #require(QuietHours(from: 21 * 60, to: 6 * 60 + 30))
    #expect(quiet.covers(Self.moment(hour, minute)) == isQuiet)
    let opposite = try #require(QuietHours(from: 6 * 60 + 30, to: 21 * 60))
    #expect(opposite.covers(Self.moment(hour, minute)) != isQuiet)
    let elsewhere = try #require(QuietHours(from: 21 * 60, to: 6 * 60 + 30, hoursAheadOfUTC: -3))
    #expect(elsewhere.covers(Self.moment(hour, minute, ahead: -3)) == isQuiet)
  }

  @Test(arguments: [ClockQuality.rtc, .ntp, .hub])
  func `a clock that nobody has set makes nothing quiet`(_ quality: ClockQuality) throws {
    let quiet = try #require(QuietHours(from: 0, to: 1439))
    #expect(quiet.covers(Self.moment(3, 0, quality)))
    #expect(!quiet.covers(Self.moment(3, 0, .none)))
    let early = Timestamp(boot: "", monotonic: .zero, wallMilliseconds: -1, quality: quality)
    #expect(quiet.covers(early), "before 1970 it is still some time of the day")
  }

  @Test(
    arguments: [
      ("00:00", 0), ("21:00", 1260), ("23:59", 1439), ("24:00", nil), ("7:00", nil), ("07:60", nil),
      ("", nil), ("07:0", nil), ("07", nil), ("07:00:00", nil), ("+7:00", nil), ("٠7:00", nil),
    ] as [(String, Int?)]
  )
  func `a time of the day has two and two digits`(text: String, minutes: Int?) {
    #expect(QuietHours.minutes(text) == minutes)
  }
}
