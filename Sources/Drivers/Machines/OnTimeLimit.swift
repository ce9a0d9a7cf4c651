package import Domain

/// Switches outputs off that have been on for too long, whatever the workflow believes.
package struct OnTimeLimit: Sendable {
  private let limits: [Duration?]
  private var since: [Instant?]

  /// Sets the limits, one an output; `nil` for an output that may stay on, as a lamp.
  package init(limits: [Duration?]) {
    self.limits = limits
    since = Array(repeating: nil, count: limits.count)
  }

  /// Notes that an output was driven.
  package mutating func note(_ output: Int, _ active: Bool, at now: Instant) {
    guard active else {
      since[output] = nil
      return
    }
    if since[output] == nil { since[output] = now }
  }

  /// When the first output runs out of time.
  package var deadline: Instant? {
    // Asked for in every turn of the reflex thread: nothing is taken from the heap.
    var first: Instant?
    for output in since.indices {
      guard let start = since[output], let limit = limits[output] else { continue }
      first = first.map { min($0, start + limit) } ?? start + limit
    }
    return first
  }

  /// The outputs whose time is up.
  package func expired(at now: Instant) -> [Int] {
    since.indices.filter { output in
      guard let start = since[output], let limit = limits[output] else { return false }
      return start + limit <= now
    }
  }
}
