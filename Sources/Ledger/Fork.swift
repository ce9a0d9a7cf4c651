package import Domain
import Foundation
import Glibc

/// What showed that a ledger's history is not the only one of its epoch: its card was copied, or
/// set back to an old image.
///
/// It stands in a file of its own beside the ledger, until the next opening begins a new epoch.
package struct Fork: Hashable, Sendable {
  /// The epoch of the ledger that is meant; a note of another is stale.
  package var epoch: Epoch
  /// Up to where the hub holds each lane as it stands here.
  package var marks: [Lane: Int64]
  /// What showed it, as `records 51`.
  package var signs: [String]

  private static func file(besides path: String) -> String { path + ".fork" }

  /// The note beside a ledger; `nil` where there is none that can be read.
  static func read(besides path: String) -> Fork? {
    guard let data = FileManager.default.contents(atPath: file(besides: path)),
      let json = try? JSON(parsing: Array(data)),
      let epoch = json["epoch"]?.string.flatMap(Epoch.init)
    else { return nil }
    var marks: [Lane: Int64] = [:]
    for lane in Lane.allCases {
      guard let mark = json["marks"]?[lane.rawValue]?.int else { return nil }
      marks[lane] = Int64(mark)
    }
    return Fork(epoch: epoch, marks: marks, signs: json["signs"]?.array?.compactMap(\.string) ?? [])
  }

  /// Brings the note to the disk, whole or not at all.
  func write(besides path: String) throws(LedgerError) {
    let (file, attempted) = (Self.file(besides: path), "noting that \(path) has forked")
    let marks = marks.map { ($0.key.rawValue, JSON.int(Int($0.value))) }
    let json = JSON.object([
      "epoch": .string(epoch.description),
      "marks": .object(Dictionary(uniqueKeysWithValues: marks)),
      "signs": .array(signs.map { .string($0) }),
    ])
    do {
      try Data(json.canonical).write(to: URL(fileURLWithPath: file + ".new"))
      try LedgerFile.sync(file + ".new")
      guard unsafe rename(file + ".new", file) == 0 else {
        throw LedgerError(errno: errno, attempted: attempted)
      }
      try LedgerFile.sync(directoryOf: file)
    } catch { throw LedgerError(error, attempted: attempted) }
  }

  static func forget(besides path: String) { unsafe _ = unlink(file(besides: path)) }
}

extension Ledger {
  /// What showed that this ledger has forked; `nil` where nothing has.
  package var fork: Fork? {
    Fork.read(besides: path).flatMap { $0.epoch == epoch ? $0 : nil }
  }

  /// Notes that the hub has another history of this ledger, beyond what it has acknowledged here.
  ///
  /// The note is on disk when this returns, and the next ``open(path:policy:now:)`` begins a new
  /// epoch. A second note changes nothing.
  package func noteFork(_ signs: [String]) throws(LedgerError) {
    guard fork == nil else { return }
    var marks: [Lane: Int64] = [:]
    for lane in Lane.allCases { marks[lane] = try position(lane).acknowledged }
    try Fork(epoch: epoch, marks: marks, signs: signs).write(besides: path)
  }
}
