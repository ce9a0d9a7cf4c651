package import Agent
package import Domain
package import StrictYAML

/// What a check of the config found.
package struct ConfigReport {
  private let file: String
  private let config: StationConfig?
  private let problems: [Problem]

  /// Takes the result of ``ConfigLoader/check(file:)``.
  package init(file: String, config: StationConfig?, problems: [Problem]) {
    self.file = file
    self.config = config
    self.problems = problems
  }

  /// The report as one JSON document.
  package var json: JSON {
    .object([
      "file": .string(file), "ok": .bool(problems.isEmpty),
      "problems": .array(problems.map(\.json)),
    ])
  }

  /// The problems, one a line as compilers write them, or what a sound config is about.
  package func text(_ say: Speech) -> String {
    guard problems.isEmpty else {
      let lines = problems.map { Terminal.plain($0.description) }
      let count = say("发现 \(problems.count) 处错误", "\(problems.count) mistakes")
      return (lines + [count]).joined(separator: "\n")
    }
    let sound = say("配置正确：\(file)", "the config is right: \(file)")
    guard let config else { return sound }
    var pairs = [
      (say("网点", "site"), "\(config.site)  \(config.name)"),
      (say("秤", "scale"), config.scaleModel),
      (say("打印机", "printer"), config.printerModel),
      (say("面单", "label"), config.templateName),
    ]
    if let machine = config.machineModel { pairs.append((say("机器", "machine"), machine)) }
    pairs.append(
      (say("县中心", "hub"), config.hub?.url ?? say("没有，只在本地记录", "none, records stay here"))
    )
    return sound + "\n\n" + Terminal.list(pairs)
  }
}

extension Problem {
  /// The problem as one JSON document.
  package var json: JSON {
    .object([
      "file": .string(file), "line": .int(line), "column": .int(column),
      "cause": .string(cause), "remedy": .string(remedy),
    ])
  }
}
