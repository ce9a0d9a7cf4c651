import Domain
import Testing

struct TimestampTests {
  static let times: [(Int64, String)] = [
    (0, "1970-01-01T00:00:00.000Z"),
    (-1, "1969-12-31T23:59:59.999Z"),
    (-86_400_000, "1969-12-31T00:00:00.000Z"),
    (-86_400_001, "1969-12-30T23:59:59.999Z"),
    (951_782_399_999, "2000-02-28T23:59:59.999Z"),
    (951_782_400_000, "2000-02-29T00:00:00.000Z"),
    (951_868_800_000, "2000-03-01T00:00:00.000Z"),
    (1_709_164_800_000, "2024-02-29T00:00:00.000Z"),
    (1_740_787_200_000, "2025-03-01T00:00:00.000Z"),
    (1_740_700_800_000, "2025-02-28T00:00:00.000Z"),
    (2_147_483_648_000, "2038-01-19T03:14:08.000Z"),
    (4_107_542_399_000, "2100-02-28T23:59:59.000Z"),
    (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
    (1_795_421_700_042, "2026-11-23T08:15:00.042Z"),
    (253_402_300_799_999, "9999-12-31T23:59:59.999Z"),
    (-62_135_596_800_000, "0001-01-01T00:00:00.000Z"),
  ]

  @Test(arguments: times)
  func `the wall clock is written in RFC 3339`(_ milliseconds: Int64, _ text: String) {
    #expect(Self.time(milliseconds).rfc3339 == text)
  }

  @Test func `every day from 1960 to 2110 follows the one before`() {
    var (year, month, day) = (1960, 1, 1)
    var milliseconds: Int64 = -315_619_200_000
    while year < 2110 {
      let date = [
        String(year), month < 10 ? "0\(month)" : "\(month)", day < 10 ? "0\(day)" : "\(day)",
      ]
      let text = Self.time(milliseconds).rfc3339
      #expect(text == date.joined(separator: "-") + "T00:00:00.000Z")
      let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
      let length = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]
      milliseconds += 86_400_000
      day += 1
      if day > length { (month, day) = (month + 1, 1) }
      if month > 12 { (year, month) = (year + 1, 1) }
    }
  }

  @Test(
    arguments: [
      (1_795_421_700_042, 8, "2026-11-23 16:15"), (1_795_421_700_042, 0, "2026-11-23 08:15"),
      (1_798_732_800_000, 8, "2027-01-01 00:00"), (0, -1, "1969-12-31 23:00"),
    ] as [(Int64, Int, String)]
  )
  func `local time crosses midnight and the year`(
    _ milliseconds: Int64,
    _ hours: Int,
    _ text: String
  ) {
    #expect(Self.time(milliseconds).local(hoursAheadOfUTC: hours) == text)
  }

  private static func time(_ milliseconds: Int64) -> Timestamp {
    Timestamp(boot: "b", monotonic: .zero, wallMilliseconds: milliseconds, quality: .none)
  }
}

struct InstantTests {
  @Test func `instants and durations add up`() {
    let start = Instant(nanoseconds: 1_500_000_000)
    #expect(start + .milliseconds(250) == Instant(nanoseconds: 1_750_000_000))
    #expect(start - .milliseconds(250) == Instant(nanoseconds: 1_250_000_000))
    #expect(start + .milliseconds(-250) == start - .milliseconds(250))
    #expect(start - Instant.zero == .milliseconds(1500))
    #expect(Instant.zero - start == .milliseconds(-1500))
    #expect(Instant.zero < start)
    #expect(!(start < start))
  }

  static let durations: [(Duration, Int64, Int64)] = [
    (.zero, 0, 0),
    (.nanoseconds(1), 1, 0),
    (.nanoseconds(999_999), 999_999, 0),
    (.milliseconds(1), 1_000_000, 1),
    (.nanoseconds(-1_500_000), -1_500_000, -1),
    (.seconds(3600), 3_600_000_000_000, 3_600_000),
    (.nanoseconds(Int64.max), Int64.max, 9_223_372_036_854),
    (.nanoseconds(Int64.min), Int64.min, -9_223_372_036_854),
    (Self.beyond, Int64.max, 9_223_372_036_854),
    (.zero - Self.beyond, Int64.min, -9_223_372_036_854),
    (.seconds(Int64.max), Int64.max, 9_223_372_036_854),
    (.seconds(Int64.min), Int64.min, -9_223_372_036_854),
  ]

  /// Less than a second above what 64 bits of nanoseconds hold.
  private static let beyond: Duration = .nanoseconds(Int64.max) + .nanoseconds(100)

  @Test(arguments: durations)
  func `a duration counts whole nanoseconds and saturates`(
    _ duration: Duration,
    _ nanoseconds: Int64,
    _ milliseconds: Int64
  ) {
    #expect(duration.nanoseconds == nanoseconds)
    #expect(duration.milliseconds == milliseconds)
  }
}
