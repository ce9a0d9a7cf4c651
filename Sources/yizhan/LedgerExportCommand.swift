import ArgumentParser
import Domain
import Ledger

/// `yizhan ledger export`: events for spreadsheets and programs.
struct LedgerExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: say("导出为 CSV 或 NDJSON", "events as CSV or NDJSON"),
    discussion: say(
      """
      边读边写，不占内存；--out 写完才改名，中断不留半个文件。time 是校正后的时间，wall 是当时的。
      例子：
        yizhan ledger export --out 11月.csv --from 2026-11-01 --to 2026-12-01
        yizhan ledger export --format ndjson --type parcel.dispatched | gzip > parcels.ndjson.gz
      """,
      """
      It streams, in bounded memory; --out takes its name only when it is whole. `time` is the
      corrected time, `wall` what the box believed then.
      Examples:
        yizhan ledger export --out november.csv --from 2026-11-01 --to 2026-12-01
        yizhan ledger export --format ndjson --type parcel.dispatched | gzip > parcels.ndjson.gz
      """
    )
  )

  @OptionGroup var selection: LedgerSelection

  @Option(
    help: ArgumentHelp(
      say("账本文件；驿站程序运行时也能读", "the ledger's file; it may be read while the daemon runs"),
      valueName: "path"
    ),
    completion: .file()
  )
  var file = LedgerFile.installed

  @Option(
    help: ArgumentHelp(say("csv 或 ndjson", "csv or ndjson")),
    completion: .list(LedgerFormat.allCases.map(\.rawValue))
  )
  var format = "csv"

  @Option(
    help: ArgumentHelp(
      say("写到文件；不写则到标准输出", "the file to write; standard output without it"),
      valueName: "path"
    ),
    completion: .file()
  )
  var out: String?

  func validate() throws {
    guard LedgerFormat(rawValue: format) != nil else {
      throw ValidationError(say("--format 只能是 csv 或 ndjson", "--format must be csv or ndjson"))
    }
  }

  func run() throws {
    try carryOut {
      let reader = try LedgerFile.reader(file)
      let format = LedgerFormat(rawValue: format) ?? .csv
      let output = try LineOutput(out)
      if let heading = format.heading { try output.line(heading) }
      var count = 0
      try LedgerFile.work(file) {
        try reader.scan(selection.filter) { account in
          try output.line(format.line(account))
          count += 1
          return true
        }
      }
      try output.finish()
      if let out { Terminal.complain(say("\(out)：\(count) 条", "\(out): \(count) events")) }
    }
  }
}
