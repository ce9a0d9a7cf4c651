import Agent
import ArgumentParser

@main
struct Simulation: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yizhan-sim",
    abstract: "A station on simulated devices (模拟驿站): demo, scripted run, device side of the rig.",
    discussion: """
      The station's own code is the daemon's; only the devices are simulated, and the hub is a real
      one on this machine's loopback.

      EXAMPLES
        yizhan-sim demo                    keys are the buttons, the screen is the station
        yizhan-sim smoke                   five parcels, faults, a link that is cut; checks itself
        yizhan-sim bench --help            the device side behind USB gadgets and gpio-sim
      """,
    version: Version.current,
    subcommands: [
      DemoCommand.self, SmokeCommand.self, BenchCommand.self, WorkerCommand.self,
      VerifyCommand.self, PowerCutCommand.self, StationCommand.self,
    ]
  )
}

/// Where the simulated station finds and keeps its things.
struct SiteOptions: ParsableArguments {
  @Option(help: "A profile of a machine, as band-sealer or strapper.")
  var machine = "impulse-sealer"

  @Option(help: "The folder of device profiles and label templates.")
  var devices = "Devices"

  @Option(
    help: "Where ledger, hub and printed labels are kept; a new temporary folder if not given."
  )
  var state: String?
}
