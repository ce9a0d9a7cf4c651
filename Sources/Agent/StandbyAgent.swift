import Domain
package import Drivers
package import Ledger
package import Logging
package import ServiceLifecycle
import Station
import Synchronization

/// A station whose ledger cannot be opened: lamps and status say so, outputs stay safe, nothing
/// begins, and once the ledger can be opened it makes way for a ``StationAgent``.
///
/// Without it the lamps of a point with a worn-out card would be dark, which looks like no power.
package struct StandbyAgent: Sendable {
  /// The services in the order of their dependence; ``watch`` is the one that ends by itself.
  package let services: [any Service]
  package let watch: LedgerWatch
  package let reactor: Reactor
  package let board: StatusBoard

  /// Wires everything; nothing runs yet.
  ///
  /// - Parameters:
  ///   - config: What the station is.
  ///   - error: Why its ledger cannot be opened.
  ///   - lines: Requests the lines; called on the thread that will use them.
  ///   - notifier: Tells systemd.
  ///   - logger: For the technician.
  ///   - interval: How long to wait between two tries.
  package init<Bank: LineBank & SendableMetatype>(
    config: StationConfig,
    error: LedgerError,
    lines: @escaping @Sendable (Wiring, @escaping BoardReport) throws -> Bank,
    notifier: ServiceNotifier,
    logger: Logger,
    interval: Duration = .seconds(5)
  ) {
    let board = StatusBoard()
    let reactor = Reactor(sink: StandbySink(board: board))
    self.board = board
    self.reactor = reactor
    watch = LedgerWatch(config: config, error: error, board: board, logger: logger, interval)
    watch.tell(error)
    notifier.status("\(error)")
    reactor.post(.noLedger)
    services = [
      watch,
      ControlService(
        server: ControlServer(
          path: config.controlSocket,
          version: Version.current,
          backend: StandbyBackend(config: config, board: board, watch: watch)
        )
      ),
      ReactorService(
        reactor: reactor,
        start: StationAgent.start(reactor, config, Epoch(0), lines) {
          board.device("board \($0)", $1)
        },
        notifier: notifier,
        logger: logger
      ),
      WatchdogService(
        reactor: reactor,
        notifier: notifier,
        feedsRelay: config.heartbeat != nil,
        isLast: false
      ),
    ]
  }
}

/// Tries again and again to open a ledger, and ends when it is open.
package final class LedgerWatch: Service {
  private let config: StationConfig
  private let board: StatusBoard
  private let logger: Logger
  private let interval: Duration
  private let refusal: Mutex<LedgerError>
  private let opened = Mutex<LedgerOpening?>(nil)

  init(
    config: StationConfig,
    error: LedgerError,
    board: StatusBoard,
    logger: Logger,
    _ interval: Duration
  ) {
    self.config = config
    self.board = board
    self.logger = logger
    self.interval = interval
    refusal = Mutex(error)
  }

  /// Why the ledger cannot be opened.
  var error: LedgerError { refusal.withLock(\.self) }

  /// The ledger, once it is open; `nil` where the daemon was asked to stop before.
  package var opening: LedgerOpening? { opened.withLock(\.self) }

  package func run() async throws {
    try await cancelWhenGracefulShutdown { [self] in
      while !Task.isCancelled, opening == nil {
        try? await Task.sleep(for: interval)
        guard !Task.isCancelled else { return }
        // A check of a large file takes its time, and a failing disk even longer.
        try await PrivateThread.run("yizhan-ledger") { self.attempt() }
      }
    }
    if opening != nil { logger.notice("the ledger can be opened again; the station starts") }
  }

  private func attempt() {
    do throws(LedgerError) {
      let opening = try StationAgent.open(config)
      opened.withLock { $0 = opening }
    } catch {
      let isNews = refusal.withLock { last in
        defer { last = error }
        return last != error
      }
      if isNews { tell(error) }
    }
  }

  func tell(_ error: LedgerError) {
    let text = Meaning.noLedger.row.text
    logger.critical("\(text.zh) \(text.en): \(error)")
    board.hint("ledger", "\(error)")
  }
}

/// Without a ledger nothing is written, printed or asked.
private struct StandbySink: ReactorSink {
  let board: StatusBoard

  func commit(_ token: Int, _ entries: [Entry]) {}
  func print(_ intent: Intent) {}
  func lookUp(_ waybill: String) {}
  func notice(_ notice: StationCore.Notice, at now: Instant) { board.notice(notice) }
}

/// Tells on the control socket why nothing goes, and does nothing else.
private struct StandbyBackend: ControlBackend {
  let config: StationConfig
  let board: StatusBoard
  let watch: LedgerWatch

  private var refusal: VarlinkError { .unavailable("\(watch.error)") }

  func status() async -> JSON {
    var fields = board.fields
    fields["site"] = .string(config.site.text)
    fields["name"] = .string(config.name)
    fields["version"] = .string(Version.current)
    fields["clock"] = .string(SystemClock().timestamp().quality.rawValue)
    fields["ledger"] = .object(["error": .string("\(watch.error)")])
    fields["sync"] = await sync()
    return .object(fields)
  }

  func sync() async -> JSON {
    .object([
      "state": .string(StatusBoard.Link.State.never.rawValue), "hub": .optional(config.hub?.url),
      "lastError": .string("\(watch.error)"),
    ])
  }

  func devices() async -> [JSON] { [] }
  func events() -> AsyncStream<JSON> { board.events() }
  func ledgerTail(limit: Int, lane: Lane?) async throws -> [JSON] { throw refusal }
  func scale(_ request: ScaleRequest, by peer: ControlPeer) async throws -> JSON { throw refusal }
  func machine() async -> JSON { .null }
  func machine(_ request: MachineRequest, by peer: ControlPeer) async throws -> JSON {
    throw refusal
  }
  func test(_ request: LampTest.Request, by peer: ControlPeer) async throws -> JSON {
    throw refusal
  }
  func sync(_ order: SyncOrder) async throws -> JSON { throw refusal }
  func enrolment() async throws -> JSON { throw refusal }
  func enrolmentLabel(by peer: ControlPeer) async throws -> JSON { throw refusal }
}
