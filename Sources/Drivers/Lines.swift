package import Domain

/// One line, of a GPIO chip or of a board on Modbus, and how it is wired.
package struct LineSpec: Hashable, Sendable {
  /// Which line of which chip.
  package enum Address: Hashable, Sendable {
    /// The board's name for the line; it must be unique over all chips.
    case name(String)
    /// A chip by label, name or path, and an offset on it.
    case offset(chip: String, Int)
    /// An input of a board on Modbus, by the board's id; they count from 1.
    case input(ofBoard: String, Int)
    /// A channel of a board on Modbus that can be switched; they count from 1.
    case channel(ofBoard: String, Int)

    /// The board, where it is a line of one.
    package var board: String? {
      switch self {
      case .name, .offset: nil
      case .input(let board, _), .channel(let board, _): board
      }
    }
  }

  package enum Bias: String, Hashable, Sendable, CaseIterable {
    case asIs = "as-is"
    case disabled
    case pullUp = "pull-up"
    case pullDown = "pull-down"
  }

  /// How an output is driven, which decides what a board on Modbus is told.
  package enum Drive: Hashable, Sendable {
    /// On until it is switched off; as a lamp, it may stay as it is when the station is gone.
    case switched
    /// Only ever pulsed, so long. A board ends the pulse by itself; on GPIO lines the machine's
    /// cycle does.
    case pulsed(Duration)
    /// On until it is switched off, but never without somebody who drives it; as a motor.
    case held
  }

  /// The station's own word for the line, as `go`, `lamp-green` or `machine.start`.
  package var role: String
  package var address: Address
  /// Whether the electrical low level means active.
  package var activeLow: Bool
  package var bias: Bias
  /// Of an output: how it is driven.
  package var drive: Drive

  package init(
    role: String,
    address: Address,
    activeLow: Bool,
    bias: Bias = .asIs,
    drive: Drive = .switched
  ) {
    self.role = role
    self.address = address
    self.activeLow = activeLow
    self.bias = bias
    self.drive = drive
  }

  /// Whether it is a line of a board on Modbus.
  package var isOnBoard: Bool { address.board != nil }
}

/// A change of an input line.
package struct Edge: Hashable, Sendable {
  /// The index of the line in the list it was requested with.
  package var input: Int
  /// The level after the change, after `activeLow`.
  package var active: Bool
  /// When the kernel saw it.
  package var at: Instant

  package init(input: Int, active: Bool, at: Instant) {
    self.input = input
    self.active = active
    self.at = at
  }
}

/// What a read of the pending edges brought.
package struct EdgeBatch: Hashable, Sendable {
  package var edges: [Edge]
  /// Whether the kernel dropped edges: the levels must be read again.
  package var lost: Bool

  package init(edges: [Edge], lost: Bool) {
    self.edges = edges
    self.lost = lost
  }
}

/// The inputs and outputs of a station, held by one process from start to stop.
///
/// Outputs are requested inactive in the same call that makes them outputs, and set inactive again
/// before they are released. All calls come from one thread, none of them blocks.
package protocol LineBank {
  /// File descriptors that become readable when edges wait.
  var descriptors: [Int32] { get }
  /// Takes edges that wait behind a descriptor and appends them; none if there are none.
  ///
  /// A bounded number: what a line gone wild still has waits for the next call.
  ///
  /// - Returns: Whether the kernel dropped edges: the levels must be read again.
  mutating func take(from descriptor: Int32, into edges: inout [Edge]) throws(PortError) -> Bool
  /// Reads the level of every input, in the order of the request.
  mutating func levels() throws(PortError) -> [Bool]
  /// Drives one output, by its index in the request.
  mutating func set(_ output: Int, _ active: Bool) throws(PortError)
  /// Looks whether all lines are still there.
  ///
  /// - Throws: `PortError.vanished` where a chip was unplugged.
  mutating func check() throws(PortError)
  /// Makes every output inactive, then lets go of all lines; further calls do nothing.
  mutating func release()
}

extension LineBank {
  package mutating func check() throws(PortError) { _ = try levels() }

  /// Takes edges that wait behind a descriptor; none if there are none.
  package mutating func edges(of descriptor: Int32) throws(PortError) -> EdgeBatch {
    var batch = EdgeBatch(edges: [], lost: false)
    batch.lost = try take(from: descriptor, into: &batch.edges)
    return batch
  }
}
