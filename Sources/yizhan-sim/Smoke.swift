import Agent
import ArgumentParser
import Domain
import Drivers
import Foundation
import Hub
import Ledger
import Logging
import Simulator
import Station

/// A scripted walk through a working day, checked at every step.
struct SmokeCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "smoke",
    abstract:
      "Five parcels, scans, faults and a cut link without a terminal; non-zero if anything differs."
  )

  @OptionGroup var options: SiteOptions

  @Option(help: "The seed of settling, noise and bounce.")
  var seed = UInt64.random(in: 1...UInt64(UInt32.max))

  @Flag(help: "Show the daemon's log.")
  var verbose = false

  func run() async throws {
    var logger = Logger(label: "smoke")
    logger.logLevel = verbose ? .debug : .critical
    print("smoke: seed \(seed)")
    do {
      let (summary, folder) = try await SimulatedSite.run(options, seed: seed, logger: logger) {
        site in (try await SmokeScript(site: site).run(), site.folder)
      }
      print("smoke: passed: \(summary)")
      // Of a failure everything is kept to look at; of a success nothing is missed.
      if options.state == nil { try? FileManager.default.removeItem(at: folder) }
    } catch let failure as SmokeFailure {
      print("smoke: FAILED: \(failure.reason) (seed \(seed))")
      throw ExitCode.failure
    }
  }
}

/// What was not as it must be.
struct SmokeFailure: Error {
  var reason: String
}

/// The script: what the worker does, and what must follow.
struct SmokeScript: Sendable {
  let site: SimulatedSite
  let archive: LabelArchive

  init(site: SimulatedSite) {
    self.site = site
    archive = LabelArchive(folder: site.folder.appending(path: "labels"))
  }

  func run() async throws -> String {
    try await expect(.scanFirst)
    try await parcel(1, grams: 1234)
    print("  parcel 1: scanned, weighed, labelled, sealed, on disk")

    try await duplicateIsRefused()
    print("  the waybill of parcel 1 once more: refused")

    try await scanAmbiguous()
    try await paperRunsOut(grams: 2500)
    print(
      "  parcel 2: courier named by its card; paper ran out before the label; refilled, labelled"
    )

    site.link.isCut = true
    try await parcel(3, grams: 480)
    print("  parcel 3: with the link cut; backlog \(try await backlog())")
    try check(try await backlog() > 0, "nothing is in the backlog although the link is cut")

    try await guardOpens(grams: 3210)
    print("  parcel 4: guard opened in mid-cycle; closed, sealed again")

    try await scannerIsPulled()
    print("  scanner pulled in mid-scan: half a number is none")

    try await emergencyStop(grams: 760)
    print("  parcel 5: emergency stop in mid-cycle; reset, sealed again")

    site.link.isCut = false
    site.agent.syncNow.ring()
    try await until("the backlog is empty") { try await backlog() == 0 }
    print("  link restored: backlog empty")
    return try await compare()
  }

  // MARK: The worker

  /// Fits the rules of several couriers.
  private static let ambiguous = "462598779470531"

  private static func waybill(_ parcel: Int) -> String {
    parcel == 2 ? ambiguous : "YT\(1_234_567_890_120 + parcel)"
  }

  private func scan(_ text: String) {
    site.station.change { _ = $0.perform("scan \(text)") }
  }

  private func duplicateIsRefused() async throws {
    scan(Self.waybill(1))
    try await expect(.scannedBefore)
    try await expect(.scanFirst)
  }

  private func scanAmbiguous() async throws {
    scan(Self.ambiguous)
    try await expect(.askCarrier)
    scan(WaybillSource.card)
    try await expect(.idle)
  }

  private func scannerIsPulled() async throws {
    scan(Self.waybill(5))
    site.station.change { _ = $0.perform("scanner unplug") }
    // The green light of the last parcel stands until there is news of the next.
    site.station.change { _ = $0.perform("place 760") }
    try await expect(.scannerTrouble)
    site.station.change { _ = $0.perform("remove") }
    site.station.change { _ = $0.perform("scanner plug") }
    try await expect(.scanFirst)
  }

  private func weighAndLabel(_ parcel: Int, grams: Int) async throws {
    scan(Self.waybill(parcel))
    try await expect(.idle)
    site.station.change { _ = $0.perform("place \(grams)") }
    try await expect(.readyToPrint)
    press(.go)
    try await expect(.readyToSeal)
    site.station.change { _ = $0.perform("remove") }
  }

  private func parcel(_ parcel: Int, grams: Int) async throws {
    try await weighAndLabel(parcel, grams: grams)
    press(.go)
    try await finishParcel()
  }

  private func finishParcel() async throws {
    try await expect(.done)
    let isLit = site.station.look { $0.outputs["lamp-green"] } ?? false
    try check(isLit, "the green lamp is dark although the parcel is done")
  }

  private func paperRunsOut(grams: Int) async throws {
    site.station.change { _ = $0.perform("paper 0") }
    site.station.change { _ = $0.perform("place \(grams)") }
    try await expect(.printerTrouble)
    press(.go)
    try await Task.sleep(for: .milliseconds(300))
    try check(printed == 1, "a label came out without paper")
    site.station.change { _ = $0.perform("paper 20") }
    try await expect(.readyToPrint)
    press(.go)
    try await expect(.readyToSeal)
    site.station.change { _ = $0.perform("remove") }
    press(.go)
    try await finishParcel()
  }

