import Agent
import ArgumentParser
import Domain
import Glibc

/// `yizhan panel test`: one light after another, to be looked at.
struct PanelTestCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: say("试灯、试蜂鸣器：一个一个来，按位置问", "light one lamp after another, and ask by position"),
    discussion: say(
      "例子：\n  yizhan panel test\n  yizhan panel test --walk\n  yizhan panel test --json\n"
        + "手上有包裹或正在报警时不做；按任何按钮就结束；不会动机器。\n"
        + "不用电脑也行：空闲时同时按住再来和取消 3 秒。需要 root 或用户组 yizhan-tech。\n"
        + "退出码：1 有灯不对；3 连不上；4 没有权限。",
      "Examples:\n  yizhan panel test\n  yizhan panel test --walk\n  yizhan panel test --json\n"
        + "Not with a parcel in hand or during an alarm; any press ends it; no machine moves.\n"
        + "Without a computer: hold AGAIN and CANCEL for 3 s at rest. For root and group\n"
        + "yizhan-tech. Exit codes: 1 a light is wrong; 3 not reachable; 4 denied."
    )
  )

  @Flag(help: ArgumentHelp(say("每个亮一秒，不问", "a second each, without asking")))
  var walk = false

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let lights = try light("off").map { LightView($0, say) }
      var seen: [(light: LightView, seen: Bool?)] = []
      for light in lights {
        _ = try self.light(light.name)
        seen.append((light, answer(light)))
      }
      _ = try light("off")
      report(seen)
      if seen.contains(where: { $0.seen == false }) { throw Ending.trouble }
    }
  }

  /// Lights one of them.
  ///
  /// - Returns: All that there are.
  private func light(_ name: String) throws(Failure) -> [String] {
    try daemon.ask("PanelTest", ["light": .string(name)])["lights"]?.array?
      .compactMap(\.string) ?? []
  }

  private func answer(_ light: LightView) -> Bool? {
    guard walk else { return Terminal.agrees(light.question, say) }
    if !daemon.json { Terminal.line(light.place) }
    sleep(1)
    return nil
  }

  private func report(_ seen: [(light: LightView, seen: Bool?)]) {
    if daemon.json {
      let lights = seen.map { $0.light.json(seen: $0.seen) }
      return Terminal.line(JSON.object(["lights": .array(lights)]).text)
    }
    guard !walk else { return }
    for (light, answer) in seen { Terminal.line(light.text(seen: answer)) }
    for (light, answer) in seen where answer == false {
      Terminal.complain(say("  提示：", "  hint: ") + light.hint)
    }
  }
}
