import Synchronization

/// Lets one task sleep until somebody has work for it, or its time is up.
///
/// A ring while nobody waits is kept for the next wait; several rings count as one.
package final class Bell: Sendable {
  private struct State {
    var hasRung = false
    var sleeper: CheckedContinuation<Bool, Never>?
    /// Counts the waits, so that a late time-out does not end the next one.
    var turn = 0
  }

  private let state = Mutex(State())
  private let sleep: @Sendable (Duration) async -> Void

  /// Makes a bell that has not rung.
  ///
  /// - Parameter sleep: Waits that long; it must return early when its task is cancelled.
  package init(
    sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
  ) {
    self.sleep = sleep
  }

  package func ring() {
    let sleeper = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard let sleeper = state.sleeper else {
        state.hasRung = true
        return nil
      }
      state.sleeper = nil
      state.turn += 1
      return sleeper
    }
    sleeper?.resume(returning: true)
  }

  /// Waits for a ring; only one task may wait at a time.
  ///
  /// - Returns: Whether it rang; `false` when the time was up or the task was cancelled.
  package func wait(within limit: Duration) async -> Bool {
    let turn = state.withLock { state in
      state.turn += 1
      return state.turn
    }
    return await withTaskGroup(of: Bool?.self) { group in
      group.addTask { await self.listen(turn) }
      group.addTask {
        await self.sleep(limit)
        self.giveUp(turn)
        return nil
      }
      // The listener always ends: by a ring, or because the other task gave up for it.
      var rang = false
      while let result = await group.next() {
        if let result {
          rang = result
          group.cancelAll()
        }
      }
      return rang
    }
  }

  private func listen(_ turn: Int) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let answer: Bool? = state.withLock { state in
          if state.hasRung {
            state.hasRung = false
            return true
          }
          guard state.turn == turn, !Task.isCancelled else { return false }
          state.sleeper = continuation
          return nil
        }
        if let answer { continuation.resume(returning: answer) }
      }
    } onCancel: {
      giveUp(turn)
    }
  }

  private func giveUp(_ turn: Int) {
    let sleeper = state.withLock { state -> CheckedContinuation<Bool, Never>? in
      guard state.turn == turn else { return nil }
      state.turn += 1
      defer { state.sleeper = nil }
      return state.sleeper
    }
    sleeper?.resume(returning: false)
  }
}
