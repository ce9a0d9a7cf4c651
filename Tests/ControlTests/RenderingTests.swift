import Agent
import Domain
import Drivers
import StrictYAML
import Testing
import yizhan

struct RenderingTests {
  static let zh = Speech(locale: "zh_CN.UTF-8")
  static let en = Speech(locale: "C")

  static let status = """
    {"site":"SM017","name":"积德村","version":"1.2.3","epoch":"00","uptimeSeconds":93784,"clock":"ntp",
    "meaning":{"id":"ready-to-print","zh":"按确认出单","en":"press GO to print"},
    "parcel":"SM017-K3F9-000042-7","grams":1234,
    "lamps":{"green":"slow","amber":"off","red":"off","link":"wink"},
    "devices":[{"role":"scale","state":"ready","detail":""},
    {"role":"printer","state":"degraded","detail":"缺纸"}],
    "ledger":{"records":{"last":120,"acknowledged":118},"telemetry":{"last":7},
    "parcelsToday":42,"gramsToday":98765},
    "sync":{"state":"offline","backlog":2,"nextTrySeconds":65,"lastError":"time-out"}}
    """

  static func json(_ text: String) throws -> JSON { try JSON(parsing: Array(text.utf8)) }

  @Test
  func `status in Chinese`() throws {
    let view = StatusView(try Self.json(Self.status), Self.zh)
    #expect(
      view.text == """
        网点      SM017  积德村
        现在      按确认出单
        灯        绿 慢闪，黄 灭，红 灭，链路 点闪
        包裹      SM017-K3F9-000042-7  1234 g
        程序      1.2.3，已运行 1 天 2 小时
        时钟      网络校时
        今日      42 件  98.765 kg
        记录      到 120，县里已收到 118
        运行数据  到 7
        同步      离线（继续本地记录）
        待传      2 条
        上次错误  time-out
        下次尝试  1 分 5 秒后

        设备    状态      说明
        秤      正常
        打印机  需要处理  缺纸
        """
    )
    #expect(view.hasTrouble)
  }

  @Test
  func `status in English`() throws {
    let text = StatusView(try Self.json(Self.status), Self.en).text
    #expect(
      text == """
        site        SM017  积德村
        now         press GO to print
        lamps       green slow, amber off, red off, link wink
        parcel      SM017-K3F9-000042-7  1234 g
        daemon      1.2.3, up 1 d 2 h
        clock       NTP
        today       42 parcels  98.765 kg
        records     up to 120, the county has 118
        telemetry   up to 7
        sync        offline (work goes on)
        backlog     2 events
        last error  time-out
        next try    in 1 min 5 s

        DEVICE   STATE     DETAIL
        scale    ready
        printer  degraded  缺纸
        """
    )
  }

  @Test(arguments: [
    "null", "{}", "[]", #"{"devices":3,"lamps":[],"ledger":"x","sync":null,"meaning":{}}"#,
    #"{"lamps":{"green":"disco"},"meaning":{"id":"new-one"},"clock":"sundial","uptimeSeconds":-1}"#,
  ])
  func `whatever the daemon leaves out or invents is shown without a fall`(_ text: String) throws {
    for speech in [Self.zh, Self.en] {
      let view = StatusView(try Self.json(text), speech)
      #expect(!view.text.isEmpty)
      #expect(!view.hasTrouble)
    }
  }

  @Test(arguments: [
    ("absent", true), ("failed", true), ("degraded", true), ("opening", false), ("ready", false),
  ])
  func `a device that is not ready is trouble`(state: String, isTrouble: Bool) {
    let devices = [JSON.object(["role": "scale", "state": .string(state)])]
    #expect(DeviceView.hasTrouble(devices) == isTrouble)
  }

  @Test
  func `a station that cannot save is in trouble though its devices are ready`() {
    let status = JSON.object(["meaning": .object(["id": "cannot-save"])])
    #expect(StatusView(status, Self.en).hasTrouble)
  }

  @Test
  func `columns align under Chinese headings and names`() {
    let items = [
      InventoryItem(kind: "scale", code: "0922:8004", port: "1-1.2", name: "DYMO M25"),
      InventoryItem(
        kind: "printer",
        code: "6868:0500",
        port: "1-1.3",
        name: "佳博",
        isAccessible: false,
        hint: "加入用户组"
      ),
    ]
    #expect(
      DeviceView.table(items, Self.zh) == """
        种类     ID         接口   可用    名称
        scale    0922:8004  1-1.2  可用    DYMO M25
        printer  6868:0500  1-1.3  无权限  佳博；加入用户组
        """
    )
    #expect(DeviceView.table([InventoryItem](), Self.en) == "nothing is plugged in")
  }

  @Test(arguments: [
    ("a", 1), ("秤", 2), ("，", 2), ("ｱ", 1), ("Ａ", 2), ("e\u{301}", 1), ("한", 2), ("\u{200B}", 0),
    ("📦", 2), ("𠮷", 2), ("", 0),
  ])
  func `a text takes as many columns as a terminal gives it`(text: String, columns: Int) {
    #expect(Terminal.width(of: text) == columns)
  }

  @Test
  func `a device's name cannot command the terminal`() {
    let item = InventoryItem(kind: "x", code: "", port: "", name: "a\u{1B}[2Jb\nc\u{9B}31m")
    let table = DeviceView.table([item], Self.en)
    #expect(table.split(separator: "\n").count == 2)
    #expect(!table.unicodeScalars.contains { $0.value == 0x1B || $0.value == 0x9B })
  }

  @Test
  func `events are lines with their fields in a fixed order`() throws {
    let event = try Self.json(
      #"{"kind":"reading","at":61042,"state":"stable","grams":-5,"raw":"","ok":true,"none":null}"#
    )
    #expect(
      EventView(event, Self.en).line == "   61.042 s  reading   grams=-5  ok=true  state=stable"
    )
    let meaning = try Self.json(
      #"{"kind":"meaning","at":5,"id":"idle","zh":"待机","en":"ready","dropped":3}"#
    )
    #expect(
      EventView(meaning, Self.zh).line == "    0.005 s  灯语      待机  id=idle  （至此漏看 3 条）"
    )
    #expect(EventView(.object([:]), Self.en).line == "          -  ?       ")
  }

  @Test(arguments: [
    (
      #"{"kind":"scan","at":1500,"role":"scanner","text":"YT1234567890123"}"#,
      "    1.500 s  扫码      扫码枪 扫到 YT1234567890123",
      "    1.500 s  scan      scanner read YT1234567890123"
    ),
    (
      #"{"kind":"scan","at":1500,"role":"scanner 2","text":"a\u001b[2Jb","new":1}"#,
      "    1.500 s  扫码      扫码枪 2 扫到 a\u{FFFD}[2Jb  new=1",
      "    1.500 s  scan      scanner 2 read a\u{FFFD}[2Jb  new=1"
    ),
    (
      #"{"kind":"hint","at":0,"role":"scale","text":"two scales"}"#,
      "    0.000 s  提示      秤：two scales", "    0.000 s  hint      scale: two scales"
    ),
    (
      #"{"kind":"hint","at":0}"#, "    0.000 s  提示    ", "    0.000 s  hint    "
    ),
    (
      #"{"kind":"button","at":0,"button":"go"}"#, "    0.000 s  按钮      button=go",
      "    0.000 s  button    button=go"
    ),
  ])
  func `scans and hints are said in words`(text: String, zh: String, en: String) throws {
    let event = try Self.json(text)
    #expect(EventView(event, Self.zh).line == zh)
    #expect(EventView(event, Self.en).line == en)
  }

  @Test
  func `status shows the scanners and the last hint`() throws {
    let status = try Self.json(
      #"{"hint":{"role":"scanner 2","text":"typed by hand"},"devices":["#
        + #"{"role":"scanner","state":"ready"},{"role":"scanner 2","state":"absent"}]}"#
    )
    let text = StatusView(status, Self.zh).text
    #expect(
      text == """
        提示  扫码枪 2：typed by hand

        设备      状态  说明
        扫码枪    正常
        扫码枪 2  未接
        """
    )
  }

  @Test(arguments: [
    (#"{"state":"stable","grams":1234,"kind":"reading"}"#, "稳定  1234 g", "stable  1234 g", true),
    (#"{"state":"stale","grams":null}"#, "没有数据", "no data", false),
    (#"{"state":"over"}"#, "超载", "over", false), ("null", "?", "?", false),
  ])
  func `a reading of the station is a state and a weight`(
    text: String,
    zh: String,
    en: String,
    hasWeight: Bool
  ) throws {
    let view = ScaleView(try Self.json(text), Self.zh)
    #expect(view.text == zh)
    #expect(ScaleView(try Self.json(text), Self.en).text == en)
    #expect(view.hasWeight == hasWeight)
    #expect(view.json.object.map { Set($0.keys) } == ["state", "grams"])
  }

  @Test(arguments: [
    (#"{"answer":"done","reason":null}"#, true, "zero: done", "置零：好了"),
    (#"{"answer":"refused","reason":"in motion"}"#, false, "zero: refused: in motion", "置零"),
    (#"{"answer":"unanswered"}"#, false, "zero: the scale did not answer", "置零：秤没有回答"),
    ("{}", false, "zero: ?", "置零"),
  ])
  func `what the scale answered is told, and what to do next`(
    reply: String,
    isDone: Bool,
    en: String,
    zh: String
  ) throws {
    let view = ScaleAnswerView(.zero, try Self.json(reply), Self.en)
    #expect(view.text == en)
    #expect(view.isDone == isDone)
    #expect((view.hint == nil) == isDone)
    #expect(ScaleAnswerView(.zero, try Self.json(reply), Self.zh).text.hasPrefix(zh))
  }

  @Test
  func `sync says whether the county follows`() throws {
    let online = SyncView(try Self.json(#"{"state":"online","backlog":0}"#), Self.zh)
    #expect(online.isOnline)
    #expect(online.text == "同步  在线\n待传  0 条")
    #expect(!SyncView(.null, Self.en).isOnline)
    #expect(SyncView(.null, Self.en).text == "nothing is known of sync")
  }

  @Test
  func `the ledger's events are a table`() throws {
    let event = try Self.json(
      #"{"lane":"records","sequence":42,"time":"2026-11-23T08:15:00.042Z","#
        + #""type":"parcel.dispatched","body":{"parcel":"SM017","grams":1234,"sealed":true}}"#
    )
    #expect(
      LedgerView([event], Self.en).text == """
        LANE     SEQ  TIME                      TYPE               BODY
        records  42   2026-11-23T08:15:00.042Z  parcel.dispatched  grams=1234 parcel=SM017 sealed=true
        """
    )
    #expect(LedgerView([.object([:])], Self.zh).text.contains("?"))
    #expect(LedgerView([], Self.zh).text == "还没有记录")
  }

  @Test
  func `problems of the config are lines as compilers write them`() {
    let problem = Problem(file: "s.yaml", line: 3, column: 7, cause: "bad", remedy: "mend it")
    let report = ConfigReport(file: "s.yaml", config: nil, problems: [problem])
    #expect(report.text(Self.zh) == "s.yaml:3:7: bad; mend it\n发现 1 处错误")
    #expect(report.json["ok"] == .bool(false))
    #expect(report.json["problems"]?.array?.first?["line"] == .int(3))
    let sound = ConfigReport(file: "s.yaml", config: nil, problems: [])
    #expect(sound.text(Self.en) == "the config is right: s.yaml")
  }

  @Test(arguments: [
    (ControlClientError.unreachable(path: "/run/x", errno: 2), Int32(3), "not reachable on /run/x"),
    (.denied(path: "/run/x"), 4, "no permission"), (.closed, 3, "closed the connection"),
    (.silent, 3, "does not answer"), (.garbled, 3, "makes no sense"),
    (.refused(VarlinkError("org.varlink.service.PermissionDenied")), 4, "PermissionDenied"),
    (
      .refused(VarlinkError("cn.yizhan.station.Unavailable", ["reason": "disk"])), 1,
      "Unavailable: disk"
    ),
  ])
  func `each failure has its words and its exit code`(
    error: ControlClientError,
    code: Int32,
    words: String
  ) {
    let failure = Failure(error, socket: "/run/x", Self.en)
    #expect(failure.code == code)
    #expect(failure.message.contains(words))
    #expect(!failure.hint.isEmpty)
    #expect(Failure(error, socket: "/run/x", Self.zh).message != failure.message)
  }

  @Test(arguments: [
    ("zh_CN.UTF-8", true), ("zh", true), ("ZH_TW", true), ("en_US.UTF-8", false), ("C", false),
    ("", false),
  ])
  func `the locale chooses the language`(locale: String, isChinese: Bool) {
    #expect(Speech(locale: locale).isChinese == isChinese)
  }
}
