import Domain
import Foundation
import Hub

/// What must be true after a run of the rig, one line a check.
struct RigChecks {
  let book: LedgerBook
  let bench: BenchRecord
  let printed: PrintedCodes
  let county: CountyBook
  private(set) var passed = 0
  private(set) var failed = 0

  init(book: LedgerBook, bench: BenchRecord, printed: PrintedCodes, county: CountyBook) {
    self.book = book
    self.bench = bench
    self.printed = printed
    self.county = county
  }

  mutating func dispatched(_ parcels: Int) {
    let numbers = Set(book.dispatched.map(\.number))
    check(
      book.dispatched.count == parcels && numbers.count == parcels,
      "\(parcels) parcels are dispatched, each once",
      "\(book.dispatched)"
    )
    check(
      book.remains.isEmpty,
      "the ledger is sound, nothing is in doubt, no parcel is open",
      "\(book.remains)"
    )
    check(
      book.unannounced.isEmpty,
      "every outcome has its intent before it",
      "\(book.unannounced)"
    )
  }

  mutating func hubHoldsAll() {
    same(county.dispatched, book.dispatched, "the hub has the ledger's parcels and weights")
    let records = county.lanes.filter { $0.lane == .records }
    check(
      records.map(\.durableUpTo) == [book.last] && records.first?.epoch == book.epoch,
      "the hub holds all \(book.last) records without a gap",
      "the hub has \(records.map { "\($0.epoch) up to \($0.durableUpTo)" })"
    )
    check(
      records.first?.types == book.types,
      "events of each type in the hub = in the ledger",
      "hub \(records.first?.types ?? [:]), ledger \(book.types)"
    )
    check(
      county.lanes.allSatisfy { $0.conflicts == 0 && $0.quarantined == 0 },
      "the hub met no conflict and put nothing aside",
      "\(county.lanes)"
    )
  }

  mutating func labelsAgree() {
    check(
      printed.unreadable.isEmpty,
      "every whole label carries a code that can be read",
      "\(printed.unreadable)"
    )
    same(printed.labels, book.labels, "labels at the printer = labels done in the ledger")
    let labelled = Set(printed.labels)
    check(
      book.dispatched.allSatisfy(labelled.contains),
      "every parcel has a label with its weight",
      "\(book.dispatched.filter { !labelled.contains($0) })"
    )
    var left = Dictionary(
      book.intents.keys.filter { $0.action == "label" && book.outcomes[$0] != "withdrawn" }
        .map { ($0.number, 1) },
      uniquingKeysWith: +
    )
    let uncalled = printed.labels.filter { label in
      left[label.number, default: 0] -= 1
      return left[label.number, default: 0] < 0
    }
    check(uncalled.isEmpty, "no label came out without an intent on disk", "\(uncalled)")
  }

  mutating func sealsAgree() {
    let done = book.count("seal", .done)
    check(
      bench.completed == done,
      "good cycles of the sealer = seals done in the ledger",
      "\(bench.completed) cycles, \(done) seals"
    )
    // Where the daemon died or the machine failed, a cycle may have begun or not.
    let unsure =
      book.count("seal", .repeated) + book.count("seal", .failed) + book.count("seal", .voided)
    check(
      (done...done + unsure).contains(bench.actuations),
      "the sealer was started for an intent on disk each time",
      "\(bench.actuations) starts, \(done) seals done, \(unsure) unsure"
    )
    check(
      bench.violations.isEmpty,
      "the sealer was never started against its guard, stop or busy",
      "\(bench.violations)"
    )
  }

  /// Whether the faults of the script took place: a rig that tests nothing would pass all else.
  mutating func happened(starts: Int, unplugged: [String: Int]) {
    check(
      bench.misunderstood.isEmpty,
      "the bench understood every order",
      "\(bench.misunderstood)"
    )
    check(
      // While a chip is missing, it starts again and again.
      book.doubtsAtStart.count >= starts,
      "the daemon started \(starts) times or more",
      "\(book.doubtsAtStart.count) times"
    )
    for (device, times) in unplugged.sorted(by: { $0.key < $1.key }) {
      let count = bench.unpluggings[device] ?? 0
      check(count == times, "the \(device) was unplugged \(times) times", "\(count) times")
    }
    if unplugged["printer", default: 0] > 0 {
      // On a slow box the last byte may be through before the cable is out: asked all the same.
      check(
        book.labelsAsked > 0,
        "the label that the cable cut off was asked about",
        "no label was in doubt"
      )
    }
    if starts > 1 {
      let doubts = book.doubtsAtStart.reduce(0, +)
      check(doubts > 0, "the action that the kill cut off was asked about", "none was in doubt")
    }
  }

  private mutating func same(_ left: [NumberAndGrams], _ right: [NumberAndGrams], _ what: String) {
    let (ours, theirs) = (left.sorted(), right.sorted())
    check(
      ours == theirs,
      what,
      "only the first: \(ours.filter { !theirs.contains($0) }), "
        + "only the second: \(theirs.filter { !ours.contains($0) }); \(ours.count), \(theirs.count)"
    )
  }

  private mutating func check(_ condition: Bool, _ what: String, _ found: String) {
    if condition { passed += 1 } else { failed += 1 }
    print(condition ? "ok    \(what)" : "FAIL  \(what): \(found)")
  }
}

extension [NumberAndGrams] {
  fileprivate func sorted() -> Self { sorted { ($0.number, $0.grams) < ($1.number, $1.grams) } }
}

extension RigChecks {
  func printFigures() {
    let grams = book.dispatched.reduce(0) { $0 + $1.grams }
    let spoilt = bench.labels.count - bench.completeLabels
    let reactions = bench.reactions.map(Self.milliseconds).sorted()
    let gaps = zip(book.dispatchedAt.dropFirst(), book.dispatchedAt)
      .map { Self.milliseconds($0 - $1) / 1000 }.sorted()
    print(
      """
      figures:
        parcels dispatched   \(book.dispatched.count), \(grams) g; voided \(book.voided.count)
        labels               \(bench.completeLabels) whole, \(spoilt) spoilt
        sealer               \(bench.actuations) starts, \(bench.completed) good cycles
        records, telemetry   \(book.last), \(book.telemetry)
        in doubt             \(Self.asked(book)) asked, at starts \(book.doubtsAtStart)
        seconds per parcel   \(Self.spread(gaps))
        GO edge to start, ms \(Self.spread(reactions)), \(reactions.count) cycles
      """
    )
  }

  private static func asked(_ book: LedgerBook) -> String {
    let again = ["label", "seal"].map { book.count($0, .repeated) + book.count($0, .voided) }
    return "\(again[0]) labels and \(again[1]) seals repeated or given up,"
  }

  private static func milliseconds(_ time: Duration) -> Double { Double(time.nanoseconds) / 1e6 }

  /// Median, 99th percentile and greatest of sorted values.
  private static func spread(_ values: [Double]) -> String {
    guard let greatest = values.last else { return "none" }
    let high = values[min(values.count - 1, values.count * 99 / 100)]
    let numbers = [values[values.count / 2], high, greatest].map { String(format: "%.1f", $0) }
    return "median \(numbers[0]), p99 \(numbers[1]), greatest \(numbers[2])"
  }
}
