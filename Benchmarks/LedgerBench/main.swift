// The work of ledger.c through the ledger, and the cost of a parcel in ledgers of growing size.
//
//   LedgerBench FILE [PARCELS]     parcels a second, bytes and fsyncs a parcel
//   LedgerBench grow FILE [ROWS]   the same after 10^3, 10^4, … ROWS rows (10^6 unless told)
//
// The file is made anew.
import Domain
import Foundation
import Ledger

/// What the kernel has counted for this process: bytes handed to write(2).
func written() -> Int {
  let text = (try? String(contentsOfFile: "/proc/self/io", encoding: .utf8)) ?? ""
  let line = text.split(separator: "\n").first { $0.hasPrefix("wchar: ") }
  return line.flatMap { Int($0.dropFirst(7)) } ?? 0
}

func timestamp() -> Timestamp {
  Timestamp(
    boot: "0d6c6a5e6d3b4e0f9c9b6a5e6d3b4e0f",
    monotonic: Instant(nanoseconds: Int64(DispatchTime.now().uptimeNanoseconds)),
    wallMilliseconds: Int64(Date().timeIntervalSince1970 * 1000),
    quality: .ntp
  )
}

/// A station that does nothing but finish parcels.
struct Bench {
  let ledger: Ledger
  let site: SiteID
  var serial = 0

  init(file: String, site: SiteID) throws {
    for suffix in ["", "-wal", "-shm", ".lock"] {
      try? FileManager.default.removeItem(atPath: file + suffix)
    }
    ledger = try Ledger(path: file, now: timestamp)
    self.site = site
  }

  /// The entries of one parcel, as its three transactions.
  mutating func parcel() -> [[Entry]] {
    serial += 1
    let number = ParcelNumber(site: site, epoch: ledger.epoch, serial: serial)
    let mass = Mass(grams: 500 + serial % 9000)
    let label = ActionID(parcel: number, action: .label, copy: 1)
    let seal = ActionID(parcel: number, action: .seal, copy: 1)
    let parcel = Parcel(
      number: number,
      mass: mass,
      direction: .up,
      stage: .collect,
      labelCopy: 1,
      sealed: true
    )
    return [
      [.intent(Intent(id: label, mass: mass))],
      [.outcome(label, .done, .statusSequence), .intent(Intent(id: seal, mass: mass))],
      [.outcome(seal, .done, .counter), .dispatched(parcel)],
    ]
  }

  /// Parcels a second, bytes a parcel.
  mutating func measure(_ parcels: Int) throws -> (perSecond: Double, bytes: Int) {
    let (before, clock) = (written(), ContinuousClock())
    let start = clock.now
    for _ in 0..<parcels {
      for entries in parcel() { try ledger.append(entries) }
    }
    let seconds = Double((clock.now - start).nanoseconds) / 1e9
    return (Double(parcels) / seconds, (written() - before) / parcels)
  }

  /// Brings the ledger to a number of rows, fast.
  mutating func grow(to rows: Int) throws {
    while try ledger.position(.records).last < rows {
      var entries: [Entry] = []
      for _ in 0..<200 { entries += parcel().flatMap(\.self) }
      try ledger.append(entries)
    }
  }
}

let arguments = Array(CommandLine.arguments.dropFirst())
let isGrowth = arguments.first == "grow"
let rest = isGrowth ? Array(arguments.dropFirst()) : arguments
guard let file = rest.first, let site = SiteID("SM017") else {
  print("usage: LedgerBench [grow] FILE [NUMBER]")
  exit(64)
}
var bench = try Bench(file: file, site: site)
if isGrowth {
  var rows = 1000
  while rows <= (rest.count > 1 ? Int(rest[1]) ?? 1_000_000 : 1_000_000) {
    try bench.grow(to: rows)
    // The best of five: what else the machine does only ever adds.
    var best = (perSecond: 0.0, bytes: Int.max)
    for _ in 0..<5 {
      let run = try bench.measure(400)
      best = (max(best.perSecond, run.perSecond), min(best.bytes, run.bytes))
    }
    print("rows \(rows): \(Int(best.perSecond)) parcels/s, \(best.bytes) bytes written per parcel")
    rows *= 10
  }
} else {
  let parcels = rest.count > 1 ? Int(rest[1]) ?? 5000 : 5000
  let run = try bench.measure(parcels)
  print("Swift: \(Int(run.perSecond)) parcels/s, \(run.bytes) bytes written per parcel")
}
