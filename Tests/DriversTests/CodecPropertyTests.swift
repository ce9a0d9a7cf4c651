import Domain
import Drivers
import TestSupport
import Testing

/// Frames that are what they are, and what they weigh.
private struct Specimens: Sendable {
  struct Frame: Hashable, Sendable {
    var bytes: [UInt8]
    var grams: Int
  }

  var frames: [Frame]

  init(_ texts: (String, Int)...) {
    frames = texts.map { Frame(bytes: Array($0.0.utf8), grams: $0.1) }
  }

  init(hex: (String, Int)...) {
    frames = hex.map { Frame(bytes: Decoding.hex($0.0), grams: $0.1) }
  }

  var masses: Set<Int> { Set(frames.map(\.grams)) }

  static let all: [String: Specimens] = [
    "hid-pos": Specimens(
      hex: ("03 04 03 FD D2 04", 1234),
      ("03 04 02 00 30 75", 30000),
      ("03 05 02 00 25 00", -37)
    ),
    "mt-sics": Specimens(
      ("S S    1234.56 g\r\n", 1235),
      ("S D     -0.050 kg\r\n", -50),
      ("S S     12.345 kg\r\n", 12345)
    ),
    "toledo-8217": Specimens(
      hex: ("02 30 31 2E 32 33 34 0D", 1234),
      ("02 31 32 2E 35 30 30 0D", 12500)
    ),
    "nci-scp01": Specimens(
      hex: ("0A 30 30 31 2E 32 33 4C 42 0D 0A 30 30 0D 03", 558),
      ("0A 30 31 32 2E 35 30 4B 47 0D 0A 31 30 0D 03", 12500)
    ),
    "toledo-continuous": Specimens(
      hex: ("02 2D 30 20 30 31 32 33 34 35 30 30 30 30 30 30 0D 25", 12345),
      ("02 2D 32 20 30 30 30 32 35 30 30 30 30 30 30 30 0D 2B", -250)
    ),
    "cas-22": Specimens(
      hex: ("53 54 2C 47 53 2C 31 E4 2C 2B 30 30 31 2E 32 33 34 20 6B 67 0D 0A", 1234),
      ("55 53 2C 4E 54 2C 31 A2 2C 2D 30 30 30 2E 32 35 30 20 6B 67 0D 0A", -250)
    ),
    "cas-18": Specimens(("ST,GS,+001.234kg\r\n", 1234), ("US,NT,-000.250kg\r\n", -250)),
    "cas-10": Specimens(("0001.234\r\n", 1234), ("-000.250\r\n", -250), ("000013.5\r\n", 13500)),
    "cas-pos": Specimens(
      hex: ("01 02 53 20 20 31 2E 32 33 34 6B 67 75 03 04", 1234),
      ("01 02 55 2D 20 30 2E 32 35 30 6B 67 7D 03 04", -250)
    ),
    "and": Specimens(
      ("ST,+00123.45  g\r\n", 123),
      ("US,-0001.234 kg\r\n", -1234),
      ("ST,OK,+0012.345 kg\r\n", 12345)
    ),
    "st-gs": Specimens(
      ("ST,GS,+  1.234kg\r\n", 1234),
      ("US,NT,-  0.250kg\r\n", -250),
      ("ST,GS,+0012.345  kg\r\n", 12345)
    ),
    "ohaus": Specimens(
      ("   12.345 kg    G  \r\n", 12345),
      ("-   0.250 kg   ?NET\r\n", -250),
      ("     192.21 g\r\n", 192)
    ),
    "sbi-16": Specimens(
      ("+   123.56 g  \r\n", 124),
      ("-    0.250 kg \r\n", -250),
      ("+  123.4[6]kg \r\n", 123460)
    ),
    "sbi-22": Specimens(
      ("N     +   123.56 g  \r\n", 124),
      ("G     -    0.250 kg \r\n", -250)
    ),
    "shuangjie": Specimens(("   123.45 g \r\n", 123), ("-  1234.5 g \r\n", -1234)),
    "kern": Specimens(("       0.665 g  \r\n", 1), ("     -29.186 kg \r\n", -29186)),
    "adam": Specimens(("  1.234kg\r\n", 1234), ("Net Wt   -0.250 Kg\r\n", -250)),
    "xk3190-continuous": Specimens(
      hex: ("02 2B 30 31 32 33 34 35 33 31 39 03", 12345),
      ("02 2D 30 30 30 30 31 35 32 31 42 03", -150)
    ),
    "xk3190-equals-a": Specimens(("=000.3000", 3000), ("=00.1000-", -1000), ("=54.21000", 12450)),
    "xk3190-equals-b": Specimens(("=0003.000", 3000), ("=-0001.00", -1000), ("=0012.450", 12450)),
    "xk3190-equals-c": Specimens(
      ("=0002.000kg;0001.00;0002.00", 2000),
      ("=-001.500kg;0002.00;0003.00", -1500)
    ),
    "xk3190-command": Specimens(
      hex: ("02 41 42 2B 30 31 32 33 34 35 33 31 41 03", 12345),
      ("02 41 42 2D 30 30 30 30 31 35 32 31 38 03", -150)
    ),
    "xk3190-a12": Specimens(("ww012.345kg\r\n", 12345), ("wn-0000.1kg\r\n", -100)),
    "xk3190-a12e": Specimens(
      hex: ("57 47 30 30 34 2E 31 33 39 6B 67 33 44 0D 0A", 4139),
      ("57 4E 2D 30 30 2E 32 35 30 6B 67 32 31 0D 0A", -250)
    ),
    "bcd-ff": Specimens(hex: ("FF 43 45 23 01 00", 12345), ("FF 63 50 02 00 00", -250)),
  ]
}

