import Agent
import ArgumentParser
import Domain
import StrictYAML

/// `yizhan config`: the station's config.
struct ConfigCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "config",
    abstract: say("配置文件", "the station's config"),
    subcommands: [ConfigCheckCommand.self]
  )
}

/// `yizhan config check`: finds all mistakes before a restart.
struct ConfigCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: say("重启前检查配置，一次找出所有错误", "find all mistakes before a restart"),
    discussion: say(
      "例子：\n  yizhan config check\n  yizhan config check new.yaml\n"
        + "  yizhan config check station.yaml --devices ./Devices\n"
        + "不需要驿站程序在运行。退出码：0 没有错误；1 有错误。",
      "Examples:\n  yizhan config check\n  yizhan config check new.yaml\n"
        + "  yizhan config check station.yaml --devices ./Devices\n"
        + "The daemon need not run. Exit codes: 0 no mistake; 1 mistakes found."
    )
  )

  @Argument(
    help: ArgumentHelp(say("配置文件", "the file"), valueName: "file"),
    completion: .file(extensions: ["yaml"])
  )
  var file = ConfigLoader.installedFile

  @Option(
    help: ArgumentHelp(
      say("先在这个目录找型号和面单（可重复）", "look for profiles and templates here first (repeatable)"),
      valueName: "dir"
    ),
    completion: .directory
  )
  var devices: [String] = []

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    let loader = ConfigLoader(search: SearchPath.installed.preceded(by: devices))
    let (config, problems) = loader.check(file: file)
    let report = ConfigReport(file: file, config: config, problems: problems.all)
    Terminal.line(json ? report.json.text : report.text(say))
    if !problems.isEmpty { throw Ending.trouble }
  }
}
