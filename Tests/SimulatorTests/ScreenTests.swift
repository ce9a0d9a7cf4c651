import Domain
import Testing
import yizhan_sim

struct ScreenTests {
  private static func model() -> ScreenModel {
    var model = ScreenModel()
    model.site = "嵩明县 小街镇 积德村服务点 SM017"
    model.clock = "14:03:22"
    model.parcel = "SM017-7QK2-000123-X"
    model.meaning = Text(zh: "打印机：查纸、盖、线，再按确认", en: "printer: check paper, cover, cable; then GO")
    model.lamps = ["绿", "黄", "红", "链"].map {
      .init(name: Text(zh: $0, en: "lamp"), tone: .good, rhythm: "double", isLit: true)
    }
    model.beep = "triple"
    model.scale.display = "-12.345"
    model.scale.load = "一箱很重很重的土豆和别的东西 25.123 kg"
    model.scanner.state = .init("就绪", "ready", .good)
    model.scanner.text = "YT1234567890123"
    model.printer.label = Page(width: 608, height: 1040)
    model.printer.labelName = "SM017-7QK2-000122-P 补打 2"
    model.sealer.progress = 0.9
    model.records.last = .max
    model.records.backlog = 1_000_000
    model.messages = (0..<99).map {
      .init(time: "14:03:\($0)", text: "消息 message \($0) " + String(repeating: "长", count: $0))
    }
    model.keys = (0..<18).map { .init("\($0)", "放包裹", "put a parcel") }
    return model
  }

