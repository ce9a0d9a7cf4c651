import Synchronization

/// The way of print jobs to the printer's session: few at a time, since a station has one worker.
package final class PrintQueue: Sendable {
  /// Jobs kept while the session is busy; one more is refused.
  package static let capacity = 4

  private let waiting = Mutex<[PrintJob]>([])
  private let bell: Bell

  /// Makes an empty queue.
  ///
  /// - Parameter bell: Wakes the session; tests bring one on their own clock.
  package init(bell: Bell = Bell()) {
    self.bell = bell
  }

  /// Hands in a job.
  ///
  /// - Returns: Whether there was room.
  package func submit(_ job: PrintJob) -> Bool {
    let isTaken = waiting.withLock { waiting in
      guard waiting.count < Self.capacity else { return false }
      waiting.append(job)
      return true
    }
    bell.ring()
    return isTaken
  }

  /// Takes a job that waits already.
  package func takeWaiting() -> PrintJob? {
    waiting.withLock { $0.isEmpty ? nil : $0.removeFirst() }
  }

  /// Waits for a job; only one caller may wait at a time.
  ///
  /// - Returns: `nil` when none came within the time, or the task was cancelled.
  package func next(within limit: Duration) async -> PrintJob? {
    if let job = takeWaiting() { return job }
    _ = await bell.wait(within: limit)
    return takeWaiting()
  }
}
