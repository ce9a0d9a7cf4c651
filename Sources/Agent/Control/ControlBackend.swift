package import Domain
package import Drivers

/// The station as the control socket sees it.
package protocol ControlBackend: PanelTesting, SyncControl {
  /// What the station does now.
  func status() async -> JSON
  /// The devices the daemon works with.
  func devices() async -> [JSON]
  /// Everything that happens from now on; the stream is bounded, see ``EventFan``.
  func events() -> AsyncStream<JSON>
  /// The last events of the ledger, oldest first.
  func ledgerTail(limit: Int, lane: Lane?) async throws -> [JSON]
  /// Sets the scale to zero or tares it, and tells what it answered.
  func scale(_ request: ScaleRequest, by peer: ControlPeer) async throws -> JSON
  /// What the machine does, and has done.
  func machine() async -> JSON
  /// Lets the machine do something without a parcel, and tells what came of it.
  func machine(_ request: MachineRequest, by peer: ControlPeer) async throws -> JSON
}

/// What a technician may ask of the machine.
package enum MachineRequest: Hashable, Sendable {
  case order(MachineOrder)
  /// It has been serviced: the cycles until the next service count anew.
  case serviced

  /// The request in one word, as records carry it.
  package var word: String {
    switch self {
    case .order(.cycle): "cycle"
    case .order(.reset): "reset"
    case .order(.jog(let output, let time)): "jog \(output.rawValue) \(time) ms"
    case .serviced: Entry.serviced
    }
  }
}

/// A panel whose lamps can be tried.
package protocol PanelTesting: Sendable {
  /// Lights lamps for a while, and tells which lights there are.
  func test(_ request: LampTest.Request, by peer: ControlPeer) async throws -> JSON
}

/// The link to the hub as the control socket sees it.
package protocol SyncControl: Sendable {
  /// How far the hub has followed.
  func sync() async -> JSON
  /// Carries out an order, and tells how the link stands then.
  func sync(_ order: SyncOrder) async throws -> JSON
  /// What the hub's operator must know to approve this box.
  func enrolment() async throws -> JSON
  /// Prints that on a label, and tells what came of it.
  func enrolmentLabel(by peer: ControlPeer) async throws -> JSON
}

/// What a technician may tell the link to do.
package enum SyncOrder: Hashable, Sendable {
  /// Try at once.
  case now
  case pause
  case resume
  /// Believe what a courier brought back from the hub, if it is the hub's: the file's text.
  case acknowledge(String)
}