  /// Removes colours; what is left is what takes room.
  private func bare(_ line: String) -> String { line.replacing(/\u{1B}\[[0-9;]*m/, with: "") }

  @Test(arguments: [
    (80, 24), (81, 25), (100, 30), (133, 50), (250, 80), (79, 24), (80, 23), (10, 3), (1, 1),
  ])
  func `fills every line to the last column`(columns: Int, rows: Int) {
    let lines = Screen.lines(Self.model(), columns: columns, rows: rows)
    #expect(lines.count == rows)
    for (row, line) in lines.enumerated() {
      #expect(TextWidth.of(bare(line)) == columns, "row \(row): \(bare(line))")
    }
  }

  @Test func `keeps its frame whole whatever the texts are`() {
    for progress in [nil, 0, 0.2, 0.5, 0.9, 1, 7] as [Double?] {
      var model = Self.model()
      model.sealer.progress = progress
      let lines = Screen.lines(model, columns: 80, rows: 24).map(bare)
      #expect(lines[0].hasPrefix("╭") && lines[0].hasSuffix("╮"))
      #expect(lines[23].hasPrefix("╰") && lines[23].hasSuffix("╯"))
      for line in lines[1..<23] {
        #expect("│├".contains(line.first ?? " ") && "│┤".contains(line.last ?? " "), "\(line)")
      }
    }
  }

  @Test(arguments: ["", "a"])
  func `leaves no half of a wide character where one text lies on another`(shift: String) {
    var model = Self.model()
    model.site = shift + String(repeating: "嵩明县", count: 30)
    let lines = Screen.lines(model, columns: 80, rows: 24).map(bare)
    #expect(TextWidth.of(lines[0]) == 80)
    #expect(lines[0].contains(" 14:03:22 "))
  }

  @Test func `shows what matters at the least size`() {
    let text = Screen.lines(Self.model(), columns: 80, rows: 24).map(bare).joined(separator: "\n")
    for part in [
      "SM017-7QK2-000123-X", "打印机：查纸、盖、线，再按确认", "♪ triple", "kg", "消息 message 98",
      "9223372036854775807", "double", "▥ YT1234567890123",
    ] {
      #expect(text.contains(part), "\(part) is missing")
    }
  }

  @Test(arguments: [(80, false), (120, false), (200, true)])
  func `shows every key, in one language where the window is narrow`(columns: Int, isWide: Bool) {
    let model = Self.model()
    let text = Screen.lines(model, columns: columns, rows: 24).map(bare).joined(separator: "\n")
    for help in model.keys { #expect(text.contains(" \(help.key) 放包裹"), "\(help.key)") }
    #expect(text.contains("put a parcel") == isWide)
  }

  @Test func `keeps the other language in a narrow window where it is asked to`() {
    var model = Self.model()
    model.isEnglish = true
    let text = Screen.lines(model, columns: 130, rows: 24).map(bare).joined(separator: "\n")
    for help in model.keys { #expect(text.contains(" \(help.key) put a parcel"), "\(help.key)") }
    #expect(!text.contains("放包裹"))
  }

  @Test func `says that the scanner is gone in the place of what it read last`() {
    var model = Self.model()
    model.scanner.state = .init("已拔出", "unplugged", .bad)
    let text = Screen.lines(model, columns: 80, rows: 24).map(bare).joined(separator: "\n")
    #expect(text.contains("▥ 已拔出 unplugged"))
    #expect(!text.contains("YT1234567890123"))
  }

  @Test func `does not let texts from outside steer the terminal`() {
    var model = Self.model()
    model.scanner.text = "\u{1B}[2J\u{7}"
    model.messages = [.init(time: "\u{1B}[2J", text: "a\u{7}b\u{1B}]0;x\u{7}\r\n")]
    let lines = Screen.lines(model, columns: 80, rows: 24)
    #expect(!lines.joined().contains("\u{1B}[2J") && !lines.joined().contains("\u{7}"))
    #expect(lines.allSatisfy { TextWidth.of(bare($0)) == 80 })
  }

  @Test func `places every line and clears nothing`() {
    let frame = Screen.render(Self.model(), columns: 80, rows: 24)
    #expect(frame.contains("\u{1B}[24;1H") && !frame.contains("\u{1B}[25;1H"))
    #expect(!frame.contains("\u{1B}[K") && !frame.contains("\n"))
  }

  @Test(arguments: [
    ("a", 1), ("中", 2), ("，", 2), ("e\u{301}", 1), ("●", 1), ("⠿", 1), ("┏", 1), ("한", 2), ("", 0),
  ])
  func `knows how wide text is`(text: String, columns: Int) {
    #expect(TextWidth.of(text) == columns)
  }

  @Test func `clips without cutting a wide character in two`() {
    #expect(TextWidth.clip("驿站驿站", to: 8) == "驿站驿站")
    #expect(TextWidth.clip("驿站驿站", to: 7) == "驿站驿…")
    #expect(TextWidth.clip("驿站驿站", to: 6) == "驿站…")
    #expect(TextWidth.clip("驿站", to: 0) == "")
  }

  @Test func `shrinks a label evenly and keeps its strokes`() throws {
    var page = Page(width: 600, height: 400)
    for y in 0..<400 { for x in 0..<300 { page[x, y] = true } }
    var model = ScreenModel()
    model.printer.label = page
    let lines = Screen.lines(model, columns: 120, rows: 40).map(bare)
    let picture = lines.compactMap { line -> [Character]? in
      let cells = line.filter { ("\u{2800}"..."\u{28FF}").contains($0) }
      return cells.isEmpty ? nil : Array(cells)
    }
    let width = try #require(picture.first?.count)
    // Cells are twice as high as wide: 3 to 2 becomes 3 to 1 in cells.
    #expect(abs(Double(width) / Double(picture.count) - 3) < 0.4)
    let row = picture[picture.count / 2]
    #expect(row.first == "⣿" && row.last == "⠀")
    #expect(abs(row.filter { $0 == "⣿" }.count * 2 - width) <= 2)
  }

  @Test(
    arguments: [
      ([0x61], [Key.character("a")]), ([0xE4, 0xB8, 0xAD], [.character("中")]), ([0x1B], [.escape]),
      ([0x1B, 0x5B, 0x41, 0x0D], [.up, .enter]), ([0x1B, 0x4F, 0x42], [.down]),
      ([0x03], [.control("c")]),
      ([0x1B, 0x5B, 0x33, 0x7E, 0x71], [.character("q")]), ([0x1B, 0x5B], []), ([], []),
      ([0x00], []),
    ] as [([UInt8], [Key])]
  )
  func `reads keys`(bytes: [UInt8], keys: [Key]) {
    #expect(Key.parse(bytes) == keys)
  }
}
