package import Domain
package import Drivers
package import Station

/// Panel, machine and workflow of one station, tied together as one value.
///
/// Edges, device news and time go in; line levels and effects come out. It runs on the thread that
/// reads the edges, in tests on a virtual clock, and never waits for anything.
package struct StationCore: Sendable {
  /// What is to be done, in this order.
  package enum Action: Hashable, Sendable {
    case set(output: Int, Bool)
    case commit(Int, [Entry])
    case print(Intent)
    case lookUp(String)
    /// How the inputs stand is wanted; the answer goes to ``reread(_:at:)``.
    case readLevels
    case notice(Notice)
  }

  /// News for people who watch.
  package enum Notice: Hashable, Sendable {
    case meaning(Meaning, parcel: ParcelNumber?, mass: Mass?)
    /// A button has acted.
    case pressed(Button)
    case gesture(Gesture)
    /// The lamps that the lamp test lights now; none when it has ended.
    case lampTest([Lamp], isOver: Bool)
    case signal(MachineSignal, Bool)
    case output(Wiring.Output, Bool)
    case machine(MachineEvent)
    case beep(Beep)
    case edgesLost
    /// The line of a role brings more edges than any contact makes, or has become calm.
    case storm(role: String, isWild: Bool)
    /// The pulses for the watchdog relay stopped, or go on.
    case heartbeat(Heartbeat.Lapse?)
  }

  let wiring: Wiring
  var debouncers: [Debouncer] = []
  var gate: EdgeGate
  var heartbeat: Heartbeat?
  var lastLoss: Instant?
  private var limit: OnTimeLimit
  private var outputs: [Bool]
  var gestures = Gestures()
  /// Keys whose press has been answered already, so that letting them go means nothing.
  var answered: Set<PanelKey> = []
  var panel: Panel
  /// The lamp test that runs.
  package internal(set) var lampTest: LampTest?
  var isQuiet = false
  package internal(set) var machine: MachineCycle?
  /// What the machine told while its outputs were being dropped; words come after.
  var reflexNews: [(signal: MachineSignal, events: [MachineEvent])] = []
  private let rules: MachineRules?
  var linkRhythm = Rhythm.off
  /// What was told last.
  var told: Meaning?
  /// What the lamps say; `nil` where they must be set anew.
  var shown: Meaning?
  /// When the panel changes next; known once it has been brought up to date.
  private var panelDeadline: Instant?
  var actions: [Action] = []
  package internal(set) var workflow: Workflow

  /// Composes a station at rest: every output inactive.
  package init(
    wiring: Wiring,
    machine rules: MachineRules?,
    workflow: Workflow,
    panel: Panel = Panel(),
    storm: EdgeGate.Limit = EdgeGate.Limit()
  ) {
    self.wiring = wiring
    self.panel = panel
    self.rules = rules
    self.workflow = workflow
    limit = OnTimeLimit(limits: wiring.outputs.map(\.limit))
    outputs = Array(repeating: false, count: wiring.outputs.count)
    gate = EdgeGate(inputs: wiring.inputs.count, limit: storm)
    heartbeat = wiring.heartbeatPeriod.map { Heartbeat(period: $0) }
  }

  /// Starts from the levels that the inputs have now.
  package mutating func begin(levels: [Bool], at now: Instant) -> [Action] {
    var signals: [MachineSignal: Bool] = [:]
    for (input, level) in zip(wiring.inputs, levels) {
      debouncers.append(Debouncer(level: level, settle: input.settle))
      if case .signal(let signal) = input.role { signals[signal] = level }
    }
    if let rules {
      machine = MachineCycle(rules, levels: signals)
      tell(machine?.advance(to: now) ?? [], at: now)
    }
    watchKeys(levels, at: now)
    return settle(at: now)
  }

  /// Takes news of devices, the ledger or the daemon.
  package mutating func handle(_ event: StationEvent, at now: Instant) -> [Action] {
    if case .stop = event { stopHeartbeat() }
    run(workflow.handle(event, at: now), at: now)
    return settle(at: now)
  }

  /// Shows the state of the link; `false` blinks.
  package mutating func link(isUp: Bool, at now: Instant) -> [Action] {
    linkRhythm = isUp ? .on : .slow
    return settle(at: now)
  }

  /// When ``advance(to:)`` has something to do.
  package func deadline(after now: Instant) -> Instant? {
    // Asked in every turn of the reading thread: nothing is gathered on the heap.
    var next = panelDeadline
    func consider(_ deadline: Instant?) {
      guard let deadline else { return }
      next = next.map { min($0, deadline) } ?? deadline
    }
    for debouncer in debouncers { consider(debouncer.deadline) }
    consider(limit.deadline)
    consider(machine?.deadline)
    consider(workflow.deadline)
    consider(gestures.deadline)
    consider(lampTest?.deadline)
    consider(gate.deadline)
    consider(heartbeat?.deadline)
    return next
  }

  /// Lets time pass.
  package mutating func advance(to now: Instant) -> [Action] {
    for output in limit.expired(at: now) { expire(output, at: now) }
    beat(at: now)
    countKeys(until: now, at: now)
    for index in debouncers.indices {
      if let level = debouncers[index].advance(to: now) { changed(index, level, at: now) }
    }
    answer(gestures.advance(to: now), at: now)
    advanceLampTest(to: now)
    tell(machine?.advance(to: now) ?? [], at: now)
    if let deadline = workflow.deadline, deadline <= now {
      run(workflow.handle(.tick, at: now), at: now)
    }
    endStorms(at: now)
    return settle(at: now)
  }
}

