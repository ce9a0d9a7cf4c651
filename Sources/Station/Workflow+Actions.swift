import Domain

// MARK: Buttons

extension Workflow {
  mutating func press(_ button: Button) -> [Effect] {
    // While the panel speaks of the emergency stop, no button answers what it does not show.
    if plan.closing != nil, hindrance == .emergencyStop { return refuse() }
    if plan.closing != nil, hindrance == .resetNeeded {
      return button == .cancel ? [.resetMachine] : refuse()
    }
    switch button {
    case .go: return go()
    case .again: return again()
    case .cancel: return cancel()
    }
  }

  mutating func go() -> [Effect] {
    switch phase {
    case .idle:
      // Nobody can tell whose it is: it goes on without a courier, and the county sees that.
      guard case .asking(let waybill) = scan else { return refuse() }
      return take(Shipment(waybill: waybill, carrier: nil))
    case .saving(.armed) where !isUnsaved:
      isGoWaiting = true
      return []
    case .armed:
      // The weight is the one on disk, or nothing happens.
      guard let reading, isArmed(with: acceptable(reading)) else { return refuse() }
      return startPrinting()
    case .labelHeld: return startPrinting()
    case .sealArmed:
      switch hindrance {
      case nil:
        phase = .sealing
        return [.startSealing]
      // A controller that complains may have a reset contact of its own; that starts nothing.
      case .notReady: return [.resetController] + refuse()
      // The press has switched the heater on; the parcel waits for it.
      case .cold: return []
      case .emergencyStop, .resetNeeded, .guardOpen, .noMaterial: return refuse()
      }
    case .asking(.label, _): return labelIsOut(.worker)
    case .asking(.closing, _): return finish(.worker)
    case .starting, .saving, .printing, .sealing, .stopped: return refuse()
    }
  }

  private mutating func again() -> [Effect] {
    switch phase {
    case .idle:
      guard var reprint = last else { return refuse() }
      reprint.isReprint = true
      reprint.labelCopy += 1
      reprint.sealCopy = 0
      open = reprint
      last?.labelCopy = reprint.labelCopy
      showsDone = false
      return saveLabelIntent(after: [])
    case .sealArmed:
      open?.labelCopy += 1
      return saveLabelIntent(after: [])
    case .asking(.label, let failed):
      guard let id = labelIntent?.id else { return refuse() }
      open?.labelCopy += 1
      // A copy once used is used up, even if this reprint is given up.
      if let open, open.isReprint { last?.labelCopy = open.labelCopy }
      return saveLabelIntent(after: [.outcome(id, failed ? .failed : .repeated, .worker)])
    case .asking(.closing, let failed):
      guard let id = sealIntent?.id else { return refuse() }
      let outcome = Entry.outcome(id, failed ? .failed : .repeated, .worker, open?.trace)
      return armSeal(after: [outcome])
    case .starting, .saving, .armed, .printing, .labelHeld, .sealing, .stopped: return refuse()
    }
  }

  private mutating func cancel() -> [Effect] {
    if phase == .idle, scan != .none {
      scan = .none
      notice = nil
      return []
    }
    guard let open, let label = labelIntent, let seal = sealIntent else { return refuse() }
    var entries: [Entry]
    isGoWaiting = false
    switch phase {
    case .armed, .labelHeld:
      entries = [.outcome(label.id, .withdrawn, .worker)]
      if isSealArmed { entries.append(.outcome(seal.id, .withdrawn, .worker)) }
    case .sealArmed: entries = [.outcome(seal.id, .withdrawn, .worker)]
    case .asking(.label, _):
      entries = [.outcome(label.id, .voided, .worker)]
      if isSealArmed { entries.append(.outcome(seal.id, .withdrawn, .worker)) }
    case .asking(.closing, _): entries = [.outcome(seal.id, .voided, .worker, open.trace)]
    case .starting, .idle, .saving, .printing, .sealing, .stopped: return refuse()
    }
    // The parcel may still stand on the scale: it must leave before the next one is taken.
    wasZero = false
    if !open.isReprint {
      scan = .none
      entries.append(.voided(open.number, reason: "cancelled by the worker"))
    }
    return save(entries, then: doubts.isEmpty ? .cleared : .nextDoubt)
  }

  private func refuse() -> [Effect] { [.beep(.triple)] }

