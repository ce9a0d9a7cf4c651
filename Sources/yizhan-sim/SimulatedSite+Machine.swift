import ArgumentParser
import Domain
import Drivers
import Simulator

/// The machine of a simulated site: any of the shipped profiles, everything of it wired.
struct SiteMachine {
  private let profile: MachineProfile

  /// Finds a profile.
  ///
  /// - Throws: `ValidationError` with the names of those that there are.
  init(_ id: String, among profiles: [String: MachineProfile]) throws {
    guard let profile = profiles[id] else {
      let names = profiles.keys.sorted().joined(separator: ", ")
      throw ValidationError("there is no machine `\(id)`; there are \(names)")
    }
    self.profile = profile
  }

  /// The last step of the job.
  var step: String { profile.kind.action.rawValue }

  /// Its part of the config.
  var yaml: String {
    let outputs = profile.outputs.keys.map(\.rawValue).sorted()
    let signals = profile.debounce.keys.map(\.rawValue).sorted()
    let lines = { (names: [String]) in
      names.map { "    \($0): {line: MACHINE_\($0)}" }.joined(separator: "\n")
    }
    return """
      machine:
        profile: \(profile.id)
        outputs:
      \(lines(outputs))
        signals:
      \(lines(signals))
      """
  }

  /// Its physics, quick enough for somebody who looks on.
  var model: SimulatedMachine.Model {
    SimulatedMachine.Model(
      kind: profile.kind,
      heatUp: profile.outputs[.heaterEnable] == nil ? nil : .seconds(8),
      signals: Set(profile.debounce.keys)
    )
  }
}
