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
