import Agent
import StrictYAML
import Testing

/// Files of the source tree and a config that is right, to be made wrong by one replacement.
enum Sample {
  /// The root of the source tree.
  static let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
  static let devices = "\(root)/Devices"

  static let loader = ConfigLoader(search: SearchPath(tree: devices), isReadable: { _ in true })

  static let station = """
    site: SM017
    name: 积德村
    scale: { profile: hid-pos }
    printer: { profile: tsc-te244 }
    label:
      template: dispatch-76x130
    panel:
      buttons:
        go: { line: GO }
        cancel: { line: CANCEL }
      lamps:
        green: { line: GREEN }
        amber: { line: AMBER }
        red: { line: RED }
      beeper: { line: BEEP }
    machine:
      profile: impulse-sealer
      outputs: { start: { chip: park, offset: 0 } }
      signals:
        busy: { chip: park, offset: 1 }
        guard-closed: { chip: park, offset: 2 }
        estop-ok: { chip: park, offset: 3 }
    jobs:
      dispatch:
        steps: [weigh, label, seal]
    """

  /// The sample with replacements, each of which must apply.
  static func station(_ changes: (String, String)...) throws -> String {
    var lines = station
    for (old, new) in changes {
      let parts = lines.split(separator: old, maxSplits: 1, omittingEmptySubsequences: false)
      try #require(parts.count == 2, "`\(old)` does not stand in the sample")
      lines = parts.joined(separator: new)
    }
    return lines
  }

  /// The problems of a text.
  static func problems(of yaml: String, _ loader: ConfigLoader = loader) -> [Problem] {
    do throws(Problems) {
      _ = try loader.load(yaml: yaml, file: "station.yaml")
      return []
    } catch {
      return error.all
    }
  }
}