  private func guardOpens(grams: Int) async throws {
    try await weighAndLabel(4, grams: grams)
    press(.go)
    try await expect(.sealing)
    try await until("the sealer runs") { site.station.look { $0.machine.isRunning } }
    site.station.change { _ = $0.perform("guard open") }
    try await expect(.askSeal)
    press(.again)
    try await expect(.guardOpen)
    press(.go)
    try await Task.sleep(for: .milliseconds(300))
    try check(
      !site.station.look { $0.machine.startActive },
      "the start contact closed with the guard open"
    )
    site.station.change { _ = $0.perform("guard close") }
    site.station.change { _ = $0.perform("machine reset") }
    // It was opened under power, which latches.
    try await expect(.resetNeeded)
    press(.cancel)
    try await expect(.readyToSeal)
    press(.go)
    try await finishParcel()
  }

  private func emergencyStop(grams: Int) async throws {
    try await weighAndLabel(5, grams: grams)
    press(.go)
    try await until("the sealer runs") { site.station.look { $0.machine.isRunning } }
    site.station.change { _ = $0.perform("estop press") }
    try await expect(.emergencyStop)
    site.station.change { _ = $0.perform("estop release") }
    site.station.change { _ = $0.perform("machine reset") }
    try await expect(.resetNeeded)
    press(.cancel)
    try await expect(.askSeal)
    press(.again)
    try await expect(.readyToSeal)
    press(.go)
    try await finishParcel()
  }

  private func press(_ button: Button) {
    site.station.change { _ = $0.perform("press \(button.rawValue)") }
  }

  // MARK: What must be

  private var printed: Int { site.station.look { $0.printer.printedCount } }

  private func backlog() async throws -> Int64 {
    try await site.agent.journal.perform { ledger throws(LedgerError) in
      try ledger.position(.records).pending + ledger.position(.telemetry).pending
    }
  }

  private func expect(_ meaning: Meaning) async throws {
    try await until("the panel says \(meaning.rawValue)") {
      await site.agent.reactor.ask { $0.workflow.meaning } == meaning
    }
  }

  private func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    // A generous limit: a slow machine is no failure, a station that stands still is.
    for _ in 0..<3000 {
      if try await condition() { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    let now = await site.agent.reactor.ask { $0.workflow.meaning }
    throw SmokeFailure(
      reason: "not reached: \(what); the panel says \(now?.rawValue ?? "nothing any more")"
    )
  }

  private func check(_ condition: Bool, _ reason: String) throws {
    guard condition else { throw SmokeFailure(reason: reason) }
  }

  /// Labels at the printer = parcels in the ledger = parcels at the hub.
  private func compare() async throws -> String {
    let events = try await site.agent.journal.perform { ledger throws(LedgerError) in
      try ledger.reader.tail(1000, lane: .records)
    }
    let dispatched = events.filter { $0.type == "parcel.dispatched" }
      .compactMap { try? JSON(parsing: $0.body) }
    let ledger = Dictionary(
      uniqueKeysWithValues: dispatched.compactMap { body in
        body["parcel"]?.string.flatMap { number in body["grams"]?.int.map { (number, $0) } }
      }
    )
    try check(ledger.count == 5, "the ledger has \(ledger.count) parcels, not 5")
    let waybills = dispatched.map {
      "\($0["waybill"]?.string ?? "none") \($0["carrier"]?.string ?? "?")"
    }
    let scanned = (1...5).map { Self.waybill($0) + " yto" }
    try check(
      Set(waybills) == Set(scanned),
      "the ledger has the waybills \(waybills), not \(scanned)"
    )

    let hub = try await site.hub.parcels(of: site.config.site, limit: 100)
    // One that a slow machine's scale withdrew in mid-weighing is there too, as voided.
    let done = hub.filter { $0.state == "done" }
    let atHub = Dictionary(uniqueKeysWithValues: done.map { ($0.number, $0.grams) })
    try check(atHub == ledger, "the hub has \(atHub), the ledger \(ledger)")

    let labels = site.station.look { $0.printer.labels }
    try check(labels.count == 5, "\(labels.count) labels came out, not 5")
    for label in labels {
      guard let file = archive.save(label.page), let codes = try CodeReader.read(file) else {
        continue
      }
      let known = codes.contains { code in
        ledger.contains { number, grams in code.contains(number) && code.contains("|\(grams)") }
      }
      try check(known, "\(file.lastPathComponent) carries \(codes), which the ledger does not know")
    }
    let sealer = site.station.look { ($0.machine.actuations, $0.machine.violations) }
    try check(sealer.0 == 7, "the sealer was started \(sealer.0) times, not 7")
    try check(sealer.1.isEmpty, "the sealer was misused: \(sealer.1)")
    let grams = ledger.values.reduce(0, +)
    return
      "5 parcels, \(grams) g, \(labels.count) labels, \(sealer.0) cycles, \(events.count) records"
  }
}
