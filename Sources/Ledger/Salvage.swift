package import Domain
import Foundation
import GRDB
import Glibc

/// A ledger that was opened, and what had to be done for it.
package struct LedgerOpening: Sendable {
  package let ledger: Ledger
  /// What was saved of a damaged or forked predecessor; `nil` where there was none such.
  package let salvaged: Salvaged?
  /// Why a forked ledger could not be replaced; it is gone on with, and the hub refuses it.
  package var refusal: LedgerError?

  /// Whether a fork was dealt with at this opening, well or not.
  package var isUnsettled: Bool { refusal != nil || salvaged?.forks.isEmpty == false }
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
  ///
  /// The same is done to a ledger that is known to have forked, because its card was copied or set
  /// back. Where both copies are alive, each believes that it is the original; neither can know. So
  /// whichever hears from the hub that it differs moves into an epoch of its own, and records there
  /// anew what the hub has not got of it: nothing of either is refused, and a parcel is the same one
  /// at the hub by the boot and moment of its end.
  package static func open(
    path: String,
    policy: SpacePolicy? = nil,
    now: @escaping @Sendable () -> Timestamp
  ) throws(LedgerError) -> LedgerOpening {
    let (damage, fork) = (damage(of: path), fork(of: path))
    var (salvaged, refusal): (Salvaged?, LedgerError?)
    if damage != nil || fork != nil {
      let lock = try LedgerLock(besides: path)
      // The room kept back is for this, too.
      if let policy { _ = Ballast(path: path + ".ballast", bytes: policy.ballastBytes).release() }
      let salvage = Salvage(path: path, damage: damage ?? [], fork: fork, now: now)
      do { salvaged = try salvage.run() } catch {
        let error = LedgerError(error, attempted: "salvaging \(path)")
        // A forked ledger is sound: a point without it would stand still.
        guard damage == nil else { throw error }
        salvage.takeBack()
        refusal = error
      }
      _ = consume lock
    }
    return LedgerOpening(
      ledger: try Ledger(path: path, policy: policy, now: now),
      salvaged: salvaged,
      refusal: refusal
    )
  }

  /// The note that a ledger has forked; one that speaks of an earlier epoch is over.
  private static func fork(of path: String) -> Fork? {
    guard let fork = Fork.read(besides: path) else { return nil }
    if let epoch = try? LedgerReader(path: path).epoch, epoch != fork.epoch {
      Fork.forget(besides: path)
      return nil
    }
    return fork
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

/// Sets a damaged or forked ledger aside and makes its successor.
struct Salvage {
  let path: String
  /// What is wrong with the file; nothing where it is sound.
  let damage: [String]
  let fork: Fork?
  let now: @Sendable () -> Timestamp

  private var fresh: String { path + ".new" }

  func run() throws -> Salvaged {
    // Whatever else was made is gone before the successor takes the name: afterwards a kill would
    // leave it lying about, for nothing is amiss any more at the next start.
    let salvaged = try makeSuccessor()
    try takePlace()
    Fork.forget(besides: path)
    return salvaged
  }

  private func makeSuccessor() throws -> Salvaged {
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
    return salvaged
  }

  /// Gives the file a second name; what was begun and cut short is taken up again.
  ///
  /// - Returns: The new name.
  private func setAside() throws -> String {
    let files = FileManager.default
    var number = 1
    while true {
      let aside = name(number)
      number += 1
      if files.fileExists(atPath: aside) {
        guard isOwn(aside) else { continue }
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

  private func name(_ number: Int) -> String {
    "\(path).\(damage.isEmpty ? "forked" : "damaged")-\(number)"
  }

  /// Whether a name is a second one of the file that is still in use.
  private func isOwn(_ aside: String) -> Bool {
    let numbers = [path, aside].map { name in
      (try? FileManager.default.attributesOfItem(atPath: name))?[.systemFileNumber] as? Int
    }
    return numbers[0] != nil && numbers[0] == numbers[1]
  }

  /// Takes the second name back, where the file is gone on with after all: its log would soon be
  /// an old one.
  func takeBack() {
    var number = 1
    while FileManager.default.fileExists(atPath: name(number)) {
      let aside = name(number)
      number += 1
      guard isOwn(aside) else { continue }
      for suffix in ["", "-wal", "-shm", ".report.json"] { unsafe _ = unlink(aside + suffix) }
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
      inDoubt: (memory?.inDoubt ?? []).prefix(20).map(\.description)
    )
    if let reader, let memory { try ledger.remember(memory, of: reader) }
    if let reader, let epoch = reader.epoch {
      let fork = fork.flatMap { $0.epoch == epoch ? $0 : nil }
      salvaged.forks = fork?.signs ?? []
      for lane in Lane.allCases {
        let lode: SalvageReader.Lode
        if let mark = fork?.marks[lane] {
          lode = try ledger.adopt(lane, beyond: mark, from: reader)
          salvaged.anewFrom[lane] = mark + 1
        } else {
          lode = try ledger.archive(lane, of: epoch, from: reader)
        }
        salvaged.events += lode.events
        salvaged.lost += lode.lost.reduce(0) { $0 + $1.count }
        salvaged.unsent += lode.unsent
      }
    }
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
      inDoubt: reader.memory().inDoubt.map(\.description)
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
