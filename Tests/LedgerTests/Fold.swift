import Domain
import Ledger

/// What the projections must say, worked out from nothing but the events.
struct Fold: Equatable {
  var parcels: [String: ParcelRecord] = [:]
  var inDoubt: [ActionID: Int] = [:]
  var traffic: [Direction: Tally] = [.up: .zero, .down: .zero]
  var counters = Counters(labels: 0, seals: 0, voids: 0)

  init(_ events: [Event]) throws {
    for event in events { try take(event) }
  }

  private mutating func take(_ event: Event) throws {
    let body = try JSON(parsing: event.body)
    guard let number = body["parcel"]?.string.flatMap({ ParcelNumber($0) }) else { return }
    var parcel =
      parcels[number.text]
      ?? ParcelRecord(number: number, mass: .zero, state: .open, labelCopy: 0, sealed: false)
    switch event.type {
    case "action.intent":
      let grams = body["grams"]?.int ?? 0
      inDoubt[try action(body, number)] = grams
      if parcel.state == .open { parcel.mass = Mass(grams: grams) }
    case "action.outcome":
      let id = try action(body, number)
      inDoubt[id] = nil
      switch body["outcome"]?.string {
      case "done": finish(id, &parcel)
      case "failed", "repeated", "voided": if id.action != .label { counters.badCycles += 1 }
      default: break
      }
    case "parcel.dispatched": try dispatch(body, &parcel)
    case "parcel.voided":
      parcel.state = .voided
      counters.voids += 1
    default: break
    }
    parcels[number.text] = parcel
  }

  private mutating func finish(_ id: ActionID, _ parcel: inout ParcelRecord) {
    switch id.action {
    case .label:
      parcel.labelCopy = max(parcel.labelCopy, id.copy)
      counters.labels += 1
    case .seal, .strap:
      parcel.sealed = true
      if id.action == .seal { counters.seals += 1 } else { counters.straps += 1 }
    }
  }

  private mutating func dispatch(_ body: JSON, _ parcel: inout ParcelRecord) throws {
    guard let grams = body["grams"]?.int, let copy = body["labelCopy"]?.int,
      let sealed = body["sealed"]?.bool,
      let direction = body["direction"]?.string.flatMap({ Direction(rawValue: $0) })
    else { throw Missing() }
    parcel = ParcelRecord(
      number: parcel.number,
      mass: Mass(grams: grams),
      state: .done,
      labelCopy: copy,
      sealed: sealed
    )
    traffic[direction, default: .zero].parcels += 1
    traffic[direction, default: .zero].mass.grams += grams
  }

  private func action(_ body: JSON, _ number: ParcelNumber) throws -> ActionID {
    guard let action = body["action"]?.string.flatMap({ PhysicalAction(rawValue: $0) }),
      let copy = body["copy"]?.int
    else { throw Missing() }
    return ActionID(parcel: number, action: action, copy: copy)
  }
}

extension Fold {
  /// What the ledger's own projections say.
  static func projected(by reader: LedgerReader, asking numbers: some Sequence<String>) throws
    -> Fold
  {
    var fold = try Fold([])
    for text in numbers {
      guard let number = ParcelNumber(text) else { throw Missing() }
      fold.parcels[text] = try reader.parcel(number)
    }
    let time = Timestamp(boot: "", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    for intent in try reader.recover(now: time).inDoubt {
      fold.inDoubt[intent.id] = intent.mass.grams
    }
    for row in try reader.throughput(hours: .min..<Int64.max) {
      fold.traffic[row.direction, default: .zero].parcels += row.tally.parcels
      fold.traffic[row.direction, default: .zero].mass.grams += row.tally.mass.grams
    }
    fold.counters = try reader.counters()
    return fold
  }
}
