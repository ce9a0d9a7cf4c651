import Domain
package import Drivers
package import Labels
package import Ledger
package import Logging
package import ServiceLifecycle
package import Station
package import Uplink

/// What may just have been plugged in.
package enum Plugged: Hashable, Sendable {
  /// Something that may be a scale or a scanner.
  case device
  case printer
  /// A chip of GPIO lines, which may as well have been unplugged.
  case lines
}

/// How a station reaches its devices: the real ones, or simulated ones.
package struct Hardware<Printer: PortOpener, Bank: LineBank>: Sendable
where Printer.Port: PrinterPort, Bank: SendableMetatype {
  package var scale: DeviceOpener
  /// In the order of the config.
  package var scanners: [DeviceOpener]
  package var printer: Printer
  /// Requests the lines; called on the thread that will use them.
  ///
  /// Boards on Modbus report how they fare.
  package var lines: @Sendable (Wiring, @escaping BoardReport) throws -> Bank
  /// Calls back whenever something is plugged in, until its task is cancelled.
  package var watchForPlugs: @Sendable (@escaping @Sendable (Plugged) -> Void) async -> Void

  package init(
    scale: DeviceOpener,
    scanners: [DeviceOpener] = [],
    printer: Printer,
    lines: @escaping @Sendable (Wiring, @escaping BoardReport) throws -> Bank,
    watchForPlugs: @escaping @Sendable (@escaping @Sendable (Plugged) -> Void) async -> Void
  ) {
    self.scale = scale
    self.scanners = scanners
    self.printer = printer
    self.lines = lines
    self.watchForPlugs = watchForPlugs
  }
}

