package import Domain

/// What a station does with parcels, from its config.
package struct Plan: Hashable, Sendable {
  /// Whether a parcel's waybill is scanned before it is weighed.
  package var scans: Bool
  /// How a parcel is closed after it is labelled: sealed, strapped, or not at all.
  package var closing: PhysicalAction?
  /// The least weight that is taken for a parcel.
  package var least: Mass
  /// The greatest weight that is taken.
  package var greatest: Mass
  /// How far from zero still counts as an empty scale.
  package var zeroBand: Mass
  /// How much a stable weight may flicker and still be the one on disk; without this, a last digit
  /// that cannot make up its mind would write to the card five times a second.
  package var flicker: Mass
  /// What every parcel must weigh, where they are all alike, and how far it may be off.
  package var expected: Expected?

  /// A weight that is known beforehand.
  package struct Expected: Hashable, Sendable {
    package var mass: Mass
    package var tolerance: Mass

    package init(mass: Mass, tolerance: Mass) {
      self.mass = mass
      self.tolerance = tolerance
    }
  }

  package init(
    scans: Bool = false,
    closing: PhysicalAction?,
    least: Mass = Mass(grams: 20),
    greatest: Mass = Mass(grams: 30_000),
    zeroBand: Mass = Mass(grams: 5),
    flicker: Mass = Mass(grams: 2),
    expected: Expected? = nil
  ) {
    self.scans = scans
    self.closing = closing
    self.least = least
    self.greatest = greatest
    self.zeroBand = zeroBand
    self.flicker = flicker
    self.expected = expected
  }
}

/// An intent without an outcome, found when the station starts.
package struct Doubt: Hashable, Sendable {
  package var intent: Intent
  /// Whether its parcel had been finished before, so that only a further copy is in doubt.
  package var parcelIsDone: Bool
  /// The last copy of its label that is known to have come out; the next one must be another.
  package var labelCopy: Int

  package init(intent: Intent, parcelIsDone: Bool, labelCopy: Int = 1) {
    self.intent = intent
    self.parcelIsDone = parcelIsDone
    self.labelCopy = max(1, labelCopy)
  }
}

/// How an attempt to print ended, as the workflow sees it.
package enum LabelResult: Hashable, Sendable {
  case printed(Evidence)
  case notStarted
  case unknown
}

/// Whether a device can be used now.
package enum Readiness: Hashable, Sendable {
  case absent
  case ready
  case degraded
}

/// What keeps the sealing machine from running, as the workflow sees it.
package enum Hindrance: Hashable, Sendable {
  case emergencyStop
  case resetNeeded
  case guardOpen
  /// The heater is off, or not hot yet.
  case cold
  /// Film, strap or tape has run out.
  case noMaterial
  case notReady
}

/// What a scanner brought, as the workflow sees it.
package enum Scanned: Hashable, Sendable {
  /// A courier's number, normalised, and the couriers whose rules it fits: a match is a hint.
  case waybill(String, candidates: [String])
  /// The card of a courier.
  case carrier(String)
  /// A label of this station.
  case parcel(ParcelNumber)
  /// Misread, or nothing that belongs on a parcel.
  case unusable
}

/// Everything that can happen to a workflow.
package enum StationEvent: Hashable, Sendable {
  /// The ledger is open: the serial to issue next, and what is in doubt, oldest first.
  case recovered(nextSerial: Int, doubts: [Doubt])
  /// The ledger cannot be opened: nothing can begin until it can.
  case noLedger
  case pressed(Button)
  /// A long press of CANCEL: whatever of the machine is on at rest, as its heater, is to go off.
  case machineOff
  /// Whether a button or the pedal does not come up.
  case buttonStuck(Bool)
  case reading(Reading)
  case scale(Readiness)
  case printer(Readiness)
  case scanner(Readiness)
  case scanned(Scanned)
  /// The ledger's answer to `lookUp`.
  case lookedUp(String, isKnown: Bool)
  case label(ActionID, LabelResult)
  case hindered(Hindrance?)
  /// A cycle of the machine ended well.
  case sealed(Evidence, CycleTrace?)
  /// The cycle ended without a good end; `isCertain` where the machine itself said so.
  case sealFailed(isCertain: Bool, CycleTrace?)
  case committed(Int)
  case commitFailed(Int)
  /// Time has passed; see ``Workflow/deadline``.
  case tick
  case stop
}

/// Everything that a workflow can ask for.
package enum Effect: Hashable, Sendable {
  /// Write these together; answer with `committed` or `commitFailed` and this number.
  case commit(Int, [Entry])
  /// Print the label of this action; answer with `label`.
  case print(Intent)
  /// Close the start contact; its intent is on disk.
  case startSealing
  /// End the latch of a machine that was switched off, where the cause is gone.
  case resetMachine
  /// Pulse the reset contact of a machine that complains, where it has one; ends no latch.
  case resetController
  /// Switch off whatever of the machine is on at rest.
  case machineOff
  case beep(Beep)
  /// Ask the ledger whether a parcel carries this waybill; answer with `lookedUp`.
  case lookUp(String)
}
