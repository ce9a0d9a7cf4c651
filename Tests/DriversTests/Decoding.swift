import Domain
import Drivers
import TestSupport
import Testing

/// What a protocol makes of bytes, in words short enough for tables of vectors.
///
/// `stable 1234`, `moving -12`, `over`, `fault`; `tare done`, `zero refused`; `restarted`,
/// `not understood`, `proceed 11`.
struct Decoding {
  /// Every single frame of a protocol without a sign of rest counts as stable.
  static let trusting = StabilityRule(frames: 1, duration: .zero)

  private let codec: any ScaleProtocol
  private let line: SerialLine?
  private let rule: StabilityRule

  init<Codec: ScaleProtocol>(
    _ kind: Codec.Type,
    _ settings: ScaleSettings = ScaleSettings(),
    rule: StabilityRule = trusting
  ) throws {
    codec = try kind.init(settings)
    self.rule = rule
    line = if case .serial(let line) = kind.wire { line } else { nil }
  }

  static func hex(_ text: String) -> [UInt8] {
    text.split { $0 == " " || $0 == "\n" }.compactMap { UInt8($0, radix: 16) }
  }

  func order(_ request: ScaleRequest) -> ScaleOrder? { codec.order(for: request) }

  /// What single frames say, for what grams cannot show.
  func match(_ bytes: [UInt8], startsLine: Bool = true, isLast: Bool = false) -> FrameMatch {
    codec.match(bytes.span, FramePlace(startsLine: startsLine, isLast: isLast))
  }

  /// What comes out of pieces that arrive one after the other, and a pause.
  func words(of pieces: [[UInt8]]) -> [String] {
    outputs(of: pieces).map(Self.word)
  }

  func words(of bytes: [UInt8]) -> [String] { words(of: [bytes]) }

  func words(of text: String) -> [String] { words(of: Array(text.utf8)) }

  func outputs(of pieces: [[UInt8]]) -> [ScaleDecoder.Output] {
    var decoder = decoder
    var outputs: [ScaleDecoder.Output] = []
    var now = Instant.zero
    for piece in pieces {
      outputs += decoder.receive(piece, at: now)
      now = now + .milliseconds(1)
    }
    return outputs + decoder.pause(at: now)
  }

  /// Expects the same words in one piece, cut in two at every place, and byte by byte.
  func expect(
    _ bytes: [UInt8],
    _ words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) {
    let whole = self.words(of: [bytes])
    #expect(whole == words, "\(bytes)", sourceLocation: sourceLocation)
    for cut in bytes.indices.dropFirst() {
      let halves = self.words(of: [Array(bytes[..<cut]), Array(bytes[cut...])])
      #expect(halves == whole, "cut at \(cut) of \(bytes)", sourceLocation: sourceLocation)
    }
    let drops = self.words(of: bytes.map { [$0] })
    #expect(drops == whole, "byte by byte: \(bytes)", sourceLocation: sourceLocation)
  }

  /// Expects what every protocol must keep, of frames, of pieces of them, and of anything.
  func expectSoundness(around frames: [[UInt8]], seed: UInt64, rounds: Int = 400) {
    var dice = Dice(seed: seed)
    for round in 0..<rounds {
      var bytes: [UInt8] = []
      for _ in 0...dice.roll(0...2) {
        bytes +=
          dice.roll(0...4) == 0 ? dice.bytes(dice.roll(0...12)) : frames[round % frames.count]
      }
      for _ in 0..<dice.roll(0...2) where !bytes.isEmpty {
        bytes[dice.roll(0...bytes.count - 1)] = UInt8(dice.roll(0...255))
      }
      if !bytes.isEmpty { bytes.removeFirst(dice.roll(0...min(8, bytes.count - 1))) }
      guard !bytes.isEmpty else { continue }
      let startsLine = dice.roll(0...1) == 0
      let sound = isSound(bytes, startsLine: startsLine)
      #expect(sound, "seed \(seed), round \(round): \(bytes)")
    }
  }

  /// A frame lies within the bytes, and more bytes never change what was already said.
  private func isSound(_ bytes: [UInt8], startsLine: Bool) -> Bool {
    let whole = match(bytes, startsLine: startsLine)
    for count in 1...bytes.count {
      let head = Array(bytes[..<count])
      if case .frame(let length, _) = match(head, startsLine: startsLine, isLast: true),
        !(1...count).contains(length)
      {
        return false
      }
      let early = match(head, startsLine: startsLine)
      if case .frame(let length, _) = early, !(1...count).contains(length) { return false }
      if early != .incomplete, early != whole { return false }
    }
    return true
  }

  private var decoder: ScaleDecoder {
    func open<Codec: ScaleProtocol>(_ codec: Codec) -> ScaleDecoder {
      ScaleDecoder(codec, line: line, rule: rule)
    }
    return open(codec)
  }

  private static func word(_ output: ScaleDecoder.Output) -> String {
    switch output {
    case .reading(let reading):
      reading.mass.map { "\(reading.state) \($0.grams)" } ?? "\(reading.state)"
    case .answer(let request, .done): "\(request.rawValue) done"
    case .answer(let request, .refused): "\(request.rawValue) refused"
    case .answer(let request, .unanswered): "\(request.rawValue) unanswered"
    case .restarted: "restarted"
    case .notUnderstood: "not understood"
    case .proceed(let bytes):
      "proceed " + bytes.map { String($0, radix: 16) }.joined(separator: " ")
    }
  }
}
