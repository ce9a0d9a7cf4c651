import Domain
import Drivers
import TestSupport
import Testing

/// A protocol of single bytes, each of which means what a test says.
private struct ByteScale: ScaleProtocol {
  static let identifier = "test-bytes"
  static let title = Text(zh: "测试", en: "test")
  static let wire = ScaleWire.serial(SerialLine(baud: 9600))

  var meanings: [UInt8: ScaleMessage]
  /// What waits for more, for ever.
  var endless: Set<UInt8> = []
  /// What only counts where a line starts.
  var anchored: Set<UInt8> = []

  init(_ meanings: [UInt8: ScaleMessage]) {
    self.meanings = meanings
  }

  init(_ settings: ScaleSettings) {
    self.init([:])
  }

  func match(_ bytes: Span<UInt8>, _ place: FramePlace) -> FrameMatch {
    if endless.contains(bytes[0]) { return .incomplete }
    guard let meaning = meanings[bytes[0]], place.startsLine || !anchored.contains(bytes[0]) else {
      return .noise
    }
    return .frame(1, meaning)
  }
}

/// A decoder with a clock of its own.
private struct Listener {
  var decoder: ScaleDecoder
  var now = Instant.zero

  init(_ scale: ByteScale, rule: StabilityRule = StabilityRule()) {
    decoder = ScaleDecoder(scale, line: SerialLine(baud: 9600), rule: rule)
  }

  /// The states of what one byte after the other brings, so far apart.
  mutating func states(_ bytes: [UInt8], every gap: Duration) -> [Reading.State] {
    bytes.flatMap { byte in
      defer { now = now + gap }
      return decoder.receive([byte], at: now).compactMap { output in
        if case .reading(let reading) = output { reading.state } else { nil }
      }
    }
  }
}

struct StabilityJudgeTests {
  private static func kilograms(_ grams: Int) -> ScaleMessage {
    .weight(.weight(WireNumber(digits: grams, decimals: 3), .kilogram, .unknown))
  }

  /// `a` and `b` are weights of a scale that cannot say whether they are at rest.
  private static let plain = ByteScale([
    0x61: kilograms(1000), 0x62: kilograms(1001), 0x30: kilograms(0), 0x6E: kilograms(-5),
    0x6F: .weight(.over), 0x6D: .weight(.moving), 0x66: .weight(.fault(reason: "of the test")),
    0x2D: .nothing,
  ])

  struct Run: Sendable {
    var frames: Int
    var gap: Int
    var rule = StabilityRule()
    /// Which frame is the first to be believed.
    var first: Int?
  }

  static let runs = [
    Run(frames: 4, gap: 300),
    Run(frames: 5, gap: 99),
    Run(frames: 5, gap: 125, first: 5),
    Run(frames: 6, gap: 100, first: 6),
    Run(frames: 50, gap: 10),
    Run(frames: 51, gap: 10, first: 51),
    Run(frames: 8, gap: 1999, first: 5),
    Run(frames: 20, gap: 2000),
    Run(frames: 3, gap: 250, rule: StabilityRule(frames: 3), first: 3),
    Run(
      frames: 9,
      gap: 100,
      rule: StabilityRule(frames: 2, duration: .milliseconds(800)),
      first: 9
    ),
    Run(frames: 1, gap: 0, rule: StabilityRule(frames: 1, duration: .zero), first: 1),
  ]

  @Test(arguments: runs)
  func `a weight is believed after so many frames that agree for so long`(_ run: Run) {
    var listener = Listener(Self.plain, rule: run.rule)
    let states = listener.states(
      Array(repeating: 0x61, count: run.frames),
      every: .milliseconds(run.gap)
    )
    let first = run.first ?? run.frames + 1
    #expect(states == (1...run.frames).map { $0 < first ? .moving : .stable })
  }

  @Test(arguments: ["b", "o", "m", "f"])
  func `a frame that differs begins anew`(_ other: String) {
    var listener = Listener(Self.plain)
    let bytes = Array(("aaaaa" + other + "aaaaa").utf8)
    let states = listener.states(bytes, every: .milliseconds(125))
    #expect(states[4] == .stable)
    #expect(states[6...9].allSatisfy { $0 == .moving })
    #expect(states[10] == .stable)
  }

  @Test func `two weights that take turns are never at rest`() {
    var listener = Listener(Self.plain)
    let bytes = Array(String(repeating: "ab", count: 50).utf8)
    let states = listener.states(bytes, every: .milliseconds(100))
    #expect(states.allSatisfy { $0 == .moving })
  }

  @Test func `a silence begins anew, and what carries no weight is none`() {
    var listener = Listener(Self.plain)
    _ = listener.states(Array("aaaa".utf8), every: .milliseconds(200))
    listener.now = listener.now + .milliseconds(1800)
    #expect(listener.states(Array("aaaa".utf8), every: .milliseconds(200)).last == .moving)
    #expect(listener.states(Array("-a".utf8), every: .milliseconds(1)) == [.stable])
    #expect(listener.states(Array("a".utf8), every: .zero) == [.stable], "and stays so")
  }

