import Agent
import ArgumentParser
import Domain
import Drivers
import Simulator

/// The machine of a simulated site: any of the shipped profiles, everything of it wired.
struct SiteMachine {
  private let profile: MachineProfile

  /// Finds the profile that the options name.
  ///
  /// - Throws: `ValidationError` with the names of those that there are.
  init(_ options: SiteOptions) throws {
    let id = options.machine
    let folders = SearchPath.installed.preceded(by: [options.devices]).devices
    let profiles = ProfileStore(roots: folders).machines.sound
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

  /// A bench with this machine, wired as a config says.
  ///
  /// - Parameters:
  ///   - config: What the station is.
  ///   - labels: How many labels its printer has.
  ///   - seed: From which noise and bounce follow.
  /// - Returns: The devices, at rest.
  /// - Throws: `PortError.io` where the process has no file descriptors left.
  func station(_ config: StationConfig, labels: Int, seed: UInt64) throws -> SimulatedStation {
    let wiring = Wiring(config)
    let bench = Bench(
      scale: SimulatedScale(seed: seed),
      printer: SimulatedPrinter(labels: labels),
      machine: SimulatedMachine(model, seed: seed),
      buttonBounce: .milliseconds(4),
      seed: seed
    )
    return try SimulatedStation(
      bench,
      inputs: wiring.inputs.map(\.line.role),
      outputs: wiring.outputs.map(\.line.role)
    )
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
