/// A stream of the ledger with a gapless sequence of its own.
package enum Lane: String, Hashable, Sendable, CaseIterable {
  /// Business facts; never dropped before the hub has them.
  case records
  /// Health and diagnostics; dropped first when space runs out.
  case telemetry
}

/// Something worth keeping, before the ledger has given it a place.
package enum Entry: Hashable, Sendable {
  case intent(Intent)
  case outcome(ActionID, Outcome, Evidence, CycleTrace? = nil)
  case dispatched(Parcel)
  /// The parcel was given up after its number had been issued.
  case voided(ParcelNumber, reason: String)
  /// The daemon started with this many actions in doubt.
  case started(version: String, inDoubt: Int)
  case stopped(reason: String)
  /// A device changed its state.
  case device(role: String, state: String, detail: String)
  /// Somebody set a scale to zero or tared it, and what it answered.
  case scaleRequest(request: String, answer: String, by: String)
  /// A technician let a machine do something without a parcel, or noted its service.
  case machineRequest(request: String, answer: String, by: String)
  /// What the ledger records of itself.
  case housekeeping(Housekeeping)

  /// The request of ``machineRequest(request:answer:by:)`` that notes a service (保养).
  package static let serviced = "serviced"

  package var lane: Lane {
    switch self {
    // A tare changes what weights mean: it belongs to the facts.
    case .intent, .outcome, .dispatched, .voided, .scaleRequest, .machineRequest, .housekeeping:
      .records
    case .started, .stopped, .device: .telemetry
    }
  }

  /// The type under which the county sees it, without the reverse-domain prefix.
  package var type: String {
    switch self {
    case .intent: "action.intent"
    case .outcome: "action.outcome"
    case .dispatched: "parcel.dispatched"
    case .voided: "parcel.voided"
    case .started: "station.started"
    case .stopped: "station.stopped"
    case .device: "device.state"
    case .scaleRequest: "scale.request"
    case .machineRequest: "machine.request"
    case .housekeeping(let record): record.type
    }
  }

  /// What is kept, as canonical JSON.
  package var body: JSON {
    switch self {
    case .intent(let intent):
      .object(
        intent.id.fields.merging(["grams": .int(intent.mass.grams)]) { $1 }
          .merging(intent.shipment?.fields ?? [:]) { $1 }
      )
    case .outcome(let id, let outcome, let evidence, let trace):
      .object(
        id.fields.merging([
          "outcome": .string(outcome.rawValue), "evidence": .string(evidence.rawValue),
        ]) { $1 }
        .merging(trace.map { ["cycle": $0.json] } ?? [:]) { $1 }
      )
    case .dispatched(let parcel):
      .object(
        [
          "parcel": .string(parcel.number.text),
          "grams": .int(parcel.mass.grams),
          "direction": .string(parcel.direction.rawValue),
          "stage": .string(parcel.stage.rawValue),
          "labelCopy": .int(parcel.labelCopy),
          "sealed": .bool(parcel.sealed),
        ].merging(parcel.shipment?.fields ?? [:]) { $1 }
      )
    case .voided(let number, let reason):
      .object(["parcel": .string(number.text), "reason": .string(reason)])
    case .started(let version, let inDoubt):
      .object(["version": .string(version), "inDoubt": .int(inDoubt)])
    case .stopped(let reason):
      .object(["reason": .string(reason)])
    case .device(let role, let state, let detail):
      .object(["role": .string(role), "state": .string(state), "detail": .string(detail)])
    case .scaleRequest(let request, let answer, let by),
      .machineRequest(let request, let answer, let by):
      .object(["request": .string(request), "answer": .string(answer), "by": .string(by)])
    case .housekeeping(let record): record.body
    }
  }
}

extension CycleTrace {
  /// The times as records carry them.
  package var json: JSON {
    var fields = ["end": JSON.int(Int(end))]
    if let busy { fields["busy"] = .int(Int(busy)) }
    if let done { fields["done"] = .int(Int(done)) }
    if let fault { fields["fault"] = .string(fault) }
    return .object(fields)
  }
}