/// One protocol, ready to be fed.
private struct CodecBench {
  let frames: [Specimens.Frame]
  let masses: Set<Int>
  private let make: () throws -> ScaleDecoder
  /// A report of a HID scale is never cut.
  let isHID: Bool

  init(_ identifier: String) throws {
    let kind = try #require(ScaleProtocols.named(identifier))
    let specimens = try #require(Specimens.all[identifier], "no specimen of \(identifier)")
    frames = specimens.frames
    masses = specimens.masses
    isHID = kind.wire == .hid
    func maker<Codec: ScaleProtocol>(_ kind: Codec.Type) -> () throws -> ScaleDecoder {
      var line: SerialLine?
      if case .serial(let usual) = kind.wire { line = usual }
      let settings = ScaleSettings(descriptor: Descriptors.minimal)
      return { [line] in
        ScaleDecoder(
          try kind.init(settings),
          line: line,
          rule: StabilityRule(frames: 1, duration: .zero)
        )
      }
    }
    make = maker(kind)
  }

  func decoder() throws -> ScaleDecoder { try make() }

  /// The weights that pieces bring, one after the other, and the pause at the end.
  func grams(_ pieces: [[UInt8]]) throws -> [Int] {
    var decoder = try decoder()
    var outputs = pieces.flatMap { decoder.receive($0, at: .zero) }
    outputs += decoder.pause(at: .zero)
    return outputs.compactMap { output in
      if case .reading(let reading) = output { reading.mass?.grams } else { nil }
    }
  }

  func choose(_ count: Int, _ dice: inout Dice) -> [Specimens.Frame] {
    (0..<count).map { _ in frames[dice.roll(0...frames.count - 1)] }
  }

  /// Random bytes, or bytes of the frames at random, which look more like frames.
  func noise(_ dice: inout Dice, isLikeFrames: Bool) -> [UInt8] {
    let count = dice.roll(1...300)
    guard isLikeFrames else { return dice.bytes(count) }
    let alphabet = frames.flatMap(\.bytes)
    return (0..<count).map { _ in alphabet[dice.roll(0...alphabet.count - 1)] }
  }

  /// Cuts bytes anywhere; of a HID scale the frames stay whole.
  func cut(_ parts: [[UInt8]], _ dice: inout Dice) -> [[UInt8]] {
    guard !isHID else { return parts }
    var rest = parts.flatMap(\.self)[...]
    var pieces: [[UInt8]] = []
    while !rest.isEmpty {
      let piece = rest.prefix(dice.roll(1...40))
      pieces.append(Array(piece))
      rest = rest.dropFirst(piece.count)
    }
    return pieces
  }
}

struct CodecPropertyTests {
  static let identifiers = ScaleProtocols.all.map { $0.identifier }

  /// Without a checksum: what looks like a frame is one.
  static let unchecked: Set = [
    "hid-pos", "mt-sics", "toledo-8217", "nci-scp01", "cas-22", "cas-18", "cas-10", "and", "st-gs",
    "ohaus", "sbi-16", "sbi-22", "shuangjie", "kern", "adam", "xk3190-equals-a", "xk3190-equals-b",
    "xk3190-equals-c", "xk3190-a12", "bcd-ff",
  ]

  /// Of these, so short or so free that even random bytes look like a frame now and then.
  static let loose: Set = ["hid-pos", "bcd-ff"]

  /// Of these, so free that a frame that lost a byte may read as another one.
  ///
  /// No field that such a loss can change has a width of its own. Exactly these.
  static let elastic: Set = [
    "mt-sics", "toledo-8217", "nci-scp01", "st-gs", "ohaus", "adam", "xk3190-a12", "bcd-ff",
  ]

  /// Of these, so free that a line may read as another one where only its start is wrong.
  ///
  /// It lost its own, or that of another stands before it. Exactly these.
  static let headless: Set = ["ohaus", "adam"]

  @Test func `every protocol has specimens, and all lists name protocols`() {
    #expect(Set(Specimens.all.keys) == Set(Self.identifiers))
    #expect(Self.unchecked.isSubset(of: Self.identifiers))
    #expect(Self.loose.isSubset(of: Self.unchecked) && Self.elastic.isSubset(of: Self.unchecked))
    #expect(Self.headless.isSubset(of: Self.elastic))
    for (identifier, specimens) in Specimens.all {
      #expect(specimens.masses.count >= 2, "\(identifier)")
    }
  }

