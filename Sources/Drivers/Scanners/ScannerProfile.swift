internal import Domain
package import StrictYAML

/// Wire bytes of a scanner and the code that they must give.
package struct ScannerSample: Hashable, Sendable {
  package var bytes: [UInt8]
  /// The text of the code; `nil` where nothing is read.
  package var scan: String?
  package var symbology: String?

  package init(bytes: [UInt8], scan: String?, symbology: String? = nil) {
    self.bytes = bytes
    self.scan = scan
    self.symbology = symbology
  }
}

/// A model of barcode scanner (`Devices/scanners/*.yaml`).
package struct ScannerProfile: Hashable, Sendable {
  package var id: String
  package var maker: String
  package var model: String
  /// One of ``ScannerProtocols/all``.
  package var scannerProtocol: String
  package var usb: [USBMatch]
  /// How the maker sets the serial line; `nil` where it has none.
  package var line: SerialLine?
  package var settings: ScannerSettings
  package var samples: [ScannerSample]

  package init(
    id: String,
    maker: String,
    model: String,
    scannerProtocol: String,
    usb: [USBMatch] = [],
    line: SerialLine? = nil,
    settings: ScannerSettings = ScannerSettings(),
    samples: [ScannerSample] = []
  ) {
    self.id = id
    self.maker = maker
    self.model = model
    self.scannerProtocol = scannerProtocol
    self.usb = usb
    self.line = line
    self.settings = settings
    self.samples = samples
  }

  /// What it is connected by; HID where the protocol is not known.
  package var wire: ScannerWire { ScannerProtocols.named(scannerProtocol)?.wire ?? .hid }

  /// A decoder for one opened scanner of this model.
  ///
  /// - Parameter descriptor: Its own HID report descriptor; empty for that of the profile.
  /// - Returns: A decoder that has seen nothing yet.
  /// - Throws: `PortError.unsuitable` where the scanner is not of this protocol.
  package func decoder(descriptor: [UInt8] = []) throws(PortError) -> any ScannerProtocol {
    guard let kind = ScannerProtocols.named(scannerProtocol) else {
      throw .unsuitable(reason: "no protocol is called `\(scannerProtocol)`")
    }
    var settings = settings
    if !descriptor.isEmpty { settings.descriptor = descriptor }
    return try kind.init(settings)
  }

  /// What a sample reads as, where that is not what it says.
  package func mismatch(_ sample: ScannerSample) -> String? {
    var decoder: any ScannerProtocol
    do {
      decoder = try self.decoder()
    } catch {
      return "nothing: " + error.trouble(attempted: "replaying", device: "sample").cause
    }
    var outputs: [ScannerOutput] = []
    for piece in pieces(of: sample.bytes) { outputs += decoder.receive(piece, at: .zero) }
    if let deadline = decoder.deadline { outputs += decoder.pause(at: deadline) }
    let told = outputs.map { output in
      switch output {
      case .scan(let scan): Self.words(String(decoding: scan.bytes, as: UTF8.self), scan.symbology)
      case .dropped(let reason): "none (\(reason))"
      }
    }
    guard let text = sample.scan else {
      let isScan = outputs.contains { if case .scan = $0 { true } else { false } }
      return isScan ? told.joined(separator: "; ") : nil
    }
    guard told != [Self.words(text, sample.symbology)] else { return nil }
    return told.isEmpty ? "none" : told.joined(separator: "; ")
  }

  private static func words(_ text: String, _ symbology: String?) -> String {
    text + (symbology.map { ", \($0)" } ?? "")
  }

  /// How many bytes a HID report of it has, the longest where there are several, with its id.
  ///
  /// `nil` where bytes come in a stream.
  package var reportLength: Int? {
    guard wire == .hid, let descriptor = ReportDescriptor(settings.descriptor) else { return nil }
    let bits = descriptor.bits.filter { $0.key.kind == .input }.values.max() ?? 0
    return bits > 0 ? (bits + 7) / 8 + (descriptor.usesReportIDs ? 1 : 0) : nil
  }

  /// HID takes a report at a time: a sample of several has them one behind the other.
  private func pieces(of bytes: [UInt8]) -> [[UInt8]] {
    guard let length = reportLength else { return [bytes] }
    return stride(from: 0, to: bytes.count, by: length).map { start in
      Array(bytes[start..<min(start + length, bytes.count)])
    }
  }
}

extension ScannerProfile {
  /// Reads a profile and replays its samples.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the profile's id.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    let head = ProfileHead(root, file: file)
    self.init(
      id: head.id,
      maker: head.maker,
      model: head.model,
      scannerProtocol: root.known("protocol", of: ScannerProtocols.all.map { $0.identifier }),
      usb: head.usb
    )
    readWire(root)
    if root.has("prefix") { settings.prefix = root.hexadecimal("prefix") }
    let isKnown = ScannerProtocols.named(scannerProtocol) != nil
    samples = root.list("samples").map { fields in
      let sample = ScannerSample(fields)
      if isKnown, let mismatch = mismatch(sample) {
        fields.report(
          at: "scan",
          "the sample reads as \(mismatch)",
          remedy: "correct the sample, the settings or `protocol`"
        )
      }
      return sample
    }
    root.finish()
    try document.check()
  }

  /// What only scanners of one kind of wire have.
  private mutating func readWire(_ root: Fields) {
    let kind = ScannerProtocols.named(scannerProtocol)
    if case .serial(let usual)? = kind?.wire {
      line = root.optionalFields("serial").map { SerialLine($0, usual: usual) } ?? usual
    } else if kind == nil {
      _ = root.optionalFields("serial")
    }
    // A report says itself how long its code is.
    if kind?.wire != .hid {
      if root.has("suffix") { settings.suffixes = [root.hexadecimal("suffix")] }
      if root.has("gap") { settings.gap = .milliseconds(root.milliseconds("gap", in: 20...2000)) }
    }
    guard wire == .hid else { return }
    if root.has("descriptor") { settings.descriptor = root.hexadecimal("descriptor") }
    if root.has("start") { settings.start = root.hexadecimal("start") }
  }
}

extension ScannerSample {
  fileprivate init(_ fields: Fields) {
    let scan = fields.string("scan")
    self.init(
      bytes: Self.bytes(fields),
      scan: scan == "none" ? nil : scan,
      symbology: fields.optionalString("symbology")
    )
    fields.finish()
  }

  private static func bytes(_ fields: Fields) -> [UInt8] {
    if let text = fields.optionalString("text") { return Array(text.utf8) }
    guard let keys = fields.optionalString("keys") else { return fields.hexadecimal("bytes") }
    var events: [UInt8] = []
    for (index, word) in keys.split(separator: " ").enumerated() {
      guard let code = UInt16(word.dropLast()), word.last == "d" || word.last == "u" else {
        fields.report(
          at: "keys",
          "`\(word)` is no key",
          remedy: "write the kernel's code with d for down and u for up: 28d 28u"
        )
        return []
      }
      events += event(code, isDown: word.last == "d", milliseconds: index * 5)
    }
    return events
  }

  /// An event of a key and the report that ends it.
  private static func event(_ code: UInt16, isDown: Bool, milliseconds: Int) -> [UInt8] {
    let number = { (value: UInt64, count: Int) in
      (0..<count).map { UInt8(truncatingIfNeeded: value >> UInt64(8 * $0)) }
    }
    let time = number(0, 8) + number(UInt64(milliseconds) * 1000, 8)
    return time + number(1, 2) + number(UInt64(code), 2) + number(isDown ? 1 : 0, 4)
      + time + number(0, 8)
  }
}
