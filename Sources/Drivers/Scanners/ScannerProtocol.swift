package import Domain

/// How a barcode scanner (扫码枪) talks: a value that turns what comes into scans.
///
/// A protocol is one file and one line in ``ScannerProtocols/all``.
package protocol ScannerProtocol: Sendable {
  /// The name that profiles use, as `hid-pos-scanner`.
  static var identifier: String { get }
  /// What it is, for lists.
  static var title: Text { get }
  /// What it is connected by unless a profile says otherwise.
  static var wire: ScannerWire { get }
  /// Prepares for one opened scanner.
  ///
  /// - Throws: `PortError.unsuitable` where its report descriptor is not of this kind.
  init(_ settings: ScannerSettings) throws(PortError)
  /// Takes what came: of HID exactly one report, of others any bytes; none at all are a pause.
  mutating func receive(_ bytes: [UInt8], at now: Instant) -> [ScannerOutput]
  /// When ``pause(at:)`` must be called if nothing more comes; `nil` while nothing is begun.
  var deadline: Instant? { get }
}

extension ScannerProtocol {
  /// Says that nothing has come up to now: a code may be over, or its rest be missing.
  package mutating func pause(at now: Instant) -> [ScannerOutput] { receive([], at: now) }
}

/// What a scanner is connected by.
package enum ScannerWire: Hashable, Sendable {
  /// USB HID of usage page 8C: each report on its own.
  case hid
  /// A keyboard (键盘模式): input events of the kernel.
  case keyboard
  /// A serial line, or a USB device that stands for one.
  case serial(SerialLine)
}

/// One code that was read.
package struct Scan: Hashable, Sendable {
  package var bytes: [UInt8]
  /// What kind of code it is, as AIM has it (`]C0` is Code 128); `nil` where the scanner is mute.
  package var symbology: String?
  package var at: Instant

  package init(bytes: [UInt8], symbology: String?, at: Instant) {
    self.bytes = bytes
    self.symbology = symbology
    self.at = at
  }
}

/// What came of the bytes of a scanner.
package enum ScannerOutput: Hashable, Sendable {
  case scan(Scan)
  /// Something came that cannot be used; the reason is for the technician.
  case dropped(reason: String)
}

/// What a protocol must know of one scanner; the profile says it.
package struct ScannerSettings: Hashable, Sendable {
  /// What ends a code at nearly all scanners: CR LF, CR, LF or TAB.
  package static let usualSuffixes: [[UInt8]] = [[0x0D, 0x0A], [0x0D], [0x0A], [0x09]]

  /// What the scanner puts before each code, and is taken off.
  package var prefix: [UInt8]
  /// What ends a code, each of them; only where these are not the usual ones is one obligatory.
  package var suffixes: [[UInt8]]
  /// A pause that ends a code; `nil` for that of the protocol.
  package var gap: Duration?
  /// The HID report descriptor.
  package var descriptor: [UInt8]
  /// A HID feature report, its id first, without which it sends nothing; empty where none is needed.
  package var start: [UInt8]

  package init(
    prefix: [UInt8] = [],
    suffixes: [[UInt8]] = usualSuffixes,
    gap: Duration? = nil,
    descriptor: [UInt8] = [],
    start: [UInt8] = []
  ) {
    self.prefix = prefix
    self.suffixes = suffixes
    self.gap = gap
    self.descriptor = descriptor
    self.start = start
  }

  /// Whether a code without its suffix has lost its end.
  var needsSuffix: Bool { suffixes != Self.usualSuffixes }

  /// Takes the prefix off, if it is there.
  func stripped(_ bytes: [UInt8]) -> [UInt8] {
    bytes.starts(with: prefix) ? Array(bytes.dropFirst(prefix.count)) : bytes
  }
}

/// Every protocol that a scanner's profile may name.
package enum ScannerProtocols {
  package static let all: [any ScannerProtocol.Type] = [
    HIDScanner.self, KeyboardWedge.self, SerialScanner.self,
  ]

  package static func named(_ identifier: String) -> (any ScannerProtocol.Type)? {
    all.first { $0.identifier == identifier }
  }
}
