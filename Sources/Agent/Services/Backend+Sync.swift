import Domain
import Drivers
import Labels
package import Ledger
import Station
package import Uplink

extension Backend {
  func sync() async -> JSON {
    let (link, now) = (board.link, MonotonicClock.now())
    let pending = try? await journal.perform { ledger throws(LedgerError) in
      (
        records: try ledger.position(.records).pending,
        telemetry: try ledger.position(.telemetry).pending,
        arrears: try ledger.reader.debts().reduce(0) { $0 + $1.owed },
        oldest: try ledger.reader.oldestOwed()
      )
    }
    let wait = link.nextTry.map { max(0, ($0 - now).milliseconds / 1000) }
    return .object([
      "state": .string(link.state.rawValue),
      "hub": .optional(config.hub?.url),
      "backlog": .optional(pending.map { Int($0.records + $0.telemetry + $0.arrears) }),
      "backlogRecords": .optional(pending.map { Int($0.records) }),
      "backlogArrears": .optional(pending.map { Int($0.arrears) }),
      "oldestUnsent": .optional(pending?.oldest?.rfc3339),
      "eventsPerMinute": .int(link.perMinute(at: now)),
      "lastError": .optional(link.lastError),
      "lastSuccess": .optional(link.lastSuccess?.rfc3339),
      "nextTrySeconds": .optional(wait.map { Int($0) }),
      "isPaused": .bool(link.isPaused),
      "quarantined": .int(link.quarantinedCount),
      "quarantinedRows": .array(link.quarantined.map { .string($0) }),
      "forks": .array(link.forks.map { .string($0) }),
      "budgetBytesPerDay": .optional(config.hub?.bytesPerDay),
      "budgetBytesLeft": .optional(syncService?.budgetLeft.map { Int($0) }),
    ])
  }

  func sync(_ order: SyncOrder) async throws -> JSON {
    switch order {
    case .now: try service.now()
    case .pause: try service.pause(true)
    case .resume: try service.pause(false)
    case .acknowledge(let file): try await acknowledge(file)
    }
    return await sync()
  }

  private var service: SyncService {
    get throws(VarlinkError) {
      guard let syncService else { throw .unavailable("no hub is configured") }
      return syncService
    }
  }

  /// Takes the hub's word from a courier.
  ///
  /// It only ever moves a mark forward: going back is for the hub itself to ask, over the link.
  private func acknowledge(_ file: String) async throws {
    guard let pin = config.hub?.pin else {
      throw VarlinkError.unavailable(
        "without hub.pin in station.yaml nobody can tell whether the hub wrote this"
      )
    }
    let word: Acknowledgement
    do throws(Acknowledgement.Refusal) {
      word = try Acknowledgement(file: Array(file.utf8), pin: pin)
    } catch { throw VarlinkError.unavailable(error.description) }
    guard word.site == config.site,
      try await journal.perform({ ledger throws(LedgerError) in try ledger.acknowledge(word) })
    else { throw VarlinkError.unavailable("it is for \(word.site), ledger \(word.epoch)") }
    guard let fork = journal.fork else { return }
    syncService?.halt(fork.signs)
    forked.ring()
  }

  func enrolment() async throws -> JSON {
    let key = try publicKey()
    return .object([
      "site": .string(config.site.text), "key": .string(key.description),
      "fingerprint": .string(key.fingerprint), "code": .string(key.enrolmentCode(config.site)),
      "hub": .optional(config.hub?.url),
    ])
  }

  func enrolmentLabel(by peer: ControlPeer) async throws -> JSON {
    let key = try publicKey()
    guard await reactor.ask({ $0.workflow.isFree }) == true else {
      throw VarlinkError.unavailable("a parcel is in hand")
    }
    let record = { (answer: String) in
      let by = "uid \(peer.user)"
      _ = try await journal.append([
        .machineRequest(request: "enrolment-label", answer: answer, by: by)
      ])
    }
    // On record before a label can come out, as every physical action.
    try await record("asked")
    let note = EnrolmentNote(
      site: config.site,
      key: key.description,
      fingerprint: key.fingerprint,
      code: key.enrolmentCode(config.site)
    )
    guard let result = await desk.enrol(note) else {
      throw VarlinkError.unavailable("the label is being printed")
    }
    let answer: (word: String, reason: String?) =
      switch result {
      case .printed: ("done", nil)
      case .notStarted(let reason): ("refused", reason)
      case .unknown(let reason): ("unanswered", reason)
      }
    try await record(answer.word)
    return .object(["answer": .string(answer.word), "reason": .optional(answer.reason)])
  }

  private func publicKey() throws(VarlinkError) -> VerificationKey {
    do throws(StationKeyError) { return try key.get().publicKey } catch {
      throw .unavailable(error.description)
    }
  }
}

extension Ledger {
  /// Notes what a courier brought back, as far as it is news: of this epoch, of an earlier one that
  /// is still owed, and that the hub has another history.
  ///
  /// - Returns: Whether it is about anything of this ledger.
  @discardableResult
  package func acknowledge(_ word: Acknowledgement) throws(LedgerError) -> Bool {
    guard word.epoch == epoch else { return try acknowledgeArrears(word) }
    var signs = word.forks.map { "\($0.key.rawValue) \($0.value)" }
    for (lane, mark) in word.marks {
      let position = try position(lane)
      if mark > position.last { signs.append("\(lane.rawValue) \(position.last + 1)…\(mark)") }
      guard mark > position.acknowledged else { continue }
      try acknowledge(lane, durableUpTo: min(mark, position.last))
    }
    if !signs.isEmpty { try noteFork(signs.sorted()) }
    return true
  }

  private func acknowledgeArrears(_ word: Acknowledgement) throws(LedgerError) -> Bool {
    let debts = try reader.debts(settled: true).filter { $0.epoch == word.epoch }
    for debt in debts {
      guard let mark = word.marks[debt.lane], mark > debt.acknowledged else { continue }
      try acknowledgeArrears(debt.epoch, debt.lane, durableUpTo: mark)
    }
    return !debts.isEmpty
  }
}
