package import Domain
package import Drivers
import Glibc
import Synchronization

/// The wires between a station and a simulated bench: the device side of a ``SimulatedLineBank``.
package final class SimulatedLines: Sendable {
  private struct State {
    var inputs: [Bool]
    var outputs: [Bool]
    var edges: [Edge] = []
    var hasLost = false
    var isReleased = false
    var failure: PortError?
    var observer: (@Sendable (Int, Bool) -> Void)?
  }

  /// Edges that wait at most, as in the kernel's ring of a request with a few lines.
  package static let ring = 256

  /// Roles of the inputs and outputs, in the order of their indexes.
  package let inputs: [String]
  package let outputs: [String]
  private let state: Mutex<State>
  private let readEnd: Int32
  private let writeEnd: Int32

  /// Sets up wires.
  ///
  /// - Parameters:
  ///   - inputs: Roles of the station's inputs.
  ///   - outputs: Roles of the station's outputs; all start inactive.
  ///   - levels: Where the inputs stand at first; inactive where there is none.
  /// - Throws: ``PortError/io(operation:errno:)`` where the process has no file descriptors left.
  package init(
    inputs: [String],
    outputs: [String],
    levels: [String: Bool] = [:]
  ) throws(PortError) {
    self.inputs = inputs
    self.outputs = outputs
    state = Mutex(
      State(
        inputs: inputs.map { levels[$0, default: false] },
        outputs: outputs.map { _ in false }
      )
    )
    var ends: [Int32] = [-1, -1]
    guard unsafe pipe(&ends) == 0 else { throw .io(operation: "pipe", errno: errno) }
    (readEnd, writeEnd) = (ends[0], ends[1])
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    _ = close(readEnd)
    _ = close(writeEnd)
  }

  /// The station's side.
  package var bank: SimulatedLineBank { SimulatedLineBank(lines: self) }

  /// Where the outputs stand, by role.
  package var outputLevels: [String: Bool] {
    let levels = state.withLock { $0.outputs }
    return Dictionary(zip(outputs, levels)) { first, _ in first }
  }

  /// Calls back whenever the station changes an output, on the thread that did it.
  package func observe(_ observer: @escaping @Sendable (_ output: Int, _ active: Bool) -> Void) {
    state.withLock { $0.observer = observer }
  }

  /// Lets every further call of the station fail; `nil` makes it whole again.
  package func fail(_ error: PortError?) {
    state.withLock { $0.failure = error }
  }

  /// Drives an input; a change becomes an edge with this time stamp.
  package func drive(input: Int, active: Bool, at instant: Instant) {
    let rings = state.withLock { state in
      guard state.inputs.indices.contains(input), state.inputs[input] != active else {
        return false
      }
      state.inputs[input] = active
      guard !state.isReleased else { return false }
      if state.edges.count < Self.ring {
        state.edges.append(Edge(input: input, active: active, at: instant))
      } else {
        state.hasLost = true
      }
      return true
    }
    // A full pipe is readable already, so a failed write loses nothing.
    if rings { _ = unsafe write(writeEnd, [1], 1) }
  }

  /// Drives an input by its role; roles that are not wired go nowhere.
  package func drive(_ role: String, active: Bool, at instant: Instant) {
    guard let input = inputs.firstIndex(of: role) else { return }
    drive(input: input, active: active, at: instant)
  }
}

extension SimulatedLines {
  var descriptor: Int32 { readEnd }

  func takeEdges() throws(PortError) -> EdgeBatch {
    var sink = [UInt8](repeating: 0, count: 64)
    while unsafe read(readEnd, &sink, sink.count) == sink.count {}
    return try checked { state in
      defer {
        state.edges = []
        state.hasLost = false
      }
      return EdgeBatch(edges: state.edges, lost: state.hasLost)
    }
  }

  func levels() throws(PortError) -> [Bool] { try checked { $0.inputs } }

  func set(_ output: Int, _ active: Bool) throws(PortError) {
    let observer = try checked { state -> (@Sendable (Int, Bool) -> Void)? in
      guard state.outputs.indices.contains(output), state.outputs[output] != active else {
        return nil
      }
      guard !state.isReleased else { return nil }
      state.outputs[output] = active
      return state.observer
    }
    observer?(output, active)
  }

  func release() {
    let (dropped, observer) = state.withLock { state in
      let dropped = state.outputs.indices.filter { state.outputs[$0] }
      state.outputs = state.outputs.map { _ in false }
      state.isReleased = true
      return (dropped, state.observer)
    }
    for output in dropped { observer?(output, false) }
  }

  private func checked<Value: Sendable>(
    _ body: (inout sending State) -> sending Value
  ) throws(PortError) -> Value {
    let result: Result<Value, PortError> = state.withLock { state in
      if let failure = state.failure { return .failure(failure) }
      return .success(body(&state))
    }
    return try result.get()
  }
}

/// The inputs and outputs of a station, wired to a simulated bench.
package struct SimulatedLineBank: LineBank {
  private let lines: SimulatedLines

  init(lines: SimulatedLines) {
    self.lines = lines
  }

  package var descriptors: [Int32] { [lines.descriptor] }

  package mutating func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError)
    -> Bool
  {
    let batch = try lines.takeEdges()
    edges += batch.edges
    return batch.lost
  }

  package mutating func levels() throws(PortError) -> [Bool] { try lines.levels() }

  package mutating func set(_ output: Int, _ active: Bool) throws(PortError) {
    try lines.set(output, active)
  }

  package mutating func release() { lines.release() }
}
