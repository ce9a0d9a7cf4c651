package import Domain
import GRDB

/// Which events are asked for.
package struct EventFilter: Hashable, Sendable {
  package var lanes: [Lane]
  /// The types, as `parcel.dispatched`, or their beginnings, as `parcel.`; empty for all.
  package var types: [String] = []
  /// The number of a parcel.
  package var parcel: String?
  /// The courier's number of a parcel; all events of that parcel are meant.
  package var waybill: String?
  /// From this time on, in milliseconds since 1970.
  package var from: Int64?
  /// Up to this time, which does not belong to it any more.
  package var to: Int64?

  package init(lanes: [Lane] = Lane.allCases) { self.lanes = lanes }
}

/// An event as reports show it: with its time as it is known by now.
package struct Account: Hashable, Sendable {
  package var event: Event
  package var time: EventTime
  /// The body opened up; `nil` where it cannot be read.
  package var body: JSON?

  package init(_ event: Event, _ clocks: ClockBook) {
    self.event = event
    time = clocks.time(of: event.time)
    body = try? JSON(parsing: event.body)
  }
}

extension LedgerReader {
  /// Hands over the events that are asked for, lane by lane in order, until told to stop.
  ///
  /// Memory stays bounded whatever the ledger holds, and the writer is not held up.
  package func scan(
    _ filter: EventFilter,
    _ take: (Account) throws -> Bool
  ) throws {
    let clocks = try clocks()
    let parcels = try parcels(filter)
    if let parcels, parcels.isEmpty { return }
    for lane in filter.lanes {
      var last: Int64 = 0
      while true {
        let events = try events(lane, after: last, limit: 500)
        guard let newest = events.last else { break }
        for event in events where filter.wants(type: event.type) {
          let account = Account(event, clocks)
          guard filter.wants(time: account.time.milliseconds) else { continue }
          if let parcels {
            guard let parcel = account.body?["parcel"]?.string, parcels.contains(parcel) else {
              continue
            }
          }
          guard try take(account) else { return }
        }
        last = newest.sequence
      }
    }
  }

  /// The parcels that are meant; `nil` where any is.
  private func parcels(_ filter: EventFilter) throws(LedgerError) -> Set<String>? {
    guard filter.parcel != nil || filter.waybill != nil else { return nil }
    var parcels: Set<String>?
    if let waybill = filter.waybill {
      parcels = Set(
        try read { db in
          try String.fetchAll(
            db,
            sql: "SELECT number FROM state WHERE waybill = ? AND number IS NOT NULL",
            arguments: [waybill]
          )
        }
      )
    }
    if let parcel = filter.parcel { parcels = parcels?.intersection([parcel]) ?? [parcel] }
    return parcels
  }
}

extension EventFilter {
  fileprivate func wants(type: String) -> Bool {
    types.isEmpty || types.contains { $0 == type || $0.hasSuffix(".") && type.hasPrefix($0) }
  }

  fileprivate func wants(time: Int64) -> Bool {
    (from.map { time >= $0 } ?? true) && (to.map { time < $0 } ?? true)
  }
}
