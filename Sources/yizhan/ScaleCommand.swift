import Agent
import ArgumentParser
import Domain
import Drivers

/// `yizhan scale`: the scale of the running station.
struct ScaleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "scale",
    abstract: say("秤：看重量，置零，去皮，清皮", "the scale: its weight, zero and tare"),
    subcommands: [
      ScaleReadCommand.self, ScaleZeroCommand.self, ScaleTareCommand.self,
      ScaleClearTareCommand.self,
    ]
  )
}

/// `yizhan scale read`: what it weighs now.
struct ScaleReadCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "read",
    abstract: say("现在的重量", "what it weighs now"),
    discussion: say(
      "例子：\n  yizhan scale read\n  yizhan scale read --watch\n  yizhan scale read --json\n"
        + "退出码：1 现在没有重量；3 连不上；4 没有权限。",
      "Examples:\n  yizhan scale read\n  yizhan scale read --watch\n  yizhan scale read --json\n"
        + "Exit codes: 1 there is no weight now; 3 not reachable; 4 denied."
    )
  )

  @Flag(help: ArgumentHelp(say("一直看，Ctrl-C 结束", "go on until Ctrl-C")))
  var watch = false

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let scale = try daemon.ask("Status")["status"]?["scale"] ?? .null
      show(scale)
      guard watch else {
        if !ScaleView(scale, say).hasWeight { throw Ending.trouble }
        return
      }
      try daemon.watch { event in
        if event["kind"]?.string == "reading" { show(event) }
      }
    }
  }

  private func show(_ reading: JSON) {
    let view = ScaleView(reading, say)
    Terminal.line(daemon.json ? view.json.text : view.text)
  }
}

/// `yizhan scale zero`: takes what it shows for zero.
struct ScaleZeroCommand: ParsableCommand {
  static let configuration = ScaleRequest.zero.configuration(
    abstract: say("置零（秤盘要空）", "take what it shows for zero (the pan must be empty)")
  )

  @OptionGroup var options: ScaleRequestOptions

  func run() throws {
    try options.carryOut(
      .zero,
      question: say("秤盘是空的吗？现在置零", "Is the pan empty? Set the scale to zero now")
    )
  }
}

/// `yizhan scale tare`: takes what lies on it for the tare.
struct ScaleTareCommand: ParsableCommand {
  static let configuration = ScaleRequest.tare.configuration(
    abstract: say("去皮（盘上只放容器）", "take what lies on it for the tare")
  )

  @OptionGroup var options: ScaleRequestOptions

  func run() throws {
    try options.carryOut(
      .tare,
      question: say("盘上只有容器吗？现在去皮", "Is only the container on the pan? Tare it now")
    )
  }
}

/// `yizhan scale clear-tare`: forgets the tare.
struct ScaleClearTareCommand: ParsableCommand {
  static let configuration = ScaleRequest.clearTare.configuration(
    abstract: say("清皮", "forget the tare")
  )

  @OptionGroup var options: ScaleRequestOptions

  func run() throws {
    try options.carryOut(.clearTare, question: say("现在清皮", "Forget the tare now"))
  }
}

/// What the sub-commands share that ask something of the scale.
struct ScaleRequestOptions: ParsableArguments {
  @Flag(name: [.short, .long], help: ArgumentHelp(say("不再询问", "do not ask back")))
  var yes = false

  @OptionGroup var daemon: DaemonOptions

  /// Asks back, asks the daemon, and says what the scale answered.
  func carryOut(_ request: ScaleRequest, question: String) throws {
    try yizhan.carryOut {
      guard yes || Terminal.agrees(question, say) else {
        throw Failure.trouble(
          say("没有执行", "nothing was done"),
          hint: say("输入 y 同意，或加 --yes", "answer y, or add --yes")
        )
      }
      let reply = try daemon.ask("ScaleRequest", ["request": .string(request.rawValue)])
      let view = ScaleAnswerView(request, .object(reply), say)
      Terminal.line(daemon.json ? JSON.object(reply).text : view.text)
      if let hint = view.hint, !daemon.json { Terminal.complain(say("  提示：", "  hint: ") + hint) }
      if !view.isDone { throw Ending.trouble }
    }
  }
}

extension ScaleRequest {
  fileprivate func configuration(abstract: String) -> CommandConfiguration {
    CommandConfiguration(
      commandName: rawValue,
      abstract: abstract,
      discussion: say(
        "例子：\n  yizhan scale \(rawValue)\n  yizhan scale \(rawValue) --yes\n"
          + "手上有包裹时不做。需要 root 或用户组 yizhan-tech；会记入账本。\n"
          + "退出码：1 秤拒绝或没回答；3 连不上；4 没有权限。",
        "Examples:\n  yizhan scale \(rawValue)\n  yizhan scale \(rawValue) --yes\n"
          + "Not with a parcel in hand. For root and group yizhan-tech; it goes on record.\n"
          + "Exit codes: 1 the scale refuses or does not answer; 3 not reachable; 4 denied."
      )
    )
  }
}
