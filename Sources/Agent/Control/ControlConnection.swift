/// One client of the control socket: what came in, what is to go out, and the call in hand.
struct ControlConnection {
  let socket: Int32
  let peer: ControlPeer
  private(set) var reader = FrameReader(longest: ControlConnection.longestMessage)
  private(set) var lastProgress: ContinuousClock.Instant
  private var output: [UInt8] = []
  private var written = 0
  /// Finished when the client is gone, so that a call that streams ends.
  private var callInHand: AsyncStream<Never>.Continuation?
  private var hasEnded = false

  /// Bytes of a message that a client may send.
  static let longestMessage = 65_536
  /// Bytes that may wait for a client before it counts as too slow for another answer.
  static let longestBacklog = 262_144
  /// How long a client may take nothing of what waits for it, or ask nothing.
  static let patience = (stalled: Duration.seconds(10), idle: Duration.seconds(120))

  init(socket: Int32, peer: ControlPeer, at now: ContinuousClock.Instant) {
    self.socket = socket
    self.peer = peer
    lastProgress = now
  }

  /// What a turn over a connection brought.
  enum Verdict: Hashable {
    case keep
    case drop
  }

  var hasOutput: Bool { written < output.count }
  var isBusy: Bool { callInHand != nil }
  /// Calls of one connection are answered one after another, and wait here or in the kernel.
  var wantsInput: Bool { !hasEnded && !reader.isFull }

  /// When it must be dropped if nothing happens; `nil` while a call is in hand.
  var deadline: ContinuousClock.Instant? {
    if hasOutput { return lastProgress + Self.patience.stalled }
    return isBusy ? nil : lastProgress + Self.patience.idle
  }

  /// Reads what has come.
  mutating func read(at now: ContinuousClock.Instant) -> Verdict {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while wantsInput {
      let count = UnixSocket.read(socket, into: &buffer)
      if count > 0 {
        reader.append(buffer[..<count])
        lastProgress = now
        if reader.isOverlong { return .drop }
        continue
      }
      if count == 0 {
        // The client may have closed its writing half only, and wait for the answer.
        hasEnded = true
        return .keep
      }
      return count == -Int(UnixSocket.wouldBlock) ? .keep : .drop
    }
    return .keep
  }

  /// The next whole message, once the call before it has been answered.
  mutating func nextMessage() -> [UInt8]? { isBusy ? nil : reader.next() }

  /// Whether nothing more can come of it.
  var isFinished: Bool { hasEnded && !isBusy && !hasOutput }

  mutating func begin(_ call: AsyncStream<Never>.Continuation) { callInHand = call }

  mutating func end() {
    callInHand?.finish()
    callInHand = nil
  }

  /// Adds an answer, and sends what the socket takes.
  mutating func answer(_ bytes: [UInt8], at now: ContinuousClock.Instant) -> Verdict {
    guard output.count - written <= Self.longestBacklog else { return .drop }
    if !hasOutput { lastProgress = now }
    output.append(contentsOf: bytes)
    return write(at: now)
  }

  /// Sends what the socket takes.
  mutating func write(at now: ContinuousClock.Instant) -> Verdict {
    while hasOutput {
      let count = UnixSocket.write(output[written...], to: socket)
      guard count > 0 else { return count == -Int(UnixSocket.wouldBlock) ? .keep : .drop }
      written += count
      lastProgress = now
    }
    output.removeAll(keepingCapacity: output.capacity <= 65_536)
    written = 0
    return .keep
  }
}