/// A whole station: config and hardware in, services out.
///
/// It is the one place where all parts meet.
package struct StationAgent: Sendable {
  /// The services in the order of their dependence; a stop goes the other way.
  package let services: [any Service]
  package let reactor: Reactor
  package let board: StatusBoard
  package let journal: Journal
  /// Told the hub's time whenever an answer brings it.
  package let clockKeeper: ClockKeeper
  /// Rung to try the hub at once instead of waiting out the back-off.
  package let syncNow = Bell()
  /// This box's own key; made at the first start.
  package let key: Result<StationKey, StationKeyError>

  /// Opens the ledger, tries the label, and wires everything; nothing runs yet.
  ///
  /// - Parameters:
  ///   - config: What the station is.
  ///   - hardware: Its devices.
  ///   - uplink: The way to the hub; `nil` where none is configured.
  ///   - notifier: Tells systemd.
  ///   - logger: For the technician.
  ///   - opening: The ledger, where it is open already.
  /// - Throws: `LedgerError` or `LabelError`, before any output has been touched.
  package init<Printer, Bank>(
    config: StationConfig,
    hardware: Hardware<Printer, Bank>,
    uplink: (any Uplink)?,
    notifier: ServiceNotifier,
    logger: Logger,
    opening: LedgerOpening? = nil
  ) throws {
    let clock = SystemClock()
    let opening = try opening ?? Self.open(config)
    let ledger = opening.ledger
    let board = StatusBoard()
    Self.tell(opening, board, logger)
    let language = try config.language
    let press = LabelPress(
      style: config.style(language),
      renderer: LabelRenderer(
        font: try FontFace(path: config.fontFile),
        density: config.printer.density
      )
    )
    try press.rehearse()

    let journal = Journal(ledger: ledger)
    let keeper = ClockKeeper(journal: journal, now: { clock.timestamp() }, logger: logger)
    let queue = PrintQueue()
    let desk = Desk(
      journal: journal,
      press: press,
      queue: queue,
      board: board,
      time: { keeper.printed() },
      logger: logger
    )
    let reactor = Reactor(sink: desk)
    desk.answer(to: reactor)
    let recovery = try ledger.reader.recover(now: clock.timestamp())
    let doubts = try ledger.reader.doubts(recovery)
    reactor.post(.recovered(nextSerial: recovery.nextSerial, doubts: doubts))

    let bells = (scale: Bell(), printer: Bell(), scanners: config.scanners.map { _ in Bell() })
    let scale = config.scaleSession(hardware.scale, bells.scale)
    key = Self.key(config, logger)
    let forked = Bell()
    var sync: SyncService?
    if let uplink {
      sync = SyncService(
        site: config.site,
        journal: journal,
        uplink: uplink,
        board: board,
        clock: clock,
        logger: logger,
        hurry: syncNow,
        splay: Backoff.splay(config.site, most: config.hub?.splay ?? .zero),
        purse: config.hub?.bytesPerDay.map { bytes in
          LinkPurse(
            folder: config.stateDirectory,
            bytesPerDay: bytes,
            now: { clock.timestamp() },
            logger: logger
          )
        },
        events: SyncEvents(
          linkChanged: { reactor.link(isUp: $0) },
          hubTime: { keeper.hubTime($0, roundTrip: $1) },
          forked: { forked.ring() }
        )
      )
    }
    let control = ControlServer(
      path: config.controlSocket,
      version: Version.current,
      backend: Backend(
        config: config,
        board: board,
        journal: journal,
        scale: scale,
        reactor: reactor,
        desk: desk,
        key: key,
        keeper: keeper,
        syncService: sync,
        forked: forked
      )
    )
    self.reactor = reactor
    self.board = board
    self.journal = journal
    clockKeeper = keeper
    var services: [any Service] = [
      JournalService(
        journal: journal,
        clock: keeper,
        inDoubt: doubts.count,
        reactor: reactor,
        logger: logger
      )
    ]
    if let sync { services.append(sync) }
    services.append(
      LedgerRenewal(
        reactor: reactor,
        bell: forked,
        patience: opening.isUnsettled ? .seconds(3600) : .zero,
        isDue: ledger.fork != nil,
        logger: logger
      )
    )
    services += [
      ControlService(server: control),
      PlugService(watch: hardware.watchForPlugs) { plugged in
        switch plugged {
        case .device: for bell in [bells.scale] + bells.scanners { bell.ring() }
        case .printer: bells.printer.ring()
        case .lines: reactor.checkLines()
        }
      },
      ScaleService(session: scale, desk: desk),
      PrinterService(
        session: config.printerSession(hardware.printer, language, queue, bells.printer),
        desk: desk
      ),
      ReactorService(
        reactor: reactor,
        start: Self.start(reactor, config, journal.epoch, hardware.lines) { desk.board($0, $1) },
        notifier: notifier,
        logger: logger
      ),
      WatchdogService(
        reactor: reactor,
        notifier: notifier,
        feedsRelay: config.heartbeat != nil
      ),
    ]
    let scans = ScanDesk(desk: desk, carriers: config.carriers, board: board, logger: logger)
    services += config.scannerServices(hardware.scanners, bells.scanners, scans)
    if let quiet = config.panel.quiet {
      services.append(QuietHoursService(hours: quiet, clock: clock) { reactor.quiet($0) })
    }
    self.services = services
  }

  /// Opens the ledger of a station.
  package static func open(_ config: StationConfig) throws(LedgerError) -> LedgerOpening {
    let clock = SystemClock()
    return try Ledger.open(
      path: config.stateDirectory + "/ledger.sqlite",
      policy: .standard,
      now: { clock.timestamp() }
    )
  }

  /// Tells of a ledger that is not the one of before.
  private static func tell(_ opening: LedgerOpening, _ board: StatusBoard, _ logger: Logger) {
    if let refusal = opening.refusal { logger.error("\(refusal)") }
    guard let salvaged = opening.salvaged else { return }
    let text = salvaged.forks.isEmpty ? LedgerRenewal.salvaged : LedgerRenewal.renewed
    logger.critical("\(text.zh) \(text.en): \(salvaged.body.text)")
    board.hint("ledger", "\(text.zh) \(text.en)")
  }

  /// Without a key the station works on; only the hub takes nothing, and the link says why.
  private static func key(
    _ config: StationConfig,
    _ logger: Logger
  ) -> Result<StationKey, StationKeyError> {
    do throws(StationKeyError) {
      let key = try StationKeyFile.load(config.stateDirectory)
      logger.info("this box's key is \(key.publicKey.fingerprint)")
      return .success(key)
    } catch {
      logger.critical("\(error)")
      return .failure(error)
    }
  }

  /// What the reactor's thread does: request the lines, make the core, run.
  static func start<Bank: LineBank & SendableMetatype>(
    _ reactor: Reactor,
    _ config: StationConfig,
    _ epoch: Epoch,
    _ lines: @escaping @Sendable (Wiring, @escaping BoardReport) throws -> Bank,
    _ report: @escaping BoardReport
  ) -> @Sendable () throws -> Void {
    {
      let wiring = Wiring(config)
      let bank = try lines(wiring, report)
      let core = StationCore(
        wiring: wiring,
        machine: config.machine?.rules,
        workflow: Workflow(plan: config.plan, site: config.site, epoch: epoch),
        panel: Panel(beeps: config.panel.beeps)
      )
      do throws(PortError) {
        try reactor.run(bank, core: core)
      } catch {
        throw Trouble(lines: error)
      }
    }
  }
}

