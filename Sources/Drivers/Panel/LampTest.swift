package import Domain

/// The lamp test (试灯): what is lit for a while regardless of what the panel means.
///
/// It lights lamps and sounds the beeper, and knows no other output.
package struct LampTest: Hashable, Sendable {
  /// What a technician wants to see.
  package enum Request: Hashable, Sendable {
    /// Every lamp for itself by position, then all together, then the end.
    case walk
    case lamp(Lamp)
    case all
    /// One long beep.
    case beeper
    case off
  }

  /// What is lit for a time.
  package struct Step: Hashable, Sendable {
    package var lit: [Lamp]
    /// Sounded once, when the step begins.
    package var beep: Beep
    var lasts: Duration
  }

  private var rest: [Step]
  /// The step that runs now; `nil` after the last.
  package private(set) var step: Step?
  /// When it ends.
  package private(set) var deadline: Instant

  /// How long a light waits for somebody to look at it who has to walk there.
  package static let patience = Duration.seconds(120)

  /// Begins.
  ///
  /// - Parameters:
  ///   - request: What is to be seen.
  ///   - lamps: The lamps that the panel has.
  ///   - now: The time.
  package init(_ request: Request, lamps: [Lamp], at now: Instant) {
    let lamps = lamps.sorted { $0.position < $1.position }
    var steps: [Step] =
      switch request {
      case .walk:
        lamps.map { Step(lit: [$0], beep: .short, lasts: .milliseconds(800)) }
          + [Step(lit: lamps, beep: .long, lasts: .seconds(2))]
      case .lamp(let lamp): [Step(lit: [lamp], beep: .none, lasts: Self.patience)]
      case .all: [Step(lit: lamps, beep: .none, lasts: Self.patience)]
      case .beeper: [Step(lit: [], beep: .long, lasts: .seconds(1))]
      case .off: []
      }
    let first = steps.isEmpty ? nil : steps.removeFirst()
    step = first
    rest = steps
    deadline = now + (first?.lasts ?? .zero)
  }

  /// Lets time pass.
  ///
  /// - Returns: Whether another step has begun, or the last one has ended.
  package mutating func advance(to now: Instant) -> Bool {
    guard step != nil, deadline <= now else { return false }
    step = rest.isEmpty ? nil : rest.removeFirst()
    deadline = now + (step?.lasts ?? .zero)
    return true
  }
}
