package import Drivers
internal import Synchronization

/// Opens a label printer on a serial line (串口打印机).
///
/// Nothing holds a printer back there but its own buffer, which must take a whole label: without
/// flow control the line is faster than the paper.
package struct SerialPrinterOpener: PortOpener {
  private let line: SerialOpener

  package init(_ line: SerialOpener) {
    self.line = line
  }

  package var label: String { line.label }

  package func open() async throws(PortError) -> SerialPrinter {
    SerialPrinter(try await line.open())
  }
}

/// An open label printer on a serial line; it has no IEEE 1284 device id.
package final class SerialPrinter: PrinterPort {
  private let device: StreamDevice
  /// What came and nobody has read.
  private let received = Mutex<[UInt8]>([])

  init(_ device: StreamDevice) {
    self.device = device
  }

  package var deviceID: [UInt8] { [] }

  package func write(
    _ bytes: ArraySlice<UInt8>,
    within limit: Duration
  ) async throws(PortError) -> Int {
    try await device.write(Array(bytes), within: limit)
  }

  package func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8] {
    if received.withLock(\.isEmpty), let bytes = try await device.receive(within: limit) {
      received.withLock { $0 += bytes }
    }
    return received.withLock { received in
      defer { received.removeFirst(min(count, received.count)) }
      return Array(received.prefix(count))
    }
  }

  package func close() async { await device.close() }
}
