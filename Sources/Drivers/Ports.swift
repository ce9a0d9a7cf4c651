package import Domain

/// Why a port did not do what was asked of it.
package enum PortError: Error, Hashable, Sendable {
  /// Nothing that matches is plugged in.
  case absent
  /// It is there, but this process may not open it.
  case denied(path: String)
  /// Another process or driver holds it.
  case busy(path: String)
  /// It was unplugged; the handle is dead.
  case vanished
  /// The device refuses the request (a USB stall).
  case stalled
  /// It is there and speaks something else.
  case unsuitable(reason: String)
  /// The system call of this name failed with this `errno`.
  case io(operation: String, errno: Int32)
}

extension PortError {
  /// The error as a person needs it.
  package func trouble(attempted: String, device: String) -> Trouble {
    let (cause, remedy) = words
    return Trouble(attempted: attempted, device: device, cause: cause, remedy: remedy)
  }

  private var words: (cause: String, remedy: String) {
    switch self {
    case .absent:
      ("nothing that matches is plugged in", "check its cable and power, then `yizhan devices`")
    case .denied(let path):
      (
        "no permission for \(path)",
        "install the udev rules, add the user to group yizhan, then restart it"
      )
    case .busy(let path):
      ("\(path) is in use", "stop the other program; `fuser -v \(path)` names it")
    case .vanished: ("it was unplugged", "plug it in again; it is picked up by itself")
    case .stalled:
      ("it refuses the request", "switch it off and on; if it stays, check its profile")
    case .unsuitable(let reason): (reason, "choose the profile that fits in station.yaml")
    case .io(let operation, let code):
      ("\(operation) failed with errno \(code)", "see `journalctl -u yizhand`, check the cable")
    }
  }
}

/// An open device that sends bytes by itself: a HID device its reports (`hidraw` on Linux), a serial
/// line what it brings, a keyboard its input events (`evdev`).
package protocol DevicePort: Sendable {
  /// The HID report descriptor as the device gave it (HID 1.11, 6.2.2); empty where it is not HID.
  var descriptor: [UInt8] { get }
  /// Waits for the next bytes.
  ///
  /// - Returns: Of a HID device one report, its id first where the descriptor uses ids; of others
  ///   whatever has come; `nil` when nothing came within the time.
  func receive(within limit: Duration) async throws(PortError) -> [UInt8]?
  /// Sends bytes; to a HID device one output report, its id first.
  func send(_ bytes: [UInt8]) async throws(PortError)
  /// Sends a HID feature report, its id first.
  ///
  /// - Throws: `PortError.stalled` where the device is not HID or knows no such report.
  func sendFeature(_ report: [UInt8]) async throws(PortError)
  func close() async
}

extension DevicePort {
  package func sendFeature(_ report: [UInt8]) async throws(PortError) { throw .stalled }
}

/// Opens one configured device, whatever it is connected by.
package struct DeviceOpener: Sendable {
  /// The device for messages, as `scale (USB 0922:8003)`.
  package let label: String
  private let body: @Sendable () async throws(PortError) -> any DevicePort

  /// Takes an opener of one transport.
  package init<Opener: PortOpener>(_ opener: Opener) where Opener.Port: DevicePort {
    label = opener.label
    body = { () async throws(PortError) -> any DevicePort in try await opener.open() }
  }

  /// Opens the device that is plugged in now, whatever node it has got this time.
  package func open() async throws(PortError) -> any DevicePort { try await body() }
}

/// An open printer: bytes out, and a few bytes back where it can.
package protocol PrinterPort: Sendable {
  /// The IEEE 1284 device id as the device gave it, length bytes included; empty where it gave none.
  var deviceID: [UInt8] { get }
  /// Sends bytes.
  ///
  /// - Returns: How many it took within the time: less than asked for is not an error, a printer
  ///   without paper simply stops taking. The caller goes on from there.
  func write(_ bytes: ArraySlice<UInt8>, within limit: Duration) async throws(PortError) -> Int
  /// Waits for bytes from the printer.
  ///
  /// - Returns: Up to `count` bytes; none when nothing came within the time, or the printer has no
  ///   way back.
  func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8]
  func close() async
}

/// Opens the configured printer, whatever it is connected by.
package struct PrinterOpener: PortOpener {
  /// An open printer of whatever transport.
  package struct Port: PrinterPort {
    fileprivate let port: any PrinterPort

    package var deviceID: [UInt8] { port.deviceID }

    package func write(
      _ bytes: ArraySlice<UInt8>,
      within limit: Duration
    ) async throws(PortError) -> Int {
      try await port.write(bytes, within: limit)
    }

    package func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8] {
      try await port.read(upTo: count, within: limit)
    }

    package func close() async { await port.close() }
  }

  package let label: String
  private let body: @Sendable () async throws(PortError) -> any PrinterPort

  /// Takes an opener of one transport.
  package init<Opener: PortOpener>(_ opener: Opener) where Opener.Port: PrinterPort {
    label = opener.label
    body = { () async throws(PortError) -> any PrinterPort in try await opener.open() }
  }

  package func open() async throws(PortError) -> Port { Port(port: try await body()) }
}

/// Finds one configured device and opens it, as often as it comes back.
package protocol PortOpener<Port>: Sendable {
  associatedtype Port: Sendable
  /// The device for messages, as `scale (USB 0922:8003)`.
  var label: String { get }
  /// Opens the device that is plugged in now, whatever node it has got this time.
  func open() async throws(PortError) -> Port
}

/// How a supervised device fares.
package enum DeviceState: Hashable, Sendable {
  case absent
  case opening
  case ready
  /// It works, but something wants attention, as paper.
  case degraded(reason: String)
  case failed(reason: String)

  /// The state in one word, as records and the control socket carry it.
  package var word: String {
    switch self {
    case .absent: "absent"
    case .opening: "opening"
    case .ready: "ready"
    case .degraded: "degraded"
    case .failed: "failed"
    }
  }

  /// Why, where the state has a reason.
  package var detail: String {
    switch self {
    case .degraded(let reason), .failed(let reason): reason
    default: ""
    }
  }
}
