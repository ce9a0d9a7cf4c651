import Agent
import ArgumentParser
import Domain
import Drivers
import Glibc
import LinuxIO

/// `yizhan gpio`: the lines that buttons, lamps and machines are wired to.
struct GPIOCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gpio",
    abstract: say("接线：有哪些，谁在用，看电平变化", "GPIO lines: what there is, who has it, edges"),
    subcommands: [GPIOListCommand.self, GPIOWatchCommand.self]
  )
}

/// `yizhan gpio list`: the chips and their lines.
struct GPIOListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: say("所有芯片和线：名字、方向、谁在用、在配置里是什么", "chips and lines, and what each is for"),
    discussion: say(
      "例子：\n  yizhan gpio list\n  yizhan gpio list --json\n"
        + "  yizhan gpio list --config new.yaml\n只看不动，驿站程序在不在运行都行。\n"
        + "退出码：0 正常；1 有芯片打不开，或配置里的线找不到。",
      "Examples:\n  yizhan gpio list\n  yizhan gpio list --json\n"
        + "  yizhan gpio list --config new.yaml\n"
        + "Looking changes no line; the daemon may run or not.\n"
        + "Exit codes: 0 fine; 1 a chip cannot be opened, or a line of the config is not there."
    )
  )

  @OptionGroup var station: StationFileOptions

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    let chips = GPIOInventory.chips()
    let view = GPIOListView(chips, LineRoles(station.loadIfReadable(), among: chips), say)
    Terminal.line(json ? view.json.text : view.text)
    if !json { view.hints.forEach(Terminal.complain) }
    if view.hasTrouble { throw Ending.trouble }
  }
}

