import ArgumentParser
import Domain

/// `yizhan panel buttons`: what is pressed, as the station understands it.
struct PanelButtonsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "buttons",
    abstract: say("看按钮：按下、短按、长按、双击、两键齐按、卡住", "presses as the station understands them"),
    discussion: say(
      "例子：\n  yizhan panel buttons\n  yizhan panel buttons --json\n"
        + "按键照常起作用：手上没有包裹时再试。用 Ctrl-C 结束。\n退出码：3 连不上；4 没有权限。",
      "Examples:\n  yizhan panel buttons\n  yizhan panel buttons --json\n"
        + "Presses act as ever: try them with no parcel in hand. End it with Ctrl-C.\n"
        + "Exit codes: 3 not reachable; 4 denied."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let greeting = say("请按按钮；Ctrl-C 结束", "press the buttons; Ctrl-C ends it")
      try daemon.watch(saying: greeting) { event in
        guard let gesture = GestureView(event, say) else { return }
        Terminal.line(daemon.json ? event.text : gesture.text)
      }
    }
  }
}
