package import Domain
package import Drivers

/// The station as the control socket sees it.
package protocol ControlBackend: Sendable {
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
}
