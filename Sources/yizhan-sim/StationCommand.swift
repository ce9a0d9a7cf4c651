import Agent
import ArgumentParser
import Domain
import Drivers
import Foundation
import Glibc
import Ledger
import Logging
import ServiceLifecycle
import Simulator
import Station
import Uplink

/// A station for a hub of somebody else's: it works without pause until it is killed.
struct StationCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "station",
    abstract: "A simulated station with a tireless worker, for a hub that runs elsewhere.",
    discussion: """
      Prints `key KEY` once, and `green NUMBER` for each parcel as its green light goes on, at once:
      what was printed before a kill is what was promised. With --drain nobody works; it ends when
      the hub has everything.

      EXAMPLE
        yizhan-sim station --state work --hub http://127.0.0.1:8780
      """
  )

  @OptionGroup var options: SiteOptions

  @Option(help: "The hub's address.")
  var hub: String

  @Option(help: "The seed of settling, noise and bounce.")
  var seed = UInt64.random(in: 1...UInt64(UInt32.max))

  @Flag(help: "Only bring everything to the hub.")
  var drain = false

  func run() async throws {
    var logger = Logger(label: "station")
    logger.logLevel = .critical
    let folder = URL(filePath: options.state ?? ".")
    let (station, agent) = try SimulatedSite.outpost(options, folder, hub: hub, seed: seed, logger)
    if case .success(let key) = agent.key { tell("key \(key.publicKey)") }
    let services: [any Service] = [TickerService(station: station)] + agent.services
    let group = ServiceGroup(configuration: .init(services: services, logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
      tasks.addTask { try await group.run() }
      if drain {
        try await Self.drained(agent)
        await group.triggerGracefulShutdown()
      } else {
        try await Worker(station: station, agent: agent).work { tell("green \($0)") }
      }
      try await tasks.waitForAll()
    }
  }

  /// Not buffered: a line that waits in a buffer would be lost with the process.
  private func tell(_ line: String) {
    let bytes = Array("\(line)\n".utf8)
    _ = unsafe write(STDOUT_FILENO, bytes, bytes.count)
  }

  private static func drained(_ agent: StationAgent) async throws {
    while true {
      let pending = try await agent.journal.perform { ledger throws(LedgerError) in
        try ledger.position(.records).pending + ledger.position(.telemetry).pending
      }
      if pending == 0 { return }
      agent.syncNow.ring()
      try await Task.sleep(for: .milliseconds(200))
    }
  }

  /// Does what the panel asks for, as a worker would who never tires.
  private struct Worker {
    let station: SimulatedStation
    let agent: StationAgent

    func work(_ green: (String) -> Void) async throws {
      var (last, grams): (String?, Int) = (nil, 200)
      var isLoaded = false
      let remove = {
        isLoaded = false
        order("remove")
      }
      while true {
        guard
          let (meaning, parcel) = await agent.reactor.ask({ workflow in
            (workflow.workflow.meaning, agent.board.fields["parcel"]?.string)
          })
        else { return }
        switch meaning {
        case .idle, .done:
          if meaning == .done, let parcel, parcel != last {
            last = parcel
            green(parcel)
          }
          // Whoever pushes at the parcel again and again never lets the scale come to rest.
          guard !isLoaded else { break }
          isLoaded = true
          grams = grams % 9000 + 137
          order("place \(grams)")
        case .clearScale, .tooLight, .tooHeavy: remove()
        case .readyToPrint, .printerTrouble, .askLabel, .askSeal: order("press go")
        case .readyToSeal:
          remove()
          order("press go")
        case .resetNeeded: order("press cancel")
        default: break
        }
        try await Task.sleep(for: .milliseconds(60))
      }
    }

    private func order(_ text: String) { station.change { _ = $0.perform(text) } }
  }
}

extension SimulatedSite {
  /// A station without a hub of its own, on a state folder that may have been left by a kill.
  static func outpost(
    _ options: SiteOptions,
    _ folder: URL,
    hub: String,
    seed: UInt64,
    _ logger: Logger
  ) throws -> (SimulatedStation, StationAgent) {
    let machine = try SiteMachine(options)
    let config = try outpostConfig(options, machine, folder, hub: hub)
    let station = try machine.station(config, labels: 1_000_000, seed: seed)
    let agent = try StationAgent(
      config: config,
      hardware: Hardware(
        scale: DeviceOpener(station.scale),
        printer: station.printer,
        lines: { _, _ in station.lines.bank },
        watchForPlugs: { _ in }
      ),
      uplink: HTTPUplink(
        HTTPUplink.Settings(url: hub),
        key: Result { () throws(StationKeyError) in try StationKeyFile.load(folder.path) }
      ),
      notifier: ServiceNotifier(socket: nil),
      logger: logger
    )
    return (station, agent)
  }
}
