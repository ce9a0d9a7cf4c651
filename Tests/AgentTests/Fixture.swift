import Agent
import Domain
import Foundation
import StrictYAML

/// Things that the tests of whole stations share.
enum Fixture {
  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  /// A new empty folder; the caller removes it.
  static func folder() throws -> URL {
    let folder = FileManager.default.temporaryDirectory
      .appending(path: "yizhan-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    return folder
  }

  /// The config of a point with everything.
  static func config(
    closing: PhysicalAction? = .seal,
    scans: Bool = false,
    heartbeat: Bool = false,
    scale: String = "hid-pos"
  ) throws -> StationConfig {
    try config(
      machine: closing == nil ? nil : Machine(profile: "impulse-sealer"),
      scans: scans,
      heartbeat: heartbeat,
      scale: scale
    )
  }

  /// A machine as a station's config names it.
  struct Machine {
    var profile: String
    var action = PhysicalAction.seal
    var outputs = ["start"]
    var signals = ["busy", "done", "fault", "guard-closed", "estop-ok"]

    var yaml: String {
      let lines = { (names: [String]) in
        names.map { "    \($0): {line: \"MACHINE_\($0)\"}" }.joined(separator: "\n")
      }
      return """
        machine:
          profile: \(profile)
          outputs:
        \(lines(outputs))
          signals:
        \(lines(signals))
        """
    }
  }

  /// The config of a point with a machine of one's choice.
  static func config(
    machine: Machine?,
    scans: Bool = false,
    heartbeat: Bool = false,
    scale: String = "hid-pos"
  ) throws -> StationConfig {
    let steps =
      ((scans ? ["scan"] : []) + ["weigh", "label"]
      + (machine.map { [$0.action.rawValue] } ?? [])).joined(separator: ", ")
    let yaml = """
      site: SM017
      name: 小街镇示范村
      scale: {profile: \(scale)}
      scanners: [{profile: hid-pos-scanner}]
      printer: {profile: tsc-te244}
      label: {template: dispatch-76x130}
      panel:
        buttons:
          go: {line: BTN_GO}
          again: {line: BTN_AGAIN}
          cancel: {line: BTN_CANCEL}
        pedal: {line: PEDAL}
        lamps:
          green: {line: LAMP_GREEN}
          amber: {line: LAMP_AMBER}
          red: {line: LAMP_RED}
          link: {line: LAMP_LINK}
        beeper: {line: BEEPER}
        stack: {green: {line: STACK_1}, amber: {line: STACK_2}, red: {line: STACK_3}}
      \(machine?.yaml ?? "")
      \(heartbeat ? "heartbeat: {line: HEARTBEAT}" : "")
      jobs:
        dispatch: {button: go, steps: [\(steps)]}
      """
    return try ConfigLoader(search: SearchPath(tree: root.appending(path: "Devices").path))
      .load(yaml: yaml, file: "station.yaml")
  }
}
