import ArgumentParser
import Domain
import Glibc
import Ledger

/// `yizhan ledger stats`: what passed through the station.
struct LedgerStatsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stats",
    abstract: say(
      "件数、重量：按小时、天、方向、公司、设备",
      "parcels and weight by hour, day, direction, carrier, device"
    ),
    discussion: say(
      """
      时间是校正后的；没有得到证实的件数单列。
      例子：
        yizhan ledger stats
        yizhan ledger stats --by hour --from 2026-11-11 --to 2026-11-12
        yizhan ledger stats --by carrier --json
      """,
      """
      Times are the corrected ones; parcels whose time nothing has confirmed have their own column.
      Examples:
        yizhan ledger stats
        yizhan ledger stats --by hour --from 2026-11-11 --to 2026-11-12
        yizhan ledger stats --by carrier --json
      """
    )
  )

  @Option(
    help: ArgumentHelp("hour, day, direction, carrier, device"),
    completion: .list(["hour", "day", "direction", "carrier", "device"])
  )
  var by = "day"

  @OptionGroup var span: LedgerSpan
  @OptionGroup var ledger: LedgerFileOptions

  @Flag(help: ArgumentHelp(say("不要条形图", "leave the chart out")))
  var noChart = false

  func validate() throws {
    guard by == "device" || Statistics.Grouping(rawValue: by) != nil else {
      throw ValidationError(
        say(
          "--by 只能是 hour、day、direction、carrier 或 device",
          "--by must be hour, day, direction, carrier or device"
        )
      )
    }
  }

  func run() throws {
    try carryOut {
      let reader = try ledger.reader()
      var filter = EventFilter()
      filter.from = span.from.flatMap { LocalTime.milliseconds($0) }
      filter.to = span.to.flatMap { LocalTime.milliseconds($0) }
      // Telemetry only tells of devices.
      if by != "device" { filter.lanes = [.records] }
      var statistics = Statistics(by: Statistics.Grouping(rawValue: by) ?? .day)
      try LedgerFile.work(ledger.file) {
        try reader.scan(filter) { account in
          statistics.add(account)
          return true
        }
      }
      let view = StatisticsView(
        statistics,
        columns: noChart ? 0 : Terminal.columns,
        isOfDevices: by == "device",
        say
      )
      Terminal.line(ledger.json ? view.json.text : view.text)
    }
  }
}
