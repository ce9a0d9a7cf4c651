import Synchronization

/// The way of print jobs to the printer's session: one at a time, since a station has one worker.
package final class PrintQueue: Sendable {
  private struct State {
    var waiting: [PrintJob] = []
    var listener: CheckedContinuation<PrintJob?, Never>?
    var ticket = 0
  }

  /// Jobs kept while the session is busy; one more is refused.
  package static let capacity = 4

  private let state = Mutex(State())
  private let sleep: @Sendable (Duration) async -> Void

  /// Makes an empty queue.
  ///
  /// - Parameter sleep: Waits that long; it must return early when its task is cancelled.
  package init(
    sleep: @escaping @Sendable (Duration) async -> Void = { try? await Task.sleep(for: $0) }
  ) {
    self.sleep = sleep
  }

  /// Hands in a job.
  ///
  /// - Returns: Whether there was room.
  package func submit(_ job: PrintJob) -> Bool {
    state.withLock { state in
      if let listener = state.listener {
        state.listener = nil
        listener.resume(returning: job)
        return true
      }
      guard state.waiting.count < Self.capacity else { return false }
      state.waiting.append(job)
      return true
    }
  }

  /// Takes a job that waits already.
  package func takeWaiting() -> PrintJob? {
    state.withLock { $0.waiting.isEmpty ? nil : $0.waiting.removeFirst() }
  }

  /// Waits for a job; only one caller may wait at a time.
  ///
  /// - Returns: `nil` when none came within the time, or the task was cancelled.
  package func next(within limit: Duration) async -> PrintJob? {
    if let job = takeWaiting() { return job }
    let ticket = state.withLock { state in
      state.ticket += 1
      return state.ticket
    }
    return await withTaskGroup(of: PrintJob?.self) { group in
      group.addTask { await self.listen(ticket) }
      group.addTask {
        await self.sleep(limit)
        self.giveUp(ticket)
        return nil
      }
      // The listener always ends: with a job, or because the sleeper gave up for it.
      var job: PrintJob?
      while let result = await group.next() {
        if let result { job = result }
        group.cancelAll()
      }
      return job
    }
  }

  private func listen(_ ticket: Int) async -> PrintJob? {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let ready: PrintJob?? = state.withLock { state in
          if !state.waiting.isEmpty { return state.waiting.removeFirst() }
          guard state.ticket == ticket, !Task.isCancelled else { return .some(nil) }
          state.listener = continuation
          return nil
        }
        if let ready { continuation.resume(returning: ready) }
      }
    } onCancel: {
      giveUp(ticket)
    }
  }

  /// Ends the wait of this ticket, or keeps it from beginning.
  private func giveUp(_ ticket: Int) {
    let listener = state.withLock { state -> CheckedContinuation<PrintJob?, Never>? in
      guard state.ticket == ticket else { return nil }
      state.ticket += 1
      defer { state.listener = nil }
      return state.listener
    }
    listener?.resume(returning: nil)
  }
}
