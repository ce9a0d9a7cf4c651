package import Domain
package import Uplink

/// Where a hub keeps what the stations deliver.
package protocol HubStore: Sendable {
  /// Takes in a batch in one transaction; a batch taken in again changes nothing.
  ///
  /// - Returns: What is held now; it is durable.
  func accept(_ batch: IncomingBatch, at milliseconds: Int64) async throws(HubError) -> Receipt

  /// Every site that ever delivered, by name.
  func sites() async throws(HubError) -> [SiteView]

  /// One site; `nil` where it never delivered.
  func site(_ id: SiteID) async throws(HubError) -> SiteView?

  /// The parcels that a site delivered last, newest first.
  func parcels(of site: SiteID, limit: Int) async throws(HubError) -> [ParcelView]
}

/// Why the hub could not do what was asked of it.
package struct HubError: Error, Hashable, Sendable, CustomStringConvertible {
  package var attempted: String
  package var cause: String
  package var remedy: String

  package init(attempted: String, cause: String, remedy: String) {
    self.attempted = attempted
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String { "\(attempted): \(cause); next: \(remedy)" }
}
