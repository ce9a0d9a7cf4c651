import Domain
import Ledger

/// What a ledger says of all actions and parcels, taken together.
struct LedgerBook {
  /// One attempt at one action.
  struct Attempt: Hashable {
    var number: String
    var action: String
    var copy: Int
  }

  private(set) var dispatched: [NumberAndGrams] = []
  /// When each of them was dispatched.
  private(set) var dispatchedAt: [Instant] = []
  private(set) var voided: [String] = []
  /// The weight that each attempt's last intent speaks of.
  private(set) var intents: [Attempt: Int] = [:]
  private(set) var outcomes: [Attempt: String] = [:]
  /// Labels of which the worker had to say whether they came out.
  private(set) var labelsAsked = 0
  /// Outcomes that no intent came before.
  private(set) var unannounced: [Attempt] = []
  /// How many events of each type the lane of records holds.
  private(set) var types: [String: Int] = [:]
  /// For every start of the daemon, how many actions were in doubt.
  private(set) var doubtsAtStart: [Int] = []
  private(set) var deviceStates: [String] = []
  let epoch: Epoch
  let last: Int64
  let telemetry: Int64
  /// Faults of the file, actions still in doubt, parcels still open: in words.
  let remains: [String]

  init(_ reader: LedgerReader) throws {
    epoch = reader.epoch
    last = try reader.position(.records).last
    telemetry = try reader.position(.telemetry).last
    let now = Timestamp(boot: "", monotonic: .zero, wallMilliseconds: 0, quality: .none)
    let recovery = try reader.recover(now: now)
    remains =
      try reader.integrityCheck() + recovery.inDoubt.map { "in doubt: \($0.id)" }
      + recovery.open.map { "open: \($0.number)" }
    for event in try reader.tail(Int(last), lane: .records) {
      types[event.type, default: 0] += 1
      take(event.type, try JSON(parsing: event.body), event.time.monotonic)
    }
    for event in try reader.tail(Int(telemetry), lane: .telemetry) {
      let body = try JSON(parsing: event.body)
      if event.type == "station.started" { doubtsAtStart.append(body["inDoubt"]?.int ?? 0) }
      if event.type == "device.state", let role = body["role"]?.string {
        deviceStates.append("\(role) \(body["state"]?.string ?? "")")
      }
    }
  }

  private mutating func take(_ type: String, _ body: JSON, _ at: Instant) {
    let number = body["parcel"]?.string ?? ""
    let attempt = Attempt(
      number: number,
      action: body["action"]?.string ?? "",
      copy: body["copy"]?.int ?? 0
    )
    switch type {
    case "action.intent": intents[attempt] = body["grams"]?.int ?? 0
    case "action.outcome":
      if intents[attempt] == nil { unannounced.append(attempt) }
      let outcome = body["outcome"]?.string ?? ""
      outcomes[attempt] = outcome
      if attempt.action == "label", outcome != Outcome.withdrawn.rawValue,
        body["evidence"]?.string == Evidence.worker.rawValue
      {
        labelsAsked += 1
      }
    case "parcel.dispatched":
      dispatched.append(NumberAndGrams(number: number, grams: body["grams"]?.int ?? 0))
      dispatchedAt.append(at)
    case "parcel.voided": voided.append(number)
    default: break
    }
  }

  /// How many attempts at an action ended so.
  func count(_ action: String, _ outcome: Outcome) -> Int {
    outcomes.count { $0.key.action == action && $0.value == outcome.rawValue }
  }

  /// The weights on the labels that the ledger says came out.
  var labels: [NumberAndGrams] {
    outcomes.filter { $0.key.action == "label" && $0.value == Outcome.done.rawValue }
      .map { NumberAndGrams(number: $0.key.number, grams: intents[$0.key] ?? 0) }
  }
}
