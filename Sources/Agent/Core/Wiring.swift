package import Domain
package import Drivers

/// Which lines a station holds, in the order in which they are requested.
package struct Wiring: Sendable {
  /// What an input line tells.
  package enum Input: Hashable, Sendable {
    case key(PanelKey)
    case signal(MachineSignal)
  }

  /// What an output line drives.
  package enum Output: Hashable, Sendable {
    case panel(Panel.Output)
    case machine(MachineOutput)
    /// Keeps a hardware watchdog relay closed.
    case heartbeat
  }

  package private(set) var inputs: [(role: Input, line: LineSpec, settle: Duration)] = []
  package private(set) var outputs: [(role: Output, line: LineSpec, limit: Duration?)] = []

  /// From one pulse for the watchdog relay to the next; `nil` where none is wired.
  package private(set) var heartbeatPeriod: Duration?

  /// How long a beeper may sound without a pause, whatever the panel wants.
  package static let longestSound = Duration.seconds(5)

  /// The lamps that there are, by position.
  package var lamps: [Lamp] {
    Lamp.allCases.filter { lamp in outputs.contains { $0.role == .panel(.lamp(lamp)) } }
  }

  package var hasBeeper: Bool { outputs.contains { $0.role == .panel(.beeper) } }

  /// Collects the lines of a config.
  package init(_ config: StationConfig) {
    for button in Button.allCases {
      guard let input = config.buttons[button] else { continue }
      add(.key(button.key), input)
    }
    if let pedal = config.panel.pedal { add(.key(.pedal), pedal) }
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
      for line in [config.lamps[lamp], config.panel.stack[lamp]].compactMap(\.self) {
        outputs.append((.panel(.lamp(lamp)), line, nil))
      }
    }
    for line in [config.beeper, config.panel.stackBeeper].compactMap(\.self) {
      outputs.append((.panel(.beeper), line, Self.longestSound))
    }
    if let heartbeat = config.heartbeat {
      outputs.append((.heartbeat, heartbeat.line, nil))
      heartbeatPeriod = heartbeat.period
    }
  }

  private mutating func add(_ role: Input, _ input: StationConfig.Input) {
    inputs.append((role, input.line, .milliseconds(input.debounceMilliseconds)))
  }
}
