package import Domain

/// Scanners behind a serial line or a virtual one (CDC-ACM): text, ended by CR, LF or a pause.
package struct SerialScanner: ScannerProtocol {
  package static let identifier = "serial-scanner"
  package static let title = Text(zh: "串口/虚拟串口扫码枪", en: "scanner on a (virtual) serial port")
  package static let wire = ScannerWire.serial(SerialLine(baud: 9600))

  /// A scanner without a suffix is done after so long without a byte.
  private static let gap = Duration.milliseconds(50)
  /// More than the largest QR code holds (ISO/IEC 18004, version 40-L: 4296 characters).
  private static let longest = 4296

  private let settings: ScannerSettings
  private var text: [UInt8] = []
  private var isTooLong = false
  package private(set) var deadline: Instant?

  package init(_ settings: ScannerSettings) {
    self.settings = settings
  }

  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [ScannerOutput] {
    var outputs: [ScannerOutput] = []
    if bytes.isEmpty, let deadline, deadline <= now { finish(at: now, &outputs) }
    for byte in bytes {
      if byte == 0x0D || byte == 0x0A {
        finish(at: now, &outputs)
      } else if text.count < Self.longest {
        text.append(byte)
      } else {
        isTooLong = true
      }
    }
    deadline = text.isEmpty ? nil : bytes.isEmpty ? deadline : now + Self.gap
    return outputs
  }

  private mutating func finish(at now: Instant, _ outputs: inout [ScannerOutput]) {
    defer {
      text.removeAll(keepingCapacity: true)
      isTooLong = false
      deadline = nil
    }
    guard !isTooLong else {
      outputs.append(.dropped(reason: "a scan of more than \(Self.longest) bytes"))
      return
    }
    // The LF of CR LF ends nothing.
    guard !text.isEmpty else { return }
    let (code, symbology) = AIMPrefix.split(settings.stripped(text))
    outputs.append(.scan(Scan(bytes: code, symbology: symbology, at: now)))
  }
}

/// The identifier of the symbology that some scanners put before a code (ISO/IEC 15424).
enum AIMPrefix {
  /// Takes `]` with a letter and a digit off the front.
  static func split(_ bytes: [UInt8]) -> (code: [UInt8], symbology: String?) {
    guard bytes.count > 3, bytes[0] == UInt8(ascii: "]"), isLetter(bytes[1]), isModifier(bytes[2])
    else { return (bytes, nil) }
    return (Array(bytes.dropFirst(3)), String(decoding: bytes.prefix(3), as: UTF8.self))
  }

  private static func isLetter(_ byte: UInt8) -> Bool { (0x41...0x5A).contains(byte & 0xDF) }

  /// The modifier counts on from 9 with letters.
  private static func isModifier(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte & 0xDF)
  }
}
