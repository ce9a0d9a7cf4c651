import Agent
import Domain
import Drivers
import Foundation
import Hub
import Logging
import ServiceLifecycle
import Simulator
import Synchronization
import Uplink

/// A whole station on simulated devices with a hub of its own: the daemon's services, as they are.
struct SimulatedSite: Sendable {
  let config: StationConfig
  let station: SimulatedStation
  let agent: StationAgent
  let link: CuttableUplink
  let hub: SQLiteHubStore
  /// The folder that holds all of it.
  let folder: URL

  /// Sets a site up, runs it while the body runs, and shuts it down in order.
  static func run<Value: Sendable>(
    _ options: SiteOptions,
    seed: UInt64,
    logger: Logger,
    _ body: @escaping @Sendable (SimulatedSite) async throws -> Value
  ) async throws -> Value {
    // The lifecycle's own talk is about its mechanics.
    var quiet = logger
    quiet.logLevel = max(logger.logLevel, .warning)
    let folder = try makeFolder(options.state)
    let hub = try SQLiteHubStore(path: folder.appending(path: "hub.sqlite").path)
    let (ports, port) = AsyncStream.makeStream(of: Int.self)
    let server = try HubApplication(
      store: hub,
      settings: .init(port: 0),
      logger: quiet,
      onListening: { port.yield($0) }
    )

    return try await withThrowingTaskGroup(of: Void.self) { group in
      let hubGroup = ServiceGroup(configuration: .init(services: [server], logger: quiet))
      group.addTask { try await hubGroup.run() }
      guard let bound = await ports.first(where: { _ in true }) else { throw CancellationError() }

      let key = try StationKeyFile.load(folder.path)
      guard let id = SiteID("SM017") else { throw CancellationError() }
      _ = try await hub.change(id, .approve(key.publicKey), at: HubApplication.wallClock())
      let site = try make(options, folder, hub, port: bound, seed: seed, logger: logger)
      let services: [any Service] = [TickerService(station: site.station)] + site.agent.services
      let stationGroup = ServiceGroup(configuration: .init(services: services, logger: quiet))
      group.addTask { try await stationGroup.run() }
      let value: Value
      do { value = try await body(site) } catch {
        await stationGroup.triggerGracefulShutdown()
        await hubGroup.triggerGracefulShutdown()
        throw error
      }
      await stationGroup.triggerGracefulShutdown()
      try await group.next()
      await hubGroup.triggerGracefulShutdown()
      try await group.waitForAll()
      return value
    }
  }

  private static func makeFolder(_ path: String?) throws -> URL {
    let folder =
      path.map { URL(filePath: $0) }
      ?? FileManager.default.temporaryDirectory.appending(path: "yizhan-\(UUID().uuidString)")
    try FileManager.default.createDirectory(
      at: folder.appending(path: "labels"),
      withIntermediateDirectories: true
    )
    return folder
  }

  private static func make(
    _ options: SiteOptions,
    _ folder: URL,
    _ hub: SQLiteHubStore,
    port: Int,
    seed: UInt64,
    logger: Logger
  ) throws -> SimulatedSite {
    let machine = try SiteMachine(options)
    let config = try loadConfig(options, machine, folder, port: port)
    let station = try machine.station(config, labels: 50, seed: seed)
    let link = CuttableUplink(
      HTTPUplink(
        HTTPUplink.Settings(url: "http://127.0.0.1:\(port)"),
        key: try StationKeyFile.load(folder.path)
      )
    )
    let agent = try StationAgent(
      config: config,
      hardware: Hardware(
        scale: DeviceOpener(station.scale),
        scanners: config.scanners.indices.map { DeviceOpener(station.scanner($0)) },
        printer: station.printer,
        lines: { _, _ in station.lines.bank },
        watchForPlugs: { _ in }
      ),
      uplink: link,
      notifier: ServiceNotifier(socket: nil),
      logger: logger
    )
    return SimulatedSite(
      config: config,
      station: station,
      agent: agent,
      link: link,
      hub: hub,
      folder: folder
    )
  }

  /// The config of an outpost: no scanner, for its worker has no hands for one.
  static func outpostConfig(
    _ options: SiteOptions,
    _ machine: SiteMachine,
    _ folder: URL,
    hub: String
  ) throws -> StationConfig {
    let text = yaml(folder, machine, hub: hub)
      .replacing("scanners: [{profile: hid-pos-scanner}]\n", with: "")
      .replacing("steps: [scan, ", with: "steps: [")
    let file = folder.appending(path: "station.yaml")
    try text.write(to: file, atomically: true, encoding: .utf8)
    return try ConfigLoader(search: .installed.preceded(by: [options.devices]))
      .load(file: file.path)
  }

  private static func loadConfig(
    _ options: SiteOptions,
    _ machine: SiteMachine,
    _ folder: URL,
    port: Int
  ) throws -> StationConfig {
    let file = folder.appending(path: "station.yaml")
    try yaml(folder, machine, hub: "http://127.0.0.1:\(port)")
      .write(to: file, atomically: true, encoding: .utf8)
    return try ConfigLoader(search: .installed.preceded(by: [options.devices]))
      .load(file: file.path)
  }

  /// The config of a point with everything: what a technician would write for it.
  private static func yaml(_ folder: URL, _ machine: SiteMachine, hub: String) -> String {
    """
    site: SM017
    name: 小街镇示范村
    hub: {url: "\(hub)", splay: 0 s, allow-plain-http: true}
    paths: {state: "\(folder.path)", socket: "\(folder.path)/control.sock"}
    scale: {profile: hid-pos}
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
    \(machine.yaml)
    jobs:
      dispatch: {button: go, steps: [scan, weigh, label, \(machine.step)]}
    """
  }
}

/// Moves the simulated devices along with the clock.
struct TickerService: Service {
  let station: SimulatedStation

  func run() async throws {
    await cancelWhenGracefulShutdown { await station.run() }
  }
}

/// The real way to the hub, with a cable that can be pulled.
final class CuttableUplink: Uplink {
  private let inner: HTTPUplink
  private let isCutNow = Mutex(false)

  init(_ inner: HTTPUplink) {
    self.inner = inner
  }

  var bytesMoved: Int64 { inner.bytesMoved }

  var isCut: Bool {
    get { isCutNow.withLock(\.self) }
    set { isCutNow.withLock { $0 = newValue } }
  }

  func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt {
    guard !isCut else { throw .unreachable(cause: "the cable is pulled") }
    let receipt = try await inner.deliver(batch)
    // Pulled while the answer was on its way: the hub has it, the station does not know.
    guard !isCut else { throw .unreachable(cause: "the cable was pulled before the answer came") }
    return receipt
  }
}
