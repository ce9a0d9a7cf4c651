import Agent
import ArgumentParser
import Domain
import Drivers
import Foundation

/// `yizhan machine`: the sealing or strapping machine of the running station.
struct MachineCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "machine",
    abstract: say("封口机或打包机：状态、试机、计数", "the sealing or strapping machine: state, trials, counts"),
    subcommands: [
      MachineStatusCommand.self, MachineCycleCommand.self, MachineJogCommand.self,
      MachineResetCommand.self, MachineCountersCommand.self, MachineServicedCommand.self,
    ]
  )
}

/// `yizhan machine status`: what hinders it, and where its contacts stand.
struct MachineStatusCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: say("能不能运行，触点怎样", "whether it may run, and where its contacts stand"),
    discussion: say(
      "例子：\n  yizhan machine status\n  yizhan machine status --json\n"
        + "退出码：1 现在不能运行或该保养了；3 连不上；4 没有权限。",
      "Examples:\n  yizhan machine status\n  yizhan machine status --json\n"
        + "Exit codes: 1 it may not run now, or wants service; 3 not reachable; 4 denied."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let view = try MachineView.ask(daemon)
      Terminal.line(daemon.json ? view.json.text : view.status)
      if view.wantsAttention { throw Ending.trouble }
    }
  }
}

/// `yizhan machine counters`: cycles since the start, in all, and since the last service.
struct MachineCountersCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "counters",
    abstract: say("启动、完成、失败各多少次，离保养还有多久", "starts, good ends, failures, and the next service"),
    discussion: say(
      "例子：\n  yizhan machine counters\n启动数与完成数之差会单列：不为零就查触点。",
      "Examples:\n  yizhan machine counters\nStarts and good ends are compared: a difference "
        + "that stays is a contact to check."
    )
  )

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
      let view = try MachineView.ask(daemon)
      Terminal.line(daemon.json ? view.json.text : view.counters)
    }
  }
}

/// `yizhan machine cycle`: one cycle without a parcel.
struct MachineCycleCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "cycle",
    abstract: say("空走一次", "run one cycle without a parcel"),
    discussion: MachineOrderOptions.discussion("yizhan machine cycle")
  )

  @OptionGroup var options: MachineOrderOptions

  func run() throws {
    try options.carryOut(
      ["request": .string("cycle")],
      question: say("人站在机器旁、手已离开？现在空走一次", "Are you beside it, hands clear? Run one cycle now"),
      follow: .seconds(20)
    )
  }
}

/// `yizhan machine jog`: one output for a while.
struct MachineJogCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jog",
    abstract: say("单独接通一个输出一会儿", "drive one output for a while"),
    discussion: MachineOrderOptions.discussion("yizhan machine jog motor-run --ms 1000")
  )

  @Argument(
    help: ArgumentHelp(
      say("输出：start、heater-enable、motor-run、reset", "start, heater-enable, motor-run or reset")
    ),
    completion: .list(MachineOutput.allCases.map(\.rawValue))
  )
  var output: String

  @Option(
    name: .customLong("ms"),
    help: ArgumentHelp(say("多少毫秒，50 到 5000", "for how long, 50 to 5000"))
  )
  var milliseconds = 500

  @OptionGroup var options: MachineOrderOptions

  func validate() throws {
    guard MachineOutput(rawValue: output) != nil else {
      throw ValidationError(
        say("没有输出 \(output)；有 ", "there is no output \(output); there are ")
          + MachineOutput.allCases.map(\.rawValue).joined(separator: ", ")
      )
    }
    guard (50...5000).contains(milliseconds) else {
      throw ValidationError(say("--ms 是 50 到 5000", "--ms is 50 to 5000"))
    }
  }

  func run() throws {
    try options.carryOut(
      ["request": .string("jog"), "output": .string(output), "milliseconds": .int(milliseconds)],
      question: say(
        "人站在机器旁、手已离开？现在接通 \(output) \(milliseconds) 毫秒",
        "Are you beside it, hands clear? Drive \(output) for \(milliseconds) ms now"
      ),
      follow: .milliseconds(Int64(milliseconds) + 1000)
    )
  }
}

/// `yizhan machine reset`: ends a latch, resets a controller.
struct MachineResetCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "reset",
    abstract: say("复位（不会启动任何东西）", "reset it (starts nothing)"),
    discussion: MachineOrderOptions.discussion("yizhan machine reset")
  )

  @OptionGroup var options: MachineOrderOptions

  func run() throws {
    try options.carryOut(
      ["request": .string("reset")],
      question: say("原因已排除、人已离开？现在复位", "Is the cause gone, everybody clear? Reset it now"),
      follow: .seconds(2)
    )
  }
}

/// `yizhan machine serviced`: notes a service.
struct MachineServicedCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "serviced",
    abstract: say("记下已保养，次数重新算", "note a service: its cycles count anew"),
    discussion: MachineOrderOptions.discussion("yizhan machine serviced")
  )

  @OptionGroup var options: MachineOrderOptions

  func run() throws {
    try options.carryOut(
      ["request": .string(Entry.serviced)],
      question: say("已经换好加热丝、刀片等？现在记下", "Have the wearing parts been changed? Note it now"),
      follow: nil
    )
  }
}

/// What the sub-commands share that let the machine do something.
struct MachineOrderOptions: ParsableArguments {
  static func discussion(_ example: String) -> String {
    say(
      "例子：\n  \(example)\n  \(example) --yes\n"
        + "人要站在机器旁。手上有包裹时不做。需要 root 或用户组 yizhan-tech；会记入账本。\n"
        + "退出码：1 被拒绝；3 连不上；4 没有权限。",
      "Examples:\n  \(example)\n  \(example) --yes\n"
        + "Stand beside the machine. Not with a parcel in hand. For root and group yizhan-tech; it "
        + "goes on record.\nExit codes: 1 refused; 3 not reachable; 4 denied."
    )
  }

  @Flag(name: [.short, .long], help: ArgumentHelp(say("不再询问", "do not ask back")))
  var yes = false

  @OptionGroup var daemon: DaemonOptions

  /// Asks back, asks the daemon, and shows the contacts for as long as something may move.
  func carryOut(_ parameters: [String: JSON], question: String, follow: Duration?) throws {
    try yizhan.carryOut {
      guard yes || Terminal.agrees(question, say) else {
        throw Failure.trouble(
          say("没有执行", "nothing was done"),
          hint: say("输入 y 同意，或加 --yes", "answer y, or add --yes")
        )
      }
      let reply = try daemon.ask("MachineRequest", parameters)
      if daemon.json {
        Terminal.line(JSON.object(reply).text)
      } else {
        Terminal.line(MachineView.answer(.object(reply), say))
      }
      guard reply["answer"]?.string == "done" else { throw Ending.trouble }
      if let follow, !daemon.json { try show(for: follow) }
    }
  }

  private func show(for time: Duration) throws {
    let end = ContinuousClock.now + time
    var last = ""
    var hasRun = false
    while ContinuousClock.now < end {
      let view = try MachineView.ask(daemon)
      if view.contacts != last { Terminal.line(view.contacts) }
      last = view.contacts
      if hasRun, !view.isRunning { break }
      hasRun = hasRun || view.isRunning
      Thread.sleep(forTimeInterval: 0.1)
    }
    if hasRun { Terminal.line(try MachineView.ask(daemon).lastCycle) }
  }
}