/// `yizhan gpio watch`: edges as they come.
struct GPIOWatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: say("看线上的电平变化", "edges of lines, as they come"),
    discussion: say(
      """
      例子：
        yizhan gpio watch                         所有空闲的输入线
        yizhan gpio watch BTN_GO park-io:3        这两根
        yizhan gpio watch 17 --bias pull-up       （只有一个芯片时可只写序号）
        yizhan gpio watch BTN_GO --for 30 --json
      空闲的线由本命令自己看；驿站程序占用的线，看它报告的事。用 Ctrl-C 结束。
      退出码：0 正常；1 一根都看不了；3 连不上驿站程序；64 命令写错。
      """,
      """
      Examples:
        yizhan gpio watch                         all free input lines
        yizhan gpio watch BTN_GO park-io:3        these two
        yizhan gpio watch 17 --bias pull-up       (an offset will do where there is one chip)
        yizhan gpio watch BTN_GO --for 30 --json
      Free lines are watched by this command itself; of lines that the daemon holds it shows what
      the daemon tells. End it with Ctrl-C.
      Exit codes: 0 fine; 1 no line could be watched; 3 daemon not reachable; 64 wrong usage.
      """
    )
  )

  @Argument(
    help: ArgumentHelp(
      say("线：名字，或 芯片:序号", "lines: a name, or CHIP:OFFSET"),
      valueName: "line"
    )
  )
  var line: [String] = []

  @Option(
    help: ArgumentHelp(
      say("上下拉：as-is、disabled、pull-up、pull-down", "as-is, disabled, pull-up or pull-down")
    )
  )
  var bias = LineSpec.Bias.asIs

  @Option(name: .customLong("for"), help: ArgumentHelp(say("看几秒", "for so many seconds")))
  var seconds: Int?

  @OptionGroup var station: StationFileOptions
  @OptionGroup var daemon: DaemonOptions

  func validate() throws { try Self.validate(seconds) }

  static func validate(_ seconds: Int?) throws {
    guard seconds.map({ (1...86_400).contains($0) }) ?? true else {
      throw ValidationError(say("--for 必须是 1 到 86400", "--for must be from 1 to 86400"))
    }
  }

  func run() throws {
    try carryOut {
      let chips = GPIOInventory.chips()
      let roles = LineRoles(station.loadIfReadable(), among: chips)
      let driven = bias == .asIs ? [] : roles.driven
      let chosen = try LineChoice(line, among: chips, driven: driven, say)
      for held in chosen.held where !held.isDaemons { Terminal.complain(held.words(say)) }
      let ours = chosen.held.filter(\.isDaemons)
      guard chosen.free.isEmpty else {
        for held in ours { Terminal.complain(held.wordsBesideOthers(say)) }
        return try watch(chosen.free)
      }
      guard !ours.isEmpty else { throw nothing }
      try follow(ours, roles)
    }
  }

  private func watch(_ lines: [ChipLine]) throws(Failure) {
    let watcher = LineWatcher(lines, bias: bias)
    for refusal in watcher.refusals { Terminal.complain(refusal.trouble.description) }
    guard !watcher.lines.isEmpty else { throw nothing }
    Terminal.complain(
      say(
        "正在看 \(watcher.lines.count) 根线；Ctrl-C 结束",
        "watching \(Words.count(watcher.lines.count, "line")); Ctrl-C ends it"
      )
    )
    let run = LineRun(seconds: seconds)
    do throws(PortError) {
      for (index, level) in try watcher.levels().enumerated() {
        show(LevelView(watcher.lines[index], isHigh: level, at: run.start, isEdge: false, say))
      }
      try run.edges(of: watcher) { edges in
        for edge in edges {
          let line = watcher.lines[edge.input]
          show(LevelView(line, isHigh: edge.active, at: edge.at, isEdge: true, say))
        }
      }
    } catch {
      throw Failure(error, "GPIO", say)
    }
  }

  private func show(_ view: LevelView) { Terminal.line(daemon.json ? view.json.text : view.text) }

  /// Shows what the daemon tells of lines that it holds.
  private func follow(_ held: [HeldLine], _ roles: LineRoles) throws(Failure) {
    let names = Set(held.compactMap { roles[$0.line.place] })
    guard !names.isEmpty else {
      throw Failure.trouble(
        say("驿站程序占着这些线，而配置读不了", "the daemon holds these lines, and the config is not readable"),
        hint: say("看 `yizhan watch`，或给出 --config", "see `yizhan watch`, or give --config")
      )
    }
    let list = names.sorted()
    let greeting = say(
      "驿站程序占着：\(list.joined(separator: "、"))；看它报告的（按下、信号）；Ctrl-C 结束",
      "held by the daemon: \(list.joined(separator: ", ")); this is what it tells; Ctrl-C ends it"
    )
    if let seconds {
      // The stream may be silent for hours; nothing of it is left to be put right at its end.
      _ = signal(SIGALRM) { _ in _exit(0) }
      _ = alarm(UInt32(seconds))
    }
    try daemon.watch(saying: greeting) { event in
      guard names.contains(where: { HeldLine.tells(event, of: $0) }) else { return }
      Terminal.line(daemon.json ? event.text : EventView(event, say).line)
    }
  }

  private var nothing: Failure {
    Failure.trouble(
      say("没有能看的线", "there is no line that could be watched"),
      hint: say("看 `yizhan gpio list`：空闲的输入线才能看", "see `yizhan gpio list`: it must be a free input")
    )
  }
}

extension StationFileOptions {
  /// The config; `nil` where it cannot be read, for then lines simply have no roles.
  func loadIfReadable() -> StationConfig? { try? load() }
}

extension LineSpec.Bias: ExpressibleByArgument {}

/// How long a command listens to lines.
struct LineRun {
  let start = MonotonicClock.now()
  private let end: Instant?

  /// Begins now; ends after so many seconds, or with Ctrl-C.
  init(seconds: Int?) {
    end = seconds.map { [start] in start + .seconds($0) }
    Interrupt.begin()
  }

  var isOver: Bool { Interrupt.isThere || (end.map { MonotonicClock.now() >= $0 } ?? false) }

  /// Hands over edges as they come, and now and then none.
  func edges(of watcher: LineWatcher, _ take: ([Edge]) -> Void) throws(PortError) {
    while !isOver { take(try watcher.edges(within: .milliseconds(20))) }
  }
}
