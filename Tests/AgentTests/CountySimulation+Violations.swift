import Agent
import Domain
import Foundation
import Hub
import Ledger
import Simulator
import Station

/// What must be true in the end.
extension CountySimulation {
  /// Of each box by itself, whatever else there was.
  func violations(of station: VirtualStation) throws -> [String] {
    var wrongs = station.wrongs
    let verification = try station.ledger.reader.verify()
    if !verification.isSound { wrongs.append("the ledger is not sound: \(verification)") }
    if Set(station.labels).count != station.labels.count {
      wrongs.append("a label was printed twice")
    }
    if !station.breaches.isEmpty { wrongs.append("something was on while it must not be") }
    let machine = station.bench.machine
    let misuses = machine.violations.filter { $0 != .startedWhileBusy }
    if !misuses.isEmpty { wrongs.append("the machine was misused: \(misuses)") }
    return wrongs
  }

  /// The hub has each lane whole, once, and as it was recorded.
  func lanes() async throws -> [String] {
    let ledger = boxes[0].station.ledger
    let views = try await hub.lanes(of: ledger.epoch)
    var wrongs: [String] = []
    for lane in Lane.allCases {
      let last = try ledger.position(lane).last
      guard last > 0 else { continue }
      guard let view = views.first(where: { $0.lane == lane }) else {
        wrongs.append("the hub has nothing of \(lane)")
        continue
      }
      if view.durableUpTo != last { wrongs.append("\(lane): \(view.durableUpTo) of \(last)") }
      if view.conflicts != 0 { wrongs.append("\(lane): \(view.conflicts) conflicts") }
      if view.chainBreaks != 0 { wrongs.append("\(lane): the chain breaks") }
      if view.quarantined + view.missing != 0 { wrongs.append("\(lane): rows are missing") }
    }
    if let alarm = boxes[0].alarm { wrongs.append("an alarm without a second history: \(alarm)") }
    return wrongs
  }

  /// Every green light's parcel is at the hub once, and so is all else that the ledger dispatched.
  func parcels() async throws -> [String] {
    let station = boxes[0].station
    let done = try await hub.parcels().filter { $0.state == "done" }
    let atHub = Dictionary(done.map { ($0.number, $0.grams) }) { first, _ in first }
    let bodies = try dispatched(by: station)
    let inLedger = Dictionary(
      bodies.map { ($0["parcel"]?.string ?? "", $0["grams"]?.int ?? 0) }
    ) { first, _ in first }
    var wrongs: [String] = []
    if atHub.count != done.count { wrongs.append("the hub has a parcel twice") }
    if inLedger.count != bodies.count { wrongs.append("the ledger has a parcel twice") }
    if atHub != inLedger { wrongs.append("hub \(atHub) differs from ledger \(inLedger)") }
    for case .meaning(.done, let parcel?, _) in station.notices where atHub[parcel.text] == nil {
      wrongs.append("\(parcel) had its green light and is not at the hub")
    }
    return wrongs
  }

  private func dispatched(by station: VirtualStation) throws -> [JSON] {
    try station.ledger.reader.tail(100_000, lane: .records)
      .filter { $0.type == "parcel.dispatched" }.map { try JSON(parsing: $0.body) }
  }

  /// Two boxes ran on copies of one card.
  ///
  /// Their parcels bear the same numbers, and the hub cannot know which history is the true one.
  /// What holds: somebody raises the alarm; every payload that got a receipt is kept, one as the
  /// event and the others as conflicts; and each ledger still has all that its box was told is
  /// kept, so that nothing is lost that a person could not put right.
  func forks() async throws -> [String] {
    let ledgers = boxes.map(\.station.ledger)
    var wrongs = try await hub.forkViolations(of: ledgers[0].epoch)
    let views = try await hub.lanes(of: ledgers[0].epoch)
    let hubKnows = views.contains { $0.conflicts + $0.chainBreaks > 0 }
    if !hubKnows, !boxes.contains(where: { $0.alarm != nil }) {
      wrongs.append("two histories of one ledger, and no alarm")
    }
    for box in boxes {
      let numbers = Set(try dispatched(by: box.station).compactMap { $0["parcel"]?.string })
      for case .meaning(.done, let parcel?, _) in box.station.notices
      where !numbers.contains(parcel.text) {
        wrongs.append("\(parcel) had its green light and is in no ledger")
      }
    }
    return wrongs
  }
}
