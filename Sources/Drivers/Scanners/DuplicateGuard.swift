package import Domain

/// Tells one beam that was delivered twice from two scans.
package struct DuplicateGuard: Sendable {
  package enum Verdict: Hashable, Sendable {
    case fresh
    /// The same code again, sooner than a hand could do it.
    case echo
  }

  /// Within this, the same code comes from the same pull of the trigger.
  private static let beam = Duration.milliseconds(1500)

  private var last: (text: String, at: Instant)?

  /// Begins without having seen anything.
  package init() {}

  /// Notes a code; an echo keeps the beam going.
  package mutating func note(_ text: String, at now: Instant) -> Verdict {
    defer { last = (text, now) }
    guard let last, last.text == text, now - last.at < Self.beam else { return .fresh }
    return .echo
  }
}
