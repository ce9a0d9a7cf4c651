import ArgumentParser

/// `yizhan panel`: buttons, lamps and beeper of the running station.
struct PanelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "panel",
    abstract: say("面板：试灯，试按钮", "the panel: try its lamps and buttons"),
    subcommands: [
      PanelTestCommand.self,
      PanelButtonsCommand.self,
      PanelLearn.self,
    ]
  )
}
