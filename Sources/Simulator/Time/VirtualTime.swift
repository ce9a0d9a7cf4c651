package import Domain
import Synchronization

/// A clock that stands still until it is told to go on.
package final class VirtualTime: Sendable {
  private struct Sleeper {
    var until: Instant
    var continuation: CheckedContinuation<Void, Never>
  }

  private struct State {
    var now: Instant
    var sleepers: [UInt64: Sleeper] = [:]
    var tickets: UInt64 = 0
  }

  private let state: Mutex<State>

  package init(at start: Instant = .zero) {
    state = Mutex(State(now: start))
  }

  /// The time now.
  package var now: Instant { state.withLock { $0.now } }

  /// The clock as ports and sessions take it.
  package var source: TimeSource {
    TimeSource(now: { self.now }, sleep: { await self.sleep($0) })
  }

  /// Waits until the clock has been moved so far, or the task is cancelled.
  package func sleep(_ time: Duration) async {
    let (ticket, until) = state.withLock { state in
      state.tickets += 1
      return (state.tickets, state.now + max(.zero, time))
    }
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if state.now >= until || Task.isCancelled { return true }
          state.sleepers[ticket] = Sleeper(until: until, continuation: continuation)
          return false
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.sleepers.removeValue(forKey: ticket) }?.continuation.resume()
    }
  }

  /// Moves the clock on and wakes who has waited long enough, earliest first.
  package func advance(by time: Duration) {
    let woken = state.withLock { state in
      state.now = state.now + time
      let due = state.sleepers.filter { $0.value.until <= state.now }
      for ticket in due.keys { state.sleepers.removeValue(forKey: ticket) }
      return due.sorted { ($0.value.until, $0.key) < ($1.value.until, $1.key) }
    }
    for sleeper in woken { sleeper.value.continuation.resume() }
  }

  /// Moves the clock on in small steps, and lets other tasks run after each.
  ///
  /// - Parameters:
  ///   - time: How far in all.
  ///   - step: The size of a step.
  ///   - body: What to do at each step, as advancing a simulated station.
  package func run(
    for time: Duration,
    step: Duration = .milliseconds(10),
    _ body: () async -> Void
  ) async {
    let end = now + time
    while now < end {
      advance(by: min(step, end - now))
      await body()
      for _ in 0..<20 { await Task.yield() }
    }
  }
}
