/// The contacts of a machine (`reference` signal list); an input is active in its healthy or
/// telling state, so that a broken wire reads as the careful answer.
package enum MachineSignal: String, Hashable, Sendable, CaseIterable {
  /// Runs from the start of a cycle to its end (运行).
  case busy
  /// A pulse at the end of a good cycle (完成).
  case done
  /// The machine complains (故障).
  case fault
  /// The guard is closed (护罩).
  case guardClosed = "guard-closed"
  /// The emergency stop is not pressed, as the safety relay's mirror contact says (急停).
  case estopOK = "estop-ok"

  /// Whether losing it must switch everything off at once.
  package var isPermissive: Bool { self == .guardClosed || self == .estopOK }
}

/// Why a machine may not run now.
package enum MachineBlocker: String, Hashable, Sendable, CaseIterable {
  case estop
  /// The emergency stop has been released, and waits for the worker's reset (ISO 13850).
  case estopLatched = "estop-latched"
  case guardOpen = "guard-open"
  case fault
  /// The pause between two cycles, or a cycle that still runs.
  case busy
}

/// How a cycle went wrong.
package enum CycleFault: String, Hashable, Sendable, CaseIterable {
  case estop
  case guardOpened = "guard-opened"
  /// The machine reported a fault.
  case fault
  /// It was told to start and never began.
  case neverStarted = "never-started"
  /// It began and never ended.
  case neverEnded = "never-ended"
  /// It stopped without the pulse that tells of a good end.
  case noDonePulse = "no-done-pulse"
}

/// What a machine tells.
package enum MachineEvent: Hashable, Sendable {
  case blocked(MachineBlocker?)
  case running
  case finished
  case failed(CycleFault)
}

/// How a machine of the start–busy–done kind is driven; times in milliseconds.
package struct MachineTiming: Hashable, Sendable {
  /// How long the start contact is held.
  package var pulse: Int64
  /// The least pause between two starts.
  package var rest: Int64
  /// How long after the start the machine may take to report busy.
  package var busyWithin: Int64
  /// The longest good cycle.
  package var longest: Int64
  /// How long after the end of busy the pulse of a good end may still come.
  package var doneWithin: Int64

  package init(
    pulse: Int64 = 200,
    rest: Int64 = 1000,
    busyWithin: Int64 = 1000,
    longest: Int64 = 6000,
    doneWithin: Int64 = 500
  ) {
    self.pulse = pulse
    self.rest = rest
    self.busyWithin = busyWithin
    self.longest = longest
    self.doneWithin = doneWithin
  }
}