extension Shipment {
  fileprivate var fields: [String: JSON] {
    var fields = ["waybill": JSON.string(waybill)]
    if let carrier { fields["carrier"] = .string(carrier) }
    return fields
  }
}

extension ActionID {
  fileprivate var fields: [String: JSON] {
    [
      "parcel": .string(parcel.text), "action": .string(action.rawValue), "copy": .int(copy),
    ]
  }
}

/// How far the wall clock may be believed.
package enum ClockQuality: String, Hashable, Sendable {
  /// Nothing has set it since boot.
  case none
  /// A battery-backed clock set it.
  case rtc
  /// The kernel's clock is disciplined by NTP.
  case ntp
  /// The hub's answer set it.
  case hub
}

/// The time of an event: monotonic for order and durations, wall clock for people.
package struct Timestamp: Hashable, Sendable {
  /// The kernel's boot id, 32 or 36 characters.
  package var boot: String
  package var monotonic: Instant
  /// Milliseconds since 1970-01-01T00:00:00Z, as the box believed at that moment.
  package var wallMilliseconds: Int64
  package var quality: ClockQuality

  package init(boot: String, monotonic: Instant, wallMilliseconds: Int64, quality: ClockQuality) {
    self.boot = boot
    self.monotonic = monotonic
    self.wallMilliseconds = wallMilliseconds
    self.quality = quality
  }

  /// The wall time in RFC 3339, UTC, with milliseconds, as `2026-11-23T08:15:00.042Z`.
  package var rfc3339: String {
    let (days, milliseconds) = wallMilliseconds.flooredQuotientAndRemainder(by: 86_400_000)
    let date = Self.civil(days: days)
    let seconds = milliseconds / 1000
    return "\(Self.pad(date.year, 4))-\(Self.pad(date.month, 2))-\(Self.pad(date.day, 2))T"
      + "\(Self.pad(seconds / 3600, 2)):\(Self.pad(seconds / 60 % 60, 2)):"
      + "\(Self.pad(seconds % 60, 2)).\(Self.pad(milliseconds % 1000, 3))Z"
  }

  /// The wall time for people, in local time, as `2026-11-23 16:15`.
  ///
  /// - Parameter offset: Hours ahead of UTC; the county's is 8.
  /// - Returns: Date, hour and minute.
  package func local(hoursAheadOfUTC offset: Int) -> String {
    var shifted = self
    shifted.wallMilliseconds += Int64(offset) * 3_600_000
    let text = shifted.rfc3339
    return text.prefix(10) + " " + text.dropFirst(11).prefix(5)
  }

  /// The proleptic Gregorian date of a day number (era arithmetic over 400-year cycles).
  private static func civil(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    let (era, dayOfEra) = (days + 719_468).flooredQuotientAndRemainder(by: 146_097)
    let yearOfEra =
      (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shifted = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shifted + 2) / 5 + 1
    let month = shifted < 10 ? shifted + 3 : shifted - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day)
  }

  private static func pad(_ value: Int64, _ width: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}

extension Int64 {
  fileprivate func flooredQuotientAndRemainder(by divisor: Int64) -> (Int64, Int64) {
    let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
    return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
  }
}

/// An entry that has its place in the ledger.
package struct Event: Hashable, Sendable {
  package var epoch: Epoch
  package var lane: Lane
  /// 1 and up, without a gap within epoch and lane.
  package var sequence: Int64
  package var type: String
  /// The canonical bytes of the body, exactly as kept and sent.
  package var body: [UInt8]
  package var time: Timestamp
  /// SHA-256 of the predecessor's chain and this event's ``canonical`` bytes.
  package var chain: [UInt8]

  /// The type of what stands in the place of an event that nobody can read any more.
  package static let lost = "ledger.lost"

  package init(
    epoch: Epoch,
    lane: Lane,
    sequence: Int64,
    type: String,
    body: [UInt8],
    time: Timestamp,
    chain: [UInt8] = []
  ) {
    self.epoch = epoch
    self.lane = lane
    self.sequence = sequence
    self.type = type
    self.body = body
    self.time = time
    self.chain = chain
  }
}
