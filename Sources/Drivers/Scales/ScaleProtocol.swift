package import Domain

/// How a scale talks: a value that turns bytes into readings, without input or output of its own.
///
/// A protocol is one file and one line in ``ScaleProtocols/all``.
package protocol HIDScaleProtocol: Sendable {
  /// The name that profiles use, as `hid-pos`.
  static var identifier: String { get }
  /// Prepares for one opened device.
  ///
  /// - Throws: `PortError.unsuitable` where its report descriptor is not of this kind.
  init(descriptor: [UInt8]) throws(PortError)
  /// Reads one input report.
  ///
  /// - Returns: `nil` where the report carries no weight.
  func reading(of report: [UInt8], at instant: Instant) -> Reading?
}

/// Every protocol that a scale's profile may name.
package enum ScaleProtocols {
  package static let all: [any HIDScaleProtocol.Type] = [HIDPointOfSale.self]

  package static func named(_ identifier: String) -> (any HIDScaleProtocol.Type)? {
    all.first { $0.identifier == identifier }
  }
}