  /// Whether a seal's intent is open while a label is being printed once more.
  private var isSealArmed: Bool { (open?.sealCopy ?? 0) > 0 }
}

// MARK: Label

extension Workflow {
  mutating func startPrinting() -> [Effect] {
    guard let intent = labelIntent else { return [] }
    guard printer == .ready else {
      // Held, or waiting where it was armed: nothing has been sent.
      if phase != .armed { phase = .labelHeld }
      return refuse()
    }
    phase = .printing
    wasZero = false
    return [.print(intent)]
  }

  private mutating func saveLabelIntent(after entries: [Entry]) -> [Effect] {
    guard let intent = labelIntent else { return [] }
    return save(entries + [.intent(intent)], then: .print)
  }

  mutating func labelEnded(_ id: ActionID, _ result: LabelResult) -> [Effect] {
    guard phase == .printing, labelIntent?.id == id else { return [] }
    switch result {
    case .printed(let evidence): return labelIsOut(evidence)
    case .notStarted: phase = .labelHeld
    case .unknown: phase = .asking(.label, failed: false)
    }
    return []
  }

  mutating func labelIsOut(_ evidence: Evidence) -> [Effect] {
    guard let id = labelIntent?.id, let open else { return [] }
    let outcome = Entry.outcome(id, .done, evidence)
    if open.isReprint { return save([outcome], then: doubts.isEmpty ? .done : .nextDoubt) }
    guard plan.closing != nil else { return complete(after: [outcome], sealed: false) }
    return isSealArmed ? save([outcome], then: .sealArmed) : armSeal(after: [outcome])
  }
}

// MARK: Seal and end

extension Workflow {
  private mutating func armSeal(after entries: [Entry]) -> [Effect] {
    open?.sealCopy += 1
    open?.trace = nil
    guard let intent = sealIntent else { return [] }
    return save(entries + [.intent(intent)], then: .sealArmed)
  }

  mutating func sealed(_ evidence: Evidence, _ trace: CycleTrace?) -> [Effect] {
    guard phase == .sealing else { return [] }
    open?.trace = trace
    return finish(evidence)
  }

  private mutating func finish(_ evidence: Evidence) -> [Effect] {
    guard let id = sealIntent?.id else { return [] }
    return complete(after: [.outcome(id, .done, evidence, open?.trace)], sealed: true)
  }

  private mutating func complete(after entries: [Entry], sealed: Bool) -> [Effect] {
    guard let open else { return [] }
    let parcel = Parcel(
      number: open.number,
      mass: open.mass,
      direction: .up,
      stage: .collect,
      labelCopy: open.labelCopy,
      sealed: sealed,
      shipment: open.shipment
    )
    return save(entries + [.dispatched(parcel)], then: doubts.isEmpty ? .done : .nextDoubt)
  }
}

// MARK: After a restart

extension Workflow {
  mutating func recover(nextSerial serial: Int, _ doubts: [Doubt]) -> [Effect] {
    guard phase == .starting else { return [] }
    nextSerial = serial
    self.doubts = doubts
    return askNextDoubt()
  }

  mutating func askNextDoubt() -> [Effect] {
    guard !doubts.isEmpty else {
      open = nil
      phase = .idle
      return []
    }
    let doubt = doubts.removeFirst()
    var parcel = Open(
      number: doubt.intent.id.parcel,
      mass: doubt.intent.mass,
      shipment: doubt.intent.shipment,
      labelCopy: doubt.labelCopy,
      closing: plan.closing ?? .seal,
      isReprint: doubt.parcelIsDone
    )
    // A seal that was armed while its label was printed once more belongs to the same question,
    // whichever of the two was armed first.
    var actions: Set<PhysicalAction> = []
    for id in [doubt.intent.id] + takeDoubts(of: parcel.number) {
      actions.insert(id.action)
      switch id.action {
      case .label: parcel.labelCopy = id.copy
      case .seal, .strap:
        parcel.sealCopy = id.copy
        parcel.closing = id.action
      }
    }
    open = parcel
    phase = .asking(actions.contains(.label) ? .label : .closing, failed: false)
    return []
  }

  private mutating func takeDoubts(of parcel: ParcelNumber) -> [ActionID] {
    let same = doubts.filter { $0.intent.id.parcel == parcel }.map(\.intent.id)
    doubts.removeAll { $0.intent.id.parcel == parcel }
    return same
  }
}
