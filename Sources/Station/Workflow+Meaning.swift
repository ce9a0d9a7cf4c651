import Domain

extension Workflow {
  /// What the panel must say now.
  package var meaning: Meaning {
    if phase == .stopped { return .stopping }
    if phase == .starting { return hasNoLedger ? .noLedger : .starting }
    if isUnsaved { return .cannotSave }
    if plan.closing != nil {
      if hindrance == .emergencyStop { return .emergencyStop }
      if hindrance == .resetNeeded { return .resetNeeded }
    }
    switch phase {
    case .starting: return .starting
    case .stopped: return .stopping
    case .idle: return idleMeaning
    case .saving(.armed): return .weighing
    case .saving: return .saving
    case .armed: return armedMeaning
    case .printing: return .printing
    case .labelHeld: return printer == .ready ? .readyToPrint : .printerTrouble
    case .sealArmed:
      switch hindrance {
      case .guardOpen: return .guardOpen
      case .notReady: return .machineTrouble
      case .cold: return .machineWarming
      case .noMaterial: return .noMaterial
      case .emergencyStop, .resetNeeded, nil: return .readyToSeal
      }
    case .sealing: return .sealing
    case .asking(.label, _): return .askLabel
    case .asking(.closing, _): return .askSeal
    }
  }

  private var idleMeaning: Meaning {
    if let notice { return notice.meaning }
    if showsDone { return .done }
    let meaning = scaleMeaning
    // It may stand for hours and forbids nothing: whatever else there is to say comes first.
    let atRest = isButtonStuck && meaning == .idle ? Meaning.buttonStuck : meaning
    guard plan.scans, shipment == nil, [.idle, .weighing, .tooLight, .offWeight].contains(meaning)
    else { return atRest }
    if case .asking = scan { return .askCarrier }
    guard scanner == .ready else { return .scannerTrouble }
    return atRest == .buttonStuck ? .buttonStuck : .scanFirst
  }

  private var scaleMeaning: Meaning {
    guard scale == .ready, let reading else { return .scaleTrouble }
    switch reading.state {
    case .stale, .fault: return .scaleTrouble
    case .over: return .tooHeavy
    case .under, .negative: return .clearScale
    case .moving: return wasZero ? .weighing : .clearScale
    case .zero: return wasZero ? .idle : .clearScale
    case .stable:
      guard let mass = reading.mass, wasZero else { return .clearScale }
      if mass.magnitude <= plan.zeroBand { return .idle }
      if mass > plan.greatest { return .tooHeavy }
      if mass < plan.least { return .tooLight }
      return isAsExpected(mass) ? .weighing : .offWeight
    }
  }

  private var armedMeaning: Meaning {
    guard let reading, isArmed(with: acceptable(reading)) else { return .weighing }
    return printer == .ready ? .readyToPrint : .printerTrouble
  }
}
