package import Domain
import Synchronization

/// The twin of the hub without a network, for tests and simulations: the same promises in memory.
package final class MemoryUplink: Uplink {
  private struct Stream: Hashable {
    var site: SiteID
    var epoch: Epoch
    var lane: Lane
  }

  private struct State {
    var events: [Stream: [Int64: Event]] = [:]
    var failures: [UplinkError] = []
    var losesAnswer = false
  }

  private let state = Mutex(State())
  private let now: @Sendable () -> Int64

  /// Makes an empty hub.
  ///
  /// - Parameter now: The hub's time in milliseconds since 1970.
  package init(now: @escaping @Sendable () -> Int64 = { 0 }) {
    self.now = now
  }

  package func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt {
    if Task.isCancelled { throw .cancelled }
    return try state.withLock { state throws(UplinkError) in
      if !state.failures.isEmpty, !state.losesAnswer { throw state.failures.removeFirst() }
      let stream = Stream(site: batch.site, epoch: batch.epoch, lane: batch.lane)
      var conflicts: [Int64] = []
      for event in batch.events {
        let held = state.events[stream]?[event.sequence]
        if let held, held != event, event.type != Event.lost { conflicts.append(event.sequence) }
        // What follows on a conflict is of another history.
        guard conflicts.isEmpty else { continue }
        state.events[stream, default: [:]][event.sequence] = held ?? event
      }
      if !state.failures.isEmpty { throw state.failures.removeFirst() }
      var durable: Int64 = 0
      while durable + 1 < batch.oldest || state.events[stream]?[durable + 1] != nil { durable += 1 }
      return Receipt(
        lane: batch.lane,
        epoch: batch.epoch,
        durableUpTo: durable,
        conflicts: conflicts,
        timeMilliseconds: now()
      )
    }
  }

  /// Lets the next deliveries fail, one by one.
  ///
  /// - Parameters:
  ///   - failures: What each of them throws.
  ///   - kept: Whether the hub keeps the batch and only the answer is lost.
  package func failNext(_ failures: [UplinkError], kept: Bool = false) {
    state.withLock {
      $0.failures = failures
      $0.losesAnswer = kept
    }
  }

  /// Forgets everything beyond a sequence, as a hub restored from an old copy does.
  package func forget(_ site: SiteID, beyond sequence: Int64) {
    state.withLock { state in
      for stream in state.events.keys where stream.site == site {
        state.events[stream] = state.events[stream]?.filter { $0.key <= sequence }
      }
    }
  }

  /// What the hub holds of a lane, in order.
  package func events(_ site: SiteID, _ epoch: Epoch, _ lane: Lane) -> [Event] {
    state.withLock { state in
      let events = state.events[Stream(site: site, epoch: epoch, lane: lane)] ?? [:]
      return events.values.sorted { $0.sequence < $1.sequence }
    }
  }
}