extension StationCore {
  mutating func changed(_ input: Int, _ level: Bool, at now: Instant) {
    switch wiring.inputs[input].role {
    case .key(let key):
      let instant = debouncers[input].countedAt
      answer(gestures.change(key, isDown: level, at: instant), at: now)
    case .signal(let signal): operate(signal, level, at: now)
    }
  }

  mutating func operate(_ signal: MachineSignal, _ level: Bool, at now: Instant) {
    guard let events = machine?.input(signal, level, at: now) else { return }
    tell(events, at: now)
    actions.append(.notice(.signal(signal, level)))
  }

  mutating func tell(_ events: [MachineEvent], at now: Instant) {
    // The contacts first, the words after.
    driveMachine(at: now)
    for event in events {
      switch event {
      case .blocked(let blocker):
        run(workflow.handle(.hindered(blocker.flatMap(\.hindrance)), at: now), at: now)
      case .running, .heating, .latched, .odd: break
      case .finished:
        let evidence = rules?.evidence ?? .none
        run(workflow.handle(.sealed(evidence, machine?.trace), at: now), at: now)
      case .failed(let fault):
        let end = StationEvent.sealFailed(isCertain: fault.isCertain, machine?.trace)
        run(workflow.handle(end, at: now), at: now)
      }
      actions.append(.notice(.machine(event)))
    }
  }

  mutating func run(_ effects: [Effect], at now: Instant) {
    for effect in effects {
      switch effect {
      case .commit(let token, let entries): actions.append(.commit(token, entries))
      case .print(let intent): actions.append(.print(intent))
      case .lookUp(let waybill): actions.append(.lookUp(waybill))
      case .startSealing: startSealing(at: now)
      case .resetMachine: tell(machine?.reset(at: now) ?? [], at: now)
      case .resetController: tell(machine?.resetController(at: now) ?? [], at: now)
      case .machineOff: tell(machine?.cool(at: now) ?? [], at: now)
      case .beep(let beep): sound(beep, at: now)
      }
    }
  }

  private mutating func startSealing(at now: Instant) {
    guard machine?.start(at: now) == true else {
      // The intent is open and nothing moved: the worker is asked, as after any failed cycle.
      run(workflow.handle(.sealFailed(isCertain: true, nil), at: now), at: now)
      return
    }
    driveMachine(at: now)
  }

  mutating func driveMachine(at now: Instant) {
    guard let active = machine?.active else { return }
    for (index, output) in wiring.outputs.enumerated() {
      guard case .machine(let contact) = output.role else { continue }
      set(index, active.contains(contact), at: now)
    }
  }

  /// An output has been on for longer than it may: off with it, and a machine wants a reset.
  private mutating func expire(_ output: Int, at now: Instant) {
    set(output, false, at: now)
    guard case .machine = wiring.outputs[output].role else { return }
    tell(machine?.overrun(at: now) ?? [], at: now)
  }

  mutating func set(_ output: Int, _ active: Bool, at now: Instant) {
    guard outputs[output] != active else { return }
    outputs[output] = active
    limit.note(output, active, at: now)
    actions.append(.set(output: output, active))
    actions.append(.notice(.output(wiring.outputs[output].role, active)))
  }

  /// Hands out what has gathered, the panel left as it is.
  mutating func takeActions() -> [Action] {
    defer { actions = [] }
    return actions
  }

  /// Brings the panel up to date and hands out what has gathered.
  mutating func settle(at now: Instant) -> [Action] {
    showMeaning(at: now)
    for change in panel.changes(at: now) {
      for (index, output) in wiring.outputs.enumerated()
      where output.role == .panel(change.output) {
        set(index, change.active, at: now)
      }
    }
    panelDeadline = panel.deadline(after: now)
    return takeActions()
  }
}

extension StationCore {
  /// Does what a technician asks of the machine; never with a parcel in hand.
  package mutating func operate(_ order: MachineOrder, at now: Instant)
    -> (actions: [Action], answer: MachineAnswer)
  {
    guard var machine else { return ([], .refused(.noMachine)) }
    guard workflow.isFree else { return ([], .refused(.parcelInHand)) }
    var events: [MachineEvent] = []
    var blocker: MachineBlocker?
    switch order {
    case .cycle:
      blocker = machine.blocker(at: now)
      _ = machine.start(at: now)
      // The worker's lamps must know that it is busy before a parcel is ready for it.
      events = machine.advance(to: now)
    case .reset: events = machine.reset(at: now)
    case .jog(let output, let milliseconds):
      // An output's own limit is shorter than some jogs, and would trip.
      let limit = wiring.outputs.first { $0.role == .machine(output) }?.limit ?? .zero
      let time = min(.milliseconds(milliseconds), limit - .milliseconds(20))
      blocker = machine.jog(output, for: time, at: now)
    }
    self.machine = machine
    tell(events, at: now)
    return (settle(at: now), blocker.map { .refused(.blocked($0)) } ?? .done)
  }
}

extension MachineBlocker {
  /// How the workflow sees it; a cycle of its own in hand is no hindrance worth a word.
  fileprivate var hindrance: Hindrance? {
    switch self {
    case .estop: .emergencyStop
    case .resetNeeded: .resetNeeded
    case .guardOpen: .guardOpen
    case .cold: .cold
    case .noMaterial: .noMaterial
    case .overheated, .fault, .notReady, .busy: .notReady
    }
  }
}
