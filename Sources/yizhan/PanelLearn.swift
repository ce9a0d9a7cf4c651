import Agent
import ArgumentParser
import Domain
import Drivers
import LinuxIO

/// `yizhan panel learn`: press a button, and see which line it is.
struct PanelLearn: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "learn",
    abstract: say("按一下按钮，看它接在哪根线", "press a button, and see which line it is"),
    discussion: say(
      """
      例子：
        yizhan panel learn
        yizhan panel learn --for 60 --json
      按一下按钮，或动一下触点（护罩、急停）：显示它的线，可以直接粘贴到 station.yaml。
      只听空闲的输入线，能上拉的先上拉；占用的线、输出、station.yaml 里当输出的线一概不碰。
      上拉能带动继电器：还没有配置时，先关掉机器电源，再加 --yes。驿站程序占着按钮时先停它：
      `systemctl stop yizhand`。用 Ctrl-C 结束。
      退出码：0 找到了；1 没有找到，或没有能听的线；64 命令写错。
      """,
      """
      Examples:
        yizhan panel learn
        yizhan panel learn --for 60 --json
      Press a button, or move a contact (guard, emergency stop): its line is shown, ready to paste
      into station.yaml. Only free inputs are listened to, pulled up where the chip can; lines in
      use, outputs, and lines that station.yaml drives something with are never touched. A pull can
      move a relay: where there is no config yet, switch the machine off at its plug, and add --yes.
      Where the daemon holds the buttons, stop it first: `systemctl stop yizhand`. End it with Ctrl-C.
      Exit codes: 0 a contact was found; 1 none was, or no line is free; 64 wrong usage.
      """
    )
  )

  @Option(name: .customLong("for"), help: ArgumentHelp(say("听几秒", "for so many seconds")))
  var seconds: Int?

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  @Flag(
    help: ArgumentHelp(
      say("没有配置也听：机器电源已关", "listen without a config, too: the machine is off at its plug")
    )
  )
  var yes = false

  @OptionGroup var station: StationFileOptions

  func validate() throws { try GPIOWatchCommand.validate(seconds) }

  func run() throws {
    try carryOut {
      let chips = GPIOInventory.chips()
      let config = station.loadIfReadable()
      guard config != nil || yes else { throw Self.blind }
      let roles = LineRoles(config, among: chips)
      let choice = try LineChoice([], among: chips, driven: roles.driven, say)
      let watcher = LineWatcher(choice.free, bias: .pullUp, consumer: "yizhan-learn")
      guard !watcher.lines.isEmpty else { throw nothing(chips) }
      let held = Self.daemons(chips)
      if held > 0 {
        Terminal.complain(
          say(
            "驿站程序占着 \(held) 根输入线，听不到它们的动作；要听就先 `systemctl stop yizhand`",
            "the daemon has \(Words.count(held, "input")), which cannot be heard here;"
              + " to hear them stop it first: `systemctl stop yizhand`"
          )
        )
      }
      Terminal.complain(
        say(
          "正在听 \(watcher.lines.count) 根线：按一下按钮，或动一下触点；Ctrl-C 结束",
          "listening to \(Words.count(watcher.lines.count, "line")): press a button, or move a contact;"
            + " Ctrl-C ends it"
        )
      )
      try learn(watcher, chips)
    }
  }

  private func learn(_ watcher: LineWatcher, _ chips: [GPIOChip]) throws(Failure) {
    let run = LineRun(seconds: seconds)
    var found = 0
    do throws(PortError) {
      var finder = ContactFinder(rest: try watcher.levels())
      try run.edges(of: watcher) { edges in
        for find in finder.take(edges) + finder.advance(to: MonotonicClock.now()) {
          let line = watcher.lines[find.line]
          let bias = watcher.biases[find.line]
          let view = ContactView(find, line, line.address(among: chips), bias, say)
          if !find.isWild { found += 1 }
          Terminal.line(json ? view.json.text : view.text)
        }
      }
    } catch {
      throw Failure(error, "GPIO", say)
    }
    guard found == 0 else { return }
    throw Failure.trouble(
      say("没有触点动过", "no contact has moved"),
      hint: say(
        "查公共端和接线；`yizhan gpio list` 看线是不是被占用",
        "check the common wire; `yizhan gpio list` tells whether its line is in use"
      )
    )
  }

  /// Without a config nothing tells which line a relay hangs on.
  private static var blind: Failure {
    Failure.trouble(
      say(
        "读不了配置，不知道哪根线接着继电器；上拉可能让机器动作",
        "without a config nothing tells which line a relay hangs on, and a pull could start a machine"
      ),
      hint: say(
        "给出 --config；或先关掉机器电源，再加 --yes",
        "give --config; or switch the machine off at its plug, then add --yes"
      )
    )
  }

  /// How many inputs the daemon has.
  private static func daemons(_ chips: [GPIOChip]) -> Int {
    ChipLine.all(of: chips).count { HeldLine(line: $0).isDaemons && !$0.line.isOutput }
  }

  private func nothing(_ chips: [GPIOChip]) -> Failure {
    Failure.trouble(
      chips.isEmpty
        ? say("这台机器没有 GPIO 芯片", "this box has no GPIO chip")
        : say("没有空闲的输入线", "no input line is free"),
      hint: Self.daemons(chips) > 0
        ? say("先 `systemctl stop yizhand`", "stop the daemon first: `systemctl stop yizhand`")
        : say("看 `yizhan gpio list`", "see `yizhan gpio list`")
    )
  }
}
