package import Domain
package import Drivers

/// What a scale sent.
struct ScaleCapture: CaptureSource {
  private(set) var tally = CaptureReader.Tally()
  private var decoder: ScaleDecoder
  private let step: Duration
  private var now = Instant.zero

  init(_ profile: ScaleProfile, _ step: Duration) throws(PortError) {
    decoder = try profile.decoder(isCapture: true)
    self.step = step
  }

  mutating func take(_ bytes: [UInt8]) -> [CaptureReader.Item] {
    tally.bytes += bytes.count
    var items: [CaptureReader.Item] = []
    // Byte by byte: each frame has a time of its own.
    for byte in bytes { items += tell(decoder.receive([byte], at: now)) }
    note()
    return items
  }

  mutating func finish() -> [CaptureReader.Item] {
    let items = tell(decoder.pause(at: now))
    note()
    return items
  }

  private mutating func note() {
    tally.blanks = decoder.blanks
    tally.strays = decoder.noise
    tally.firstStray = decoder.firstNoise
  }

  private mutating func tell(_ outputs: [ScaleDecoder.Output]) -> [CaptureReader.Item] {
    outputs.map { output in
      tally.frames += 1
      now = now + step
      return CaptureReader.Item(output)
    }
  }
}

extension CaptureReader.Item {
  init(_ output: ScaleDecoder.Output) {
    switch output {
    case .reading(let reading): self = .line(reading.line)
    case .answer(let request, .done):
      self = .remark(Text(zh: "\(request.zh)：已执行", en: "\(request.rawValue): done"))
    case .answer(let request, .refused(let reason)):
      self = .remark(
        Text(zh: "\(request.zh)：拒绝，\(reason)", en: "\(request.rawValue): refused, \(reason)")
      )
    case .answer(let request, .unanswered):
      self = .remark(Text(zh: "\(request.zh)：没有回答", en: "\(request.rawValue): not answered"))
    case .restarted:
      self = .remark(Text(zh: "秤重新开机了", en: "the scale was switched on or reset"))
    case .notUnderstood:
      self = .remark(
        Text(zh: "秤没听懂收到的命令", en: "the scale did not understand what it was sent")
      )
    case .proceed(let bytes):
      self = .remark(
        Text(zh: "这里本机会发送 \(bytes.hex)", en: "here the station would send \(bytes.hex)")
      )
    }
  }
}

extension Reading {
  /// The reading as one JSON document, its keys in the order in which people read them.
  package var line: String {
    let grams = mass.map { String($0.grams) } ?? "null"
    return #"{"grams":\#(grams),"state":"\#(state.rawValue)","raw":"\#(raw.hex)"}"#
  }
}

extension ScaleRequest {
  /// As technicians say it.
  package var zh: String {
    switch self {
    case .weigh: "称重"
    case .stream: "连续发送"
    case .zero: "置零"
    case .tare: "去皮"
    case .clearTare: "清皮"
    }
  }
}
