import Domain
import Synchronization

/// Wakes tasks that wait for something to change.
///
/// A waiter notes ``rings`` before it looks, and then waits for a ring beyond that: a change between
/// the look and the wait is not missed.
final class Doorbell: Sendable {
  private struct State {
    var rings: UInt64 = 0
    var tickets: UInt64 = 0
    var waiting: [UInt64: CheckedContinuation<Void, Never>] = [:]
  }

  private let state = Mutex(State())

  /// How often it has rung.
  var rings: UInt64 { state.withLock { $0.rings } }

  /// Wakes everybody who waits.
  func ring() {
    let waiting = state.withLock { state in
      state.rings += 1
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Waits for a ring beyond those that were counted, at most so long, or until cancelled.
  func wait(past seen: UInt64, within limit: Duration, _ time: TimeSource) async {
    await withTaskGroup(of: Void.self) { group in
      group.addTask { await self.listen(past: seen) }
      group.addTask { await time.sleep(limit) }
      await group.next()
      group.cancelAll()
    }
  }

  private func listen(past seen: UInt64) async {
    let ticket = state.withLock { state in
      state.tickets += 1
      return state.tickets
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.rings != seen || Task.isCancelled { return true }
          state.waiting[ticket] = continuation
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume()
    }
  }
}
