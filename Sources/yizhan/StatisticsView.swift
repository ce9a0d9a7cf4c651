package import Domain
package import Ledger

/// How what passed through a station is shown: a table, and a bar beside each of its rows.
package struct StatisticsView {
  private let statistics: Statistics
  private let columns: Int
  private let isOfDevices: Bool
  private let say: Speech

  /// Takes the counts, the width of the terminal (0 for no chart) and the language.
  package init(_ statistics: Statistics, columns: Int, isOfDevices: Bool, _ say: Speech) {
    self.statistics = statistics
    self.columns = columns
    self.isOfDevices = isOfDevices
    self.say = say
  }

  /// The table.
  package var text: String { isOfDevices ? devices : parcels }

  private var parcels: String {
    let rows = statistics.rows
    guard !rows.isEmpty else { return say("这段时间没有包裹", "no parcels in this time") }
    let heading = [
      key, say("上行", "UP"), say("下行", "DOWN"), say("合计", "ALL"), say("千克", "KG"),
      say("时间未证实", "UNCONFIRMED"),
    ]
    let table = Terminal.table(
      heading,
      rows.map { cells($0, name($0.key)) } + [cells(statistics.total, say("合计", "all"))]
    )
    var lines = charted(table, rows.map(\.parcels))
    if statistics.voided > 0 {
      lines.append(
        say("作废 \(statistics.voided) 件", "\(Words.count(statistics.voided, "parcel")) voided")
      )
    }
    return lines.joined(separator: "\n")
  }

  private func cells(_ row: Statistics.Row, _ name: String) -> [String] {
    [
      name, String(row.up.parcels), String(row.down.parcels), String(row.parcels),
      Self.kilograms(row.grams), row.unconfirmed > 0 ? String(row.unconfirmed) : "-",
    ]
  }

  /// Puts a bar behind every row of a table, as long as the terminal leaves room for.
  private func charted(_ table: String, _ values: [Int]) -> [String] {
    let lines = table.split(separator: "\n").map(String.init)
    let widest = lines.map { Terminal.width(of: $0) }.max() ?? 0
    let room = min(60, columns - widest - 3)
    guard room >= 8, let most = values.max(), most > 0 else { return lines }
    return lines.enumerated().map { index, line in
      guard values.indices.contains(index - 1) else { return line }
      let space = String(repeating: " ", count: widest - Terminal.width(of: line) + 2)
      return line + space + BarChart.bar(values[index - 1], of: most, columns: room)
    }
  }

  private var devices: String {
    let rows = statistics.devices
    guard !rows.isEmpty else {
      return say("这段时间没有设备记录", "nothing is recorded of devices in this time")
    }
    return charted(
      Terminal.table(
        [
          say("设备/动作", "DEVICE"), say("完成", "DONE"), say("失败", "FAILED"), say("重做", "REPEATED"),
          say("故障次数", "TROUBLES"),
        ],
        rows.map { row in
          [
            action(row.name), String(row.done), String(row.failed), String(row.repeated),
            String(row.troubles),
          ]
        }
      ),
      rows.map(\.done)
    ).joined(separator: "\n")
  }

  private var key: String {
    switch statistics.grouping {
    case .hour: say("小时", "HOUR")
    case .day: say("日期", "DAY")
    case .direction: say("方向", "DIRECTION")
    case .carrier: say("快递公司", "CARRIER")
    }
  }

  private func name(_ key: String) -> String {
    switch (statistics.grouping, key) {
    case (.hour, ""), (.day, ""): say("? 时钟未校准", "? clock never set")
    case (.hour, _): key + ":00"
    case (.direction, "up"): say("上行", "up")
    case (.direction, "down"): say("下行", "down")
    case (.carrier, ""): say("未指定", "none named")
    default: key
    }
  }

  private func action(_ name: String) -> String {
    let actions = [
      "label": say("出单", "label"), "seal": say("封口", "seal"), "strap": say("打包", "strap"),
    ]
    return actions[name] ?? Words.role(name, say)
  }

  private static func kilograms(_ grams: Int) -> String {
    let (whole, rest) = abs(grams).quotientAndRemainder(dividingBy: 1000)
    return (grams < 0 ? "-" : "") + "\(whole).\(String(1000 + rest).dropFirst())"
  }

  /// The counts for programs.
  package var json: JSON {
    if isOfDevices {
      return .array(
        statistics.devices.map { row in
          .object([
            "device": .string(row.name), "done": .int(row.done), "failed": .int(row.failed),
            "repeated": .int(row.repeated), "troubles": .int(row.troubles),
          ])
        }
      )
    }
    return .object([
      "by": .string(statistics.grouping.rawValue),
      "rows": .array(statistics.rows.map(Self.json)),
      "total": Self.json(statistics.total),
      "voided": .int(statistics.voided),
    ])
  }

  private static func json(_ row: Statistics.Row) -> JSON {
    .object([
      "key": row.key.isEmpty ? .null : .string(row.key),
      "up": .object(["parcels": .int(row.up.parcels), "grams": .int(row.up.mass.grams)]),
      "down": .object(["parcels": .int(row.down.parcels), "grams": .int(row.down.mass.grams)]),
      "unconfirmed": .int(row.unconfirmed),
    ])
  }
}

/// Bars of Unicode blocks, down to an eighth of a column.
package enum BarChart {
  private static let parts = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]

  /// A bar for one value; anything above nothing is at least seen.
  package static func bar(_ value: Int, of most: Int, columns: Int) -> String {
    guard value > 0, most > 0, columns > 0 else { return "" }
    let eighths = max(1, min(value, most) * columns * 8 / most)
    return String(repeating: "█", count: eighths / 8) + parts[eighths % 8]
  }
}