extension LedgerReader {
  /// What the worker must be asked, of this ledger and of those before it.
  package func doubts(_ recovery: Recovery) throws(LedgerError) -> [Doubt] {
    var doubts: [Doubt] = []
    for intent in recovery.inDoubt {
      let parcel = try parcel(intent.id.parcel)
      doubts.append(
        Doubt(
          intent: intent,
          parcelIsDone: parcel?.state == .done,
          labelCopy: parcel?.labelCopy ?? 1
        )
      )
    }
    return doubts
  }
}

extension Trouble {
  /// Lines that failed while the station worked.
  ///
  /// It ends then, and its unit starts it again until they are there: all that was in hand is in
  /// doubt, and there is one way back from doubt, the one that is taken after a power cut.
  fileprivate init(lines error: PortError) {
    self.init(
      attempted: "reading and driving the GPIO lines",
      device: "lines",
      cause: error == .vanished
        ? "a chip was unplugged" : error.trouble(attempted: "", device: "").cause,
      remedy: "check its cable; the station starts again by itself once the lines are there, and"
        + " `yizhan gpio list` shows them"
    )
  }
}

extension StationConfig {
  fileprivate var language: any LabelLanguage.Type {
    get throws {
      guard let language = LabelLanguages.named(printer.profile.language) else {
        throw Trouble(
          attempted: "choosing the label language",
          device: "printer \(printer.profile.id)",
          cause: "no language is called `\(printer.profile.language)`",
          remedy: "correct `language` in its profile"
        )
      }
      return language
    }
  }

  fileprivate func style(_ language: any LabelLanguage.Type) -> LabelPress.Style {
    LabelPress.Style(
      site: site,
      siteName: name,
      template: template,
      language: language,
      settings: printer.profile.settings,
      gap: printer.gap
    )
  }

  fileprivate func scaleSession(_ opener: DeviceOpener, _ bell: Bell) -> ScaleSession {
    ScaleSession(
      opener: opener,
      profile: scale.profile,
      line: scale.connection.line,
      now: { MonotonicClock.now() },
      pause: { _ = await bell.wait(within: $0) }
    )
  }

  fileprivate func scannerServices(
    _ openers: [DeviceOpener],
    _ bells: [Bell],
    _ desk: ScanDesk
  ) -> [any Service] {
    zip(scanners.indices, zip(openers, bells)).map { index, means in
      let (opener, bell) = means
      return ScannerService(
        session: ScannerSession(
          opener: opener,
          profile: scanners[index].profile,
          now: { MonotonicClock.now() },
          pause: { _ = await bell.wait(within: $0) }
        ),
        role: scanners.count == 1 ? "scanner" : "scanner \(index + 1)",
        desk: desk
      )
    }
  }

  fileprivate func printerSession<Opener: PortOpener>(
    _ opener: Opener,
    _ language: any LabelLanguage.Type,
    _ queue: PrintQueue,
    _ bell: Bell
  ) -> PrinterSession<Opener> {
    PrinterSession(
      opener: opener,
      language: language,
      options: .init(
        longestJob: printer.bytes(of: template),
        answersStatus: printer.profile.answersStatus
      ),
      jobs: queue,
      now: { MonotonicClock.now() },
      pause: { _ = await bell.wait(within: $0) }
    )
  }
}

extension StationConfig.Printer {
  /// How close the dots of the print head stand.
  package var density: DotDensity { profile.dotsPerInch == 300 ? .dpi300 : .dpi203 }

  /// How many bytes the image of a label has.
  fileprivate func bytes(of template: LabelTemplate) -> Int {
    (density.edge(template.width) + 7) / 8 * density.edge(template.height)
  }
}
