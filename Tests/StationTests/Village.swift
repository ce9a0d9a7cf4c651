import Domain
import Station

/// A station with a worker and devices that answer as a test wants, and an auditor of its promises.
///
/// The auditor looks at every effect: what breaks a promise is kept in ``violations``.
struct Village {
  /// Something that a worker, a device, the ledger or the power can do.
  enum Move: Hashable {
    case press(Button)
    case weigh(Reading.State, Int?)
    case scale(Readiness)
    case printer(Readiness)
    case hinder(Hindrance?)
    /// The commit under way succeeds or fails.
    case saved, unsaved
    /// The label under way ends so.
    case label(LabelResult)
    case sealed
    case sealFailed(certain: Bool)
    case scan(Scanned)
    case scanner(Readiness)
    /// The ledger answers whether it knows the waybill that it was asked for.
    case lookedUp
    case tick
    /// The power fails and comes back; the commit under way has reached the disk or not.
    case restart(landed: Bool)
  }

  enum Attempt {
    case underWay, notStarted, over
  }

  static let site = SiteID("SM017")
  static let epoch = Epoch(0xABCDE)

  let plan: Plan
  private(set) var workflow: Workflow
  private(set) var now = Instant.zero
  /// The effects of the last move.
  private(set) var effects: [Effect] = []
  private(set) var violations: [String] = []

  // The ledger.
  private(set) var intents: [Intent] = []
  private(set) var outcomes: [ActionID: Outcome] = [:]
  private(set) var dispatched: [ParcelNumber: Parcel] = [:]
  private(set) var voided: Set<ParcelNumber> = []
  private(set) var saving: (token: Int, entries: [Entry])?
  private(set) var looking: String?
  private var waybills: [ParcelNumber: String] = [:]
  private var lastSerial = 0

  // The devices.
  private(set) var printing: Intent?
  private(set) var sealing: ActionID?
  private(set) var attempts: [ActionID: Attempt] = [:]
  private(set) var hindrance: Hindrance?
  /// Presses that may release a label, since the last one.
  private var presses = 0

  init?(plan: Plan = Plan(closing: .seal)) {
    guard let site = Self.site else { return nil }
    self.plan = plan
    workflow = Workflow(plan: plan, site: site, epoch: Self.epoch)
    start()
  }

  var meaning: Meaning { workflow.meaning }
  var parcel: ParcelNumber? { workflow.parcel }

  /// Intents without an outcome, oldest first.
  var inDoubt: [Intent] { intents.filter { outcomes[$0.id] == nil } }

  mutating func play(_ moves: Move...) {
    for move in moves { make(move) }
  }

  mutating func make(_ move: Move) {
    switch move {
    case .press(let button):
      if button != .cancel { presses += 1 }
      send(.pressed(button))
    case .weigh(let state, let grams):
      send(.reading(Reading(state: state, mass: grams.map { Mass(grams: $0) }, at: now)))
    case .scale(let readiness): send(.scale(readiness))
    case .printer(let readiness): send(.printer(readiness))
    case .hinder(let hindrance):
      self.hindrance = hindrance
      send(.hindered(hindrance))
    case .saved: save()
    case .unsaved: fail()
    case .label(let result): printed(result)
    case .sealed: ended(.sealed(.statusSequence, nil))
    case .sealFailed(let certain): ended(.sealFailed(isCertain: certain, nil))
    case .scan(let scanned): send(.scanned(scanned))
    case .scanner(let readiness): send(.scanner(readiness))
    case .lookedUp:
      let waybill = looking ?? "NOBODYASKED"
      looking = nil
      let holders = waybills.filter { $0.value == waybill && !voided.contains($0.key) }
      send(.lookedUp(waybill, isKnown: !holders.isEmpty))
    case .tick:
      now = workflow.deadline ?? now + .seconds(1)
      send(.tick)
    case .restart(let landed): restart(landed: landed)
    }
  }

  // MARK: Devices

  private mutating func save() {
    guard let done = saving else { return send(.committed(-1)) }
    saving = nil
    write(done.entries)
    send(.committed(done.token))
  }

  private mutating func fail() {
    guard let failed = saving else { return send(.commitFailed(-1)) }
    saving = nil
    send(.commitFailed(failed.token))
  }

