import Domain

extension Screen {
  /// Draws lamps, scale, printer, sealer and records, with air between them where there is room.
  static func drawLeft(_ model: ScreenModel, _ frame: Frame, on grid: inout Grid) {
    let parts: [(height: Int, draw: (Int, inout Grid) -> Void)] = [
      (2, { y, grid in drawLamps(model, frame, y, on: &grid) }),
      (4, { y, grid in drawScale(model.scale, model.scanner, frame, y, on: &grid) }),
      (2, { y, grid in drawPrinter(model.printer, frame, y, on: &grid) }),
      (3, { y, grid in drawSealer(model.sealer, frame, y, on: &grid) }),
      (3, { y, grid in drawRecords(model.records, frame, y, on: &grid) }),
    ]
    let used = parts.reduce(0) { $0 + $1.height }
    let air = (frame.middle - frame.top - used) / parts.count
    var y = frame.top
    for part in parts {
      part.draw(y, &grid)
      y += part.height + air
    }
  }

  private static func heading(
    _ title: String,
    _ state: ScreenModel.State?,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    grid.rule(
      y: y,
      from: 0,
      to: frame.divider,
      ends: ("├", "┤"),
      title: title,
      .frame,
      titleStyle: .heading
    )
    guard let state else { return }
    let text = TextWidth.clip(
      " ● \(state.text.zh) \(state.text.en) ",
      to: frame.divider - TextWidth.of(title) - 8
    )
    let x = frame.divider - 2 - TextWidth.of(text)
    grid.put(text, x: x, y: y, Grid.Style(state.tone))
  }

  private static func drawLamps(
    _ model: ScreenModel,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    let slot = min(16, (frame.divider - 10) / max(1, model.lamps.count))
    for (index, lamp) in model.lamps.enumerated() {
      let x = 2 + index * slot
      var lit = Grid.Style(lamp.tone)
      lit.isBold = true
      let name = "\(lamp.name.zh) \(lamp.name.en)"
      grid.put(lamp.isLit ? "●" : "○", x: x, y: y, lamp.isLit ? lit : .quiet)
      grid.put(name, x: x + 2, y: y, lamp.isLit ? lit : .plain, upTo: slot - 3)
      grid.put(lamp.rhythm, x: x + 2, y: y + 1, .quiet, upTo: slot - 3)
    }
    let x = frame.divider - 9
    grid.put("♪ \(model.beep)", x: x, y: y, model.beep.isEmpty ? .quiet : .warning, upTo: 8)
  }

  /// The scale, and the scanner in the row that the digits leave free beside them.
  private static func drawScale(
    _ scale: ScreenModel.Scale,
    _ scanner: ScreenModel.Scanner,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    heading("秤 scale · ▥ 扫码枪 scanner", scale.state, frame, y, on: &grid)
    var style = Grid.Style(scale.state.tone == .plain ? .good : scale.state.tone)
    style.isBold = true
    let rows = SegmentDigits.rows(scale.display)
    let width = rows.map { TextWidth.of($0) }.max() ?? 0
    let x = max(2, 28 - width)
    for (row, text) in rows.enumerated() {
      grid.put(text, x: x, y: y + 1 + row, style, upTo: frame.divider - x - 1)
    }
    let unit = grid.put(scale.unit, x: x + width + 1, y: y + 3, style)
    let room = frame.divider - unit - 3
    let code = scanner.text.isEmpty ? "未扫 none" : scanner.text
    let scan =
      scanner.state.tone == .bad ? "\(scanner.state.text.zh) \(scanner.state.text.en)" : code
    let tone: Grid.Style = scanner.text.isEmpty ? .quiet : .plain
    let mark = grid.put("▥ ", x: unit + 2, y: y + 1, Grid.Style(scanner.state.tone), upTo: room)
    grid.put(
      scan,
      x: mark,
      y: y + 1,
      scanner.state.tone == .bad ? .bad : tone,
      upTo: frame.divider - mark - 1
    )
    grid.put("秤盘 pan", x: unit + 2, y: y + 2, .quiet, upTo: room)
    let load = scale.load.isEmpty ? "空 empty" : "▣ " + scale.load
    grid.put(load, x: unit + 2, y: y + 3, scale.load.isEmpty ? .quiet : .plain, upTo: room)
  }

  private static func drawPrinter(
    _ printer: ScreenModel.Printer,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    heading("打印机 printer", printer.state, frame, y, on: &grid)
    let x = grid.put("纸 paper ", x: 2, y: y + 1, .quiet)
    let style: Grid.Style =
      printer.labelsLeft == 0 ? .bad : printer.labelsLeft < 10 ? .warning : .plain
    let next = grid.put("\(printer.labelsLeft)", x: x, y: y + 1, style)
    let end = grid.put("   已出 printed ", x: next, y: y + 1, .quiet)
    grid.put("\(printer.printed)", x: end, y: y + 1, upTo: frame.divider - end - 1)
  }