  @Test func `zero and a weight below it are believed as late as others`() {
    let cases: [(UInt8, Reading.State)] = [(0x30, .zero), (0x6E, .negative)]
    for (byte, state) in cases {
      var listener = Listener(Self.plain)
      let states = listener.states([byte, byte, byte, byte, byte], every: .milliseconds(125))
      #expect(states == [.moving, .moving, .moving, .moving, state])
    }
  }

  struct Verdict: Sendable {
    var weighing: Weighing
    var state: Reading.State
    var grams: Int?

    init(_ weighing: Weighing, _ state: Reading.State, _ grams: Int? = nil) {
      (self.weighing, self.state, self.grams) = (weighing, state, grams)
    }

    init(
      _ digits: Int,
      _ decimals: Int,
      _ unit: WeightUnit,
      _ state: Reading.State,
      _ grams: Int? = nil,
      motion: Weighing.Motion = .stable,
      isZero: Bool = false
    ) {
      let number = WireNumber(digits: digits, decimals: decimals)
      self.init(.weight(number, unit, motion, isZero: isZero), state, grams)
    }
  }

  static let verdicts = [
    Verdict(1234, 3, .kilogram, .stable, 1234), Verdict(-1234, 3, .kilogram, .negative, -1234),
    Verdict(0, 3, .kilogram, .zero, 0),
    // Less than half a gram is none, on either side.
    Verdict(4, 1, .gram, .zero, 0), Verdict(-4, 1, .gram, .zero, 0),
    Verdict(6, 1, .gram, .stable, 1),
    Verdict(-6, 1, .gram, .negative, -1),
    // Halves go to the even neighbour.
    Verdict(500, 0, .milligram, .zero, 0), Verdict(1500, 0, .milligram, .stable, 2),
    Verdict(2500, 0, .milligram, .stable, 2), Verdict(2501, 0, .milligram, .stable, 3),
    Verdict(-500, 0, .milligram, .zero, 0), Verdict(-1500, 0, .milligram, .negative, -2),
    Verdict(-2500, 0, .milligram, .negative, -2), Verdict(3500, 3, .gram, .stable, 4),
    // More than can be counted.
    Verdict(999_999_999_999, -6, .tonne, .over), Verdict(-999_999_999_999, -6, .tonne, .over),
    Verdict(1_000_000_000_000, 0, .gram, .stable, 1_000_000_000_000),
    Verdict(1_000_000_000_001, 0, .gram, .over), Verdict(-1_000_000_000_001, 0, .gram, .over),
    Verdict(.max, 0, .gram, .over), Verdict(.max, -1, .gram, .over),
    // In motion the number is for show; what the scale calls zero is zero.
    Verdict(1234, 3, .kilogram, .moving, 1234, motion: .moving),
    Verdict(0, 3, .kilogram, .moving, 0, motion: .moving),
    Verdict(2, 3, .kilogram, .zero, 2, isZero: true),
    Verdict(2, 3, .kilogram, .moving, 2, motion: .moving, isZero: true),
    Verdict(.zero, .zero, 0), Verdict(.moving, .moving), Verdict(.over, .over),
    Verdict(.under, .under), Verdict(.fault(reason: "of the test"), .fault),
  ]

  @Test(arguments: verdicts)
  func `what a frame says becomes a state and whole grams`(_ verdict: Verdict) {
    var decoder = ScaleDecoder(
      ByteScale([0x61: .weight(verdict.weighing)]),
      line: SerialLine(baud: 9600)
    )
    let reading = Reading(
      state: verdict.state,
      mass: verdict.grams.map { Mass(grams: $0) },
      raw: [0x61],
      at: .zero
    )
    #expect(decoder.receive([0x61], at: .zero) == [.reading(reading)])
  }

  @Test func `a zero below zero is zero, and taels are refused`() throws {
    let scale = try Decoding(ANDStandard.self)
    #expect(scale.words(of: "ST,-00000.00  g\r\n") == ["zero 0"])
    #expect(scale.words(of: "ST,-00000.40  g\r\n") == ["zero 0"])
    for unit in ["tl", "tael", "hkg", "tlt", "jin"] {
      #expect(scale.words(of: "ST,+1.00 \(unit)\r\n") == ["fault"], "\(unit)")
    }
  }
}

struct ScaleDecoderTests {
  private static let letters = ByteScale([
    0x61: .answer(.zero, .done), 0x62: .restarted, 0x63: .notUnderstood, 0x64: .proceed([0x11]),
    0x2E: .nothing,
  ])

  private static func decoder(_ scale: ByteScale) -> ScaleDecoder {
    ScaleDecoder(scale, line: SerialLine(baud: 9600))
  }

