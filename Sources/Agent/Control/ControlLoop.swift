import Drivers
import Glibc
import Synchronization

/// The thread that talks to all clients: it waits for none of them, and calls nothing that blocks.
final class ControlLoop: Sendable {
  /// A call to be carried out elsewhere.
  struct Job: Sendable {
    var connection: Int
    var peer: ControlPeer
    var call: VarlinkCall
    /// Ends when the client is gone.
    var gone: AsyncStream<Never>
  }

  private enum Mail: Sendable {
    case answer(connection: Int, bytes: [UInt8], isLast: Bool)
    case finish
  }

  private let mail = Mutex<[Mail]>([])
  private let wakeup = WakeUp()
  private let limit: Int

  /// Makes a loop for at most this many clients at a time.
  init(limit: Int) {
    self.limit = limit
  }

  /// Sends an answer; one for a client that is gone is let fall.
  func answer(_ bytes: [UInt8], to connection: Int, isLast: Bool) {
    send(.answer(connection: connection, bytes: bytes, isLast: isLast))
  }

  /// Makes ``run(_:_:)`` return after closing all connections.
  func finish() { send(.finish) }

  private func send(_ item: Mail) {
    mail.withLock { $0.append(item) }
    wakeup.signal()
  }

  /// Runs on the calling thread until ``finish()``.
  func run(_ listener: Int32, _ jobs: AsyncStream<Job>.Continuation) {
    var hall = ControlHall(limit: limit, jobs: jobs)
    while deliver(to: &hall) {
      hall.turn(listener: listener, wakeup: wakeup.descriptor)
    }
    hall.closeAll()
    jobs.finish()
  }

  /// Hands out the mail.
  ///
  /// - Returns: Whether to go on.
  private func deliver(to hall: inout ControlHall) -> Bool {
    wakeup.drain()
    for item in mail.withLock({ exchange(&$0, with: []) }) {
      guard case .answer(let connection, let bytes, let isLast) = item else { return false }
      hall.answer(bytes, to: connection, isLast: isLast)
    }
    return true
  }

  private func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
    let old = value
    value = new
    return old
  }
}

/// All clients that are connected; a value that only the loop's thread touches.
struct ControlHall {
  private let limit: Int
  private let jobs: AsyncStream<ControlLoop.Job>.Continuation
  private var connections: [Int: ControlConnection] = [:]
  private var lastID = 0
  /// Set when no connection could be taken for want of descriptors.
  private var restUntil: ContinuousClock.Instant?

  init(limit: Int, jobs: AsyncStream<ControlLoop.Job>.Continuation) {
    self.limit = limit
    self.jobs = jobs
  }

  /// One wait and all that it brought.
  mutating func turn(listener: Int32, wakeup: Int32) {
    let ids = connections.keys.sorted()
    var descriptors = [pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0)]
    descriptors.append(
      pollfd(fd: restUntil == nil ? listener : -1, events: Int16(POLLIN), revents: 0)
    )
    for id in ids {
      guard let connection = connections[id] else { continue }
      let events = (connection.wantsInput ? POLLIN : 0) | (connection.hasOutput ? POLLOUT : 0)
      descriptors.append(pollfd(fd: connection.socket, events: Int16(events), revents: 0))
    }
    _ = unsafe poll(&descriptors, nfds_t(descriptors.count), timeout)
    let now = ContinuousClock.now
    if let rest = restUntil, rest <= now { restUntil = nil }
    for (id, descriptor) in zip(ids, descriptors.dropFirst(2)) {
      serve(id, Int32(descriptor.revents), at: now)
    }
    if descriptors[1].revents != 0 { accept(from: listener, at: now) }
  }

  /// Milliseconds until the first deadline; -1 for ever.
  private var timeout: Int32 {
    let deadlines = connections.values.compactMap(\.deadline) + [restUntil].compactMap(\.self)
    guard let first = deadlines.min() else { return -1 }
    let left = first - ContinuousClock.now
    return Int32(clamping: max(0, left.components.seconds * 1000 + 1000))
  }

  private mutating func serve(_ id: Int, _ events: Int32, at now: ContinuousClock.Instant) {
    var verdict = ControlConnection.Verdict.keep
    if events & POLLOUT != 0 { verdict = connections[id]?.write(at: now) ?? .drop }
    if verdict == .keep, events & POLLIN != 0 { verdict = connections[id]?.read(at: now) ?? .drop }
    // POLLHUP comes when both directions are closed: nobody is there to answer to.
    if events & (POLLERR | POLLNVAL | POLLHUP) != 0 { verdict = .drop }
    if let deadline = connections[id]?.deadline, deadline <= now { verdict = .drop }
    guard verdict == .keep else { return close(id) }
    takeCalls(of: id)
  }

  private mutating func takeCalls(of id: Int) {
    while let message = connections[id]?.nextMessage() {
      guard let call = VarlinkCall(message), let peer = connections[id]?.peer else {
        return close(id)
      }
      // Nothing is changed for somebody who does not want to hear how it ended.
      if call.isOneway { continue }
      let (gone, continuation) = AsyncStream<Never>.makeStream()
      connections[id]?.begin(continuation)
      jobs.yield(ControlLoop.Job(connection: id, peer: peer, call: call, gone: gone))
    }
    if connections[id]?.isFinished == true { close(id) }
  }

  mutating func answer(_ bytes: [UInt8], to id: Int, isLast: Bool) {
    if isLast { connections[id]?.end() }
    guard connections[id]?.answer(bytes, at: .now) == .keep else { return close(id) }
    if isLast { takeCalls(of: id) }
  }

  private mutating func accept(from listener: Int32, at now: ContinuousClock.Instant) {
    while true {
      let socket = Glibc.accept(listener, nil, nil)
      guard socket >= 0 else {
        if [EMFILE, ENFILE, ENOMEM, ENOBUFS].contains(errno) { restUntil = now + .seconds(1) }
        return
      }
      _ = fcntl(socket, F_SETFL, O_NONBLOCK)
      _ = fcntl(socket, F_SETFD, FD_CLOEXEC)
      guard connections.count < limit, let peer = ControlPeer(of: socket) else {
        Glibc.close(socket)
        continue
      }
      lastID += 1
      connections[lastID] = ControlConnection(socket: socket, peer: peer, at: now)
    }
  }

  private mutating func close(_ id: Int) {
    guard var connection = connections.removeValue(forKey: id) else { return }
    connection.end()
    Glibc.close(connection.socket)
  }

  mutating func closeAll() {
    for id in Array(connections.keys) { close(id) }
  }
}
