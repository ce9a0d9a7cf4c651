import Domain
package import Logging
package import Uplink

/// Why a batch was not taken in, whichever way it came.
package enum BatchRefusal: Error, Hashable, Sendable, CustomStringConvertible {
  /// The signature does not belong to these bytes.
  case altered
  case unknownKey(VerificationKey, isNoted: Bool)
  case replacedKey(VerificationKey)
  case revokedKey(VerificationKey)
  case tooLarge
  case malformed(String)

  package var description: String {
    switch self {
    case .altered: "the signature does not fit: the batch was altered, or is of another site"
    case .unknownKey(let key, true): "nobody has approved the key \(key.fingerprint) yet"
    case .unknownKey(let key, false):
      "nobody has approved the key \(key.fingerprint), and the list of waiting keys is full"
    case .replacedKey(let key): "another box has taken the place of \(key.fingerprint)"
    case .revokedKey(let key): "the key \(key.fingerprint) was revoked"
    case .tooLarge: "the batch exceeds \(Reception.mostInflatedBytes) bytes inflated"
    case .malformed(let cause): cause
    }
  }

  package var remedy: String {
    switch self {
    case .altered: "send the batch anew; where it repeats, look for who changes it on the way"
    case .unknownKey, .replacedKey, .revokedKey:
      "compare the fingerprint with `yizhan enroll` at the station, then `yizhan-hub approve` or"
        + " `yizhan-hub replace`"
    case .tooLarge: "send smaller batches"
    case .malformed: "send one lane of one epoch of one site as a CloudEvents batch"
    }
  }
}

/// Takes batches in: proof first, then who it is, and only then what it says.
package struct Reception: Sendable {
  /// The most bytes of a body as it arrives.
  package static let mostBytes = 1 << 20
  /// The most bytes of a body once inflated.
  package static let mostInflatedBytes = 4 << 20

  private let store: any HubStore & KeyRegistry
  private let logger: Logger
  private let now: @Sendable () -> Int64

  /// - Parameters:
  ///   - store: Where batches and keys are kept.
  ///   - logger: Told of what an operator should look at.
  ///   - now: The hub's time in milliseconds since 1970.
  package init(
    store: any HubStore & KeyRegistry,
    logger: Logger,
    now: @escaping @Sendable () -> Int64
  ) {
    self.store = store
    self.logger = logger
    self.now = now
  }

  /// Checks a batch and reads it; costs no memory beyond the limits, whatever was sent.
  ///
  /// - Throws: ``BatchRefusal`` or ``HubError``.
  package func open(_ signed: SignedBatch) async throws -> IncomingBatch {
    guard signed.isGenuine else { throw BatchRefusal.altered }
    let admission = try await store.admit(
      signed.key,
      for: signed.head.site,
      epoch: signed.head.epoch,
      at: now()
    )
    switch admission {
    case .granted: break
    case .unknown(let isNoted):
      throw BatchRefusal.unknownKey(signed.key, isNoted: isNoted)
    case .replaced: throw BatchRefusal.replacedKey(signed.key)
    case .revoked: throw BatchRefusal.revokedKey(signed.key)
    }
    do {
      return try IncomingBatch(signed.head, json: signed.json(limit: Self.mostInflatedBytes))
    } catch Gzip.Failure.tooLarge {
      throw BatchRefusal.tooLarge
    } catch let refusal as IncomingBatch.Refusal {
      throw BatchRefusal.malformed(refusal.description)
    } catch {
      throw BatchRefusal.malformed("the body is not one gzip member")
    }
  }

  /// Stores a batch.
  ///
  /// - Returns: What is held now; it is durable.
  package func store(_ batch: IncomingBatch) async throws(HubError) -> Receipt {
    let receipt = try await store.accept(batch, at: now())
    let place = "\(batch.site) \(batch.epoch) \(batch.lane.rawValue)"
    if !receipt.quarantined.isEmpty {
      logger.warning("\(place): rows that cannot be read: \(receipt.quarantined)")
    }
    if !receipt.conflicts.isEmpty {
      logger.critical(
        "\(place): a second history under \(receipt.conflicts): a cloned or restored card"
      )
    }
    return receipt
  }
}
