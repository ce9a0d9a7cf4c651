import Domain
import Drivers
import Synchronization

/// A clock that moves only when somebody waits.
final class FakeClock: Sendable {
  let ending = Ending()
  private let state = Mutex((now: Instant.zero, pauses: [Duration]()))

  var now: Instant { state.withLock { $0.now } }
  var pauses: [Duration] { state.withLock { $0.pauses } }

  func pass(_ duration: Duration) {
    state.withLock { $0.now = $0.now + duration }
  }

  func pause(_ duration: Duration) {
    state.withLock {
      $0.now = $0.now + duration
      $0.pauses.append(duration)
    }
  }
}

/// Something that may be changed from anywhere.
final class Box<Value: Sendable>: Sendable {
  private let state: Mutex<Value>

  init(_ value: Value) {
    state = Mutex(value)
  }

  var value: Value { state.withLock(\.self) }

  func change<Result: Sendable>(_ body: (inout Value) -> Result) -> Result {
    state.withLock { value in body(&value) }
  }
}

/// The end of a script: whoever comes there stays until the session is cancelled.
final class Ending: Sendable {
  private let (reached, signal) = AsyncStream.makeStream(of: Void.self)

  func come() async {
    signal.finish()
    await forever(.zero)
  }

  /// Runs a session until its script is over.
  func run(_ session: @escaping @Sendable () async -> Void) async {
    await withTaskGroup { group in
      group.addTask { await session() }
      for await _ in reached {}
      group.cancelAll()
    }
  }
}

/// Waits until its task is cancelled, without a clock.
@Sendable func forever(_ limit: Duration) async {
  let (stream, continuation) = AsyncStream.makeStream(of: Void.self)
  for await _ in stream {}
  continuation.finish()
}

/// Hands out prepared ports, one at each opening; behind the last the script is over.
final class FakeOpener<Port: Sendable>: PortOpener {
  let label = "device (test)"
  private let results: Mutex<[Result<Port, PortError>]>
  private let ending: Ending

  init(_ results: [Result<Port, PortError>], _ ending: Ending) {
    self.results = Mutex(results)
    self.ending = ending
  }

  func open() async throws(PortError) -> Port {
    let next = results.withLock { $0.isEmpty ? nil : $0.removeFirst() }
    guard let next else {
      await ending.come()
      throw .absent
    }
    return try next.get()
  }
}

/// A scale that sends what its script says.
final class FakeScale: DevicePort {
  enum Step: Sendable {
    case report([UInt8])
    /// Bytes that come so long after the last ones.
    case bytes(String, after: Duration)
    /// Waits until something has been sent to it.
    case untilAsked
    case silence
    case fail(PortError)
  }

  let descriptor: [UInt8]
  private let clock: FakeClock
  private let state: Mutex<(steps: [Step], closed: Int, sent: [[UInt8]])>
  private let (asked, isAsked) = AsyncStream.makeStream(of: Void.self)

  init(_ clock: FakeClock, descriptor: [UInt8] = Descriptors.minimal, _ steps: [Step]) {
    self.clock = clock
    self.descriptor = descriptor
    state = Mutex((steps, 0, []))
  }

  /// What was sent to it.
  var sent: [String] { state.withLock { $0.sent.map { String(decoding: $0, as: UTF8.self) } } }
  var closed: Int { state.withLock { $0.closed } }

  func receive(within limit: Duration) async throws(PortError) -> [UInt8]? {
    switch state.withLock({ $0.steps.isEmpty ? nil : $0.steps.removeFirst() }) {
    case .report(let bytes):
      clock.pass(.milliseconds(400))
      return bytes
    case .bytes(let text, let delay):
      guard delay <= limit else {
        clock.pass(limit)
        state.withLock { $0.steps.insert(.bytes(text, after: delay - limit), at: 0) }
        return nil
      }
      clock.pass(delay)
      return Array(text.utf8)
    case .untilAsked:
      for await _ in asked { break }
      return []
    case .silence:
      clock.pass(limit)
      return nil
    case .fail(let error): throw error
    case nil:
      await clock.ending.come()
      return nil
    }
  }

  func send(_ bytes: [UInt8]) async throws(PortError) {
    state.withLock { $0.sent.append(bytes) }
    isAsked.yield()
  }

  func sendFeature(_ report: [UInt8]) async throws(PortError) {
    state.withLock { $0.sent.append(Array("feature ".utf8) + report) }
  }

  func close() async { state.withLock { $0.closed += 1 } }
}

/// A printer that answers and takes what its script says.
final class FakePrinter: PrinterPort {
  enum Answer: Sendable {
    case bytes([UInt8])
    case silence
    case fail(PortError)
  }

  enum Take: Sendable {
    case bytes(Int)
    case fail(PortError)
  }

  let deviceID: [UInt8] = []
  private let clock: FakeClock
  private let state: Mutex<State>

  private struct State {
    var answers: [Answer]
    var after: Answer?
    var takes: [Take]
    var otherwise: Take
    var received: [UInt8] = []
    var closed = 0
  }

  /// Writes a script.
  ///
  /// - Parameters:
  ///   - clock: Moves on while the port waits.
  ///   - answers: To the status queries, in turn.
  ///   - after: To all later ones; `nil` where the script is then over.
  ///   - takes: What it takes of the job at each write.
  ///   - otherwise: What it takes at all later ones.
  init(
    _ clock: FakeClock,
    answers: [Answer] = [],
    after: Answer? = nil,
    takes: [Take] = [],
    otherwise: Take = .bytes(.max)
  ) {
    self.clock = clock
    state = Mutex(State(answers: answers, after: after, takes: takes, otherwise: otherwise))
  }

  /// The bytes of jobs, status queries left out.
  var received: [UInt8] { state.withLock { $0.received } }
  var closed: Int { state.withLock { $0.closed } }

  func write(_ bytes: ArraySlice<UInt8>, within limit: Duration) async throws(PortError) -> Int {
    guard Array(bytes) != TSPL.statusQuery else { return bytes.count }
    switch state.withLock({ $0.takes.isEmpty ? $0.otherwise : $0.takes.removeFirst() }) {
    case .fail(let error): throw error
    case .bytes(let count):
      let taken = min(count, bytes.count)
      if taken < bytes.count { clock.pass(limit) }
      state.withLock { $0.received += bytes.prefix(taken) }
      return taken
    }
  }

  func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8] {
    // The script's answers come after their questions; before them there is nothing to drain.
    guard limit > .milliseconds(1) else { return [] }
    let answer = state.withLock { state in
      state.answers.isEmpty ? state.after : state.answers.removeFirst()
    }
    switch answer {
    case .bytes(let bytes): return bytes
    case .silence:
      clock.pass(limit)
      return []
    case .fail(let error): throw error
    case nil:
      await clock.ending.come()
      return [0]
    }
  }

  func close() async { state.withLock { $0.closed += 1 } }
}
