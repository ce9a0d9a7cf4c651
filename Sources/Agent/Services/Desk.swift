package import Domain
package import Drivers
import Labels
import Ledger
package import Logging
import Station
import Synchronization

/// Carries the core's wishes to the ledger and the printer, and their answers back.
package final class Desk: ReactorSink {
  private let journal: Journal
  let press: LabelPress
  let queue: PrintQueue
  private let board: StatusBoard
  private let time: @Sendable () -> String?
  private let logger: Logger
  /// Who waits for the label of this box's key.
  let enrolling = Mutex<CheckedContinuation<PrintResult?, Never>?>(nil)
  private let lastReading = Mutex<Reading?>(nil)
  private let lastRefusal = Mutex<LedgerError?>(nil)
  /// Set once, before the reactor runs; the reactor needs the desk to be made.
  private let reactor = Mutex<Reactor?>(nil)

  /// `time` is what labels print, `nil` while nobody knows it.
  package init(
    journal: Journal,
    press: LabelPress,
    queue: PrintQueue,
    board: StatusBoard,
    time: @escaping @Sendable () -> String?,
    logger: Logger
  ) {
    self.journal = journal
    self.press = press
    self.queue = queue
    self.board = board
    self.time = time
    self.logger = logger
  }

  /// Tells where answers go.
  package func answer(to reactor: Reactor) { self.reactor.withLock { $0 = reactor } }

  private func post(_ event: StationEvent) { reactor.withLock { $0 }?.post(event) }

  package func commit(_ token: Int, _ entries: [Entry]) {
    journal.append(entries) { result in
      switch result {
      case .success(let events):
        self.lastRefusal.withLock { $0 = nil }
        self.board.committed(events)
        self.post(.committed(token))
      case .failure(let error):
        self.tellOnce(error)
        self.post(.commitFailed(token))
      }
    }
  }

  /// The workflow tries again every few seconds: the same refusal is told once.
  private func tellOnce(_ error: LedgerError) {
    let isNews = lastRefusal.withLock { last in
      defer { last = error }
      return last?.kind != error.kind
    }
    guard isNews else { return }
    logger.error("\(error)")
    board.hint("ledger", "\(error)")
  }

  package func print(_ intent: Intent) {
    // The record is on disk before this is called, so it has a sequence.
    let record = journal.record(of: intent.id) ?? 0
    press.press(intent, record: record, time: time()) { result in
      switch result {
      case .success(let bytes):
        guard self.queue.submit(PrintJob(.action(intent.id), bytes: bytes)) else {
          self.logger.error("printing \(intent.id): the printer's queue is full; wait for it")
          return self.post(.label(intent.id, .notStarted))
        }
      case .failure(let error):
        self.logger.error("\(error)")
        self.post(.label(intent.id, .notStarted))
      }
    }
  }

  package func notice(_ notice: StationCore.Notice, at now: Instant) {
    board.notice(notice)
    switch notice {
    case .meaning(let meaning, let parcel, _):
      logger.debug(
        "\(meaning.row.text.en)",
        metadata: ["parcel": "\(parcel?.text ?? "-")"]
      )
    case .machine(let event): machine(event)
    case .edgesLost: logger.warning("edges were lost; the levels were read again")
    case .gesture(.stuck(let key)): report(key.role, .degraded(reason: Self.stuckReason))
    case .gesture(.freed(let key)): report(key.role, .ready)
    case .storm(let role, let isWild):
      if isWild {
        logger.warning("\(role): its line is wild, and not listened to until it is calm")
      }
      record(role)
    case .heartbeat(let lapse):
      if let lapse { logger.error("the pulses for the watchdog relay stopped: \(lapse.rawValue)") }
      record("heartbeat")
    case .pressed, .gesture, .lampTest, .signal, .output, .beep: break
    }
  }

  /// Says of the machine what a technician must know.
  private func machine(_ event: MachineEvent) {
    switch event {
    // A guard opened for the bag, a heater that is off for the night: nothing is wrong.
    case .blocked(nil), .blocked(.guardOpen), .blocked(.cold): board.device("machine", .ready)
    case .blocked(.busy), .running, .finished, .heating: break
    case .blocked(let blocker?): board.device("machine", .degraded(reason: blocker.text.en))
    case .failed(let fault):
      logger.warning("a cycle of the machine failed: \(fault.text.en)")
      board.hint("machine", fault.text.en)
    case .latched(let cause):
      logger.warning("the machine was switched off, and waits for a reset: \(cause.text.en)")
    case .odd(let oddity):
      logger.warning("machine: \(oddity.text.en)")
      board.hint("machine", oddity.text.en)
    }
  }

  /// Puts how a line fares on record.
  private func record(_ role: String) {
    guard let state = board.devices.first(where: { $0.role == role })?.state else { return }
    journal.append([.device(role: role, state: state.word, detail: state.detail)]) { result in
      if case .failure(let error) = result { self.logger.error("\(error)") }
    }
  }

  /// Takes what a printer's session tells.
  package func printer(_ event: PrinterEvent) {
    switch event {
    case .state(let state): device("printer", state) { .printer($0) }
    case .result(.enrolment, let result): enrolled(result)
    case .result(.action(let id), let result):
      switch result {
      case .printed(let evidence): post(.label(id, .printed(evidence)))
      case .notStarted(let reason):
        logger.warning("label \(id) not printed: \(reason)")
        post(.label(id, .notStarted))
      case .unknown(let reason):
        logger.warning("label \(id) in doubt: \(reason)")
        post(.label(id, .unknown))
      }
    }
  }

  /// Takes what a scale's session tells.
  package func scale(_ event: ScaleEvent) {
    switch event {
    case .state(let state): device("scale", state) { .scale($0) }
    case .reading(let reading):
      guard isWorthTelling(reading) else { return }
      board.reading(reading)
      post(.reading(reading))
    case .answer(let request, let answer): logger.info("scale: \(request.rawValue): \(answer)")
    case .hint(let text):
      logger.warning("scale: \(text)")
      board.hint("scale", text)
    }
  }

  /// Whether a reading brings news, or the last one has grown a second old: a scale that says zero
  /// five times a second would otherwise wake the reactor as often, all night.
  private func isWorthTelling(_ reading: Reading) -> Bool {
    lastReading.withLock { last in
      if let last, last.state == reading.state, last.mass == reading.mass,
        reading.at - last.at < .seconds(1)
      {
        return false
      }
      last = reading
      return true
    }
  }

  /// Asks the ledger whether a parcel carries this waybill.
  package func lookUp(_ waybill: String) {
    journal.read { reader throws(LedgerError) in
      try reader.knows(waybill: waybill)
    } then: { result in
      switch result {
      case .success(let isKnown): self.post(.lookedUp(waybill, isKnown: isKnown))
      // Without an answer the scan is not taken; the lamp goes on asking for it.
      case .failure(let error): self.logger.error("\(error)")
      }
    }
  }

  /// Hands an event to the workflow.
  func tell(_ event: StationEvent) { post(event) }

  /// Notes how a device fares, and tells the workflow.
  func device(
    _ role: String,
    _ state: DeviceState,
    _ event: (Readiness) -> StationEvent
  ) {
    if report(role, state) { post(event(state.readiness)) }
  }

  /// Takes what a board on Modbus tells of itself; what its lines tell counts for the workflow.
  package func board(_ id: String, _ state: DeviceState) { report("board \(id)", state) }

  /// Notes how a device fares.
  ///
  /// - Returns: Whether it is news; trying again and again is none.
  @discardableResult
  private func report(_ role: String, _ state: DeviceState) -> Bool {
    let previous = board.devices.first { $0.role == role }?.state
    guard state != .opening, state != previous else { return false }
    board.device(role, state)
    // What `journalctl -p warning` shows is what somebody should look at.
    logger.log(
      level: state == .ready ? .info : .warning,
      "\(role) is \(state.word)",
      metadata: ["detail": "\(state.detail)"]
    )
    journal.append([.device(role: role, state: state.word, detail: state.detail)]) { result in
      if case .failure(let error) = result { self.logger.error("\(error)") }
    }
    return true
  }

  private static let stuckReason = """
    down for more than 30 s, or since the start, and counts for nothing until it comes up: let it \
    go; if nobody touches it, look for a jam or a short in its cable, and whether `active` and \
    `bias` in station.yaml fit its wiring
    """
}

extension PanelKey {
  /// What its troubles are reported under.
  fileprivate var role: String { self == .pedal ? "pedal" : "button \(rawValue)" }
}

extension DeviceState {
  var readiness: Readiness {
    switch self {
    case .ready: .ready
    case .degraded: .degraded
    case .absent, .opening, .failed: .absent
    }
  }
}
