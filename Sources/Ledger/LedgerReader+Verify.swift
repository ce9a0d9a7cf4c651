package import Domain
import GRDB

/// What a full check of a ledger found.
package struct Verification: Hashable, Sendable {
  /// One lane of the ledger.
  package struct Stretch: Hashable, Sendable {
    package var lane: Lane
    package var events: Int64
    /// The sequence up to which events have been purged.
    package var purged: Int64
    package var last: Int64

    package init(lane: Lane, events: Int64, purged: Int64, last: Int64) {
      self.lane = lane
      self.events = events
      self.purged = purged
      self.last = last
    }
  }

  /// The first event of a lane that is not as it was recorded.
  package struct Fault: Hashable, Sendable {
    package var lane: Lane
    package var sequence: Int64
    package var reason: Reason

    package init(lane: Lane, sequence: Int64, reason: Reason) {
      self.lane = lane
      self.sequence = sequence
      self.reason = reason
    }
  }

  /// What is wrong with an event.
  package enum Reason: String, Hashable, Sendable {
    /// It is not there, though later ones are.
    case missing
    /// Its chain is not that of its content and its predecessor.
    case altered
    /// It cannot be read.
    case unreadable
  }

  package var lanes: [Stretch] = []
  package var faults: [Fault] = []
  /// What SQLite itself finds wrong in the file.
  package var damage: [String] = []

  package init() {}

  /// Whether everything is as it was recorded.
  package var isSound: Bool { faults.isEmpty && damage.isEmpty }
}

extension LedgerReader {
  /// Recomputes the chain of every event, and has SQLite check the file.
  ///
  /// `progress` is told how many of how many events are done, now and then.
  package func verify(
    progress: (_ done: Int64, _ of: Int64) -> Void = { _, _ in }
  ) throws(LedgerError) -> Verification {
    var verification = Verification()
    var positions: [Lane: Position] = [:]
    for lane in Lane.allCases { positions[lane] = try position(lane) }
    let total = positions.values.reduce(0) { $0 + $1.last - $1.purged }
    var done: Int64 = 0
    for lane in Lane.allCases {
      guard let position = positions[lane] else { continue }
      let before = done
      let fault = try verify(lane, position) { seen in
        done = before + seen
        progress(done, total)
      }
      if let fault { verification.faults.append(fault) }
      verification.lanes.append(
        .init(lane: lane, events: done - before, purged: position.purged, last: position.last)
      )
    }
    verification.damage = try integrityCheck()
    return verification
  }

  private func verify(
    _ lane: Lane,
    _ position: Position,
    _ progress: (Int64) -> Void
  ) throws(LedgerError) -> Verification.Fault? {
    var link = try read { try Chain.anchor(lane, epoch, $0) }
    var (last, seen) = (position.purged, Int64(0))
    while last < position.last {
      let events: [Event]
      do throws(LedgerError) {
        events = try self.events(lane, after: last, limit: 1000)
      } catch {
        guard error.kind == .corrupt else { throw error }
        return .init(lane: lane, sequence: last + 1, reason: .unreadable)
      }
      guard let newest = events.last else {
        return .init(lane: lane, sequence: last + 1, reason: .missing)
      }
      for event in events {
        guard event.sequence == last + 1 else {
          progress(last - position.purged)
          return .init(lane: lane, sequence: last + 1, reason: .missing)
        }
        link = Chain.link(event, after: link)
        guard link == event.chain else {
          progress(last - position.purged)
          return .init(lane: lane, sequence: event.sequence, reason: .altered)
        }
        last = event.sequence
      }
      seen += Int64(events.count)
      progress(seen)
      if newest.sequence >= position.last { break }
    }
    return nil
  }

  /// Events of a lane in order, from after a sequence on.
  package func events(_ lane: Lane, after start: Int64, limit: Int) throws(LedgerError) -> [Event] {
    try read { try Queries.events(lane, after: start, limit: limit, maxBytes: .max, epoch, $0) }
  }

  /// Every fault of the file itself, in words; none in a sound one.
  package func integrityCheck() throws(LedgerError) -> [String] {
    try read { db in
      var faults = try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
      for lane in Lane.allCases {
        let sql = "SELECT coalesce(max(seq) - min(seq) + 1 - count(*), 0) FROM \(lane.rawValue)"
        let missing = try Int.fetchOne(db, sql: sql) ?? 0
        if missing != 0 { faults.append("\(missing) events are missing from \(lane.rawValue)") }
      }
      return faults
    }
  }

  /// What can be found out without reading a large file whole: SQLite's own check of a small one,
  /// and the chain of the newest events.
  func quickCheck(wholeBelowBytes limit: Int64, tail: Int64) throws(LedgerError) -> [String] {
    var faults = try read { db in
      let pages = try Int64.fetchOne(db, sql: "PRAGMA page_count") ?? 0
      let size = try Int64.fetchOne(db, sql: "PRAGMA page_size") ?? 0
      guard pages * size <= limit else { return [String]() }
      return try String.fetchAll(db, sql: "PRAGMA quick_check").filter { $0 != "ok" }
    }
    for lane in Lane.allCases {
      var position = try position(lane)
      guard position.last - position.purged > tail else {
        if let fault = try verify(lane, position, { _ in }) { faults.append("\(fault)") }
        continue
      }
      position.purged = position.last - tail
      let events = try events(lane, after: position.purged - 1, limit: Int(tail) + 1)
      let links = zip(events, events.dropFirst())
      if events.count != Int(tail) + 1
        || links.contains(where: { Chain.link($1, after: $0.chain) != $1.chain })
      {
        faults.append("the newest events of \(lane.rawValue) do not follow on one another")
      }
    }
    return faults
  }
}
