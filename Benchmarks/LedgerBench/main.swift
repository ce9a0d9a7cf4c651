// The work of ledger.c through the ledger: LedgerBench FILE [PARCELS]. The file is made anew.
import Domain
import Foundation
import Ledger

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

let arguments = CommandLine.arguments
guard arguments.count > 1, let site = SiteID("SM017") else {
  print("usage: LedgerBench FILE [PARCELS]")
  exit(64)
}
for suffix in ["", "-wal", "-shm", ".lock"] {
  try? FileManager.default.removeItem(atPath: arguments[1] + suffix)
}
let parcels = arguments.count > 2 ? Int(arguments[2]) ?? 5000 : 5000
let ledger = try Ledger(path: arguments[1], now: timestamp)
let (before, clock) = (written(), ContinuousClock())
let start = clock.now
for serial in 1...parcels {
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
  try ledger.append([.intent(Intent(id: label, mass: mass))])
  try ledger.append([
    .outcome(label, .done, .statusSequence), .intent(Intent(id: seal, mass: mass)),
  ])
  try ledger.append([.outcome(seal, .done, .counter), .dispatched(parcel)])
}
let seconds = Double((clock.now - start).nanoseconds) / 1e9
let bytes = (written() - before) / parcels
print("Swift: \(Int(Double(parcels) / seconds)) parcels/s, \(bytes) bytes written per parcel")
