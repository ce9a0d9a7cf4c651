import Domain
import Synchronization

/// Lets so many in at once and no more.
final class Gate: Sendable {
  private let limit: Int
  private let inside = Mutex(0)

  init(limit: Int) {
    self.limit = limit
  }

  /// Runs the body, or throws at once where the gate is full.
  func pass<Value: Sendable>(
    _ body: () async throws -> sending Value
  ) async throws -> Value {
    let isFree = inside.withLock { inside in
      guard inside < limit else { return false }
      inside += 1
      return true
    }
    guard isFree else { throw HTTPProblem.busy }
    defer { inside.withLock { $0 -= 1 } }
    return try await body()
  }
}

/// Lets so many of each site in at once.
final class SiteGate: Sendable {
  private let limit: Int
  /// Only sites that are inside now have an entry.
  private let inside = Mutex<[SiteID: Int]>([:])

  init(limit: Int) {
    self.limit = limit
  }

  /// Runs the body, or throws at once where too many of the site are inside.
  func pass<Value: Sendable>(
    _ site: SiteID,
    _ body: () async throws -> sending Value
  ) async throws -> Value {
    let isFree = inside.withLock { inside in
      guard inside[site, default: 0] < limit else { return false }
      inside[site, default: 0] += 1
      return true
    }
    guard isFree else { throw HTTPProblem.crowded }
    defer {
      inside.withLock { inside in
        let rest = inside[site, default: 1] - 1
        inside[site] = rest > 0 ? rest : nil
      }
    }
    return try await body()
  }
}
