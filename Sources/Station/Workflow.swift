package import Domain

/// The `dispatch` job (代发): weigh, label, seal, done — a pure machine of events and effects.
///
/// It has no clock, no thread and no input or output, so whatever a worker can live through can be
/// replayed from a list of events. The rules it keeps:
/// - An intent is committed before its action can begin, and the button only releases it.
/// - A weight is taken only when stable, in range, and after the scale has been back at zero.
/// - `done` is shown only after the commit of the parcel's record was confirmed.
package struct Workflow: Sendable {
  /// The parcel in hand.
  struct Open: Hashable, Sendable {
    var number: ParcelNumber
    var mass: Mass
    var shipment: Shipment?
    var labelCopy = 1
    var sealCopy = 0
    /// What the machine does to it.
    var closing = PhysicalAction.seal
    /// How the machine's last cycle for it went, until that is on disk.
    var trace: CycleTrace?
    /// Whether the parcel had been finished and only a copy of its label is being made.
    var isReprint = false
  }

  /// What a commit leads to once it is confirmed.
  enum Next: Hashable, Sendable {
    case armed
    case print
    case sealArmed
    case done
    case cleared
    case nextDoubt
  }

  /// What the worker is asked about.
  enum Question: Hashable, Sendable {
    case label
    /// Whether the parcel is sealed or strapped.
    case closing
  }

  enum Phase: Hashable, Sendable {
    case starting
    /// Nothing in hand.
    case idle
    /// Waiting for a commit.
    case saving(Next)
    /// The label's intent is on disk; GO prints.
    case armed
    case printing
    /// Nothing was sent to the printer; GO tries again.
    case labelHeld
    /// The seal's intent is on disk; GO seals.
    case sealArmed
    case sealing
    /// The worker must say whether the action happened.
    case asking(Question, failed: Bool)
    case stopped
  }

  package let plan: Plan
  let site: SiteID
  let epoch: Epoch
  var phase = Phase.starting
  var nextSerial = 1
  var open: Open?
  /// The last finished parcel, for a reprint.
  var last: Open?
  var doubts: [Doubt] = []

  /// The ledger could not be opened, so that the start never ends.
  var hasNoLedger = false

  var reading: Reading?
  var scale = Readiness.absent
  var printer = Readiness.absent
  var scanner = Readiness.absent
  var scan = ScanState.none
  /// What the panel says of a scan that was refused, and until when.
  var notice: (meaning: Meaning, until: Instant)?
  var hindrance: Hindrance?
  /// A button or the pedal does not come up.
  var isButtonStuck = false
  /// Whether the scale has been at zero since the last parcel's weight was taken.
  var wasZero = false
  /// GO was pressed while the intent was on its way to the disk.
  var isGoWaiting = false
  /// The green light of the last parcel still stands.
  var showsDone = false

  var pending: (token: Int, entries: [Entry])?
  var nextToken = 1
  /// When a failed commit is tried again; not while it is being tried.
  var retryAt: Instant?
  /// Whether the pending commit has failed at least once.
  var isUnsaved = false
  var lastMeaning = Meaning.starting

  /// Makes the workflow of one station; nothing happens before `recovered`.
  package init(plan: Plan, site: SiteID, epoch: Epoch) {
    self.plan = plan
    self.site = site
    self.epoch = epoch
  }

  /// When a `tick` is due; `nil` while nothing waits for time.
  package var deadline: Instant? { [retryAt, notice?.until].compactMap(\.self).min() }

  /// Whether no parcel is in hand, so that the scale may be zeroed or tared.
  package var isFree: Bool { phase == .idle }

  /// Whether nothing at all is under way: no parcel, no scan, no load on the scale.
  package var isAtRest: Bool { phase == .idle && scan == .none && !isBusy && isScaleFree }

  private var isScaleFree: Bool { scale != .ready || reading.map(isAtZero) ?? true }

  /// Whether a long press may switch the machine off: with something in hand, or a latch to be
  /// reset, it is an overlong press of CANCEL and nothing else.
  package var takesMachineOff: Bool {
    guard hindrance != .emergencyStop, hindrance != .resetNeeded else { return false }
    return plan.closing != nil && phase == .idle && scan == .none
  }

  /// Whether something is under way that is better brought to its end before a stop.
  package var isBusy: Bool {
    switch phase {
    case .saving, .printing, .sealing: true
    case .starting, .idle, .armed, .labelHeld, .sealArmed, .asking, .stopped: false
    }
  }

  /// The number of the parcel in hand, or of the last one while its green light stands.
  package var parcel: ParcelNumber? { open?.number ?? (showsDone ? last?.number : nil) }

  /// The trusted weight of that parcel.
  package var mass: Mass? { open?.mass ?? (showsDone ? last?.mass : nil) }

  /// Takes one event.
  ///
  /// - Parameters:
  ///   - event: What happened.
  ///   - now: When, on the monotonic clock.
  /// - Returns: What is to be done about it, in this order.
  package mutating func handle(_ event: StationEvent, at now: Instant) -> [Effect] {
    var effects = respond(to: event, at: now)
    let meaning = self.meaning
    if meaning != lastMeaning, meaning.row.beep != .none { effects.append(.beep(meaning.row.beep)) }
    lastMeaning = meaning
    return effects
  }

  private mutating func respond(to event: StationEvent, at now: Instant) -> [Effect] {
    guard phase != .stopped else { return [] }
    switch event {
    case .recovered(let serial, let doubts): return recover(nextSerial: serial, doubts)
    case .noLedger: hasNoLedger = true
    case .pressed(let button): return press(button)
    case .machineOff: return takesMachineOff ? [.machineOff, .beep(.long)] : [.beep(.triple)]
    case .buttonStuck(let isStuck): isButtonStuck = isStuck
    case .reading(let reading): return weigh(reading)
    case .scale(let readiness): return scaleChanged(readiness)
    case .printer(let readiness): printer = readiness
    case .scanner(let readiness): scanner = readiness
    case .scanned(let scanned): return self.scanned(scanned, at: now)
    case .lookedUp(let waybill, let isKnown): return lookedUp(waybill, isKnown: isKnown, at: now)
    case .label(let id, let result): return labelEnded(id, result)
    case .hindered(let hindrance): self.hindrance = hindrance
    case .sealed(let evidence, let trace): return sealed(evidence, trace)
    case .sealFailed(let isCertain, let trace):
      guard phase == .sealing else { break }
      open?.trace = trace
      phase = .asking(.closing, failed: isCertain)
    case .committed(let token): return committed(token)
    case .commitFailed(let token):
      guard pending?.token == token else { break }
      retryAt = now + .seconds(5)
      isUnsaved = true
      // Nobody expects a label minutes after the press.
      isGoWaiting = false
    case .tick:
      if let until = notice?.until, until <= now { notice = nil }
      // One try at a time: two that both reach the disk would write everything twice.
      if let due = retryAt, due <= now, let pending {
        retryAt = nil
        return [.commit(pending.token, pending.entries)]
      }
    case .stop:
      phase = .stopped
    }
    return []
  }
}

