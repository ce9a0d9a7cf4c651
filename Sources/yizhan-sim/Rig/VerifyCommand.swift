import ArgumentParser
import Domain
import Foundation
import Hub
import Ledger

/// Compares what a station promised with what its bench saw, for the rig.
struct VerifyCommand: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract:
      "Labels at the printer = records in the ledger = events in the hub, or say where not.",
    discussion: """
      One line a check, then figures. The exit code is 0 only if every check passed.

      EXAMPLE
        yizhan-sim verify --ledger ledger.sqlite --hub hub.sqlite --labels labels \\
          --log bench.log --parcels 20 --starts 2 --unplugged printer=1 --unplugged scale=1
      """
  )

  @Option(help: "The station's ledger.")
  var ledger: String

  @Option(help: "The hub's store.")
  var hub: String

  @Option(help: "The folder of the printed labels.")
  var labels: String

  @Option(help: "The bench's log.")
  var log: String

  @Option(help: "How many parcels must have been dispatched.")
  var parcels = 20

  @Option(help: "How often the daemon must have started at least.")
  var starts = 1

  @Option(
    help: "DEVICE=TIMES that its cable must have been pulled, for printer and scale; repeatable."
  )
  var unplugged: [String] = []

  func run() async throws {
    var bench = BenchRecord(path: log)
    try bench.refresh()
    let book = try LedgerBook(LedgerReader(path: ledger))
    let printed = try PrintedCodes(bench, folder: URL(filePath: labels))
    let county = try await CountyBook(SQLiteHubStore(path: hub, readOnly: true))
    var checks = RigChecks(book: book, bench: bench, printed: printed, county: county)
    checks.dispatched(parcels)
    checks.hubHoldsAll()
    checks.labelsAgree()
    checks.sealsAgree()
    checks.happened(starts: starts, unplugged: try counts(unplugged))
    checks.printFigures()
    print("\(checks.passed) passed, \(checks.failed) failed")
    guard checks.failed == 0 else { throw ExitCode.failure }
  }

  private func counts(_ words: [String]) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1)
      guard parts.count == 2, let count = Int(parts[1]) else {
        throw ValidationError("`\(word)` is not DEVICE=TIMES")
      }
      counts[String(parts[0])] = count
    }
    return counts
  }
}

/// A parcel's number and weight, as ledger, hub and label each know them.
struct NumberAndGrams: Hashable, CustomStringConvertible {
  var number: String
  var grams: Int

  var description: String { "\(number) \(grams) g" }
}

/// What the hub holds.
struct CountyBook {
  let dispatched: [NumberAndGrams]
  let lanes: [LaneView]

  init(_ store: SQLiteHubStore) async throws {
    let sites = try await store.sites()
    lanes = sites.flatMap(\.lanes)
    var dispatched: [NumberAndGrams] = []
    for site in sites {
      dispatched += try await store.parcels(of: site.site, limit: 100_000)
        .filter { $0.state == "done" }
        .map { NumberAndGrams(number: $0.number, grams: $0.grams) }
    }
    self.dispatched = dispatched
  }
}

/// What the codes on the labels say that came out whole.
struct PrintedCodes {
  private(set) var labels: [NumberAndGrams] = []
  /// Whole labels without a code that can be read, by the names of their pictures.
  private(set) var unreadable: [String] = []

  init(_ bench: BenchRecord, folder: URL) throws {
    for label in bench.labels where label.isComplete {
      guard let name = label.file else {
        unreadable.append("a label that was not saved")
        continue
      }
      guard let codes = try CodeReader.read(folder.appending(path: name)) else {
        throw ValidationError("zbarimg is missing; install the package zbar-tools")
      }
      if let code = codes.lazy.compactMap(Self.parse).first {
        labels.append(code)
      } else {
        unreadable.append(name)
      }
    }
  }

  /// Reads `YZ1|number|grams`.
  private static func parse(_ code: String) -> NumberAndGrams? {
    let parts = code.split(separator: "|").map(String.init)
    guard parts.count == 3, parts[0] == "YZ1", let grams = Int(parts[2]) else { return nil }
    return NumberAndGrams(number: parts[1], grams: grams)
  }
}
