import ArgumentParser
import Domain

/// `yizhan status`: how the station fares.
struct StatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: say("驿站现在怎么样", "how the station fares"),
    discussion: say(
      "例子：\n  yizhan status\n  yizhan status --json\n退出码：1 有设备不正常或不能存盘；3 连不上；4 没有权限。",
      "Examples:\n  yizhan status\n  yizhan status --json\n"
        + "Exit codes: 1 a device is not ready or nothing can be saved; 3 not reachable; 4 denied."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let status = try daemon.ask("Status")["status"] ?? .null
      Terminal.line(daemon.json ? status.text : StatusView(status, say).text)
      if StatusView(status, say).hasTrouble { throw Ending.trouble }
    }
  }
}