  private mutating func printed(_ result: LabelResult) {
    guard let intent = printing else {
      // Late news of something else.
      if let old = intents.first { send(.label(old.id, result)) }
      return
    }
    printing = nil
    attempts[intent.id] = result == .notStarted ? .notStarted : .over
    send(.label(intent.id, result))
  }

  private mutating func ended(_ event: StationEvent) {
    if let sealing { attempts[sealing] = .over }
    sealing = nil
    send(event)
  }

  private mutating func restart(landed: Bool) {
    if landed, let saving { write(saving.entries) }
    (saving, printing, sealing, looking) = (nil, nil, nil, nil)
    presses = 0
    guard let site = Self.site else { return }
    workflow = Workflow(plan: plan, site: site, epoch: Self.epoch)
    start()
    send(.hindered(hindrance))
  }

  private mutating func start() {
    let doubts = inDoubt.map { intent in
      let parcel = intent.id.parcel
      let copies = outcomes.filter {
        $0.key.parcel == parcel && $0.key.action == .label && $0.value == .done
      }
      return Doubt(
        intent: intent,
        parcelIsDone: dispatched[parcel] != nil,
        labelCopy: copies.keys.map(\.copy).max() ?? 0
      )
    }
    send(.recovered(nextSerial: lastSerial + 1, doubts: doubts))
  }

  // MARK: Audit

  private mutating func send(_ event: StationEvent) {
    effects = workflow.handle(event, at: now)
    for effect in effects { audit(effect, event) }
    if meaning == .done {
      expect(saving == nil, "done is shown while a commit is under way")
      expect(parcel.map { dispatched[$0] != nil } == true, "done is shown of nothing on disk")
    }
  }

  private mutating func audit(_ effect: Effect, _ event: StationEvent) {
    switch effect {
    case .commit(let token, let entries):
      expect(saving == nil, "a commit begins while another is under way")
      expect(!entries.isEmpty, "nothing is committed")
      saving = (token, entries)
    case .print(let intent):
      expect(inDoubt.contains(intent), "\(intent.id) is printed without its intent on disk")
      let isFresh = attempts[intent.id] == nil || attempts[intent.id] == .notStarted
      expect(isFresh, "\(intent.id) is printed again")
      expect(presses > 0, "\(intent.id) is printed without a press")
      expect(saving == nil, "\(intent.id) is printed while a commit is under way")
      presses = 0
      attempts[intent.id] = .underWay
      printing = intent
    case .startSealing:
      let seals = inDoubt.filter { $0.id.action == .seal }
      expect(seals.count == 1, "sealing starts with \(seals.count) intents on disk")
      expect(event == .pressed(.go), "sealing starts by \(event)")
      expect(hindrance == nil, "sealing starts in spite of \(String(describing: hindrance))")
      guard let id = seals.first?.id else { return }
      expect(attempts[id] == nil, "\(id) is started again")
      attempts[id] = .underWay
      sealing = id
    case .resetMachine: expect(event == .pressed(.cancel), "a reset by \(event)")
    case .resetController: expect(event == .pressed(.go), "a controller's reset by \(event)")
    case .machineOff: expect(event == .machineOff, "the machine is switched off by \(event)")
    case .beep: break
    case .lookUp(let waybill):
      expect(plan.scans, "\(waybill) is looked up where nothing is scanned")
      looking = waybill
    }
  }

  private mutating func write(_ entries: [Entry]) {
    for entry in entries {
      switch entry {
      case .intent(let intent): arm(intent)
      case .outcome(let id, let outcome, let evidence, _): close(id, outcome, evidence)
      case .dispatched(let parcel): dispatch(parcel)
      case .voided(let number, _):
        expect(dispatched[number] == nil, "\(number) is voided after it was dispatched")
        let isNew = voided.insert(number).inserted
        expect(isNew, "\(number) is voided twice")
      case .started, .stopped, .device, .scaleRequest, .machineRequest, .housekeeping:
        expect(false, "\(entry) is not the workflow's")
      }
    }
  }