  /// The belt: a bag comes from the left, is sealed between the jaws, leaves to the right.
  private static func drawSealer(
    _ sealer: ScreenModel.Sealer,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    heading("封口机 sealer", sealer.state, frame, y, on: &grid)
    let width = min(30, frame.divider - 26)
    let jaws = 2 + width / 2
    let isRunning = sealer.progress != nil
    for x in 2..<2 + width { grid.put("═", x: x, y: y + 2, .quiet) }
    for x in stride(from: 2, to: 2 + width, by: 3) { grid.put("╤", x: x, y: y + 2, .quiet) }
    if let bag = bag(sealer, width: width) { grid.put("▐▒▌", x: bag, y: y + 1, .warning) }
    let style: Grid.Style = isRunning ? .bad : sealer.isGuardClosed ? .plain : .warning
    grid.put(isRunning ? "▙▄▟" : "▛▀▜", x: jaws - 1, y: y + 1, style)
    if isRunning { grid.put("▔▔▔", x: jaws - 1, y: y + 2, style) }
    let x = 4 + width
    let guarded = sealer.isGuardClosed ? "护罩关 guard closed" : "护罩开 guard open"
    let room = frame.divider - x - 1
    grid.put(guarded, x: x, y: y + 1, sealer.isGuardClosed ? .quiet : .bad, upTo: room)
    if sealer.isEmergencyStopPressed {
      grid.put("急停 E-STOP", x: x, y: y + 2, .bad, upTo: room)
    } else {
      grid.put("已封 sealed \(sealer.actuations)", x: x, y: y + 2, .quiet, upTo: room)
    }
  }

  /// Where the bag is: a third of the cycle in, a third under the jaws, a third out.
  private static func bag(_ sealer: ScreenModel.Sealer, width: Int) -> Int? {
    guard let progress = sealer.progress else { return sealer.isLoaded ? 3 : nil }
    let jaws = 2 + width / 2
    switch min(1, max(0, progress)) {
    case ..<0.33: return 3 + Int(Double(jaws - 6) * progress / 0.33)
    case ..<0.66: return nil
    case let late: return jaws + 3 + Int(Double(width / 2 - 6) * (late - 0.66) / 0.34)
    }
  }

  private static func drawRecords(
    _ records: ScreenModel.Records,
    _ frame: Frame,
    _ y: Int,
    on grid: inout Grid
  ) {
    let link: ScreenModel.State =
      records.isLinkUp ? .init("链路通", "link up", .link) : .init("链路断", "link down", .warning)
    heading("账本 ledger", link, frame, y, on: &grid)
    let station = [
      ("末号 last", records.last.description, Grid.Style.plain),
      ("已达 acked", records.acknowledged.description, .plain),
      ("待传 queue", records.backlog.description, records.backlog > 0 ? .warning : .good),
    ]
    let hub = [
      ("县中心 hub", records.hubRecords.description, Grid.Style.plain),
      ("包裹 parcels", records.hubParcels.description, .plain),
      ("警报 alarms", records.hubAlarms.description, records.hubAlarms > 0 ? .bad : .good),
    ]
    for (row, fields) in [station, hub].enumerated() {
      var x = 2
      for (name, value, style) in fields {
        x = grid.put(name + " ", x: x, y: y + 1 + row, .quiet, upTo: frame.divider - x - 1)
        x = grid.put(value, x: x, y: y + 1 + row, style, upTo: frame.divider - x - 1) + 2
      }
    }
  }
}

extension Grid.Style {
  static let frame = Grid.Style(ink: 90)
  static let quiet = Grid.Style(ink: 90)
  static let heading = Grid.Style(ink: 36)
  static let title = Grid.Style(ink: 97, isBold: true)
  static let warning = Grid.Style(ink: 93)
  static let good = Grid.Style(ink: 92)
  static let bad = Grid.Style(ink: 91)
  static let key = Grid.Style(ink: 30, ground: 47)
  /// Black on white, as a label is.
  static let paper = Grid.Style(ink: 30, ground: 107)

  init(_ tone: ScreenModel.Tone) {
    switch tone {
    case .quiet: self = .quiet
    case .plain: self = .plain
    case .good: self = .good
    case .warning: self = .warning
    case .bad: self = .bad
    case .link: self = Grid.Style(ink: 96)
    }
  }
}
