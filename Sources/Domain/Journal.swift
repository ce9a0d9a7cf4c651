/// A physical action (实体动作) that must never repeat by itself.
package enum PhysicalAction: String, Hashable, Sendable, CaseIterable {
  /// Feeding a printed label (出单).
  case label
  /// Closing a bag or a carton with the sealing machine (封口).
  case seal
  /// Strapping a carton with the strapping machine (打包).
  case strap
}

/// One attempt at one physical action for one parcel.
package struct ActionID: Hashable, Sendable, CustomStringConvertible {
  package var parcel: ParcelNumber
  package var action: PhysicalAction
  /// 1 for the first attempt; a reprint or a second sealing counts up.
  package var copy: Int

  package init(parcel: ParcelNumber, action: PhysicalAction, copy: Int) {
    self.parcel = parcel
    self.action = action
    self.copy = copy
  }

  package var description: String { "\(parcel)/\(action.rawValue)/\(copy)" }
}

/// The promise, on disk before the first byte or edge leaves, that an action may happen.
package struct Intent: Hashable, Sendable {
  package var id: ActionID
  /// The trusted weight of the parcel at that moment.
  package var mass: Mass
  /// Whose parcel it is, where it was scanned.
  package var shipment: Shipment?

  package init(id: ActionID, mass: Mass, shipment: Shipment? = nil) {
    self.id = id
    self.mass = mass
    self.shipment = shipment
  }
}

/// How an intent ended.
package enum Outcome: String, Hashable, Sendable {
  case done
  /// The device said that it did not happen, or did not happen well.
  case failed
  /// It never started: the parcel was taken away or the worker cancelled first.
  case withdrawn
  /// Nobody could tell; the worker looked, and chose to do it once more.
  case repeated
  /// Nobody could tell; the worker looked, and gave the parcel up.
  case voided
}

/// Why an outcome is believed, strongest first.
package enum Evidence: String, Hashable, Sendable {
  /// The printed code was read back.
  case scanBack = "scan-back"
  /// A counter or sensor of the device moved.
  case counter
  /// The device reported working and then ready.
  case statusSequence = "status-sequence"
  /// A person looked.
  case worker
  /// The device took all bytes and says nothing more.
  case accepted
  /// Nothing at all.
  case none
  /// Only time went by: a machine that has a start contact and nothing else. Unconfirmed.
  case elapsed
}

/// How one cycle of a machine went, in milliseconds since its start.
package struct CycleTrace: Hashable, Sendable {
  /// When it reported busy; `nil` where it never did, or has no such contact.
  package var busy: Int64?
  /// When the pulse of a good end came.
  package var done: Int64?
  /// When the cycle ended, however it did.
  package var end: Int64
  /// What went wrong, in the word of the machine's driver.
  package var fault: String?

  package init(busy: Int64? = nil, done: Int64? = nil, end: Int64 = 0, fault: String? = nil) {
    self.busy = busy
    self.done = done
    self.end = end
    self.fault = fault
  }
}

/// Which way a parcel travels, seen from the village.
package enum Direction: String, Hashable, Sendable {
  /// 上行, out of the village.
  case up
  /// 下行, into the village.
  case down
}

/// The county's five unified stages (五统一).
package enum Stage: String, Hashable, Sendable, CaseIterable {
  /// 仓储
  case store
  /// 分拣
  case sort
  /// 运输
  case transport
  /// 配送
  case deliver
  /// 揽件
  case collect
}

/// A finished parcel, as it counts for the county.
package struct Parcel: Hashable, Sendable {
  package var number: ParcelNumber
  package var mass: Mass
  package var direction: Direction
  package var stage: Stage
  /// The last copy of the label that came out.
  package var labelCopy: Int
  package var sealed: Bool
  /// Whose parcel it is, where it was scanned.
  package var shipment: Shipment?

  package init(
    number: ParcelNumber,
    mass: Mass,
    direction: Direction,
    stage: Stage,
    labelCopy: Int,
    sealed: Bool,
    shipment: Shipment? = nil
  ) {
    self.number = number
    self.mass = mass
    self.direction = direction
    self.stage = stage
    self.labelCopy = labelCopy
    self.sealed = sealed
    self.shipment = shipment
  }
}