// MARK: Weighing

extension Workflow {
  private mutating func weigh(_ reading: Reading) -> [Effect] {
    self.reading = reading
    // The green light belongs to the last parcel: it ends with the first news of another load.
    if reading.state != .moving, !isAtZero(reading), acceptable(reading) != last?.mass {
      showsDone = false
    }
    if isAtZero(reading) {
      wasZero = true
      if phase == .armed { return withdraw() }
    } else if reading.state == .negative || reading.state == .under {
      // The scale was zeroed with something on it: whatever it weighed before is worth nothing.
      wasZero = false
      if phase == .armed { return withdraw() }
    } else if let mass = acceptable(reading) {
      return arm(mass)
    }
    return []
  }

  private func isAtZero(_ reading: Reading) -> Bool {
    guard reading.state == .zero || reading.state == .stable, let mass = reading.mass else {
      return false
    }
    return mass.magnitude <= plan.zeroBand
  }

  /// The weight, if it may be trusted for a parcel.
  func acceptable(_ reading: Reading) -> Mass? {
    guard reading.state == .stable, let mass = reading.mass else { return nil }
    guard mass >= plan.least, mass <= plan.greatest, isAsExpected(mass) else { return nil }
    return mass
  }

  func isAsExpected(_ mass: Mass) -> Bool {
    plan.expected.map { (mass - $0.mass).magnitude <= $0.tolerance } ?? true
  }

