package import Domain

/// An open serial line, as one thread talks over it.
///
/// Its calls block for as long as they say; whoever may not wait uses a thread of its own.
package protocol ModbusWire: AnyObject {
  /// The clock that goes with it.
  var now: Instant { get }
  /// Lets that much time pass.
  func pause(_ time: Duration)
  /// Drops what has come and was not read.
  func discard() throws(PortError)
  /// Sends all bytes.
  func send(_ bytes: [UInt8]) throws(PortError)
  /// Waits for the next bytes.
  ///
  /// - Returns: None where none came within the time.
  func receive(within limit: Duration) throws(PortError) -> [UInt8]
}

/// The pauses that Modbus keeps on a line, by its speed.
package struct ModbusPace: Hashable, Sendable {
  /// The silence between two frames (Modbus over Serial Line 1.02, 2.5.1.1): 3.5 characters of 11
  /// bits; above 19200 baud 1.75 ms.
  package let silence: Duration
  /// One character of 11 bits.
  private let character: Duration

  package init(baud: Int) {
    character = .nanoseconds(11_000_000_000 / Int64(max(1, baud)))
    silence =
      baud > 19200 ? .microseconds(1750) : .nanoseconds(38_500_000_000 / Int64(max(1, baud)))
  }

  /// How long that many bytes are on the line.
  package func time(of count: Int) -> Duration { character * count }
}
