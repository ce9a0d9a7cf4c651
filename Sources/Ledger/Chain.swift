import Crypto
import Domain
import Foundation
import GRDB

/// Each event holds the hash of all before it, so that nothing can be altered or left out unseen.
enum Chain {
  /// What stands before the first event of a lane.
  static func origin(_ epoch: Epoch, _ lane: Lane) -> [UInt8] {
    Array(SHA256.hash(data: Event.origin(epoch, lane)))
  }

  /// The link of an event that follows on another.
  static func link(_ event: Event, after previous: [UInt8]) -> [UInt8] {
    var hash = SHA256()
    hash.update(data: previous)
    hash.update(data: event.canonical)
    return Array(hash.finalize())
  }

  /// The link of the newest event of a lane; of one without events, what stands before them.
  static func head(_ lane: Lane, _ epoch: Epoch, _ db: Database) throws -> [UInt8] {
    let sql = "SELECT chain FROM \(lane.rawValue) ORDER BY seq DESC LIMIT 1"
    guard let newest = try Data.fetchOne(db, sql: sql) else {
      return try anchor(lane, epoch, db)
    }
    return Array(newest)
  }

  /// The link of the event before the oldest that is kept.
  static func anchor(_ lane: Lane, _ epoch: Epoch, _ db: Database) throws -> [UInt8] {
    let sql = "SELECT anchor FROM acknowledged WHERE lane = ?"
    let anchor = try Data.fetchOne(db, sql: sql, arguments: [lane.rawValue])
    guard let anchor, !anchor.isEmpty else { return origin(epoch, lane) }
    return Array(anchor)
  }

  /// Links all events that older versions have left without, in small transactions.
  static func complete(_ db: Database, epoch: Epoch) throws {
    for lane in Lane.allCases {
      let sql = "SELECT coalesce(max(seq), 0) FROM \(lane.rawValue) WHERE chain <> x''"
      var last = try Int64.fetchOne(db, sql: sql) ?? 0
      var link = origin(epoch, lane)
      if last > 0 {
        let sql = "SELECT chain FROM \(lane.rawValue) WHERE seq = ?"
        link = try Data.fetchOne(db, sql: sql, arguments: [last]).map(Array.init) ?? link
      }
      while true {
        let events = try Queries.events(
          lane,
          after: last,
          limit: 1000,
          maxBytes: .max,
          epoch,
          db
        )
        guard let newest = events.last else { break }
        try db.inTransaction(.immediate) {
          for event in events {
            link = self.link(event, after: link)
            try db.cachedStatement(sql: "UPDATE \(lane.rawValue) SET chain = ? WHERE seq = ?")
              .execute(arguments: [Data(link), event.sequence])
          }
          return .commit
        }
        last = newest.sequence
      }
    }
  }
}
