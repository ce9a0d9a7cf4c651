package import Domain
import Drivers
import Ledger
import Station
import Uplink

/// Answers the control socket from what the daemon knows.
struct Backend: ControlBackend {
  let config: StationConfig
  let board: StatusBoard
  let journal: Journal
  let scale: ScaleSession
  let reactor: Reactor
  let desk: Desk
  let key: Result<StationKey, StationKeyError>
  let keeper: ClockKeeper
  /// `nil` where no hub is configured.
  let syncService: SyncService?
  /// Rung when the ledger is known to have forked.
  let forked: Bell

  func status() async -> JSON {
    var fields = board.fields
    fields["site"] = .string(config.site.text)
    fields["name"] = .string(config.name)
    fields["version"] = .string(Version.current)
    fields["epoch"] = .string(journal.epoch.description)
    fields["devices"] = .array(board.devices.map(Self.device))
    fields["clock"] = .string(keeper.quality.rawValue)
    fields["sync"] = await sync()
    fields["ledger"] = await ledger()
    return .object(fields)
  }

  func devices() async -> [JSON] { board.devices.map(Self.device) }

  func events() -> AsyncStream<JSON> { board.events() }

  func ledgerTail(limit: Int, lane: Lane?) async throws -> [JSON] {
    try await journal.perform { ledger throws(LedgerError) in
      try ledger.reader.tail(limit, lane: lane)
    }.map(\.json)
  }

  func scale(_ request: ScaleRequest, by peer: ControlPeer) async throws -> JSON {
    // A tare under a parcel would make its weight a lie.
    let isFree = await reactor.ask { $0.workflow.isFree }
    guard isFree == true else { throw VarlinkError.unavailable("a parcel is in hand") }
    let answer = await scale.perform(request)
    let entry = Entry.scaleRequest(
      request: request.rawValue,
      answer: answer.word,
      by: "uid \(peer.user)"
    )
    _ = try await journal.append([entry])
    return .object([
      "answer": .string(answer.word), "reason": .optional(answer.reason),
    ])
  }

  func machine() async -> JSON {
    guard let machine = config.machine else { return .null }
    let counters = try? await journal.perform { ledger throws(LedgerError) in
      try ledger.reader.counters()
    }
    let now = await reactor.ask { core in core.machine.map { MachineReport($0) } } ?? nil
    return MachineReport.json(machine.profile, now, counters)
  }

  func machine(_ request: MachineRequest, by peer: ControlPeer) async throws -> JSON {
    guard config.machine != nil else { throw VarlinkError.unavailable("there is no machine") }
    let record = { (answer: String) in
      let by = "uid \(peer.user)"
      let entry = Entry.machineRequest(request: request.word, answer: answer, by: by)
      _ = try await journal.append([entry])
    }
    guard case .order(let order) = request else {
      try await record("done")
      return .object(["answer": .string("done"), "reason": .null])
    }
    // On record before anything can move, as every action of a machine.
    try await record("asked")
    guard let answer = await reactor.order(order) else {
      throw VarlinkError.unavailable("the station ends")
    }
    try await record(answer.word)
    return .object(["answer": .string(answer.word), "reason": .optional(answer.reason)])
  }

  func test(_ request: LampTest.Request, by peer: ControlPeer) async throws -> JSON {
    let wiring = Wiring(config)
    if case .lamp(let lamp) = request, !wiring.lamps.contains(lamp) {
      throw VarlinkError.unavailable("there is no \(lamp.rawValue) lamp in station.yaml")
    }
    if request == .beeper, !wiring.hasBeeper {
      throw VarlinkError.unavailable("there is no beeper in station.yaml")
    }
    guard await reactor.testLamps(request) == true else {
      throw VarlinkError.unavailable("a parcel is in hand, or there is an alarm to be seen")
    }
    let lights = wiring.lamps.map(\.rawValue) + (wiring.hasBeeper ? ["beeper"] : [])
    return .object(["lights": .array(lights.map { .string($0) })])
  }

  private func ledger() async -> JSON {
    let clock = SystemClock()
    let answer = try? await journal.perform { ledger throws(LedgerError) in
      (
        records: try ledger.position(.records), telemetry: try ledger.position(.telemetry),
        today: try ledger.reader.recover(now: clock.timestamp()).today
      )
    }
    guard let answer else { return .object(["error": .string("the ledger cannot be read")]) }
    return .object([
      "records": answer.records.json, "telemetry": answer.telemetry.json,
      "parcelsToday": .int(answer.today.values.reduce(0) { $0 + $1.parcels }),
      "gramsToday": .int(answer.today.values.reduce(0) { $0 + $1.mass.grams }),
    ])
  }

  private static func device(_ role: String, _ state: DeviceState) -> JSON {
    .object([
      "role": .string(role), "state": .string(state.word), "detail": .string(state.detail),
    ])
  }
}

extension ScaleAnswer {
  /// The answer in one word, as records and the control socket carry it.
  fileprivate var word: String {
    switch self {
    case .done: "done"
    case .refused: "refused"
    case .unanswered: "unanswered"
    }
  }

  fileprivate var reason: String? {
    if case .refused(let reason) = self { reason } else { nil }
  }
}

extension Position {
  fileprivate var json: JSON {
    .object(["last": .int(Int(last)), "acknowledged": .int(Int(acknowledged))])
  }
}

extension Event {
  /// The event as technicians see it, its body opened up.
  package var json: JSON {
    .object([
      "epoch": .string(epoch.description), "lane": .string(lane.rawValue),
      "sequence": .int(Int(sequence)), "type": .string(type),
      "time": .string(time.rfc3339), "clock": .string(time.quality.rawValue),
      "boot": .string(time.boot), "monotonic": .int(Int(time.monotonic.nanoseconds)),
      "body": (try? JSON(parsing: body)) ?? .string(String(decoding: body, as: UTF8.self)),
    ])
  }
}
