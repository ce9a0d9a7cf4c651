package import Domain
package import Drivers

/// Reads single reports of a HID scale, as a session would.
package struct HIDReader: Sendable {
  private let codec: HIDPointOfSale

  package init(descriptor: [UInt8]) throws(PortError) {
    codec = try HIDPointOfSale(ScaleSettings(descriptor: descriptor))
  }

  /// The reading of one report; `nil` where it carries none.
  package func reading(of report: [UInt8], at now: Instant) -> Reading? {
    var decoder = ScaleDecoder(codec, line: nil)
    for case .reading(let reading) in decoder.receive(report, at: now) { return reading }
    return nil
  }
}
