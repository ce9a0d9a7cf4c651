package import Domain

/// Scanners behind a serial line or a virtual one (CDC-ACM): text, ended by a suffix or a pause.
package struct SerialScanner: ScannerProtocol {
  package static let identifier = "serial-scanner"
  package static let title = Text(zh: "串口/虚拟串口扫码枪", en: "scanner on a (virtual) serial port")
  package static let wire = ScannerWire.serial(SerialLine(baud: 9600))

  /// A scanner without a suffix is done after so long without a byte.
  private static let usualGap = Duration.milliseconds(50)

  private let gap: Duration
  private var text: CodeText
  package private(set) var deadline: Instant?

  package init(_ settings: ScannerSettings) {
    gap = settings.gap ?? Self.usualGap
    text = CodeText(settings)
  }

  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [ScannerOutput] {
    guard !bytes.isEmpty else {
      guard let deadline, deadline <= now else { return [] }
      self.deadline = nil
      return text.finish(at: now).map { [$0] } ?? []
    }
    var outputs: [ScannerOutput] = []
    // A cable that is plugged in reads as zeros.
    for byte in bytes where byte != 0 || !text.isEmpty {
      if text.append(byte), let output = text.finish(at: now) { outputs.append(output) }
    }
    deadline = text.isEmpty ? nil : now + gap
    return outputs
  }
}
