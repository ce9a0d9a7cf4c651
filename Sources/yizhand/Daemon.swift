import Agent
import ArgumentParser
import Drivers
import Glibc
import Ledger
import LinuxIO
import Logging
import ServiceLifecycle
import UnixSignals
import Uplink

@main
struct Daemon: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yizhand",
    abstract: "The station daemon (驿站守护进程): scale, printer, sealer, buttons and lamps.",
    discussion: """
      Started by systemd; see `systemctl status yizhand` and `journalctl -u yizhand`.

      EXAMPLES
        yizhand run --config /etc/yizhan/station.yaml
        yizhand outputs-off      switch every output off, as after a crash
      """,
    version: Version.current,
    subcommands: [Run.self, OutputsOff.self],
    defaultSubcommand: Run.self
  )
}

/// Where the config and what it names are found.
struct ConfigOptions: ParsableArguments {
  @Option(help: "The station's config.")
  var config = "/etc/yizhan/station.yaml"

  @Option(help: "A folder of device profiles, searched before the installed ones; repeatable.")
  var devices: [String] = []

  func load() throws -> StationConfig {
    try ConfigLoader(search: .installed.preceded(by: devices)).load(file: config)
  }
}

struct Run: AsyncParsableCommand {
  static let configuration = CommandConfiguration(abstract: "Run the station (default).")

  @OptionGroup var options: ConfigOptions

  @Option(help: "Log level: trace, debug, info, notice, warning, error.")
  var logLevel = "info"

  func run() async throws {
    // A peer that hangs up is an error of one call, never the end of the daemon.
    signal(SIGPIPE, SIG_IGN)
    let handler = JournaldLogHandler()
    LoggingSystem.bootstrap { _ in handler }
    var logger = Logger(label: "yizhand")
    guard let level = Logger.Level(rawValue: logLevel) else {
      throw ValidationError("there is no log level `\(logLevel)`")
    }
    logger.logLevel = level
    do {
      let config = try options.load()
      guard let opening = try await open(config, logger) else { return }
      let agent = try StationAgent(
        config: config,
        hardware: .linux(config),
        uplink: config.hub.map { HTTPUplink(hub: $0, stateDirectory: config.stateDirectory) },
        notifier: .ofEnvironment(),
        logger: logger,
        opening: opening
      )
      logger.info("yizhand \(Version.current) runs site \(config.site)")
      try await run(agent.services, logger)
    } catch {
      logger.critical("\(error)")
      throw ExitCode.failure
    }
  }

  /// Opens the ledger; where it cannot be opened, waits in the open until it can.
  ///
  /// - Returns: `nil` where the daemon was asked to stop meanwhile.
  private func open(_ config: StationConfig, _ logger: Logger) async throws -> LedgerOpening? {
    do throws(LedgerError) { return try StationAgent.open(config) } catch {
      let standby = StandbyAgent(
        config: config,
        error: error,
        lines: Hardware.linux(config).lines,
        notifier: .ofEnvironment(),
        logger: logger
      )
      try await run(standby.services, endingWith: standby.watch, logger)
      return standby.watch.opening
    }
  }

  /// Runs services until a signal, or until the one ends that may.
  private func run(
    _ services: [any Service],
    endingWith last: (any Service)? = nil,
    _ logger: Logger
  ) async throws {
    // The lifecycle's own talk is about its mechanics.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let group = ServiceGroup(
      configuration: .init(
        services: services.map { service in
          .init(
            service: service,
            successTerminationBehavior: service as AnyObject === last as AnyObject?
              ? .gracefullyShutdownGroup : .cancelGroup
          )
        },
        gracefulShutdownSignals: [.sigterm, .sigint],
        logger: quiet
      )
    )
    try await group.run()
  }
}

struct OutputsOff: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "outputs-off",
    abstract: "Drive every output inactive once, then let go of it.",
    discussion: "The unit runs this after the daemon has ended, however it ended."
  )

  @OptionGroup var options: ConfigOptions

  func run() throws {
    let config = try options.load()
    var bank = try StationLineBank(
      inputs: [],
      outputs: Wiring(config).outputs.map(\.line),
      consumer: "yizhand-off",
      buses: config.buses,
      report: { board, state in
        guard state != .ready else { return }
        // Whoever runs this wants to know what may still be on.
        complain("board \(board): \(state.word) \(state.detail)")
      }
    )
    bank.release()
  }
}

private func complain(_ text: String) {
  let line = text + "\n"
  _ = unsafe write(STDERR_FILENO, line, line.utf8.count)
}
