import Foundation
import Testing

/// A station, a network and a hub, seed after seed; `make simulate SEEDS=1000` for a long run.
struct CountySimulationTests {
  /// `YIZHAN_SEED` plays one again; `YIZHAN_SEEDS` says how many.
  static let seeds: [UInt64] = {
    let environment = ProcessInfo.processInfo.environment
    if let seed = environment["YIZHAN_SEED"].flatMap({ UInt64($0) }) { return [seed] }
    let count = environment["YIZHAN_SEEDS"].flatMap { Int($0) } ?? 20
    return (0..<max(1, count)).map { _ in UInt64.random(in: 1...UInt64(UInt32.max)) }
  }()

  private func withFolder(_ body: (URL) async throws -> Void) async throws {
    let folder = try Fixture.folder()
    defer { try? FileManager.default.removeItem(at: folder) }
    try await body(folder)
  }

  @Test(arguments: seeds)
  func `every green light is at the hub once, whatever happened to power, network and hub`(
    _ seed: UInt64
  ) async throws {
    try await withFolder { folder in
      var county = try CountySimulation(seed: seed, folder: folder)
      try await county.play(moves: 80)
      let violations = try await county.violations()
      #expect(violations == [], "YIZHAN_SEED=\(seed)")
    }
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
