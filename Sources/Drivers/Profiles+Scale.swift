internal import Domain
package import StrictYAML

// A scale's samples are replayed when its profile is read, so that one that would weigh wrong is
// never used.

extension ScaleProfile {
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
      scaleProtocol: root.known("protocol", of: ScaleProtocols.all.map { $0.identifier }),
      usb: head.usb
    )
    let kind = ScaleProtocols.named(scaleProtocol)
    line = serialLine(root, kind)
    settings = ScaleSettings(root)
    poll = root.has("poll") ? .milliseconds(root.milliseconds("poll", in: 50...10_000)) : nil
    stability = root.optionalFields("stable").map { StabilityRule($0) } ?? stability
    silence = .milliseconds(root.milliseconds("silence", in: 500...600_000, default: 2000))
    samples = root.list("samples").map { fields in
      let sample = ScaleSample(fields)
      if kind != nil, let mismatch = mismatch(sample) {
        fields.report(
          at: fields.has("text") ? "text" : "bytes",
          "the sample reads as \(mismatch)",
          remedy: "correct the sample, the settings or `protocol`"
        )
      }
      return sample
    }
    checkPolling(root)
    root.finish()
    try document.check()
  }

  private func serialLine(_ root: Fields, _ kind: (any ScaleProtocol.Type)?) -> SerialLine? {
    guard let kind else {
      _ = root.optionalFields("serial")
      return nil
    }
    guard case .serial(let usual) = kind.wire else { return nil }
    return root.optionalFields("serial").map { SerialLine($0, usual: usual) } ?? usual
  }

  private func checkPolling(_ root: Fields) {
    guard poll != nil, let codec = try? codec(), codec.order(for: .weigh) == nil else { return }
    root.report(
      at: "poll",
      "the protocol `\(scaleProtocol)` has no question for the weight",
      remedy: "remove `poll`; the scale sends by itself"
    )
  }

  /// What a sample reads as, where that is not what it says.
  package func mismatch(_ sample: ScaleSample) -> String? {
    var decoder: ScaleDecoder
    do {
      decoder = try self.decoder()
    } catch {
      return "nothing: " + error.trouble(attempted: "replaying", device: "sample").cause
    }
    var now = Instant.zero
    var last: Reading?
    for _ in 0..<sample.times {
      for case .reading(let reading) in decoder.receive(sample.bytes, at: now) { last = reading }
      for case .reading(let reading) in decoder.pause(at: now) { last = reading }
      now = now + .milliseconds(100)
    }
    guard let last else { return sample.state == "none" && sample.grams == nil ? nil : "none" }
    guard last.state.rawValue != sample.state || last.mass?.grams != sample.grams else {
      return nil
    }
    return last.state.rawValue + (last.mass.map { ", \($0)" } ?? ", without a weight")
  }
}

extension ScaleSample {
  /// A state of a reading, or nothing at all.
  private static let states = Reading.State.allCases.map(\.rawValue) + ["none"]

  fileprivate init(_ fields: Fields) {
    let text = fields.optionalString("text")
    self.init(
      bytes: text.map { Array($0.utf8) } ?? fields.hexadecimal("bytes"),
      times: fields.int("times", in: 1...100, default: 1),
      state: fields.known("state", of: Self.states),
      grams: fields.optionalInt("grams", in: -1_000_000_000...1_000_000_000)
    )
    fields.finish()
  }
}

extension ScaleSettings {
  fileprivate init(_ root: Fields) {
    self.init()
    if root.has("unit") { unit = root.choice("unit") }
    if root.has("checksum") { checksum = root.choice("checksum") ?? checksum }
    if let text = root.optionalString("address") {
      if let letter = Self.address(text) {
        address = letter
      } else {
        root.report(at: "address", "`\(text)` is no address", remedy: "write one letter, A to Z")
      }
    }
    if root.has("descriptor") { descriptor = root.hexadecimal("descriptor") }
    guard let zero = root.optionalFields("zero") else { return }
    self.zero =
      zero.has("feature")
      ? .feature(zero.hexadecimal("feature")) : .bytes(zero.hexadecimal("output"))
    zero.finish()
  }
}

extension StabilityRule {
  fileprivate init(_ fields: Fields) {
    self.init(
      frames: fields.int("frames", in: 2...100, default: 5),
      duration: .milliseconds(fields.milliseconds("over", in: 500...10_000, default: 500))
    )
    fields.finish()
  }
}

extension SerialLine {
  /// Reads `{ baud: 9600, framing: 7E1, rs485: true }`; what is missing is as usual.
  package init(_ fields: Fields, usual: SerialLine) {
    self = usual
    baud = fields.int("baud", in: 50...4_000_000, default: usual.baud)
    if let text = fields.optionalString("framing") {
      if let line = SerialLine(baud: baud, framing: text) {
        self = line
      } else {
        fields.report(
          at: "framing",
          "`\(text)` is no framing",
          remedy: "write data bits, parity and stop bits, as 8N1 or 7E1"
        )
      }
    }
    isRS485 = fields.bool("rs485", default: usual.isRS485)
    fields.finish()
  }
}
