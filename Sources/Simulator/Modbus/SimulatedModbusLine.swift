package import Domain
package import Drivers
import Glibc
import Synchronization

/// A simulated RS-485 line and its adaptor, in memory: its clock moves only when somebody waits.
package final class SimulatedModbusLine: Sendable {
  private struct State {
    var bus: SimulatedBus
    var now = Instant.zero
    var arriving: [(at: Instant, bytes: [UInt8])] = []
    var isPlugged = true
    var plugging = 0
  }

  private let state: Mutex<State>

  package init(_ bus: SimulatedBus) {
    state = Mutex(State(bus: bus))
  }

  package var now: Instant { state.withLock(\.now) }

  /// Looks at the line, or changes it, as somebody beside it.
  package func change<Value: Sendable>(_ body: (inout SimulatedBus, Instant) -> Value) -> Value {
    state.withLock { body(&$0.bus, $0.now) }
  }

  package func advance(by time: Duration) {
    state.withLock { $0.now = $0.now + time }
  }

  /// Puts the adaptor in, or pulls it out.
  package func plug(_ isIn: Bool) {
    state.withLock { state in
      if state.isPlugged, !isIn { state.plugging += 1 }
      state.isPlugged = isIn
      state.arriving = []
    }
  }

  /// Opens the line.
  package func open() throws(PortError) -> any ModbusWire {
    let plugging = state.withLock { $0.isPlugged ? $0.plugging : nil }
    guard let plugging else { throw .absent }
    return SimulatedModbusWire(self, plugging)
  }

  /// The bus as a station takes it, at 9600 baud.
  package func modbusBus(_ boards: [ModbusBoard]) -> ModbusBus {
    ModbusBus(
      label: "simulated",
      baud: 9600,
      boards: boards,
      now: { self.now },
      open: { () throws(PortError) in try self.open() }
    )
  }

  fileprivate func discard(_ plugging: Int) throws(PortError) {
    try checked(plugging) { state in
      let now = state.now
      state.arriving.removeAll { $0.at <= now }
    }
  }

  fileprivate func send(_ bytes: [UInt8], _ plugging: Int) throws(PortError) {
    try checked(plugging) { state in
      let now = state.now
      for piece in state.bus.take(bytes, at: now) {
        state.arriving.append((at: now + piece.after, bytes: piece.bytes))
      }
    }
  }

  fileprivate func receive(within limit: Duration, _ plugging: Int) throws(PortError) -> [UInt8] {
    try checked(plugging) { state in
      guard let next = state.arriving.min(by: { $0.at < $1.at }), next.at <= state.now + limit
      else {
        state.now = state.now + limit
        return []
      }
      state.now = max(state.now, next.at)
      let place = state.arriving.firstIndex { $0.at == next.at } ?? 0
      return state.arriving.remove(at: place).bytes
    }
  }

  private func checked<Value: Sendable>(
    _ plugging: Int,
    _ body: (inout State) -> Value
  ) throws(PortError) -> Value {
    let value: Value? = state.withLock { state in
      state.isPlugged && state.plugging == plugging ? body(&state) : nil
    }
    guard let value else { throw .vanished }
    return value
  }
}

/// The line, opened once.
private final class SimulatedModbusWire: ModbusWire {
  private let line: SimulatedModbusLine
  private let plugging: Int

  init(_ line: SimulatedModbusLine, _ plugging: Int) {
    self.line = line
    self.plugging = plugging
  }

  var now: Instant { line.now }
  func pause(_ time: Duration) { line.advance(by: time) }
  func discard() throws(PortError) { try line.discard(plugging) }
  func send(_ bytes: [UInt8]) throws(PortError) { try line.send(bytes, plugging) }

  func receive(within limit: Duration) throws(PortError) -> [UInt8] {
    try line.receive(within: limit, plugging)
  }
}

/// Plays a bus behind a node, as the far end of a pseudo terminal, in real time.
package final class ModbusNodePump: Sendable {
  private let descriptor: Int32
  private let bus: Mutex<SimulatedBus>

  /// Takes the descriptor of the far end; it stays its opener's.
  package init(_ descriptor: Int32, _ bus: SimulatedBus) {
    self.descriptor = descriptor
    self.bus = Mutex(bus)
  }

  /// Looks at the line, or changes it, as somebody beside it.
  package func change<Value: Sendable>(_ body: (inout SimulatedBus, Instant) -> Value) -> Value {
    bus.withLock { body(&$0, Monotonic.now()) }
  }

  /// Answers on the calling thread, until the condition fails; it is looked at often.
  package func run(while goesOn: () -> Bool) {
    var chunk = [UInt8](repeating: 0, count: ModbusShape.longest)
    while goesOn() {
      var watch = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
      guard unsafe poll(&watch, 1, 20) > 0 else { continue }
      let count = unsafe read(descriptor, &chunk, chunk.count)
      guard count > 0 else {
        // Nobody has the near end open.
        usleep(5000)
        continue
      }
      let bytes = Array(chunk[..<count])
      var passed = Duration.zero
      for piece in change({ bus, now in bus.take(bytes, at: now) }) {
        usleep(UInt32(clamping: (piece.after - passed).nanoseconds / 1000))
        passed = piece.after
        _ = unsafe write(descriptor, piece.bytes, piece.bytes.count)
      }
    }
  }
}
