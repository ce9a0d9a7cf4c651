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

/// Where a hub keeps which box may speak for which site.
package protocol KeyRegistry: Sendable {
  /// Whether a key may deliver an epoch of a site; an unknown one is noted for the operator.
  func admit(
    _ key: VerificationKey,
    for site: SiteID,
    epoch: Epoch,
    at milliseconds: Int64
  ) async throws(HubError) -> Admission

  /// Every key that is known, by site.
  func keys() async throws(HubError) -> [KeyView]

  /// Carries out what the operator says.
  ///
  /// - Returns: The keys of the site as they stand then.
  func change(
    _ site: SiteID,
    _ change: KeyChange,
    at milliseconds: Int64
  ) async throws(HubError) -> [KeyView]
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

/// A store that carries out transactions; everything else follows from them.
protocol SQLStore: HubStore, KeyRegistry {
  /// Runs a body in a transaction that is durable when this returns, or not there at all.
  func write<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value

  /// Runs a body that only reads.
  func read<Value: Sendable>(
    _ attempted: String,
    _ body: @escaping @Sendable (any SQLSession) throws -> Value
  ) async throws(HubError) -> Value
}

extension SQLStore {
  package func accept(
    _ batch: IncomingBatch,
    at milliseconds: Int64
  ) async throws(HubError) -> Receipt {
    try await write("storing a batch of \(batch.site)") { session in
      var intake = try Intake(session, batch, at: milliseconds)
      return try intake.run()
    }
  }

  package func sites() async throws(HubError) -> [SiteView] {
    try await read("listing the sites") { try SiteBook(session: $0).sites() }
  }

  package func site(_ id: SiteID) async throws(HubError) -> SiteView? {
    try await read("reading \(id)") { try SiteBook(session: $0).site(id) }
  }

  package func parcels(of site: SiteID, limit: Int) async throws(HubError) -> [ParcelView] {
    try await read("reading \(site)") { session in
      try SiteBook(session: session).parcels(of: site, limit: limit)
    }
  }

  package func admit(
    _ key: VerificationKey,
    for site: SiteID,
    epoch: Epoch,
    at milliseconds: Int64
  ) async throws(HubError) -> Admission {
    let standing = try await read("looking up the key of \(site)") { session in
      try KeyBook(session: session).standing(key, site, epoch)
    }
    guard case .unknown = standing else { return standing }
    let isNoted = try await write("noting a key of \(site)") { session in
      try KeyBook(session: session).note(key, site, at: milliseconds)
    }
    return .unknown(isNoted: isNoted)
  }

  package func keys() async throws(HubError) -> [KeyView] {
    try await read("listing the keys") { try KeyBook(session: $0).all() }
  }

  package func change(
    _ site: SiteID,
    _ change: KeyChange,
    at milliseconds: Int64
  ) async throws(HubError) -> [KeyView] {
    try await write("changing the keys of \(site)") { session in
      try KeyBook(session: session).change(site, change, at: milliseconds)
    }
  }
}
