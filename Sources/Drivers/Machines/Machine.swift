package import Domain

/// The contacts of a machine; an input is active in its healthy or telling state, so that a broken
/// wire reads as the careful answer.
package enum MachineSignal: String, Hashable, Sendable, CaseIterable {
  /// Runs from the start of a cycle to its end (运行).
  case busy
  /// A pulse at the end of a good cycle (完成).
  case done
  /// The machine complains (故障).
  case fault
  /// The machine says that it can be started (就绪).
  case ready
  /// The heater has its temperature (温度到).
  case temperatureReady = "temperature-ready"
  /// Film, strap or tape is there (有料).
  case materialOK = "material-ok"
  /// The eye of a continuous machine sees a bag (袋检光眼).
  case bagPresent = "bag-present"
  /// The thermostat against overheating is closed (温控器).
  case thermalOK = "thermal-ok"
  /// The guard is closed (护罩).
  case guardClosed = "guard-closed"
  /// The emergency stop is not pressed, as the safety relay's mirror contact says (急停).
  case estopOK = "estop-ok"

  /// Whether losing it must switch everything off at once.
  package var isPermissive: Bool {
    self == .guardClosed || self == .estopOK || self == .thermalOK
  }
}

/// The contacts that a station closes at a machine; all open at rest.
package enum MachineOutput: String, Hashable, Sendable, CaseIterable {
  /// Begins a cycle (启动).
  case start
  /// Lets the heater heat, in series with the machine's own controls (加热允许).
  case heaterEnable = "heater-enable"
  /// Lets the motor run, in series with the machine's own controls (电机允许).
  case motorRun = "motor-run"
  /// The controller's own reset contact (复位).
  case reset
}

/// Why a machine may not run now.
package enum MachineBlocker: String, Hashable, Sendable, CaseIterable {
  case estop
  /// What switched it off is over, and it waits for the worker's reset (ISO 13850).
  case resetNeeded = "reset-needed"
  case overheated
  case guardOpen = "guard-open"
  case fault
  case noMaterial = "no-material"
  case notReady = "not-ready"
  /// The heater is off, or has not got its temperature yet.
  case cold
  /// The pause between two cycles, or a cycle that still runs.
  case busy
}

/// What switched a machine off, so that it stays off until the worker resets it.
package enum MachineLatch: String, Hashable, Sendable, CaseIterable {
  case estop
  /// The guard was opened while something was on.
  case guardOpened = "guard-opened"
  case overheated
  /// An output was on for longer than it may ever be.
  case overrun
  /// The pulses for the watchdog relay stopped: it lets go, and may not find anything on again.
  case unwatched
}

/// How a cycle went wrong.
package enum CycleFault: String, Hashable, Sendable, CaseIterable {
  case estop
  case guardOpened = "guard-opened"
  case overheated
  /// The machine reported a fault.
  case fault
  /// It was told to start and never began; of a continuous machine: no bag came.
  case neverStarted = "never-started"
  /// It began and never ended.
  case neverEnded = "never-ended"
  /// It stopped without the pulse that tells of a good end.
  case noDonePulse = "no-done-pulse"
  /// An output was on for longer than it may ever be.
  case overrun
  /// The pulses for the watchdog relay stopped in the middle of it.
  case unwatched

  /// Whether the machine itself proves that nothing good was done.
  package var isCertain: Bool { self == .neverStarted || self == .fault }
}

/// Contacts that contradict each other or the station: no harm by themselves, but a sign of one.
package enum MachineOddity: String, Hashable, Sendable, CaseIterable {
  /// The pulse of a good end came before the machine had begun.
  case doneBeforeBusy = "done-before-busy"
  /// A cycle gave more than one pulse of a good end.
  case secondDone = "second-done"
  /// A pulse of a good end, and nobody had started anything.
  case strayDone = "stray-done"
  /// It runs without having been started: a pedal in parallel, or a contact that sticks.
  case unbidden
  /// The heater has been on for long, and still is not warm.
  case staysCold = "stays-cold"
}

/// What a machine tells.
package enum MachineEvent: Hashable, Sendable {
  case blocked(MachineBlocker?)
  case running
  case finished
  case failed(CycleFault)
  case heating(Bool)
  case latched(MachineLatch)
  case odd(MachineOddity)
}

/// The times of a machine in milliseconds.
package struct MachineTiming: Hashable, Sendable {
  /// How long the start contact is held.
  package var pulse: Int64
  /// The least pause between two starts.
  package var rest: Int64
  /// How long after the start the machine may take to report busy.
  package var busyWithin: Int64
  /// The longest good cycle; of one that only has a start contact, the time that it takes.
  package var longest: Int64
  /// How long after the end of busy the pulse of a good end may still come.
  package var doneWithin: Int64
  /// How long a held output stays on after the bag has left the eye.
  package var runOn: Int64
  /// How long the reset contact is held, and as long again the machine needs to come back.
  package var reset: Int64
  /// How long it takes to get warm at the most; where no contact tells, how long it takes.
  package var warmUp: Int64
  /// The heater goes off after so long without a parcel.
  package var idleOff: Int64

  package init(
    pulse: Int64 = 200,
    rest: Int64 = 1000,
    busyWithin: Int64 = 1000,
    longest: Int64 = 6000,
    doneWithin: Int64 = 500,
    runOn: Int64 = 0,
    reset: Int64 = 500,
    warmUp: Int64 = 300_000,
    idleOff: Int64 = 600_000
  ) {
    self.pulse = pulse
    self.rest = rest
    self.busyWithin = busyWithin
    self.longest = longest
    self.doneWithin = doneWithin
    self.runOn = runOn
    self.reset = reset
    self.warmUp = warmUp
    self.idleOff = idleOff
  }
}

/// How a machine is driven, whatever its make.
package struct MachineRules: Hashable, Sendable {
  /// What a cycle needs of the station.
  package enum Drive: String, Hashable, Sendable, CaseIterable {
    /// A pulse of the start contact; the machine does the rest.
    case pulse
    /// The motor (or start) contact is held until the bag has passed.
    case hold
  }

  package var drive: Drive
  package var timing: MachineTiming
  /// The outputs that are wired.
  package var outputs: Set<MachineOutput>
  /// Whether the end is told by nothing but time, and never confirmed.
  package var isUnconfirmed: Bool

  package init(
    drive: Drive = .pulse,
    timing: MachineTiming = MachineTiming(),
    outputs: Set<MachineOutput> = [.start],
    isUnconfirmed: Bool = false
  ) {
    self.drive = drive
    self.timing = timing
    self.outputs = outputs
    self.isUnconfirmed = isUnconfirmed
  }

  /// The output that a cycle drives.
  package var driven: MachineOutput {
    drive == .hold && outputs.contains(.motorRun) ? .motorRun : .start
  }

  /// Why a good end is believed.
  package var evidence: Evidence { isUnconfirmed ? .elapsed : .statusSequence }
}
