import ArgumentParser
import Domain

/// `yizhan ledger`: the record of the station.
struct LedgerCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "ledger",
    abstract: say("账本", "the record of the station"),
    subcommands: [
      LedgerTailCommand.self, LedgerQueryCommand.self, LedgerStatsCommand.self,
      LedgerVerifyCommand.self, LedgerExportCommand.self, LedgerBackupCommand.self,
      LedgerSalvageCommand.self,
    ]
  )
}

/// `yizhan ledger tail`: the last events.
struct LedgerTailCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "tail",
    abstract: say("最近的记录", "the last events"),
    discussion: say(
      "例子：\n  yizhan ledger tail\n  yizhan ledger tail -n 5 --lane records\n"
        + "  yizhan ledger tail --file /var/lib/yizhan/ledger.sqlite   （驿站程序没运行时）",
      "Examples:\n  yizhan ledger tail\n  yizhan ledger tail -n 5 --lane records\n"
        + "  yizhan ledger tail --file /var/lib/yizhan/ledger.sqlite   (while the daemon is down)"
    )
  )

  @Option(name: .short, help: ArgumentHelp(say("几条，1 到 500", "how many, 1 to 500")))
  var n = 20

  @Option(
    help: ArgumentHelp(say("只看 records（业务）或 telemetry（运行）", "records or telemetry only")),
    completion: .list(Lane.allCases.map(\.rawValue))
  )
  var lane: String?

  @Option(
    help: ArgumentHelp(
      say("直接读账本文件", "read the ledger's file instead"),
      valueName: "path"
    ),
    completion: .file()
  )
  var file: String?

  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    guard (1...500).contains(n) else {
      throw ValidationError(say("-n 必须是 1 到 500", "-n must be from 1 to 500"))
    }
    guard lane.map({ Lane(rawValue: $0) != nil }) ?? true else {
      throw ValidationError(
        say("--lane 只能是 records 或 telemetry", "--lane must be records or telemetry")
      )
    }
  }

  func run() throws {
    try carryOut {
      let events = try file.map { try LedgerFile.tail($0, limit: n, lane: kept) } ?? asked()
      Terminal.line(daemon.json ? JSON.array(events).text : LedgerView(events, say).text)
    }
  }

  private var kept: Lane? { lane.flatMap { Lane(rawValue: $0) } }

  private func asked() throws(Failure) -> [JSON] {
    var parameters: [String: JSON] = ["limit": .int(n)]
    if let lane { parameters["lane"] = .string(lane) }
    return try daemon.ask("LedgerTail", parameters)["events"]?.array ?? []
  }
}
