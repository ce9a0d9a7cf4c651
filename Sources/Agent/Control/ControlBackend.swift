package import Domain
package import Drivers

/// The station as the control socket sees it.
package protocol ControlBackend: PanelTesting {
  /// What the station does now.
  func status() async -> JSON
  /// The devices the daemon works with.
  func devices() async -> [JSON]
  /// Everything that happens from now on; the stream is bounded, see ``EventFan``.
  func events() -> AsyncStream<JSON>
  /// The last events of the ledger, oldest first.
  func ledgerTail(limit: Int, lane: Lane?) async throws -> [JSON]
  /// How far the hub has followed.
  func sync() async -> JSON
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
