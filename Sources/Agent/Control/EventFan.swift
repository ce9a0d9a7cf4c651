package import Domain
import Synchronization

/// Hands every event to all who listen, and waits for none of them.
///
/// Each listener has a buffer of its own; when it is full its oldest event is dropped, and every
/// event published from then on carries the number of all lost ones as `dropped`.
package final class EventFan: Sendable {
  private struct Listener {
    var continuation: AsyncStream<JSON>.Continuation
    var dropped = 0
  }

  private struct State {
    var listeners: [Int: Listener] = [:]
    var next = 0
  }

  private let state = Mutex(State())
  private let capacity: Int

  /// Makes a fan without listeners.
  ///
  /// - Parameter capacity: How many events wait for one listener.
  package init(capacity: Int = 256) {
    self.capacity = capacity
  }

  /// Whether somebody listens, so that an event is worth making.
  package var isHeard: Bool { state.withLock { !$0.listeners.isEmpty } }

  /// Hands out an event; from any thread, never blocks for long.
  package func publish(_ event: JSON) {
    state.withLock { state in
      for id in state.listeners.keys {
        guard var listener = state.listeners[id] else { continue }
        let event = listener.dropped > 0 ? event.noting(dropped: listener.dropped) : event
        guard case .dropped = listener.continuation.yield(event) else { continue }
        listener.dropped += 1
        state.listeners[id] = listener
      }
    }
  }

  /// Listens until the stream is no longer read.
  package func listen() -> AsyncStream<JSON> {
    let (stream, continuation) = AsyncStream<JSON>.makeStream(
      bufferingPolicy: .bufferingNewest(capacity)
    )
    let id = state.withLock { state in
      state.next += 1
      state.listeners[state.next] = Listener(continuation: continuation)
      return state.next
    }
    continuation.onTermination = { [weak self] _ in
      // The listener is let go outside the lock: ending it may call back here.
      _ = self?.state.withLock { $0.listeners.removeValue(forKey: id) }
    }
    return stream
  }

  /// Ends all streams.
  package func finish() {
    let listeners = state.withLock { Array($0.listeners.values) }
    for listener in listeners { listener.continuation.finish() }
  }
}

extension JSON {
  fileprivate func noting(dropped: Int) -> JSON {
    guard var fields = object else { return self }
    fields["dropped"] = .int(dropped)
    return .object(fields)
  }
}
