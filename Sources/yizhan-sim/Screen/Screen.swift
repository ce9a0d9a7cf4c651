import Domain

/// Draws the demo.
package enum Screen {
  /// The least window that it needs.
  package static let least = (columns: 80, rows: 24)

  /// Draws everything anew, in one piece of text that does not flicker.
  ///
  /// Every line fills the window exactly and starts at a fixed place, so nothing needs to be cleared:
  /// clearing to the end of a full line would take its last column away.
  package static func render(_ model: ScreenModel, columns: Int, rows: Int) -> String {
    let lines = lines(model, columns: columns, rows: rows)
    let placed = lines.enumerated().map { "\u{1B}[\($0.offset + 1);1H" + $0.element }
    // Terminals that know synchronized output (mode 2026) show it all at once.
    return "\u{1B}[?2026h\u{1B}[H" + placed.joined() + "\u{1B}[?2026l"
  }

  /// The lines with their colours, each exactly as wide as asked for.
  package static func lines(_ model: ScreenModel, columns: Int, rows: Int) -> [String] {
    var grid = Grid(columns: columns, rows: rows)
    if columns < least.columns || rows < least.rows {
      grid.put("窗口太小 window too small: \(columns)×\(rows)", x: 0, y: 0, .warning)
      grid.put("至少 at least \(least.columns)×\(least.rows)", x: 0, y: 1)
    } else {
      let frame = Frame(columns: columns, rows: rows)
      drawFrame(model, frame, on: &grid)
      drawLeft(model, frame, on: &grid)
      drawLabel(model, frame, on: &grid)
      let keyRows = drawKeys(model, frame, on: &grid)
      drawMessages(model, frame, keyRows, on: &grid)
    }
    return (0..<grid.rows).map(grid.line)
  }

  /// Where things stand.
  struct Frame {
    let right: Int
    let bottom: Int
    /// The column between devices and label.
    let divider: Int
    /// First row of the devices, and the rule below them.
    let top = 3
    let middle: Int

    init(columns: Int, rows: Int) {
      right = columns - 1
      bottom = rows - 1
      let spare = rows - least.rows
      middle = rows - 7 - spare / 4
      // The label is about as wide as it is high is long: 76 by 130 mm.
      let label = (middle - 3) * 2 * 76 / 130 + 4
      divider = min(right - min(max(24, label), columns * 2 / 5), 78)
    }
  }

  private static func drawFrame(_ model: ScreenModel, _ frame: Frame, on grid: inout Grid) {
    let title = "驿站 Yizhan  \(model.site)"
    grid.rule(
      y: 0,
      from: 0,
      to: frame.right,
      ends: ("╭", "╮"),
      title: title,
      .frame,
      titleStyle: .title
    )
    let clock = " \(model.clock) "
    if !model.clock.isEmpty {
      grid.put(clock, x: frame.right - 2 - TextWidth.of(clock), y: 0, .quiet)
    }
    for y in 1..<frame.bottom {
      grid.put("│", x: 0, y: y, .frame)
      grid.put("│", x: frame.right, y: y, .frame)
    }
    drawMeaning(model, frame, on: &grid)
    let parcel = model.parcel.isEmpty ? "" : "包裹 parcel \(model.parcel)"
    grid.rule(
      y: 2,
      from: 0,
      to: frame.divider,
      ends: ("├", "┬"),
      title: parcel,
      .frame,
      titleStyle: .heading
    )
    for y in frame.top..<frame.middle { grid.put("│", x: frame.divider, y: y, .frame) }
    grid.rule(
      y: frame.middle,
      from: 0,
      to: frame.right,
      ends: ("├", "┤"),
      title: "日志 log",
      .frame,
      titleStyle: .heading
    )
    grid.put("┴", x: frame.divider, y: frame.middle, .frame)
    grid.rule(y: frame.bottom, from: 0, to: frame.right, ends: ("╰", "╯"), .frame)
  }

  private static func drawMeaning(_ model: ScreenModel, _ frame: Frame, on grid: inout Grid) {
    var style = Grid.Style(model.meaningTone)
    style.isBold = true
    let x = grid.put("▶ \(model.meaning.zh)", x: 2, y: 1, style, upTo: frame.right - 3)
    grid.put("  \(model.meaning.en)", x: x, y: 1, .plain, upTo: frame.right - x - 1)
  }

  private static func drawLabel(_ model: ScreenModel, _ frame: Frame, on grid: inout Grid) {
    let left = frame.divider + 1
    let width = frame.right - left
    grid.rule(
      y: 2,
      from: frame.divider,
      to: frame.right,
      ends: ("┬", "┤"),
      title: "面单 label",
      .frame,
      titleStyle: .heading
    )
    guard let page = model.printer.label else {
      grid.put("还没有 none yet", x: left + 2, y: frame.top + 1, .quiet, upTo: width - 3)
      return
    }
    let height = frame.middle - frame.top
    let nameRows = model.printer.labelName.isEmpty ? 0 : 1
    let picture = LabelPicture(page, columns: width - 2, rows: height - nameRows)
    let x = left + (width - picture.columns) / 2
    for (row, text) in picture.rows.enumerated() {
      grid.put(text, x: x, y: frame.top + row, .paper)
    }
    guard nameRows > 0 else { return }
    let name = TextWidth.clip(model.printer.labelName, to: width - 2)
    grid.put(
      name,
      x: left + (width - TextWidth.of(name)) / 2,
      y: frame.top + picture.rows.count,
      .quiet
    )
  }

  private static func drawMessages(
    _ model: ScreenModel,
    _ frame: Frame,
    _ keyRows: Int,
    on grid: inout Grid
  ) {
    let rows = frame.bottom - keyRows - (frame.middle + 1)
    for (row, message) in model.messages.suffix(rows).enumerated() {
      let y = frame.middle + 1 + row
      let x = grid.put(message.time, x: 2, y: y, .quiet, upTo: 12)
      grid.put(message.text, x: x + 1, y: y, Grid.Style(message.tone), upTo: frame.right - x - 3)
    }
  }

  /// Draws the keys at the bottom, in at most three rows.
  ///
  /// - Returns: The rows that it took.
  private static func drawKeys(
    _ model: ScreenModel,
    _ frame: Frame,
    on grid: inout Grid
  ) -> Int {
    var rows = keyRows(model.keys, frame)
    if rows.count > 3 {
      // In a narrow window one language must do.
      let short = model.keys.map { help in
        ScreenModel.KeyHelp(help.key, model.isEnglish ? help.text.en : help.text.zh, "")
      }
      rows = Array(keyRows(short, frame).prefix(3))
    }
    for (row, keys) in rows.enumerated() {
      var x = 2
      let y = frame.bottom - rows.count + row
      for help in keys {
        x = grid.put(" \(help.key) ", x: x, y: y, .key)
        x = grid.put("\(help.text.zh) ", x: x, y: y, .plain, upTo: frame.right - x)
        x = grid.put(help.text.en, x: x, y: y, .quiet, upTo: frame.right - x)
        if !help.text.en.isEmpty { x += 1 }
      }
    }
    return rows.count
  }

  /// The keys as they fit into rows.
  private static func keyRows(
    _ keys: [ScreenModel.KeyHelp],
    _ frame: Frame
  ) -> [[ScreenModel.KeyHelp]] {
    var rows: [[ScreenModel.KeyHelp]] = [[]]
    var room = frame.right - 3
    for help in keys {
      let english = help.text.en.isEmpty ? 0 : TextWidth.of(help.text.en) + 1
      let width = TextWidth.of(help.key) + 3 + TextWidth.of(help.text.zh) + english
      if width > room {
        rows.append([])
        room = frame.right - 3
      }
      rows[rows.count - 1].append(help)
      room -= width
    }
    return rows
  }
}
