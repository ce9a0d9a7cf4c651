package import Drivers

/// What a technician lets a machine do without a parcel.
package enum MachineOrder: Hashable, Sendable {
  /// One whole cycle.
  case cycle
  /// Ends a latch whose cause is gone, and resets a controller; starts nothing.
  case reset
  /// One output for a while.
  case jog(MachineOutput, milliseconds: Int)
}

/// What came of an order.
package enum MachineAnswer: Hashable, Sendable {
  package enum Refusal: Hashable, Sendable {
    case noMachine
    case parcelInHand
    case blocked(MachineBlocker)
  }

  case done
  case refused(Refusal)

  /// The answer in one word, as records and the control socket carry it.
  package var word: String { self == .done ? "done" : "refused" }

  /// Why it was refused, in one word.
  package var reason: String? {
    switch self {
    case .done: nil
    case .refused(.noMachine): "no-machine"
    case .refused(.parcelInHand): "parcel-in-hand"
    case .refused(.blocked(let blocker)): blocker.rawValue
    }
  }
}
