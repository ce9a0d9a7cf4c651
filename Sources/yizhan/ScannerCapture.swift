import Domain
import Drivers

/// What a scanner sent.
struct ScannerCapture: CaptureSource {
  private(set) var tally = CaptureReader.Tally()
  private var decoder: any ScannerProtocol
  /// How many bytes each HID report has; `nil` where bytes come in a stream.
  private let reportLength: Int?
  /// The start of a report.
  private var rest: [UInt8] = []
  private let step: Duration
  private var now = Instant.zero

  init(_ profile: ScannerProfile, _ step: Duration) throws(PortError) {
    decoder = try profile.decoder()
    reportLength = profile.reportLength
    self.step = step
  }

  mutating func take(_ bytes: [UInt8]) -> [CaptureReader.Item] {
    tally.bytes += bytes.count
    return tell(outputs(bytes))
  }

  mutating func finish() -> [CaptureReader.Item] { tell(lastOutputs()) }

  /// What the protocol makes of the next bytes.
  mutating func outputs(_ bytes: [UInt8]) -> [ScannerOutput] {
    guard let reportLength else { return decoder.receive(bytes, at: now) }
    rest += bytes
    var outputs: [ScannerOutput] = []
    var head = 0
    while rest.count - head >= reportLength {
      outputs += decoder.receive(Array(rest[head..<head + reportLength]), at: now)
      head += reportLength
    }
    rest.removeFirst(head)
    return outputs
  }

  /// What it makes of the end.
  mutating func lastOutputs() -> [ScannerOutput] {
    defer { rest = [] }
    var outputs = rest.isEmpty ? [] : decoder.receive(rest, at: now)
    // The pause that ends a code without a suffix.
    if let deadline = decoder.deadline { outputs += decoder.receive([], at: deadline) }
    return outputs
  }

  private mutating func tell(_ outputs: [ScannerOutput]) -> [CaptureReader.Item] {
    outputs.map { output in
      now = now + step
      switch output {
      case .scan(let scan):
        tally.frames += 1
        return .line(scan.line)
      case .dropped(let reason):
        return .remark(Text(zh: "没读成：\(reason)", en: "not read: \(reason)"))
      }
    }
  }
}

extension Scan {
  /// The code as one JSON document, its keys in the order in which people read them.
  package var line: String {
    let text = JSON.string(String(decoding: bytes, as: UTF8.self)).text
    let symbology = symbology.map { JSON.string($0).text } ?? "null"
    return #"{"text":\#(text),"symbology":\#(symbology),"raw":"\#(bytes.hex)"}"#
  }
}
