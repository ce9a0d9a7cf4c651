package import Domain
package import Drivers

/// Reads what a device sent, as it was captured, and tells what it meant.
///
/// A capture has no times: frames are taken to come at a steady rate.
package struct CaptureReader: Sendable {
  /// Something to tell, in the order of the bytes.
  package enum Item: Hashable, Sendable {
    /// For standard output: one JSON document.
    case line(String)
    /// For people beside it.
    case remark(Text)
  }

  /// What there was.
  package struct Tally: Hashable, Sendable {
    package var bytes = 0
    /// Frames that told something.
    package var frames = 0
    /// Whole frames that told nothing: a tare, a handshake, what another scale said.
    package var blanks = 0
    /// Bytes that are in no frame.
    package var strays = 0
    /// Where the first of those stands, from 0.
    package var firstStray: Int?

    package init() {}
  }

  private var source: any CaptureSource

  /// Prepares to read from the first byte.
  ///
  /// - Parameters:
  ///   - format: As what the bytes are read.
  ///   - rate: How many frames came each second, 1 and up.
  /// - Throws: `PortError.unsuitable` where the settings, as a report descriptor, do not fit.
  package init(_ format: CaptureFormat, rate: Int = 8) throws(PortError) {
    let step = Duration.nanoseconds(1_000_000_000 / Int64(rate))
    switch format {
    case .scale(let profile): source = try ScaleCapture(profile, step)
    case .scanner(let profile): source = try ScannerCapture(profile, step)
    }
  }

  package var tally: Tally { source.tally }

  /// Takes the next bytes.
  package mutating func take(_ bytes: [UInt8]) -> [Item] { source.take(bytes) }

  /// Ends the capture: the last frame needs no successor.
  package mutating func finish() -> [Item] { source.finish() }
}

/// A capture of one kind of device.
protocol CaptureSource: Sendable {
  var tally: CaptureReader.Tally { get }
  mutating func take(_ bytes: [UInt8]) -> [CaptureReader.Item]
  mutating func finish() -> [CaptureReader.Item]
}
