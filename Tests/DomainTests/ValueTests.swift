import Domain
import Testing

struct MassTests {
  @Test(arguments: [
    (0, "0.000", "0 g"), (1, "0.001", "1 g"), (42, "0.042", "42 g"), (999, "0.999", "999 g"),
    (1000, "1.000", "1000 g"), (1234, "1.234", "1234 g"), (30_000, "30.000", "30000 g"),
    (-1, "-0.001", "-1 g"), (-999, "-0.999", "-999 g"), (-1234, "-1.234", "-1234 g"),
    (.max, "9223372036854775.807", "9223372036854775807 g"),
  ])
  func `a weight is written in kilograms and grams`(
    _ grams: Int,
    _ kilograms: String,
    _ text: String
  ) {
    #expect(Mass(grams: grams).kilograms == kilograms)
    #expect(Mass(grams: grams).description == text)
  }

  @Test func `gross less tare is net`() {
    let (gross, tare) = (Mass(grams: 1234), Mass(grams: 1300))
    #expect(gross - tare == Mass(grams: -66))
    #expect(gross - tare + tare == gross)
    #expect((gross - tare).magnitude == Mass(grams: 66))
    #expect(gross < tare)
    #expect(Mass.zero == Mass(grams: 0))
  }
}

struct PageTests {
  @Test(arguments: [(1, 1), (7, 3), (8, 2), (9, 2), (16, 4), (608, 5)])
  func `rows are whole bytes`(_ width: Int, _ height: Int) {
    let page = Page(width: width, height: height)
    #expect(page.stride == (width + 7) / 8)
    #expect(page.bytes == Array(repeating: 0, count: (width + 7) / 8 * height))
    #expect(page.row(height - 1).count == page.stride)
  }

  @Test(arguments: [1, 7, 8, 9, 15, 17])
  func `the leftmost dot is bit 7, and each dot has one bit of its own`(_ width: Int) {
    for y in 0..<3 {
      for x in 0..<width {
        var page = Page(width: width, height: 3)
        page[x, y] = true
        #expect(page[x, y])
        var expected = Array(repeating: UInt8(0), count: (width + 7) / 8 * 3)
        expected[y * ((width + 7) / 8) + x / 8] = 1 << UInt8(7 - x % 8)
        #expect(page.bytes == expected)
        #expect(Array(page.row(y)) == Array(expected[y * page.stride..<(y + 1) * page.stride]))
        page[x, y] = false
        #expect(page == Page(width: width, height: 3))
      }
    }
  }

  @Test(arguments: [(-1, 0), (0, -1), (9, 0), (0, 2), (15, 1), (.max, .max), (.min, .min)])
  func `dots outside are white, and writing them changes nothing`(_ x: Int, _ y: Int) {
    var page = Page(width: 9, height: 2)
    page[x, y] = true
    #expect(!page[x, y])
    #expect(page == Page(width: 9, height: 2))
  }
}

struct EntryTests {
  static let site = SiteID("SM017")
  static func number(_ serial: Int) throws -> ParcelNumber {
    ParcelNumber(site: try #require(site), epoch: Epoch(7), serial: serial)
  }

  static func entries() throws -> [Entry] {
    let number = try number(42)
    let id = ActionID(parcel: number, action: .label, copy: 2)
    let parcel = Parcel(
      number: number,
      mass: Mass(grams: 1234),
      direction: .up,
      stage: .collect,
      labelCopy: 2,
      sealed: true
    )
    return [
      .intent(Intent(id: id, mass: Mass(grams: 1234))), .outcome(id, .done, .worker),
      .dispatched(parcel), .voided(number, reason: "取消 \"\\\u{1}"),
      .started(version: "1.0", inDoubt: 3), .stopped(reason: "SIGTERM"),
      .device(role: "printer", state: "degraded", detail: "paper-out"),
    ]
  }

  @Test func `each kind of entry has a type of its own and a body that reads back`() throws {
    let entries = try Self.entries()
    #expect(Set(entries.map(\.type)).count == entries.count)
    for entry in entries {
      let body = entry.body
      #expect(body.object?.isEmpty == false, "\(entry.type)")
      #expect(try JSON(parsing: body.canonical).canonical == body.canonical)
      #expect(
        entry.lane == (["action", "parcel"].contains(entry.type.prefix(6)) ? .records : .telemetry)
      )
    }
  }

  @Test func `entries are written as the county reads them`() throws {
    let number = try Self.number(42).text
    let texts = try Self.entries().map(\.body.text)
    #expect(
      texts == [
        #"{"action":"label","copy":2,"grams":1234,"parcel":"\#(number)"}"#,
        #"{"action":"label","copy":2,"evidence":"worker","outcome":"done","parcel":"\#(number)"}"#,
        #"{"direction":"up","grams":1234,"labelCopy":2,"parcel":"\#(number)","sealed":true,"#
          + #""stage":"collect"}"#,
        #"{"parcel":"\#(number)","reason":"取消 \"\\\u0001"}"#,
        #"{"inDoubt":3,"version":"1.0"}"#,
        #"{"reason":"SIGTERM"}"#,
        #"{"detail":"paper-out","role":"printer","state":"degraded"}"#,
      ]
    )
  }

  @Test func `an action is told apart by parcel, kind and copy`() throws {
    let id = ActionID(parcel: try Self.number(1), action: .seal, copy: 3)
    #expect(id.description == "\(try Self.number(1))/seal/3")
    var others: Set<ActionID> = [id]
    others.insert(ActionID(parcel: try Self.number(2), action: .seal, copy: 3))
    others.insert(ActionID(parcel: try Self.number(1), action: .label, copy: 3))
    others.insert(ActionID(parcel: try Self.number(1), action: .seal, copy: 4))
    #expect(others.count == 4)
  }
}

struct TextTests {
  @Test(arguments: ["zh", "zh_CN.UTF-8", "ZH_TW", "zh-Hans"])
  func `a Chinese locale gets Chinese`(_ language: String) {
    #expect(Text(zh: "秤", en: "scale").localized(language) == "秤")
  }

  @Test(arguments: ["", "C", "en_US.UTF-8", "de_DE"])
  func `any other locale gets English`(_ language: String) {
    #expect(Text(zh: "秤", en: "scale").localized(language) == "scale")
  }

  @Test func `a trouble says what, where, why and what next`() {
    let trouble = Trouble(
      attempted: "weighing",
      device: "scale",
      cause: "silent",
      remedy: "wake it"
    )
    #expect(trouble.description == "weighing on scale: silent; next: wake it")
  }

  @Test(arguments: Rhythm.allCases)
  func `a rhythm that changes has as many ons as offs`(_ rhythm: Rhythm) {
    #expect(rhythm.cycle.count % 2 == 0)
    #expect(rhythm.cycle.allSatisfy { $0 > 0 })
    #expect(rhythm.cycle.isEmpty == [.on, .off].contains(rhythm))
  }

  @Test(arguments: Beep.allCases)
  func `a beep ends with silence`(_ beep: Beep) {
    #expect(beep.sequence.isEmpty == (beep == .none))
    #expect(beep == .none || beep.sequence.count % 2 == 1)
    #expect(beep.sequence.allSatisfy { $0 > 0 })
  }
}
