internal import Domain
internal import Drivers
internal import Glibc
internal import Synchronization

/// The way into a private thread: commands, and a descriptor that wakes it from `poll`.
///
/// It is bounded by its callers: each waits for its answer before it can ask again.
final class Mailbox<Command: Sendable>: Sendable {
  private struct Contents {
    var commands: [Command] = []
    var isOpen = true
  }

  private let contents = Mutex(Contents())
  private let reader: Handle
  private let writer: Handle

  init() throws(PortError) {
    var ends: [Int32] = [-1, -1]
    _ = try System.call("pipe") { unsafe pipe(&ends) }
    reader = Handle(owning: ends[0])
    writer = Handle(owning: ends[1])
    for end in ends {
      _ = try System.call("fcntl") { fcntl(end, F_SETFD, FD_CLOEXEC) }
      _ = try System.call("fcntl") { fcntl(end, F_SETFL, O_NONBLOCK) }
    }
  }

  /// Readable while the thread is wanted.
  var descriptor: Int32 { reader.descriptor }

  /// Hands a command over.
  ///
  /// - Returns: Whether the thread will see it.
  func post(_ command: Command) -> Bool {
    let taken = contents.withLock { contents in
      if contents.isOpen { contents.commands.append(command) }
      return contents.isOpen
    }
    wake()
    return taken
  }

  /// Wakes the thread; a pipe that is full already does that.
  func wake() {
    var byte: UInt8 = 1
    _ = unsafe Glibc.write(writer.descriptor, &byte, 1)
  }

  /// Takes the commands that wait; for the thread.
  func take() -> [Command] {
    var bytes = [UInt8](repeating: 0, count: 64)
    while unsafe Glibc.read(reader.descriptor, &bytes, bytes.count) == bytes.count {}
    return contents.withLock { contents in
      defer { contents.commands = [] }
      return contents.commands
    }
  }

  /// Ends the exchange; for the thread, which answers what still waited.
  func close() -> [Command] {
    contents.withLock { contents in
      defer { contents = Contents(commands: [], isOpen: false) }
      return contents.commands
    }
  }
}

/// A caller that waits for a private thread.
struct Waiter<Value: Sendable>: Sendable {
  private let deadline: Instant
  private let cancellation: Cancellation
  private let continuation: CheckedContinuation<Result<Value, PortError>, Never>

  fileprivate init(
    deadline: Instant,
    cancellation: Cancellation,
    continuation: CheckedContinuation<Result<Value, PortError>, Never>
  ) {
    self.deadline = deadline
    self.cancellation = cancellation
    self.continuation = continuation
  }

  /// When the thread must look again at the latest.
  var wakeUp: Instant { deadline }

  /// Whether it will wait no longer: time is up, or its task was cancelled.
  func isDue(at now: Instant) -> Bool {
    now >= deadline || cancellation.isSet.load(ordering: .relaxed)
  }

  /// Answers, once.
  func end(_ result: Result<Value, PortError>) {
    continuation.resume(returning: result)
  }
}

/// Whether a caller's task was cancelled; set from anywhere, read by the thread.
private final class Cancellation: Sendable {
  let isSet = Atomic(false)
}

extension Mailbox {
  /// Posts a command and waits for its answer.
  ///
  /// The closure makes the command that carries the waiter; the thread keeps to the limit.
  func ask<Value: Sendable>(
    within limit: Duration,
    _ command: (Waiter<Value>) -> Command
  ) async throws(PortError) -> Value {
    let cancellation = Cancellation()
    let deadline = Instant.after(limit)
    let result: Result<Value, PortError> = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let waiter = Waiter(
          deadline: deadline,
          cancellation: cancellation,
          continuation: continuation
        )
        if !post(command(waiter)) { waiter.end(.failure(.vanished)) }
      }
    } onCancel: {
      cancellation.isSet.store(true, ordering: .relaxed)
      wake()
    }
    return try result.get()
  }
}
