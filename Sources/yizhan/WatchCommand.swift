import Agent
import ArgumentParser
import Domain

/// `yizhan watch`: everything that happens, as it happens.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: say("边操作边看：按钮、秤、机器、存盘", "everything that happens, as it happens"),
    discussion: say(
      "例子：\n  yizhan watch\n  yizhan watch --kind edge --kind reading\n"
        + "  yizhan watch --json | jq .kind\n用 Ctrl-C 结束。--json 每行一个 JSON。",
      "Examples:\n  yizhan watch\n  yizhan watch --kind edge --kind reading\n"
        + "  yizhan watch --json | jq .kind\nEnd it with Ctrl-C. --json writes one JSON a line."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  @Option(
    help: ArgumentHelp(
      say(
        "只看这一种（可重复）：meaning、edge、reading、device、commit、sync",
        "only this kind (repeatable): meaning, edge, reading, device, commit, sync"
      ),
      valueName: "kind"
    )
  )
  var kind: [String] = []

  func run() throws {
    try carryOut {
      do throws(ControlClientError) {
        var client = try ControlClient(path: daemon.socket)
        try client.stream("Watch") { parameters in
          guard let event = parameters["event"] else { return true }
          show(event)
          return true
        }
      } catch {
        throw Failure(error, socket: daemon.socket, say)
      }
    }
  }

  private func show(_ event: JSON) {
    guard kind.isEmpty || kind.contains(event["kind"]?.string ?? "") else { return }
    Terminal.line(daemon.json ? event.text : EventView(event, say).line)
  }
}
