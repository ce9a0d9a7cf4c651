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
    case start
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
      guard let input = config.sealer?.signals[signal] else { continue }
      add(.signal(signal), input)
    }
    if let sealer = config.sealer {
      // The pulse ends by the cycle's own clock; the limit holds even if that is wrong.
      let limit = Duration.milliseconds(sealer.profile.timing.pulse + 100)
      outputs.append((.start, sealer.start, limit))
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
