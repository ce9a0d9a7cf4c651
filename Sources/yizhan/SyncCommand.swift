import ArgumentParser
import Domain

/// `yizhan sync`: the way to the county.
struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: say("与县中心同步", "the way to the county"),
    subcommands: [
      SyncStatusCommand.self, SyncNowCommand.self, SyncPauseCommand.self, SyncResumeCommand.self,
      SyncExportCommand.self, SyncImportCommand.self,
    ]
  )
}

/// `yizhan sync status`: how far the hub has followed.
struct SyncStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: say("传到县里没有", "how far the county has followed"),
    discussion: say(
      "例子：\n  yizhan sync status\n  yizhan sync status --json\n"
        + "退出码：1 现在没连上、已暂停，或县里有疑问；3 连不上驿站程序。",
      "Examples:\n  yizhan sync status\n  yizhan sync status --json\n"
        + "Exit codes: 1 the hub is not reached now, sync is paused, or the hub has doubts;"
        + " 3 daemon not reachable."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let sync = try daemon.ask("SyncStatus")["sync"] ?? .null
      let view = SyncView(sync, say)
      Terminal.line(daemon.json ? sync.text : view.text)
      if view.hasTrouble { throw Ending.trouble }
    }
  }
}

/// Gives the daemon an order and shows how the link stands.
private func order(_ word: String, _ daemon: DaemonOptions) throws {
  try carryOut {
    let sync = try daemon.ask("SyncOrder", ["order": .string(word)])["sync"] ?? .null
    Terminal.line(daemon.json ? sync.text : SyncView(sync, say).text)
  }
}

/// `yizhan sync now`: try at once.
struct SyncNowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "now",
    abstract: say("马上试一次", "try at once"),
    discussion: say(
      "例子：\n  yizhan sync now\n需要 root 或用户组 yizhan-tech。",
      "Example:\n  yizhan sync now\nFor root and group yizhan-tech."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws { try order("now", daemon) }
}

/// `yizhan sync pause`: send nothing.
struct SyncPauseCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pause",
    abstract: say("暂停上传（重启后恢复）", "send nothing until resumed or restarted"),
    discussion: say(
      "照常作业，只是不上传。\n例子：\n  yizhan sync pause",
      "Work goes on; only nothing is sent.\nExample:\n  yizhan sync pause"
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws { try order("pause", daemon) }
}

/// `yizhan sync resume`: send again.
struct SyncResumeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "resume",
    abstract: say("恢复上传", "send again"),
    discussion: say("例子：\n  yizhan sync resume", "Example:\n  yizhan sync resume")
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws { try order("resume", daemon) }
}