  private mutating func arm(_ intent: Intent) {
    expect(outcomes[intent.id] == nil, "\(intent.id) is armed again after its outcome")
    expect(attempts[intent.id] == nil, "\(intent.id) is armed again after it was tried")
    expect(!voided.contains(intent.id.parcel), "\(intent.id) is armed after it was voided")
    note(intent.shipment, of: intent.id.parcel)
    if let index = intents.firstIndex(where: { $0.id == intent.id }) {
      intents[index] = intent
    } else {
      intents.append(intent)
    }
    let kinds = inDoubt.map(\.id.action)
    expect(Set(kinds).count == kinds.count, "two intents of a kind are open: \(inDoubt)")
    lastSerial = max(lastSerial, Int(intent.id.parcel.text.split(separator: "-")[2]) ?? 0)
  }

  /// Each parcel has one waybill, and each waybill one parcel that was not given up.
  private mutating func note(_ shipment: Shipment?, of parcel: ParcelNumber) {
    expect((shipment != nil) == plan.scans, "\(parcel) has \(String(describing: shipment))")
    guard let waybill = shipment?.waybill else { return }
    expect(waybills[parcel, default: waybill] == waybill, "\(parcel) has another waybill now")
    let others = waybills.filter { $0.value == waybill && $0.key != parcel }
    expect(others.keys.allSatisfy { voided.contains($0) }, "\(waybill) is on two parcels")
    waybills[parcel] = waybill
  }

  private mutating func close(_ id: ActionID, _ outcome: Outcome, _ evidence: Evidence) {
    expect(intents.contains { $0.id == id }, "\(id) has an outcome and no intent")
    expect(outcomes[id] == nil, "\(id) has a second outcome")
    outcomes[id] = outcome
    let attempt = attempts[id]
    switch outcome {
    case .done where evidence != .worker: expect(attempt == .over, "\(id) is done by itself")
    case .withdrawn:
      expect(attempt == nil || attempt == .notStarted, "\(id) is withdrawn and had begun")
    case .done, .failed, .repeated, .voided: expect(evidence == .worker, "\(id) without a worker")
    }
  }

  private mutating func dispatch(_ parcel: Parcel) {
    let label = ActionID(parcel: parcel.number, action: .label, copy: parcel.labelCopy)
    expect(dispatched[parcel.number] == nil, "\(parcel.number) is dispatched twice")
    expect(!voided.contains(parcel.number), "\(parcel.number) is dispatched after it was voided")
    expect(outcomes[label] == .done, "\(parcel.number) is dispatched without its label")
    let isSealed = outcomes.contains {
      $0.key.parcel == parcel.number && $0.key.action == .seal && $0.value == .done
    }
    expect(isSealed == parcel.sealed, "\(parcel.number) is not as sealed as it says")
    expect(isSealed || plan.closing == nil, "\(parcel.number) is dispatched unsealed")
    expect(inDoubt.allSatisfy { $0.id.parcel != parcel.number }, "\(parcel.number) is in doubt")
    note(parcel.shipment, of: parcel.number)
    dispatched[parcel.number] = parcel
  }

  private mutating func expect(_ holds: Bool, _ violation: String) {
    if !holds { violations.append(violation) }
  }
}

// MARK: The way out

extension Village {
  /// Lets healthy devices answer until nothing is under way.
  mutating func answer() {
    while true {
      if saving != nil {
        make(.saved)
      } else if looking != nil {
        make(.lookedUp)
      } else if workflow.deadline != nil {
        make(.tick)
      } else if printing != nil {
        make(.label(.printed(.statusSequence)))
      } else if sealing != nil {
        make(.sealed)
      } else {
        return
      }
    }
  }

  /// Presses one button, with healthy devices, until the station waits for a parcel.
  ///
  /// - Parameters:
  ///   - button: The button.
  ///   - grams: What lies on the scale meanwhile.
  /// - Returns: Whether it came to that.
  mutating func comesHome(by button: Button, weighing grams: Int = 0) -> Bool {
    play(.scale(.ready), .printer(.ready), .scanner(.ready), .hinder(nil))
    answer()
    for _ in 0..<40 where !isHome {
      make(.weigh(grams == 0 ? .zero : .stable, grams))
      answer()
      make(.press(button))
      answer()
    }
    return isHome
  }

  private var isHome: Bool { [.idle, .done, .scanFirst].contains(meaning) }
}