  @Test(arguments: identifiers)
  func `frames read right in one piece, glued, byte by byte and cut anywhere`(
    _ identifier: String
  ) throws {
    let bench = try CodecBench(identifier)
    let parts = bench.frames.map(\.bytes)
    let expected = bench.frames.map(\.grams)
    for (frame, grams) in zip(parts, expected) {
      #expect(try bench.grams([frame]) == [grams])
    }
    #expect(try bench.grams(parts) == expected)
    guard !bench.isHID else { return }
    #expect(try bench.grams([parts.flatMap(\.self)]) == expected)
    #expect(try bench.grams(parts.flatMap(\.self).map { [$0] }) == expected)
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for round in 0..<50 {
      let frames = bench.choose(dice.roll(1...40), &dice)
      let pieces = bench.cut(frames.map(\.bytes), &dice)
      #expect(try bench.grams(pieces) == frames.map(\.grams), "seed \(seed), round \(round)")
    }
  }

  @Test(arguments: identifiers, [false, true])
  func `after noise the second frame at the latest reads right`(
    _ identifier: String,
    _ isLikeFrames: Bool
  ) throws {
    let bench = try CodecBench(identifier)
    let mayMislead = isLikeFrames ? Self.unchecked : Self.loose
    let seed: UInt64 = isLikeFrames ? 0x5CA1_AB1E : 0xB0A7
    var dice = Dice(seed: seed)
    for round in 0..<150 {
      let noise = bench.noise(&dice, isLikeFrames: isLikeFrames)
      let (before, frames) = (bench.choose(2, &dice), bench.choose(3, &dice))
      let parts = before.map(\.bytes) + [noise] + frames.map(\.bytes)
      let grams = try bench.grams(bench.cut(parts, &dice))
      #expect(grams.prefix(1) == [before[0].grams], "seed \(seed), round \(round): \(noise)")
      let found = grams.suffix(2)
      #expect(found == frames.map(\.grams)[1...], "seed \(seed), round \(round): \(noise)")
      guard !mayMislead.contains(identifier) else { continue }
      let foreign = Set(grams).subtracting(bench.masses)
      #expect(foreign.isEmpty, "seed \(seed), round \(round): \(noise)")
    }
  }

  @Test(arguments: identifiers)
  func `a frame that was cut short is none, and does not take the second one with it`(
    _ identifier: String
  ) throws {
    let bench = try CodecBench(identifier)
    guard !bench.isHID else { return }
    var foreign: Set<Int> = []
    for broken in bench.frames {
      for count in 1..<broken.bytes.count {
        for piece in [broken.bytes.prefix(count), broken.bytes.suffix(count)] {
          for first in bench.frames {
            let second = bench.frames[0]
            let bytes = first.bytes + piece + first.bytes + second.bytes
            let grams = try bench.grams([bytes])
            #expect(grams.last == second.grams && grams.first == first.grams, "\(bytes)")
            foreign.formUnion(Set(grams).subtracting(bench.masses))
          }
        }
      }
    }
    #expect(foreign.isEmpty == !Self.headless.contains(identifier), "\(foreign)")
  }

  @Test(arguments: identifiers)
  func `only of protocols without widths may a frame that lost a byte be another weight`(
    _ identifier: String
  ) throws {
    let bench = try CodecBench(identifier)
    guard !bench.isHID else { return }
    var misread: [[UInt8]] = []
    for frame in bench.frames {
      for index in frame.bytes.indices {
        var broken = frame.bytes
        broken.remove(at: index)
        let bytes = frame.bytes + broken + frame.bytes + frame.bytes
        let grams = try bench.grams([bytes])
        #expect(grams.last == frame.grams, "\(bytes)")
        if !Set(grams).isSubset(of: [frame.grams]) { misread.append(broken) }
      }
    }
    #expect(misread.isEmpty == !Self.elastic.contains(identifier), "\(misread)")
  }

  @Test(arguments: identifiers)
  func `random bytes never trap and are never kept`(_ identifier: String) throws {
    let bench = try CodecBench(identifier)
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for isLikeFrames in [false, true] {
      var decoder = try bench.decoder()
      var received = 0
      while received < 100_000 {
        let bytes = bench.noise(&dice, isLikeFrames: isLikeFrames)
        received += bytes.count
        _ = decoder.receive(bytes, at: .zero)
        if dice.roll(0...20) == 0 {
          _ = decoder.pause(at: .zero)
          #expect(!decoder.isWaiting, "seed \(seed)")
        }
        #expect(decoder.waiting <= ScaleDecoder.longestFrame, "seed \(seed)")
        #expect(decoder.noise <= received, "seed \(seed)")
      }
    }
  }
}
