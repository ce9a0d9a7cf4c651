import Domain
import Drivers

/// Feeds noise and then good frames to the protocol of a scale.
struct ScaleFuzz: CodecFuzz {
  private let kind: any ScaleProtocol.Type
  private let specimens: Specimens

  init(_ kind: any ScaleProtocol.Type, _ specimens: Specimens) {
    self.kind = kind
    self.specimens = specimens
    // The specimens must mean what they say, or nothing below would be proven.
    for frame in specimens.frames {
      var tap = tap(ScaleSettings(descriptor: specimens.descriptor), isFlipped: false)
      tap?.receive(good: [frame, frame, frame])
      let meanings = tap?.readings.map { "\($0.mass?.grams ?? 0)" } ?? []
      require(meanings == [frame.meaning, frame.meaning, frame.meaning]) {
        "the specimen \(frame.meaning) of the corpus reads as \(meanings)"
      }
    }
  }

  func run(_ input: inout FuzzInput) {
    let (settings, isFlipped) = settings(&input)
    let frames = specimens.three(input.byte())
    let pieces = input.pieces()
    guard var noisy = tap(settings, isFlipped: isFlipped) else { return }
    for piece in pieces {
      noisy.receive(piece.bytes)
      if piece.hasPause { noisy.pause() }
    }
    if kind.wire != .hid, pieces.count > 1, !pieces.contains(where: \.hasPause) {
      compare(noisy, withWhole: pieces.flatMap(\.bytes))
    }
    var clean = noisy.anew
    let (flowing, found) = noisy.receive(good: frames)
    let expected = clean.receive(good: frames)
    // Where the settings do not fit the specimens, there is nothing to find again.
    guard expected.all.count == 3 else { return }
    require(found.suffix(2) == expected.all.suffix(2)) {
      "after the noise \(found), without it \(expected.all)"
    }
    // A scale that sends without a pause must be read again as soon.
    let soon = expected.flowing.dropFirst()
    require(flowing.suffix(soon.count) == soon) {
      "after the noise at once \(flowing), without it \(expected.flowing)"
    }
  }

  /// However the bytes are cut, they mean the same.
  private func compare(_ cut: Tap, withWhole bytes: [UInt8]) {
    var (cut, whole) = (cut, cut.anew)
    whole.receive(bytes)
    whole.pause()
    cut.pause()
    require(cut.outputs == whole.outputs) { "cut \(cut.outputs), whole \(whole.outputs)" }
  }

  /// What a profile may set, from one byte; a descriptor of a HID scale may be made up too.
  private func settings(_ input: inout FuzzInput) -> (ScaleSettings, isFlipped: Bool) {
    let choice = input.byte()
    let checksums: [ScaleSettings.Checksum] = [.either, .required, .absent, .either]
    let units: [WeightUnit?] = [nil, .kilogram, .gram, .pound]
    var settings = ScaleSettings(
      unit: units[Int(choice >> 2) & 3],
      checksum: checksums[Int(choice) & 3],
      address: UInt8(ascii: choice & 0x20 == 0 ? "A" : "B"),
      descriptor: specimens.descriptor
    )
    if kind.wire == .hid, choice & 0x40 != 0 {
      settings.descriptor = input.bytes(Int(input.byte()))
    }
    return (settings, choice & 0x10 != 0)
  }

  /// - Returns: `nil` where the protocol cannot work with the settings, as a descriptor made up.
  private func tap(_ settings: ScaleSettings, isFlipped: Bool) -> Tap? {
    guard let codec = try? kind.init(settings) else { return nil }
    for request in ScaleRequest.allCases { _ = codec.order(for: request) }
    guard case .serial(var line) = kind.wire else { return Tap(codec, nil) }
    if isFlipped { line.dataBits = 15 - line.dataBits }
    return Tap(codec, line)
  }
}

/// A decoder under watch: after each piece everything that must hold is looked at.
private struct Tap {
  /// All outputs; their times are left out, so that they can be compared.
  private(set) var outputs: [ScaleDecoder.Output] = []

  private let codec: any ScaleProtocol
  private let line: SerialLine?
  private var decoder: ScaleDecoder
  /// What the decoder keeps, of a line with 7 data bits without the eighth.
  private var waiting: [UInt8] = []
  private var now = Instant.zero

  init(_ codec: any ScaleProtocol, _ line: SerialLine?) {
    self.codec = codec
    self.line = line
    decoder = ScaleDecoder(
      codec,
      line: line,
      // Every frame of a protocol without a sign of rest counts.
      rule: StabilityRule(frames: 1, duration: .zero)
    )
  }

  /// The same before the first byte.
  var anew: Tap { Tap(codec, line) }

  var readings: [Reading] {
    outputs.compactMap { if case .reading(let reading) = $0 { reading } else { nil } }
  }

  mutating func receive(_ bytes: [UInt8]) {
    let mask: UInt8 = line?.dataBits == 7 ? 0x7F : 0xFF
    waiting += bytes.map { $0 & mask }
    now = now + .milliseconds(10)
    let noise = decoder.noise
    check(decoder.receive(bytes, at: now), noise: noise)
  }

  mutating func pause() {
    now = now + .milliseconds(60)
    let noise = decoder.noise
    check(decoder.pause(at: now), noise: noise)
    require(waiting.isEmpty) { "\(waiting.count) bytes wait after a pause" }
  }

  /// Takes good frames and a pause.
  ///
  /// - Returns: The readings that came before the pause, and all of them.
  @discardableResult
  mutating func receive(good frames: [Specimens.Frame]) -> (flowing: [Reading], all: [Reading]) {
    let before = readings.count
    for report in frames.flatMap(\.reports) { receive(report) }
    let flowing = Array(readings[before...])
    pause()
    return (flowing, Array(readings[before...]))
  }

  /// Readings stand for bytes that came, each once and in order; what is kept is bounded.
  private mutating func check(_ new: [ScaleDecoder.Output], noise: Int) {
    let kept = decoder.waiting
    require(kept <= min(ScaleDecoder.longestFrame, waiting.count)) { "\(kept) bytes wait" }
    let taken = waiting.prefix(waiting.count - kept)
    var rest = taken
    for output in new {
      guard case .reading(var reading) = output else {
        require(!rest.isEmpty) { "\(new.count) outputs of \(taken.count) bytes" }
        rest.removeFirst()
        outputs.append(output)
        continue
      }
      guard let start = Specimens.place(of: reading.raw, in: rest) else {
        violated("\(Specimens.hex(reading.raw)) is not in \(Specimens.hex(Array(rest)))")
      }
      rest = rest[(start + reading.raw.count)...]
      require(Self.isSound(reading)) {
        "\(reading.state) with \(reading.mass.map(\.description) ?? "no weight")"
      }
      reading.at = .zero
      outputs.append(.reading(reading))
    }
    let passed = decoder.noise - noise
    require(passed >= 0 && passed <= taken.count - (new.isEmpty ? 0 : 1)) {
      "\(passed) bytes of \(taken.count) are noise, beside \(new.count) outputs"
    }
    waiting.removeFirst(taken.count)
  }

  /// A state has the weight that it promises, and no sum of weights comes near an overflow.
  private static func isSound(_ reading: Reading) -> Bool {
    if let mass = reading.mass, !(-1_000_000_000_000...1_000_000_000_000).contains(mass.grams) {
      return false
    }
    return switch reading.state {
    case .stable: reading.mass.map { $0 > .zero } ?? false
    case .negative: reading.mass.map { $0 < .zero } ?? false
    case .zero: reading.mass != nil
    case .moving: true
    case .over, .under, .fault, .stale: reading.mass == nil
    }
  }
}
