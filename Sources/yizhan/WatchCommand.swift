import ArgumentParser
import Domain

/// `yizhan watch`: everything that happens, as it happens.
struct WatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: say("边操作边看：按钮、秤、扫码、机器、存盘", "everything that happens, as it happens"),
    discussion: say(
      "例子：\n  yizhan watch\n  yizhan watch --kind scan --kind reading\n"
        + "  yizhan watch --json | jq .kind\n用 Ctrl-C 结束。--json 每行一个 JSON。",
      "Examples:\n  yizhan watch\n  yizhan watch --kind scan --kind reading\n"
        + "  yizhan watch --json | jq .kind\nEnd it with Ctrl-C. --json writes one JSON a line."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  @Option(
    help: ArgumentHelp(
      say(
        "只看这一种（可重复）：\(EventView.kinds.joined(separator: "、"))",
        "only this kind (repeatable): \(EventView.kinds.joined(separator: ", "))"
      ),
      valueName: "kind"
    ),
    completion: .list(EventView.kinds)
  )
  var kind: [String] = []

  func run() throws {
    try carryOut { try daemon.watch(show) }
  }

  private func show(_ event: JSON) {
    guard kind.isEmpty || kind.contains(event["kind"]?.string ?? "") else { return }
    Terminal.line(daemon.json ? event.text : EventView(event, say).line)
  }
}
