import Dispatch
package import Domain
package import Drivers
package import Ledger
import Synchronization

/// The way to the ledger: one writer, off every other thread, that never delays a lone record.
///
/// What gathers while a transaction runs goes into the next one together.
package final class Journal: Sendable {
  /// Told when the entries are on disk, or why they are not; called on the writer's thread.
  package typealias Answer = @Sendable (Result<[Event], LedgerError>) -> Void

  private struct Request {
    var entries: [Entry]
    var answer: Answer
  }

  /// The serials of events that labels refer to, for the attempts that are still open.
  private let records = Mutex<[ActionID: Int64]>([:])
  private let waiting = Mutex<[Request]>([])
  private let queue = DispatchQueue(label: "yizhan.ledger")
  private let ledger: Ledger
  /// Rings whenever there is something new to send to the hub.
  package let appended: Bell

  package init(ledger: Ledger, appended: Bell = Bell()) {
    self.ledger = ledger
    self.appended = appended
  }

  package var epoch: Epoch { ledger.epoch }

  /// What showed that the ledger has forked; `nil` where nothing has.
  package var fork: Fork? { ledger.fork }

  /// Hands entries to the writer; they are kept all or none.
  package func append(_ entries: [Entry], then answer: @escaping Answer) {
    waiting.withLock { $0.append(Request(entries: entries, answer: answer)) }
    queue.async { self.drain() }
  }

  /// Hands entries to the writer and waits.
  package func append(_ entries: [Entry]) async throws(LedgerError) -> [Event] {
    let result = await withCheckedContinuation { continuation in
      append(entries) { continuation.resume(returning: $0) }
    }
    return try result.get()
  }

  /// Reads on the writer's thread, so that the answer knows all that was handed in before.
  package func read<Value: Sendable>(
    _ body: @escaping @Sendable (LedgerReader) throws(LedgerError) -> Value,
    then answer: @escaping @Sendable (Result<Value, LedgerError>) -> Void
  ) {
    queue.async {
      answer(
        Result { () throws(LedgerError) -> Value in try body(self.ledger.reader) }
      )
    }
  }

  /// Runs a read, or a note of what the hub has, on the writer's thread.
  package func perform<Value: Sendable>(
    _ body: @escaping @Sendable (Ledger) throws(LedgerError) -> Value
  ) async throws(LedgerError) -> Value {
    let ledger = ledger
    let result = await withCheckedContinuation {
      (continuation: CheckedContinuation<Result<Value, LedgerError>, Never>) in
      queue.async {
        continuation.resume(
          returning: Result { () throws(LedgerError) -> Value in try body(ledger) }
        )
      }
    }
    return try result.get()
  }

  /// The sequence of the record that holds an intent, as its label prints it.
  package func record(of id: ActionID) -> Int64? { records.withLock { $0[id] } }

  private func drain() {
    let requests = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    guard !requests.isEmpty else { return }
    do throws(LedgerError) {
      let events = try ledger.append(requests.flatMap(\.entries))
      var rest = events[...]
      for request in requests {
        let own = Array(rest.prefix(request.entries.count))
        rest = rest.dropFirst(own.count)
        finish(request, .success(own))
      }
    } catch {
      guard requests.count > 1 else {
        for request in requests { request.answer(.failure(error)) }
        return
      }
      // One entry that the ledger refuses must not take the others with it.
      for request in requests {
        finish(request, Result { () throws(LedgerError) in try ledger.append(request.entries) })
      }
    }
  }

  private func finish(_ request: Request, _ result: Result<[Event], LedgerError>) {
    if case .success(let events) = result {
      for (entry, event) in zip(request.entries, events) { remember(entry, event) }
      appended.ring()
    }
    request.answer(result)
  }

  private func remember(_ entry: Entry, _ event: Event) {
    switch entry {
    case .intent(let intent): records.withLock { $0[intent.id] = event.sequence }
    case .outcome(let id, _, _, _): records.withLock { $0[id] = nil }
    case .dispatched, .voided, .started, .stopped, .device, .scaleRequest, .machineRequest,
      .housekeeping:
      break
    }
  }
}
