/// A way to the hub.
package protocol Uplink: Sendable {
  /// Delivers a batch; delivering it again changes nothing.
  ///
  /// - Returns: What the hub holds, after its commit.
  func deliver(_ batch: Batch) async throws(UplinkError) -> Receipt

  /// How many bytes have gone over the wire so far, both ways; 0 where nobody pays for them.
  var bytesMoved: Int64 { get }
}

extension Uplink {
  package var bytesMoved: Int64 { 0 }
}

/// Why a batch was not delivered.
///
/// Nothing is lost: the ledger keeps it.
package enum UplinkError: Error, Hashable, Sendable, CustomStringConvertible {
  /// No connection came about, or it broke.
  case unreachable(cause: String)
  case timedOut
  /// The hub answered that it does not take this batch.
  case refused(status: Int, detail: String)
  /// The hub asks for patience.
  case busy(retryAfter: Duration?)
  /// Something answered that does not speak as a hub does.
  case badAnswer(cause: String)
  /// The station has no key to sign with.
  case noKey(StationKeyError)
  /// The hub does not know the station's key, or has revoked it.
  case notEnrolled(detail: String)
  /// The caller's task was cancelled.
  case cancelled

  package var description: String {
    let cause =
      switch self {
      case .unreachable(let cause): "the hub cannot be reached: \(cause)"
      case .timedOut: "the hub did not answer in time"
      case .refused(let status, let detail): "the hub refused the batch (\(status)): \(detail)"
      case .busy: "the hub is busy"
      case .badAnswer(let cause): "what answered is not a hub: \(cause)"
      case .noKey(let error): "\(error.attempted): \(error.cause)"
      case .notEnrolled(let detail): "the hub does not take this box: \(detail)"
      case .cancelled: "the delivery was cancelled"
      }
    return "delivering a batch: \(cause); next: \(remedy)"
  }

  /// What to do next.
  package var remedy: String {
    switch self {
    case .unreachable: "check the link, the hub's address and its certificate; records are kept"
    case .timedOut: "nothing; smaller batches are tried"
    case .refused(let status, _) where status == 413: "nothing; smaller batches are tried"
    case .refused: "compare the site's identity and the versions of station and hub"
    case .busy: "nothing; it is tried again later"
    case .badAnswer: "check the hub's address, and whether a log-in page of the network answers"
    case .noKey(let error): error.remedy
    case .notEnrolled: "`yizhan enroll`, and let the hub's operator approve that key"
    case .cancelled: "nothing"
    }
  }
}
