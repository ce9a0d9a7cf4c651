package import Domain
import Foundation
import GRDB
import Glibc

/// A ledger that was opened, and what had to be done for it.
package struct LedgerOpening: Sendable {
  package let ledger: Ledger
  /// What was saved of a damaged predecessor; `nil` where the file was sound.
  package let salvaged: Salvaged?
}

extension Ledger {
  /// Files up to this size are checked whole at every start; larger ones by their newest events.
  private static let wholeCheckBytes: Int64 = 64 << 20

  /// Opens a ledger after a look at its soundness.
  ///
  /// A damaged file is set aside under a new name, with a report beside it, and a new ledger of
  /// another epoch takes its place: it holds what could be read and had not been acknowledged, so
  /// that the hub still gets it. A kill at any moment of this leaves either the damaged file or the
  /// finished successor.
  package static func open(
    path: String,
    policy: SpacePolicy? = nil,
    now: @escaping @Sendable () -> Timestamp
  ) throws(LedgerError) -> LedgerOpening {
    var salvaged: Salvaged?
    if let damage = damage(of: path) {
      let lock = try LedgerLock(besides: path)
      // The room kept back is for this, too.
      if let policy { _ = Ballast(path: path + ".ballast", bytes: policy.ballastBytes).release() }
      do { salvaged = try Salvage(path: path, damage: damage, now: now).run() } catch {
        throw LedgerError(error, attempted: "salvaging \(path)")
      }
      _ = consume lock
    }
    return LedgerOpening(
      ledger: try Ledger(path: path, policy: policy, now: now),
      salvaged: salvaged
    )
  }

  /// What is wrong with a file; `nil` where nothing is, or where there is no file yet.
  ///
  /// Files of other programs and of newer versions are none of this: they are left as they are.
  private static func damage(of path: String) -> [String]? {
    do throws(LedgerError) {
      let faults = try LedgerReader(path: path)
        .quickCheck(wholeBelowBytes: wholeCheckBytes, tail: 200)
      return faults.isEmpty ? nil : faults
    } catch {
      switch error.kind {
      case .corrupt: return ["\(error.cause)"]
      // Whatever else there is, opening it for writing will say better.
      default: return nil
      }
    }
  }
}

/// Sets a damaged ledger aside and makes its successor.
struct Salvage {
  let path: String
  let damage: [String]
  let now: @Sendable () -> Timestamp

  private var fresh: String { path + ".new" }

  func run() throws -> Salvaged {
    for suffix in ["", "-wal", "-shm", ".lock", ".mend", ".mend-wal", ".mend-shm"] {
      try? FileManager.default.removeItem(atPath: fresh + suffix)
    }
    let aside = try setAside()
    try Ledger(path: fresh, now: now).close()
    let reader = try? SalvageReader(path: aside, scratch: fresh + ".mend", template: fresh)
    defer {
      reader?.close()
      for suffix in [".mend", ".mend-wal", ".mend-shm", ".lock"] {
        try? FileManager.default.removeItem(atPath: fresh + suffix)
      }
    }
    var ledger = try Ledger(path: fresh, now: now)
    // Parcel numbers carry a short form of the epoch: never the same twice in a row.
    while ledger.epoch.tag == reader?.epoch?.tag {
      try ledger.close()
      try FileManager.default.removeItem(atPath: fresh)
      ledger = try Ledger(path: fresh, now: now)
    }
    let salvaged = try fill(ledger, from: reader, file: aside)
    try ledger.close()
    try report(salvaged, reader, besides: aside)
    try takePlace()
    return salvaged
  }

  /// Gives the file a second name; what was begun and cut short is taken up again.
  ///
  /// - Returns: The new name.
  private func setAside() throws -> String {
    let files = FileManager.default
    let own = try files.attributesOfItem(atPath: path)[.systemFileNumber] as? Int
    var number = 1
    while true {
      let aside = "\(path).damaged-\(number)"
      number += 1
      if files.fileExists(atPath: aside) {
        let other = try files.attributesOfItem(atPath: aside)[.systemFileNumber] as? Int
        guard own != nil, own == other else { continue }
      } else {
        try link(path, aside)
      }
      if files.fileExists(atPath: path + "-wal"), !files.fileExists(atPath: aside + "-wal") {
        try link(path + "-wal", aside + "-wal")
      }
      try LedgerFile.sync(directoryOf: path)
      return aside
    }
  }

