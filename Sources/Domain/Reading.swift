/// One answer of a scale (秤): what it says it weighs and whether that may be believed.
package struct Reading: Hashable, Sendable {
  /// What the scale says of its own answer.
  ///
  /// None of these is ever turned into the number 0.
  package enum State: String, Hashable, Sendable, CaseIterable {
    /// At rest, with a load.
    case stable
    /// The load still moves; the weight is for show only.
    case moving
    /// At rest at the centre of zero.
    case zero
    /// At rest below zero: something was taken off after the scale was zeroed.
    case negative
    /// More than the scale can weigh; there is no weight.
    case over
    /// Less than the scale can show; there is no weight.
    case under
    /// The scale reports a fault of its own, or speaks so that it cannot be understood.
    case fault
    /// Nothing has been heard for too long; the last weight must not be used.
    case stale
  }

  package var state: State
  /// The weight; `nil` wherever the state means that there is none.
  package var mass: Mass?
  /// The bytes it was read from, for the technician.
  package var raw: [UInt8]
  package var at: Instant

  package init(state: State, mass: Mass?, raw: [UInt8] = [], at: Instant) {
    self.state = state
    self.mass = mass
    self.raw = raw
    self.at = at
  }
}
