import Domain
import Foundation
import Ledger
import Testing
import yizhan

/// The ledger as `yizhan ledger` shows it.
struct LedgerViewTests {
  private static let zh = Speech(locale: "zh_CN.UTF-8")
  private static let en = Speech(locale: "C")

  private static func account(
    _ type: String,
    _ body: [String: JSON],
    at text: String = "2026-11-23T09:30",
    quality: ClockQuality = .ntp
  ) throws -> Account {
    let time = Timestamp(
      boot: "boot-1",
      monotonic: Instant(nanoseconds: 5),
      wallMilliseconds: try #require(LocalTime.milliseconds(text)),
      quality: quality
    )
    let event = Event(
      epoch: Epoch(1),
      lane: .records,
      sequence: 7,
      type: type,
      body: JSON.object(body).canonical,
      time: time,
      chain: [0xAB, 0x01]
    )
    return Account(event, ClockBook())
  }

  private static func parcel(
    _ grams: Int,
    _ direction: String = "up",
    carrier: String? = nil,
    at text: String = "2026-11-23T09:30",
    quality: ClockQuality = .ntp
  ) throws -> Account {
    var body: [String: JSON] = ["grams": .int(grams), "direction": .string(direction)]
    if let carrier { body["carrier"] = .string(carrier) }
    return try account("parcel.dispatched", body, at: text, quality: quality)
  }

  private static func statistics(_ grouping: Statistics.Grouping) throws -> Statistics {
    var statistics = Statistics(by: grouping)
    for account in [
      try parcel(1500, carrier: "yto"), try parcel(500, "down"),
      try parcel(2000, carrier: "yto", at: "2026-11-24T00:00"),
      try parcel(10, at: "1970-01-01T08:05", quality: .none),
      try account("parcel.voided", ["parcel": .string("x")]),
      try account("action.outcome", ["action": "label", "outcome": "done"].mapValues(JSON.string)),
      try account(
        "action.outcome",
        ["action": "seal", "outcome": "failed"].mapValues(JSON.string)
      ),
      try account("device.state", ["role": "scale", "state": "absent"].mapValues(JSON.string)),
    ] { statistics.add(account) }
    return statistics
  }

  @Test(
    arguments: [
      ("1970-01-01T08:00", 0), ("1970-03-01", 5_068_800_000), ("2026-11-23", 1_795_363_200_000),
      ("2024-02-29T23:59", 1_709_222_340_000), ("2000-02-29", 951_753_600_000),
    ] as [(String, Int64)]
  )
  func `local time is read as people write it`(text: String, milliseconds: Int64) {
    #expect(LocalTime.milliseconds(text) == milliseconds)
  }

  @Test(arguments: [
    "", "2026", "2026-13-01", "2026-02-29", "2026-1-01", "2026-11-23T24:00", "2026-11-23 09:30",
    "2026-11-23T09:30:00", "２０２６-11-23", "+026-11-23",
  ])
  func `what is no time is refused`(text: String) {
    #expect(LocalTime.milliseconds(text) == nil)
  }

  @Test func `parcels by day are a table with a bar beside each row`() throws {
    let view = StatisticsView(
      try Self.statistics(.day),
      columns: 64,
      isOfDevices: false,
      Self.en
    )
    #expect(
      view.text == """
        DAY                UP  DOWN  ALL  KG     UNCONFIRMED
        2026-11-23         1   1     2    2.000  -            █████████
        2026-11-24         1   0     1    2.000  -            ████▌
        ? clock never set  1   0     1    0.010  1            ████▌
        all                3   1     4    4.010  1
        1 parcel voided
        """
    )
  }

  @Test func `in Chinese the bars begin in one column`() throws {
    let view = StatisticsView(
      try Self.statistics(.carrier),
      columns: 70,
      isOfDevices: false,
      Self.zh
    )
    let lines = view.text.split(separator: "\n")
    let starts = lines.compactMap { line in
      line.firstIndex(of: "█").map { Terminal.width(of: String(line[..<$0])) }
    }
    #expect(starts.count == 2)
    #expect(Set(starts).count == 1)
    #expect(lines.allSatisfy { Terminal.width(of: String($0)) <= 70 })
    #expect(view.text.contains("未指定"))
  }

  @Test func `hours, directions and devices have their own rows, and programs the same numbers`()
    throws
  {
    let hours = try Self.statistics(.hour)
    #expect(hours.rows.map(\.key) == ["2026-11-23 09", "2026-11-24 00", ""])
    #expect(try Self.statistics(.direction).rows.map(\.parcels) == [1, 3])
    let view = StatisticsView(hours, columns: 0, isOfDevices: true, Self.en)
    #expect(
      view.text == """
        DEVICE  DONE  FAILED  REPEATED  TROUBLES
        label   1     0       0         0
        scale   0     0       0         1
        seal    0     1       0         0
        """
    )
    let json = StatisticsView(hours, columns: 80, isOfDevices: false, Self.en).json
    #expect(json["total"]?["up"]?["grams"]?.int == 3510)
    #expect(json["rows"]?.array?.last?["key"] == .null)
    #expect(json["voided"]?.int == 1)
  }

  @Test(arguments: [
    (0, ""), (1, "▏"), (50, "████"), (100, "████████"), (7, "▌"),
  ])
  func `a bar is exact to an eighth of a column`(value: Int, bar: String) {
    #expect(BarChart.bar(value, of: 100, columns: 8) == bar)
  }

  @Test func `CSV quotes what needs it, and NDJSON keeps the time as it was recorded`() throws {
    let account = try Self.account(
      "parcel.voided",
      ["parcel": .string("SM017-Y6FN-000001-T"), "reason": .string("torn, \"wet\"")],
      quality: .none
    )
    let line = LedgerFormat.csv.line(account)
    #expect(
      line
        == "0000000000000001,records,7,parcel.voided,2026-11-23T01:30:00.000Z,unknown,boot-1,5,"
        + "2026-11-23T01:30:00.000Z,none,ab01,SM017-Y6FN-000001-T,,,,,"
        + #""{""parcel"":""SM017-Y6FN-000001-T"",""reason"":""torn, \""wet\""""}""#
    )
    #expect(LedgerFormat.csv.heading?.split(separator: ",").count == LedgerFormat.columns.count)
    let json = try JSON(parsing: Array(LedgerFormat.ndjson.line(account).utf8))
    #expect(json["recorded"]?.string == "2026-11-23T01:30:00.000Z")
    #expect(json["body"]?["reason"]?.string == "torn, \"wet\"")
    #expect(LedgerView(accounts: [account], Self.en).text.contains("2026-11-23T01:30:00.000Z?"))
  }

  @Test func `a check names the first bad event, in both languages`() {
    var verification = Verification()
    verification.lanes = [.init(lane: .records, events: 30, purged: 10, last: 41)]
    verification.faults = [.init(lane: .records, sequence: 41, reason: .altered)]
    let english = VerificationView(verification, epoch: Epoch(1), Self.en)
    #expect(english.text.contains("records 41: not as it was recorded"))
    #expect(english.text.contains("30 events, up to number 41, 10 before them purged"))
    #expect(english.json["faults"]?.array?.first?["sequence"]?.int == 41)
    #expect(english.json["sound"]?.bool == false)
    let chinese = VerificationView(verification, epoch: Epoch(1), Self.zh).text
    #expect(chinese.contains("记录 41：被改过"))
    verification.faults = []
    #expect(VerificationView(verification, epoch: Epoch(1), Self.zh).text.contains("完好"))
  }
}
