import Foundation
import Synchronization
import Testing

/// A station, a network and a hub, seed after seed.
///
/// `make simulate SEEDS=…` or `MINUTES=…` for a long run; `SEED=…` plays one again.
struct CountySimulationTests {
  /// Where the seeds come from, and when there are no more.
  private final class Seeds: Sendable {
    private let left: Mutex<[UInt64]>
    private let end: ContinuousClock.Instant?
    /// Whether so many are played that every kind of fault must occur.
    let areMany: Bool

    init() {
      let environment = ProcessInfo.processInfo.environment
      let minutes = environment["YIZHAN_MINUTES"].flatMap { Double($0) }
      end = minutes.map { .now + .seconds($0 * 60) }
      if let seed = environment["YIZHAN_SEED"].flatMap({ UInt64($0) }) {
        left = Mutex([seed])
        areMany = false
      } else {
        let count = environment["YIZHAN_SEEDS"].flatMap { Int($0) } ?? 20
        left = Mutex((0..<max(1, count)).map { _ in UInt64.random(in: 1...UInt64(UInt32.max)) })
        areMany = count >= 500 || minutes.map { $0 >= 5 } ?? false
      }
    }

    func next() -> UInt64? {
      guard let end else { return left.withLock { $0.popLast() } }
      return ContinuousClock.now < end ? UInt64.random(in: 1...UInt64(UInt32.max)) : nil
    }
  }

  /// What a run of many seeds gave.
  private final class Outcome: Sendable {
    let counts = Mutex((seeds: 0, faults: FaultTally()))
  }

  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  @Test func `every green light is at the hub once, whatever happened to power, network and hub`()
    async throws
  {
    let seeds = Seeds()
    let outcome = Outcome()
    await withTaskGroup(of: Void.self) { group in
      for _ in 0..<ProcessInfo.processInfo.activeProcessorCount {
        group.addTask {
          while let seed = seeds.next() { await play(seed, outcome) }
        }
      }
    }
    let (count, faults) = outcome.counts.withLock { ($0.seeds, $0.faults.counts) }
    print("simulated: \(count) seeds")
    for (kind, times) in faults.sorted(by: { $0.key < $1.key }) {
      print("simulated: \(kind): \(times)")
    }
    guard seeds.areMany else { return }
    for kind in FaultTally.kinds where faults[kind] == nil {
      Issue.record("never in \(count) seeds: \(kind)")
    }
    #expect(
      Set(faults.keys).subtracting(FaultTally.kinds) == [],
      "kinds that are not in the list"
    )
  }

  private func play(_ seed: UInt64, _ outcome: Outcome) async {
    do {
      try await withFolder { folder in
        var county = try CountySimulation(seed: seed, folder: folder)
        try await county.play(moves: 80)
        let violations = try await county.violations()
        #expect(violations == [], "make simulate SEED=\(seed)")
        let faults = county.faults
        outcome.counts.withLock { counts in
          counts.seeds += 1
          counts.faults.add(faults)
        }
      }
    } catch { Issue.record("\(error): make simulate SEED=\(seed)") }
  }

  @Test func `a station that gives an event up is found out`() async throws {
    var found = 0
    for seed in UInt64(1)...6 {
      try await withFolder { folder in
        var county = try CountySimulation(seed: seed, folder: folder)
        county.forgets = true
        try await county.play(moves: 120)
        if try await !county.violations().isEmpty { found += 1 }
      }
    }
    #expect(found > 0)
  }
}
