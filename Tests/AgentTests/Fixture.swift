import Agent
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
    seals: Bool = true,
    scans: Bool = false,
    scale: String = "hid-pos"
  ) throws -> StationConfig {
    let sealer = """
      sealer:
        profile: impulse-sealer
        start: {line: SEAL_START}
        signals:
          busy: {line: SEAL_BUSY}
          done: {line: SEAL_DONE}
          fault: {line: SEAL_FAULT}
          guard-closed: {line: GUARD_CLOSED}
          estop-ok: {line: ESTOP_OK}
      """
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
        lamps:
          green: {line: LAMP_GREEN}
          amber: {line: LAMP_AMBER}
          red: {line: LAMP_RED}
          link: {line: LAMP_LINK}
        beeper: {line: BEEPER}
      \(seals ? sealer : "")
      jobs:
        dispatch: {button: go, steps: [\(scans ? "scan, " : "")weigh, label\(seals ? ", seal" : "")]}
      """
    return try ConfigLoader(search: SearchPath(tree: root.appending(path: "Devices").path))
      .load(yaml: yaml, file: "station.yaml")
  }
}
