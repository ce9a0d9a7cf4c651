import ArgumentParser
import Domain

/// `yizhan sync`: the way to the county.
struct SyncCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "sync",
    abstract: say("与县中心同步", "the way to the county"),
    subcommands: [SyncStatusCommand.self]
  )
}

/// `yizhan sync status`: how far the hub has followed.
struct SyncStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: say("传到县里没有", "how far the county has followed"),
    discussion: say(
      "例子：\n  yizhan sync status\n  yizhan sync status --json\n退出码：1 现在没连上；3 连不上驿站程序。",
      "Examples:\n  yizhan sync status\n  yizhan sync status --json\n"
        + "Exit codes: 1 the hub is not reached now; 3 daemon not reachable."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let sync = try daemon.ask("SyncStatus")["sync"] ?? .null
      let view = SyncView(sync, say)
      Terminal.line(daemon.json ? sync.text : view.text)
      if !view.isOnline { throw Ending.trouble }
    }
  }
}
