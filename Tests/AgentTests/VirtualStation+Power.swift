import Agent
import Domain
import Drivers
import Foundation
import Ledger
import Simulator

/// Power and disk: what a box goes through, and what it must never forget.
extension VirtualStation {
  /// Whether the power is gone, so that nothing goes on before ``crash()``.
  var isDown: Bool { disk.isOff }

  /// Whether commits fail now, as on a full disk.
  var isDiskFull: Bool {
    get { disk.faults.fullWrites > 0 }
    nonmutating set { disk.setFaults { $0.fullWrites = newValue ? .max : 0 } }
  }

  /// Takes away whatever is wrong with the disk.
  func mendDisk() { disk.setFaults { $0 = DiskFaults() } }

  /// Power cut and power-on: what was not synced is at the mercy of the seed, outputs fall.
  mutating func crash() throws {
    disk.cutPower()
    fall()
    try? ledger.close()
    losePower()
    tally.add("station: power-on after a cut")
    clock.boot(at: now)
    try powerOn()
  }

  /// The daemon is stopped, which brings the log into the file, and started in the same boot.
  mutating func restart() throws {
    fall()
    try? ledger.close()
    if disk.isOff { losePower() }
    tally.add("station: stopped and started")
    try powerOn()
  }

  private mutating func fall() {
    answers = []
    due = nil
    for output in wiring.outputs { bench.set(output.line.role, false) }
  }

  private mutating func losePower() {
    tally.add(disk, of: "station")
    var medium = disk.medium
    tally.add(medium.losePower(using: &random), of: "station")
    disk = SimulatedDisk(medium, at: folder.path, seed: random.next())
    // Now and then the power comes back only for a moment.
    if Int.random(in: 0..<6, using: &random) == 0 {
      let moment = Int.random(in: 0..<40, using: &random)
      disk.setFaults { $0.operationsUntilPowerCut = moment }
    }
  }

  private mutating func powerOn() throws {
    while true {
      // The salvage works on real files alone, and no fault here is to call for it.
      if let damage { throw DamagedLedger(damage: damage) }
      let refusals = disk.refusals
      do {
        ledger = try Ledger.open(path: ledgerFile, now: clock.timestamp).ledger
        break
      } catch {
        if disk.isOff {
          losePower()
        } else if disk.refusals > refusals {
          mendDisk()
        } else {
          throw error
        }
      }
    }
    core = newCore()
    do {
      try checkPromises()
      try start()
    } catch { guard disk.isOff else { throw error } }
  }

  private var damage: String? {
    do throws(LedgerError) {
      let verification = try LedgerReader(path: ledgerFile).verify()
      return verification.isSound ? nil : "\(verification)"
    } catch { return error.kind == .corrupt ? "\(error)" : nil }
  }

  /// Everything whose append had returned is there.
  private mutating func checkPromises() throws {
    for (lane, event) in promised.sorted(by: { $0.key.rawValue < $1.key.rawValue }) {
      let kept = try ledger.reader.events(lane, after: event.sequence - 1, limit: 1).first
      if kept != event {
        wrongs.append(
          "\(lane) \(event.sequence) had been kept, and is \(kept == nil ? "lost" : "other")"
        )
      }
    }
  }

  /// Has the ledger keep entries, and remembers the promise.
  ///
  /// - Returns: Whether it has.
  mutating func keep(_ entries: [Entry]) -> Bool {
    guard let events = try? ledger.append(entries) else { return false }
    for event in events { promised[event.lane] = event }
    return true
  }

  /// The wall clock is set, as the daemon notes it.
  mutating func correctClock(toMilliseconds wall: Int64, _ quality: ClockQuality) {
    clock.set(toMilliseconds: wall, quality)
    let stamp = clock.timestamp()
    let offset = wall - stamp.monotonic.nanoseconds / 1_000_000
    let record = Housekeeping.clockCorrected(
      boot: stamp.boot,
      offsetMilliseconds: offset,
      quality
    )
    _ = keep([.housekeeping(record)])
  }
}

/// A ledger that a power cut must not have left so.
struct DamagedLedger: Error {
  var damage: String
}