  @Test func `messages come out in their order, and noise is counted`() {
    var decoder = Self.decoder(Self.letters)
    let outputs = decoder.receive(Array("xa.b?c\r\nd".utf8), at: .zero)
    #expect(
      outputs == [.answer(.zero, .done), .restarted, .notUnderstood, .proceed([0x11])]
    )
    #expect(decoder.noise == 4 && !decoder.isWaiting)
    #expect(decoder.receive([0x78], at: .zero).isEmpty && decoder.noise == 5)
    #expect(decoder.receive([], at: .zero).isEmpty && decoder.noise == 5)
    #expect(decoder.pause(at: .zero).isEmpty && decoder.noise == 5)
  }

  @Test(arguments: [1, 3, 64, 255, 256, 257, 1000])
  func `never more than 256 bytes are kept`(_ piece: Int) {
    var scale = Self.letters
    scale.endless = [0x78]
    var decoder = Self.decoder(scale)
    var received = 0
    for _ in 0..<1000 / piece + 2 {
      _ = decoder.receive(Array(repeating: 0x78, count: piece), at: .zero)
      received += piece
      #expect(decoder.waiting <= ScaleDecoder.longestFrame)
      #expect(decoder.noise + decoder.waiting == received)
    }
    #expect(decoder.isWaiting)
    #expect(decoder.pause(at: .zero).isEmpty)
    #expect(!decoder.isWaiting && decoder.noise == received)
  }

  @Test func `what waited in vain does not hide what follows`() {
    var scale = Self.letters
    scale.endless = [0x78]
    var decoder = Self.decoder(scale)
    #expect(decoder.receive(Array("xxab".utf8), at: .zero).isEmpty)
    #expect(decoder.waiting == 4)
    #expect(decoder.pause(at: .zero) == [.answer(.zero, .done), .restarted])
    #expect(decoder.noise == 2)
  }

  static let places: [(String, Int)] = [
    ("a", 1), ("xa", 0), ("\na", 1), ("\ra", 1), ("\r\na", 1), ("x\na", 1), ("\nxa", 0), (".a", 1),
    ("x.a", 1), ("aa", 2), ("axa", 1), ("ax\ra", 2), ("\n\n\na", 1),
  ]

  @Test(arguments: places)
  func `a line starts at first, behind CR or LF, and behind a frame`(_ place: (String, Int)) {
    var scale = Self.letters
    scale.anchored = [0x61]
    let bytes = Array(place.0.utf8)
    var whole = Self.decoder(scale)
    #expect(whole.receive(bytes, at: .zero).count == place.1)
    var drops = Self.decoder(scale)
    #expect(bytes.flatMap { drops.receive([$0], at: .zero) }.count == place.1)
  }

  @Test func `a line of seven data bits is read without its eighth`() {
    let frame = Decoding.hex("82 30 B1 2E B2 33 B4 8D")
    let settings = ScaleSettings(unit: .kilogram)
    let seven = SerialLine(baud: 9600, dataBits: 7, parity: .even)
    for (line, count) in [(seven, 1), (SerialLine(baud: 9600), 0)] {
      var decoder = ScaleDecoder(Toledo8217(settings), line: line)
      let outputs = decoder.receive(frame, at: .zero)
      #expect(outputs.count == count, "\(line.framing)")
      guard case .reading(let reading) = outputs.first else { continue }
      #expect(reading.mass == Mass(grams: 1234))
      #expect(reading.raw == Decoding.hex("02 30 31 2E 32 33 34 0D"))
    }
  }

  @Test func `a reading carries its bytes and its time`() {
    var decoder = ScaleDecoder(STGS(ScaleSettings()), line: nil)
    let (early, late) = (Instant.zero, Instant.zero + .seconds(1))
    #expect(decoder.receive(Array("zzST,GS,+  1.2".utf8), at: early).isEmpty)
    let outputs = decoder.receive(Array("34kg\r\nST".utf8), at: late)
    let reading = Reading(
      state: .stable,
      mass: Mass(grams: 1234),
      raw: Array("ST,GS,+  1.234kg\r\n".utf8),
      at: late
    )
    #expect(outputs == [.reading(reading)] && decoder.waiting == 2 && decoder.noise == 2)
  }

  @Test func `each report of a HID scale is one frame, whatever hangs on to it`() throws {
    let settings = ScaleSettings(descriptor: Descriptors.minimal)
    let (one, two) = (Decoding.hex("03 04 03 FD D2 04"), Decoding.hex("03 04 02 00 30 75"))
    var live = ScaleDecoder(try HIDPointOfSale(settings), line: nil)
    #expect(live.receive(one + two, at: .zero).count == 1)
    #expect(live.receive(Array(one.dropLast()), at: .zero).isEmpty && !live.isWaiting)
    #expect(live.receive(two, at: .zero).count == 1)
    var capture = ScaleDecoder(try HIDPointOfSale(settings), line: nil, isCapture: true)
    #expect(capture.receive(one + two, at: .zero).count == 2)
  }
}
