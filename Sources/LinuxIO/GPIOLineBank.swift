internal import CGPIO
package import Domain
package import Drivers
internal import Glibc

/// The lines of a station over libgpiod, of whichever major version.
///
/// All inputs watch both edges, stamped by the kernel with the monotonic clock. Not for use from
/// two threads; a thread that gets it keeps it.
package final class GPIOLineBank: LineBank {
  /// The lines of one chip that go the same way.
  private struct Group {
    let lines: RequestedLines
    /// For each position in the request, the index of the line in the bank's list.
    let indices: [Int]
    var losses = SequenceGap()
  }

  private var inputs: [Group] = []
  private var outputs: [Group] = []
  private let inputCount: Int
  /// For each output in the bank's list, its request and the position in it.
  private var slots: [(group: Int, position: Int)?] = []

  /// Requests all lines, outputs inactive, or none.
  ///
  /// - Parameters:
  ///   - inputs: The lines to watch; edges and levels use the order of this list.
  ///   - outputs: The lines to drive; ``set(_:_:)`` uses the order of this list.
  ///   - consumer: Who others are told holds the lines.
  ///   - root: Where `sys` and `dev` are.
  /// - Throws: The first trouble, with the role and the line it is about.
  package init(
    inputs: [LineSpec],
    outputs: [LineSpec],
    consumer: String = "yizhand",
    root: String = "/"
  ) throws(Trouble) {
    inputCount = inputs.count
    slots = Array(repeating: nil, count: outputs.count)
    let all = inputs + outputs
    guard !all.isEmpty else { return }
    let places = try Self.places(of: all, GPIOInventory.chips(root: root))
    let ways = [(0..<inputs.count, false), (inputs.count..<all.count, true)]
    for (range, areOutputs) in ways {
      for (path, indices) in Self.byChip(places, range) {
        let lines = try RequestedLines(
          path: path,
          specs: indices.map { all[$0] },
          offsets: indices.map { places[$0].offset },
          areOutputs: areOutputs,
          consumer: consumer
        )
        let own = indices.map { $0 - range.lowerBound }
        if areOutputs {
          for (position, output) in own.enumerated() {
            slots[output] = (self.outputs.count, position)
          }
          self.outputs.append(Group(lines: lines, indices: own))
        } else {
          self.inputs.append(Group(lines: lines, indices: own))
        }
      }
    }
  }

  deinit {
    release()
  }

  package var descriptors: [Int32] { inputs.flatMap(\.lines.descriptors) }

  package func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError) -> Bool {
    for group in inputs.indices where inputs[group].lines.descriptors.contains(descriptor) {
      return try take(from: descriptor, of: group, into: &edges)
    }
    return false
  }

  /// Takes edges that wait behind a descriptor; none if there are none.
  package func edges(of descriptor: Int32) throws(PortError) -> EdgeBatch {
    var batch = EdgeBatch(edges: [], lost: false)
    batch.lost = try take(from: descriptor, into: &batch.edges)
    return batch
  }

  private func take(from descriptor: Int32, of group: Int, into edges: inout [Edge])
    throws(PortError) -> Bool
  {
    let indices = inputs[group].indices
    var losses = inputs[group].losses
    let hasOverrun = try inputs[group].lines.read(descriptor) { edge in
      losses.note(edge.sequence)
      guard indices.indices.contains(Int(edge.position)) else { return }
      edges.append(
        Edge(
          input: indices[Int(edge.position)],
          active: edge.active,
          at: Instant(nanoseconds: edge.nanoseconds)
        )
      )
    }
    let hasGap = losses.hasGrown()
    inputs[group].losses = losses
    return hasOverrun || hasGap
  }

  package func levels() throws(PortError) -> [Bool] {
    // After the release there is nothing to read; the reader is about to stop.
    var levels = [Bool](repeating: false, count: inputCount)
    for group in inputs {
      for (index, level) in zip(group.indices, try group.lines.levels()) { levels[index] = level }
    }
    return levels
  }

  package func set(_ output: Int, _ active: Bool) throws(PortError) {
    guard slots.indices.contains(output), let slot = slots[output] else { return }
    try outputs[slot.group].lines.set(slot.position, active)
  }

  package func check() throws(PortError) {
    for group in inputs + outputs { _ = try group.lines.levels() }
  }

  package func release() {
    for group in outputs {
      // One that cannot be set, as of a chip that was unplugged, must not keep the others on.
      for position in group.indices.indices { try? group.lines.set(position, false) }
    }
    outputs = []
    inputs = []
    slots = []
  }

  private static func places(
    of specs: [LineSpec],
    _ chips: [GPIOChip]
  ) throws(Trouble) -> [LinePlace] {
    var places: [LinePlace] = []
    for spec in specs {
      do throws(LineFault) {
        let place = try LinePlace(spec.address, among: chips)
        if let other = places.firstIndex(of: place) { throw .taken(byRole: specs[other].role) }
        places.append(place)
      } catch {
        throw error.trouble(spec)
      }
    }
    return places
  }

  private static func byChip(
    _ places: [LinePlace],
    _ range: Range<Int>
  ) -> [(path: String, indices: [Int])] {
    Dictionary(grouping: range) { places[$0].path }
      .sorted { $0.key < $1.key }.map { (path: $0.key, indices: $0.value) }
  }
}

/// Whether numbers of a sequence are missing, which the kernel counts from 1.
///
/// Lines of one request are served by threads of their own, so neighbours may come in the wrong
/// order; what counts is how many there should be and how many there are.
package struct SequenceGap: Sendable {
  private var received: UInt32 = 0
  private var highest: UInt32 = 0
  private var missing: UInt32 = 0

  package init() {}

  /// Notes a number; 0 is none.
  package mutating func note(_ number: UInt32) {
    guard number != 0 else { return }
    received &+= 1
    if Int32(bitPattern: number &- highest) > 0 { highest = number }
  }

  /// Ends a batch.
  ///
  /// - Returns: Whether more are missing than at the end of the last one.
  package mutating func hasGrown() -> Bool {
    let now = highest &- received
    defer { missing = now }
    return Int32(bitPattern: now &- missing) > 0
  }

  /// Notes the numbers of a batch.
  ///
  /// - Returns: Whether more are missing than before.
  package mutating func note(_ sequence: [UInt32]) -> Bool {
    for number in sequence { note(number) }
    return hasGrown()
  }
}
