import Domain
import GRDB

/// Keeps `state` and `tally` in step with the events, inside the events' own transaction.
///
/// Every change is conditional, and one that changed nothing is refused: an entry that contradicts
/// the ledger is an error in the program and must not be taken silently.
struct Projection {
  let db: Database
  let epoch: Epoch
  /// The time of the transaction.
  let time: Timestamp
  /// What is known of clocks before it.
  let clocks: ClockBook

  private var hour: Int64 { clocks.time(of: time).hour }

  func apply(_ entry: Entry, sequence: Int64) throws {
    switch entry {
    case .intent(let intent): try arm(intent, sequence: sequence)
    case .outcome(let id, let outcome, let evidence, _): try close(id, outcome, evidence)
    case .dispatched(let parcel): try dispatch(parcel)
    case .voided(let number, _): try void(number)
    case .machineRequest(let request, _, _):
      if request == Entry.serviced { try noteService() }
    case .housekeeping(.clockCorrected(let boot, let offset, let quality)):
      try correct(boot, offset, quality)
    case .started, .stopped, .device, .scaleRequest, .housekeeping: break
    }
  }

  private func arm(_ intent: Intent, sequence: Int64) throws {
    let number = intent.id.parcel
    let (serial, grams) = (try serial(of: number), intent.mass.grams)
    try run(
      """
      INSERT INTO state
      (id, serial, kind, copy, grams, state, number, labels, sealed, waybill, carrier)
      VALUES (?, ?, 0, 0, ?, 0, ?, 0, 0, ?, ?)
      ON CONFLICT DO UPDATE SET grams = iif(state = 0, excluded.grams, grams),
      carrier = iif(state = 0, excluded.carrier, carrier) WHERE number = excluded.number
      """,
      [
        Schema.key(serial), serial, grams, number.text, intent.shipment?.waybill,
        intent.shipment?.carrier,
      ],
      else: "serial \(serial) belongs to another number than \(number)"
    )
    try run(
      """
      INSERT INTO state (id, serial, kind, copy, grams, seq) VALUES (?, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET grams = excluded.grams, seq = excluded.seq WHERE state IS NULL
      """,
      [
        try key(intent.id, serial), serial, intent.id.action.kind, intent.id.copy, grams, sequence,
      ],
      else: "\(intent.id) has an outcome already; arm the next copy"
    )
  }

  private func close(_ id: ActionID, _ outcome: Outcome, _ evidence: Evidence) throws {
    let serial = try serial(of: id.parcel)
    try run(
      "UPDATE state SET state = ?, evidence = ? WHERE id = ? AND state IS NULL",
      [outcome.code, evidence.code, try key(id, serial)],
      else: "\(id) has no open intent"
    )
    guard outcome == .done else {
      let hasRun = outcome == .failed || outcome == .repeated || outcome == .voided
      if hasRun, id.action != .label { try count(.badCycles) }
      return
    }
    switch id.action {
    case .label:
      try run(
        "UPDATE state SET labels = max(labels, ?) WHERE id = ?",
        [id.copy, Schema.key(serial)],
        else: "\(id) has no parcel"
      )
      try count(.labels)
    case .seal, .strap:
      try run(
        "UPDATE state SET sealed = 1 WHERE id = ?",
        [Schema.key(serial)],
        else: "\(id) has no parcel"
      )
      try count(id.action == .seal ? .seals : .straps)
    }
  }

  /// Keeps how many cycles there were at a service; what came since is the difference.
  private func noteService() throws {
    try run(
      """
      INSERT INTO tally SELECT ?1, ?2, coalesce(sum(n), 0), 0 FROM tally WHERE kind IN (?3, ?4, ?5)
      ON CONFLICT DO UPDATE SET n = excluded.n
      """,
      [
        hour, TallyKind.serviced.rawValue, TallyKind.seals.rawValue, TallyKind.straps.rawValue,
        TallyKind.badCycles.rawValue,
      ],
      else: "the service was not noted"
    )
  }

  private func dispatch(_ parcel: Parcel) throws {
    let serial = try serial(of: parcel.number)
    try run(
      """
      INSERT INTO state
      (id, serial, kind, copy, grams, state, number, labels, sealed, waybill, carrier)
      VALUES (?, ?, 0, 0, ?, 1, ?, ?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET grams = excluded.grams, state = 1, labels = excluded.labels,
      sealed = excluded.sealed WHERE state = 0 AND number = excluded.number
      """,
      [
        Schema.key(serial), serial, parcel.mass.grams, parcel.number.text, parcel.labelCopy,
        parcel.sealed, parcel.shipment?.waybill, parcel.shipment?.carrier,
      ],
      else: "\(parcel.number) is no longer open"
    )
    try count(TallyKind(parcel.direction), grams: parcel.mass.grams)
  }

  private func void(_ number: ParcelNumber) throws {
    let serial = try serial(of: number)
    try run(
      """
      INSERT INTO state (id, serial, kind, copy, grams, state, number, labels, sealed)
      VALUES (?, ?, 0, 0, 0, 2, ?, 0, 0)
      ON CONFLICT DO UPDATE SET state = 2 WHERE state = 0 AND number = excluded.number
      """,
      [Schema.key(serial), serial, number.text],
      else: "\(number) is no longer open"
    )
    try count(.voids)
  }

  private func count(_ kind: TallyKind, grams: Int = 0) throws {
    try count(kind, 1, grams: grams, inHour: hour)
  }

  func count(_ kind: TallyKind, _ number: Int, grams: Int, inHour hour: Int64) throws {
    try run(
      """
      INSERT INTO tally VALUES (?, ?, ?, ?)
      ON CONFLICT DO UPDATE SET n = n + excluded.n, grams = grams + excluded.grams
      """,
      [hour, kind.rawValue, number, grams],
      else: "the tally did not move"
    )
  }

  private func key(_ id: ActionID, _ serial: Int) throws -> Int {
    guard (1...255).contains(id.copy) else { throw refusal("\(id): there are 255 copies at most") }
    return Schema.key(serial, id.action.kind, id.copy)
  }

  private func serial(of number: ParcelNumber) throws -> Int {
    guard let parts = number.parts, try parts.tag == epoch.tag || isCarried(number) else {
      throw refusal("\(number) was not issued by this ledger (tag \(epoch.tag))")
    }
    return parts.serial
  }

  /// Whether an earlier epoch issued it, and left it open or in doubt.
  private func isCarried(_ number: ParcelNumber) throws -> Bool {
    try Queries.parcel(number, db) != nil
  }

  func run(_ sql: String, _ arguments: StatementArguments, else reason: String) throws {
    try db.cachedStatement(sql: sql).execute(arguments: arguments)
    guard db.changesCount > 0 else { throw refusal(reason) }
  }

  private func refusal(_ reason: String) -> LedgerError {
    LedgerError(.refused, attempted: "recording a step", cause: reason)
  }
}
