package import Domain
package import Drivers

/// Counts the edges of each input, and shuts out a line that has gone wild (信号风暴).
///
/// A contact that chatters or a wire that picks up noise may bring thousands of edges a second. They
/// say nothing about the contact any more, but would keep the thread busy that the emergency stop
/// needs. So such a line is reported once and then not listened to, until it has been calm.
package struct EdgeGate: Sendable {
  /// From where on a line is wild, and when it counts as calm again.
  package struct Limit: Hashable, Sendable {
    /// More edges than this within ``within`` are a storm: no hand and no machine of a service
    /// point makes them (devices.md §11.3).
    package var edges = 200
    package var within = Duration.seconds(1)
    /// How long without an edge ends a storm.
    package var calm = Duration.seconds(1)

    package init() {}
  }

  /// What becomes of an edge.
  package enum Verdict: Hashable, Sendable {
    case passes
    /// It is the one too many.
    case beginsStorm
    case ignored
  }

  private struct Line {
    /// When the last edges came, the oldest at ``next`` once the ring is full.
    var stamps: [Instant] = []
    var next = 0
    var last = Instant.zero
    var isWild = false
  }

  private let limit: Limit
  private var lines: [Line]
  private var wild = 0
  private var calmed: [Int] = []

  /// Starts with lines that are calm.
  package init(inputs: Int, limit: Limit = Limit()) {
    self.limit = limit
    lines = Array(repeating: Line(), count: inputs)
  }

  package func isWild(_ input: Int) -> Bool { lines[input].isWild }

  /// Takes an edge of one of the inputs.
  package mutating func admit(_ edge: Edge) -> Verdict {
    lines[edge.input].last = edge.at
    if lines[edge.input].isWild { return .ignored }
    guard lines[edge.input].stamps.count == limit.edges else {
      lines[edge.input].stamps.append(edge.at)
      return .passes
    }
    let next = lines[edge.input].next
    let oldest = lines[edge.input].stamps[next]
    lines[edge.input].stamps[next] = edge.at
    lines[edge.input].next = (next + 1) % limit.edges
    guard edge.at - oldest < limit.within else { return .passes }
    lines[edge.input].isWild = true
    wild += 1
    return .beginsStorm
  }

  /// When ``advance(to:)`` has something to tell; `nil` while no line is wild.
  package var deadline: Instant? {
    guard wild > 0 else { return nil }
    var next: Instant?
    for line in lines where line.isWild {
      let end = line.last + limit.calm
      next = next.map { min($0, end) } ?? end
    }
    return next
  }

  /// Lets time pass.
  ///
  /// - Returns: The lines that have become calm; how they stand must be read, see ``takeCalmed()``.
  package mutating func advance(to now: Instant) -> [Int] {
    guard wild > 0 else { return [] }
    var ended: [Int] = []
    for input in lines.indices where lines[input].isWild {
      guard lines[input].last + limit.calm <= now else { continue }
      lines[input] = Line()
      wild -= 1
      ended.append(input)
    }
    calmed += ended
    return ended
  }

  /// The lines whose storm has ended and whose level has not been read since.
  package mutating func takeCalmed() -> [Int] {
    defer { calmed = [] }
    return calmed
  }
}
