package import Domain
internal import Glibc
internal import Synchronization

/// One board of a station, on some line.
package struct ModbusBoard: Hashable, Sendable {
  /// The name that station.yaml gives it.
  package var id: String
  package var profile: BoardProfile
  package var address: UInt8
  /// The pause between two looks at its inputs.
  package var poll: Duration

  package init(id: String, profile: BoardProfile, address: UInt8, poll: Duration) {
    self.id = id
    self.profile = profile
    self.address = address
    self.poll = poll
  }
}

/// A serial line with boards on it.
package struct ModbusBus: Sendable {
  /// Where it is, for messages, as `/dev/ttyS1`.
  package var label: String
  package var baud: Int
  package var boards: [ModbusBoard]
  package var now: @Sendable () -> Instant
  /// Opens the line; called on the thread of the bus, and may block.
  package var open: @Sendable () throws(PortError) -> any ModbusWire

  package init(
    label: String,
    baud: Int,
    boards: [ModbusBoard],
    now: @escaping @Sendable () -> Instant,
    open: @escaping @Sendable () throws(PortError) -> any ModbusWire
  ) {
    self.label = label
    self.baud = baud
    self.boards = boards
    self.now = now
    self.open = open
  }
}

/// Takes the states of boards, from any thread; must not block.
package typealias BoardReport = @Sendable (_ board: String, DeviceState) -> Void

/// What the threads of the buses have to tell the reactor: levels, and edges behind a descriptor.
package final class LineNews: Sendable {
  private struct State {
    var levels: [Bool]
    var edges: [Edge] = []
    var hasLost = false
  }

  /// Edges that wait at most; beyond it the levels are to be read again.
  package static let most = 256

  private let state: Mutex<State>
  private let wakeUp = WakeUp()

  /// Takes so many inputs, all inactive.
  package init(count: Int) {
    state = Mutex(State(levels: [Bool](repeating: false, count: count)))
  }

  var descriptor: Int32 { wakeUp.descriptor }
  package var levels: [Bool] { state.withLock(\.levels) }

  /// Tells a level; a change becomes an edge.
  func publish(input: Int, active: Bool, at instant: Instant) {
    let isNews = state.withLock { state in
      guard state.levels[input] != active else { return false }
      state.levels[input] = active
      if state.edges.count < Self.most {
        state.edges.append(Edge(input: input, active: active, at: instant))
      } else {
        state.hasLost = true
      }
      return true
    }
    if isNews { wakeUp.signal() }
  }

  /// Takes the edges that wait.
  package func take() -> EdgeBatch {
    _ = wakeUp.drain()
    return state.withLock { state in
      defer { (state.edges, state.hasLost) = ([], false) }
      return EdgeBatch(edges: state.edges, lost: state.hasLost)
    }
  }
}

/// What the reactor wants of the thread of a bus.
package final class BusOrders: Sendable {
  private struct State {
    /// The latest wish for each output, by its index in the bank.
    var wanted: [Int: Bool] = [:]
    var isEnding = false
  }

  private let state = Mutex(State())
  private let wakeUp = WakeUp()
  private let begun = WakeUp()
  private let over = WakeUp()

  package init() {}

  var isEnding: Bool { state.withLock(\.isEnding) }

  /// Wishes an output on or off; the latest wish counts.
  package func set(_ output: Int, _ active: Bool) {
    state.withLock { $0.wanted[output] = active }
    wakeUp.signal()
  }

  /// Takes the wishes, those to switch off first.
  func take() -> [(output: Int, active: Bool)] {
    _ = wakeUp.drain()
    let wanted = state.withLock { state in
      defer { state.wanted = [:] }
      return state.wanted
    }
    return wanted.sorted { ($0.value ? 1 : 0, $0.key) < ($1.value ? 1 : 0, $1.key) }
      .map { (output: $0.key, active: $0.value) }
  }

  var isEmpty: Bool { state.withLock(\.wanted.isEmpty) }

  /// Makes the thread switch everything off and end.
  func end() {
    state.withLock { $0.isEnding = true }
    wakeUp.signal()
  }

  /// Waits, on the thread of the bus, until something is wanted.
  func wait(atMost limit: Duration) { Self.wait(for: wakeUp.descriptor, limit) }

  /// Tells that every board has been looked for once.
  func hasBegun() { begun.signal() }

  /// Waits until every board has been looked for once.
  func waitForBegin(atMost limit: Duration) { Self.wait(for: begun.descriptor, limit) }

  /// Tells that everything is off.
  func isOver() { over.signal() }

  /// Waits until everything is off; a line that is stuck is waited for no longer than that.
  func waitForEnd(atMost limit: Duration) { Self.wait(for: over.descriptor, limit) }

  private static func wait(for descriptor: Int32, _ limit: Duration) {
    var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
    // Rounded up: an early return would only mean another turn.
    _ = unsafe poll(&watch, 1, Int32(clamping: (limit.nanoseconds + 999_999) / 1_000_000))
  }
}