  /// Whether the intent on disk speaks of this weight.
  func isArmed(with mass: Mass?) -> Bool {
    guard let mass, let armed = open?.mass else { return false }
    return (mass - armed).magnitude <= plan.flicker
  }

  mutating func arm(_ mass: Mass) -> [Effect] {
    switch phase {
    case .idle:
      guard wasZero, !plan.scans || shipment != nil else { return [] }
      showsDone = false
      notice = nil
      open = Open(
        number: ParcelNumber(site: site, epoch: epoch, serial: nextSerial),
        mass: mass,
        shipment: shipment,
        closing: plan.closing ?? .seal
      )
      nextSerial += 1
    case .armed:
      guard !isArmed(with: mass) else { return [] }
      open?.mass = mass
    default: return []
    }
    guard let intent = labelIntent else { return [] }
    return save([.intent(intent)], then: .armed)
  }

  private mutating func withdraw() -> [Effect] {
    guard let open else { return [] }
    let id = ActionID(parcel: open.number, action: .label, copy: open.labelCopy)
    self.open = nil
    return save(
      [.outcome(id, .withdrawn, .none), .voided(open.number, reason: "taken off the scale")],
      then: .cleared
    )
  }

  private mutating func scaleChanged(_ readiness: Readiness) -> [Effect] {
    scale = readiness
    guard readiness != .ready else { return [] }
    // After a power cut a scale may take the load for zero: only a zero seen anew will do.
    wasZero = false
    showsDone = false
    reading = nil
    return phase == .armed ? withdraw() : []
  }
}

// MARK: Commits

extension Workflow {
  mutating func save(_ entries: [Entry], then next: Next) -> [Effect] {
    let token = nextToken
    nextToken += 1
    pending = (token, entries)
    phase = .saving(next)
    return [.commit(token, entries)]
  }

  private mutating func committed(_ token: Int) -> [Effect] {
    guard let pending, pending.token == token, case .saving(let next) = phase else { return [] }
    self.pending = nil
    retryAt = nil
    isUnsaved = false
    switch next {
    case .armed: return armed()
    case .print: return startPrinting()
    case .sealArmed: phase = .sealArmed
    case .done:
      if open?.isReprint == false { scan = .none }
      last = open
      open = nil
      showsDone = true
      phase = .idle
    case .cleared:
      open = nil
      phase = .idle
    case .nextDoubt: return askNextDoubt()
    }
    return []
  }

  private mutating func armed() -> [Effect] {
    phase = .armed
    defer { isGoWaiting = false }
    // The world went on while the disk was busy: a scale lost or zeroed meanwhile counts too.
    guard scale == .ready, wasZero, let reading else { return withdraw() }
    if isAtZero(reading) || reading.state == .negative { return withdraw() }
    if let mass = acceptable(reading), !isArmed(with: mass) { return arm(mass) }
    return isGoWaiting ? go() : []
  }

  var labelIntent: Intent? {
    open.map { open in
      Intent(
        id: ActionID(parcel: open.number, action: .label, copy: open.labelCopy),
        mass: open.mass,
        shipment: open.shipment
      )
    }
  }

  var sealIntent: Intent? {
    open.map { open in
      Intent(
        id: ActionID(parcel: open.number, action: open.closing, copy: open.sealCopy),
        mass: open.mass,
        shipment: open.shipment
      )
    }
  }
}
