import Domain
import Drivers
package import Ledger
package import Uplink

extension Backend {
  func sync() async -> JSON {
    let (link, now) = (board.link, MonotonicClock.now())
    let pending = try? await journal.perform { ledger throws(LedgerError) in
      (
        records: try ledger.position(.records).pending,
        telemetry: try ledger.position(.telemetry).pending,
        oldest: try ledger.reader.oldestUnsent(.records)
      )
    }
    let wait = link.nextTry.map { max(0, ($0 - now).milliseconds / 1000) }
    return .object([
      "state": .string(link.state.rawValue),
      "hub": .optional(config.hub?.url),
      "backlog": .optional(pending.map { Int($0.records + $0.telemetry) }),
      "backlogRecords": .optional(pending.map { Int($0.records) }),
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
    guard word.site == config.site, word.epoch == journal.epoch else {
      throw VarlinkError.unavailable("it is for \(word.site), ledger \(word.epoch)")
    }
    try await journal.perform { ledger throws(LedgerError) in try ledger.acknowledge(word) }
  }

  func enrolment() async throws -> JSON {
    let key: VerificationKey
    do throws(StationKeyError) { key = try self.key.get().publicKey } catch {
      throw VarlinkError.unavailable(error.description)
    }
    return .object([
      "site": .string(config.site.text), "key": .string(key.description),
      "fingerprint": .string(key.fingerprint), "hub": .optional(config.hub?.url),
    ])
  }
}

extension Ledger {
  /// Notes what a courier brought back, as far as it is news.
  package func acknowledge(_ word: Acknowledgement) throws(LedgerError) {
    for (lane, mark) in word.marks {
      let position = try position(lane)
      guard mark > position.acknowledged else { continue }
      try acknowledge(lane, durableUpTo: min(mark, position.last))
    }
  }
}
