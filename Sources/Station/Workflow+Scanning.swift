import Domain

/// How far the scan of the parcel in hand has come.
enum ScanState: Hashable, Sendable {
  case none
  /// The ledger is asked whether the number was taken before.
  case looking(String, candidates: [String])
  /// Several couriers' rules fit, or none: a card or GO must say.
  case asking(String)
  case taken(Shipment)
}

extension Workflow {
  /// How long the panel speaks of a scan that was refused.
  private static let noticeTime = Duration.seconds(4)

  /// Whose parcel the next one is; `nil` until it has been scanned.
  var shipment: Shipment? {
    if case .taken(let shipment) = scan { shipment } else { nil }
  }

  mutating func scanned(_ scanned: Scanned, at now: Instant) -> [Effect] {
    if case .parcel(let number) = scanned { return readBack(number, at: now) }
    guard plan.scans, phase == .idle else { return [.beep(.triple)] }
    notice = nil
    switch scanned {
    case .waybill(let text, let candidates):
      showsDone = false
      scan = .looking(text, candidates: candidates)
      return [.lookUp(text)]
    case .carrier(let carrier):
      switch scan {
      case .asking(let waybill): return take(Shipment(waybill: waybill, carrier: carrier))
      case .taken(let shipment):
        return take(Shipment(waybill: shipment.waybill, carrier: carrier))
      case .none, .looking: return show(.scanAgain, at: now)
      }
    case .parcel, .unusable: return show(.scanAgain, at: now)
    }
  }

  mutating func lookedUp(_ waybill: String, isKnown: Bool, at now: Instant) -> [Effect] {
    guard case .looking(waybill, let candidates) = scan else { return [] }
    guard phase == .idle, !isKnown else {
      scan = .none
      return isKnown ? show(.scannedBefore, at: now) : []
    }
    guard candidates.count == 1 else {
      scan = .asking(waybill)
      return []
    }
    return take(Shipment(waybill: waybill, carrier: candidates[0]))
  }

  /// The printed code read back is the strongest proof that a label came out.
  private mutating func readBack(_ number: ParcelNumber, at now: Instant) -> [Effect] {
    if case .asking(.label, _) = phase, open?.number == number { return labelIsOut(.scanBack) }
    guard plan.scans, phase == .idle else { return [] }
    return show(.scanAgain, at: now)
  }

  /// Takes the scan; the parcel may stand on the scale already.
  mutating func take(_ shipment: Shipment) -> [Effect] {
    scan = .taken(shipment)
    guard scale == .ready, let reading, let mass = acceptable(reading) else {
      return [.beep(.short)]
    }
    return [.beep(.short)] + arm(mass)
  }

  private mutating func show(_ meaning: Meaning, at now: Instant) -> [Effect] {
    notice = (meaning, now + Self.noticeTime)
    return []
  }
}