  /// A second name where the file system knows such a thing, else a copy.
  private func link(_ old: String, _ new: String) throws {
    guard unsafe Glibc.link(old, new) != 0 else { return }
    try FileManager.default.copyItem(atPath: old, toPath: new)
  }

  private func fill(_ ledger: Ledger, from reader: SalvageReader?, file: String) throws -> Salvaged
  {
    let memory = reader?.memory()
    var salvaged = Salvaged(
      epoch: reader?.epoch,
      file: String(file.split(separator: "/").last ?? ""),
      events: 0,
      lost: 0,
      unsent: 0,
      inDoubt: Array((memory?.inDoubt ?? []).prefix(20))
    )
    if let reader, let epoch = reader.epoch {
      for lane in Lane.allCases {
        let lode = try ledger.archive(lane, of: epoch, from: reader)
        salvaged.events += lode.events
        salvaged.lost += lode.lost.reduce(0) { $0 + $1.count }
        salvaged.unsent += lode.unsent
      }
    }
    if let memory { try ledger.remember(waybills: memory.waybills, tally: memory.tally) }
    try ledger.append([.housekeeping(.salvaged(salvaged))])
    return salvaged
  }

  /// What was wrong and what was saved, for people, beside the file that was set aside.
  private func report(_ salvaged: Salvaged, _ reader: SalvageReader?, besides aside: String) throws
  {
    let found = damage + (reader?.damage() ?? ["SQLite cannot open it"])
    let report = JSON.object([
      "salvaged": salvaged.body, "damage": .array(found.prefix(60).map { .string($0) }),
    ])
    try Data(report.canonical + [0x0A]).write(to: URL(fileURLWithPath: aside + ".report.json"))
  }

  /// The successor takes the name.
  ///
  /// The old log must be gone before: it would be replayed into it.
  private func takePlace() throws {
    try LedgerFile.sync(fresh)
    for suffix in ["-wal", "-shm"] { unsafe _ = unlink(path + suffix) }
    guard unsafe rename(fresh, path) == 0 else {
      throw LedgerError(errno: errno, attempted: "putting \(fresh) in place")
    }
    try LedgerFile.sync(directoryOf: path)
  }
}

/// Reads a damaged ledger for people, without making a new one.
package enum Wreck {
  /// Hands over every event that can be read, lane by lane, and whether the chain proves it.
  ///
  /// - Parameters:
  ///   - path: The damaged file; it stays as it is.
  ///   - folder: Where a copy may be made of a file that cannot be read in place.
  ///   - take: Told of each event.
  /// - Returns: What was found, as the daemon would record it.
  /// - Throws: Whatever `take` throws; why nothing of the file can be read.
  package static func read(
    _ path: String,
    workingIn folder: String,
    _ take: (Event, _ isProved: Bool) throws -> Void
  ) throws -> Salvaged {
    let template = folder + "/template.sqlite"
    try Ledger(path: template, now: Self.noTime).close()
    let reader = try SalvageReader(path: path, scratch: folder + "/copy.sqlite", template: template)
    defer { reader.close() }
    var salvaged = Salvaged(
      epoch: reader.epoch,
      file: String(path.split(separator: "/").last ?? ""),
      events: 0,
      lost: 0,
      unsent: 0,
      inDoubt: reader.memory().inDoubt
    )
    for lane in Lane.allCases {
      let lode = try reader.lode(lane) { find, _ in try take(find.event, find.isProved) }
      salvaged.events += lode.events
      salvaged.lost += lode.lost.reduce(0) { $0 + $1.count }
      salvaged.unsent += lode.unsent
    }
    return salvaged
  }

  private static func noTime() -> Timestamp {
    Timestamp(boot: "", monotonic: .zero, wallMilliseconds: 0, quality: .none)
  }
}
