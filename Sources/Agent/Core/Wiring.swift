package import Domain
package import Drivers

/// Which lines a station holds, in the order in which they are requested.
package struct Wiring: Sendable {
  /// What an input line tells.
  package enum Input: Hashable, Sendable {
    case button(Button)
    case signal(MachineSignal)
  }

  /// What an output line drives.
  package enum Output: Hashable, Sendable {
    case panel(Panel.Output)
    case machine(MachineOutput)
  }

  package private(set) var inputs: [(role: Input, line: LineSpec, settle: Duration)] = []
  package private(set) var outputs: [(role: Output, line: LineSpec, limit: Duration?)] = []

  /// Collects the lines of a config.
  package init(_ config: StationConfig) {
    for button in Button.allCases {
      guard let input = config.buttons[button] else { continue }
      add(.button(button), input)
    }
    for signal in MachineSignal.allCases {
      guard let input = config.machine?.signals[signal] else { continue }
      add(.signal(signal), input)
    }
    for output in MachineOutput.allCases {
      guard let machine = config.machine, let line = machine.outputs[output] else { continue }
      let most = machine.profile.outputs[output]?.most ?? 0
      outputs.append((.machine(output), line, .milliseconds(most)))
    }
    for lamp in Lamp.allCases {
      guard let line = config.lamps[lamp] else { continue }
      outputs.append((.panel(.lamp(lamp)), line, nil))
    }
    if let beeper = config.beeper {
      outputs.append((.panel(.beeper), beeper, .seconds(5)))
    }
  }

  private mutating func add(_ role: Input, _ input: StationConfig.Input) {
    inputs.append((role, input.line, .milliseconds(input.debounceMilliseconds)))
  }
}
