import Domain
import Drivers
import TestSupport
import Testing

struct XK3190ContinuousTests {
  static let frames: [(String, [String])] = [
    ("02 2B 30 30 30 30 30 30 30 31 42 03", ["zero 0"]),
    ("02 2B 30 30 32 30 30 30 32 31 42 03", ["stable 20000"]),
    ("02 2D 30 30 30 30 31 35 32 31 42 03", ["negative -150"]),
    ("02 2B 30 31 32 33 34 35 33 31 39 03", ["stable 12345"]),
    ("02 2D 30 30 30 30 30 31 30 31 43 03", ["negative -1000"]),
    ("02 2B 30 31 32 33 34 35 33 31 38 03", []),
    ("02 2D 30 30 30 30 30 30 30 31 44 03", ["zero 0"]),
    ("02 2B 30 30 30 30 30 30 35 31 45 03", []),
    ("02 20 30 30 30 30 30 30 30 31 30 03", []),
    ("02 2B 30 3A 32 33 34 35 33 31 32 03", []),
  ]

  @Test(arguments: frames)
  func `a frame reads the same however it is cut`(_ frame: (String, [String])) throws {
    let bytes = Decoding.hex(frame.0)
    let good = Decoding.hex("02 2B 30 30 32 30 30 30 32 31 42 03")
    let scale = try Decoding(XK3190Continuous.self)
    scale.expect(bytes, frame.1)
    scale.expect([0x30, 0x02] + bytes + good, frame.1 + ["stable 20000"])
  }

  @Test func `a wrong bit anywhere is never a weight`() throws {
    let scale = try Decoding(XK3190Continuous.self)
    let good = Decoding.hex("02 2B 30 31 32 33 34 35 33 31 39 03")
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(scale.words(of: bytes + good) == ["stable 12345"], "bit \(bit)")
    }
  }

  @Test func `whatever comes, frames lie within it and more bytes change nothing`() throws {
    let frames = Self.frames.map { Decoding.hex($0.0) }
    try Decoding(XK3190Continuous.self).expectSoundness(around: frames, seed: 1)
  }
}

struct XK3190CommandTests {
  /// An answer or a question; `spell` as the indicator spells half a byte.
  static func frame(
    _ body: String,
    at address: Character = "A",
    spell: (UInt8) -> UInt8 = { $0 + ($0 < 10 ? 0x30 : 0x37) }
  ) -> [UInt8] {
    let bytes = Array((String(address) + body).utf8)
    let check = bytes.reduce(0, ^)
    return [0x02] + bytes + [spell(check >> 4), spell(check & 15), 0x03]
  }

  static let frames: [([UInt8], [String])] = [
    (Decoding.hex("02 41 42 2B 30 31 32 33 34 35 33 31 41 03"), ["stable 12345"]),
    (Decoding.hex("02 41 42 2B 30 31 32 33 34 35 33 31 3A 03"), ["stable 12345"]),
    (Decoding.hex("02 41 42 2B 30 31 32 33 34 35 33 31 42 03"), []),
    (Decoding.hex("02 41 42 2B 30 31 32 33 34 35 33 31 3B 03"), []),
    (frame("B-0001502"), ["negative -1500"]),
    (frame("B-0000150", spell: { $0 + 0x30 }), ["negative -15000"]),
    (frame("B+0000000"), ["zero 0"]),
    (frame("B-0000003"), ["zero 0"]),
    (frame("B+0123455"), ["fault"]),
    (frame("B+01.3453"), ["fault"]),
    (frame("B 0123453"), ["fault"]),
    (frame("B+------3"), ["fault"]),
    (frame("B+0123453", at: "B"), []),
    (frame("B+12345"), []),
    (frame("B"), []),
    (Decoding.hex("02 41 41 30 30 03"), []), (Decoding.hex("02 41 42 30 33 03"), []),
    (frame("C+0001203"), []), (frame("D+0112253"), ["stable 11225"]), (frame("D"), []),
    (frame("E12345"), []),
    (frame("F00000123"), []),
    (frame("\u{4}"), ["not understood"]),
    (Decoding.hex("02 41 03"), []), (Decoding.hex("02 41 42 30 03"), []),
    (Decoding.hex("02 61 42 30 33 03"), []),
  ]

  @Test(arguments: frames)
  func `an answer reads the same however it is cut`(_ frame: ([UInt8], [String])) throws {
    let scale = try Decoding(XK3190Command.self)
    scale.expect(frame.0, frame.1)
    let good = Self.frame("B+0020002")
    scale.expect([0x41, 0x02, 0x41] + frame.0 + good, frame.1 + ["stable 20000"])
  }

  /// The questions of the manuals of A9+ and A23P.
  static let questions: [(Character, String)] = [
    ("A", "02 41 42 30 33 03"), ("B", "02 42 42 30 30 03"), ("N", "02 4E 42 30 43 03"),
    ("Z", "02 5A 42 31 38 03"),
  ]

  @Test(arguments: questions)
  func `it asks one indicator for the gross weight`(_ question: (Character, String)) throws {
    let address = try #require(question.0.asciiValue)
    let scale = try Decoding(XK3190Command.self, ScaleSettings(address: address))
    #expect(scale.order(.weigh) == .bytes(Decoding.hex(question.1)))
    #expect(scale.words(of: Decoding.hex(question.1)) == [], "its own question comes back")
    let answer = Self.frame("B+0012343", at: question.0)
    #expect(scale.words(of: Decoding.hex(question.1) + answer) == ["stable 1234"])
    for other in "ABNZ" where other != question.0 {
      #expect(scale.words(of: Self.frame("B+0099993", at: other)) == [], "\(other) was not asked")
    }
  }

  @Test func `without an address it reads what any of them says, and asks the first`() throws {
    let capture = try Decoding(XK3190Command.self, ScaleSettings(address: nil))
    for address in "ABNZ" {
      #expect(capture.words(of: Self.frame("B+0012343", at: address)) == ["stable 1234"])
    }
    #expect(capture.order(.weigh) == .bytes(Decoding.hex("02 41 42 30 33 03")))
  }

  @Test func `it asks for nothing but the gross weight`() throws {
    let scale = try Decoding(XK3190Command.self)
    for request in ScaleRequest.allCases where request != .weigh {
      #expect(scale.order(request) == nil, "\(request)")
    }
  }

  @Test func `what goes on for too long is no answer`() throws {
    let scale = try Decoding(XK3190Command.self)
    let text = Array("AE".utf8) + Array(repeating: 0x30, count: 30)
    #expect(scale.match([0x02] + text) == .incomplete)
    #expect(scale.match([0x02] + text + [0x30]) == .noise)
  }

  @Test func `it has the profile's unit and no sign of rest`() throws {
    let number = WireNumber(digits: 1234, decimals: 3)
    let scale = try Decoding(XK3190Command.self, ScaleSettings(unit: .tonne))
    let frame = scale.match(Self.frame("B+0012343"))
    #expect(frame == .frame(14, .weight(.weight(number, .tonne, .unknown))))
  }

  @Test func `a wrong bit anywhere is never another weight`() throws {
    let scale = try Decoding(XK3190Command.self)
    let good = Self.frame("B+0123453")
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let words = scale.words(of: bytes + good)
      #expect(words == ["stable 12345"], "bit \(bit)")
    }
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(XK3190Command.self).expectSoundness(around: Self.frames.map(\.0), seed: seed)
  }
}

struct XK3190EqualsTests {
  static let reversed: [(String, [String])] = [
    ("=000.3000", ["stable 3000"]), ("=00.1000-", ["negative -1000"]),
    ("=54.21000", ["stable 12450"]), ("=000.0000", ["zero 0"]), ("=000.000-", ["zero 0"]),
    ("=54321000", ["stable 12345000"]), ("=.5432100", ["stable 12345000"]),
    ("=5432100.", []), ("=54.21  0", ["stable 12450"]), ("=54.21   ", ["stable 12450"]),
    ("=54.21  -", ["negative -12450"]), ("=  .21000", []), ("=54 21000", []),
    ("=       0", []), ("=...1..00", []), ("=00.10001", []), ("=00.1-000", []),
    ("=-0001.00", []), ("=00.1000+", []), ("=00.10x00", []), ("=000.300", []),
    ("=000.30000", []), ("000.30000", []), ("=", []),
  ]

  static let straight: [(String, [String])] = [
    ("=0003.000", ["stable 3000"]), ("=-0001.00", ["negative -1000"]),
    ("=0012.450", ["stable 12450"]), ("=0000.000", ["zero 0"]), ("=-000.000", ["zero 0"]),
    ("=00012345", ["stable 12345000"]), ("=0012345.", ["stable 12345000"]),
    ("=0  12.45", ["stable 12450"]), ("=   12.45", ["stable 12450"]),
    ("=-  12.45", ["negative -12450"]), ("=12.45  0", []), ("=0 1 2.45", []), ("=0       ", []),
    ("=00.1.000", []), ("=00.1000-", []), ("=1003.000", []), ("=+003.000", []),
    ("=0003.0O0", []), ("=0003.00", []), ("=00003.000", []), ("0003.000", []), ("==", []),
  ]

  @Test(arguments: reversed)
  func `the reversed format reads the same however it is cut`(_ frame: (String, [String])) throws {
    try expect(XK3190EqualsA.self, frame, good: "=000.2000")
  }

  @Test(arguments: straight)
  func `the straight format reads the same however it is cut`(_ frame: (String, [String])) throws {
    try expect(XK3190EqualsB.self, frame, good: "=0002.000")
  }

  private func expect<Codec: ScaleProtocol>(
    _ kind: Codec.Type,
    _ frame: (String, [String]),
    good: String
  ) throws {
    let scale = try Decoding(kind)
    let (field, words) = frame
    // By silence, by the next frame, by the end of a line; behind noise and half a frame.
    scale.expect(Array(field.utf8), words)
    scale.expect(Array((field + good).utf8), words + ["stable 2000"])
    scale.expect(Array((field + "\r\n" + good + "\r\n").utf8), words + ["stable 2000"])
    scale.expect(
      Array(("3.000" + good + good.dropLast(2) + field + good).utf8),
      ["stable 2000"] + words + ["stable 2000"]
    )
    guard field.first == "=" else { return }
    scale.expect(Array((good + field + "?" + good).utf8), ["stable 2000", "stable 2000"])
  }

  static let priced: [(String, [String])] = [
    ("=0002.000kg;0001.00;0002.00", ["stable 2000"]),
    ("=-002.000kg;0001.00;0002.00", ["negative -2000"]),
    ("=0002.000lb;0001.00;0002.00", ["stable 907"]),
    ("=00000020pc;0001.00;0020.00", ["fault"]),
    ("=0002.000;0001.00;0002.00", ["stable 2000"]),
    ("=0002.000kg;     0;     0", ["stable 2000"]),
    ("=0002.000kg;1;2", ["stable 2000"]),
    ("=0002.000kg;000000.001;0000000.02", ["stable 2000"]),
    ("=0002.000kg;0000000.001;0002.00", []), ("=0002.000kg;0001.00;00000000.02", []),
    ("=0002.000kg;0001.00", []), ("=0002.000kg;;0002.00", []), ("=0002.000kg;0001.00;", []),
    ("=0002.000kg", []), ("=0002.000", []), ("=0002.000kgkg;1;2", []), ("=0002.000g;1;2", []),
    ("=0002.00kg;1;2", []),
    ("=00002.000kg;1;2", []), ("=0002.00-kg;1;2", []), ("=0002.000kg;1;2;3", []),
    ("=0002.000kg;1a;2", []),
  ]

  @Test(arguments: priced)
  func `the format with prices reads the same however it is cut`(_ frame: (String, [String]))
    throws
  {
    let good = "=0001.000kg;0001.00;0001.00"
    let scale = try Decoding(XK3190EqualsC.self)
    scale.expect(Array(frame.0.utf8), frame.1)
    scale.expect(Array((frame.0 + good).utf8), frame.1 + ["stable 1000"])
    scale.expect(Array((frame.0 + "\r\n" + good).utf8), frame.1 + ["stable 1000"])
    scale.expect(Array((good.dropLast(9) + frame.0 + good).utf8), frame.1 + ["stable 1000"])
  }

  @Test func `a frame waits for its end, and silence is one`() throws {
    let scale = try Decoding(XK3190EqualsA.self)
    let number = WireNumber(digits: 3000, decimals: 3)
    let frame = FrameMatch.frame(9, .weight(.weight(number, .kilogram, .unknown)))
    #expect(scale.match(Array("=000.3000".utf8)) == .incomplete)
    #expect(scale.match(Array("=000.3000".utf8), isLast: true) == frame)
    #expect(scale.match(Array("=000.3000=".utf8)) == frame)
    #expect(scale.match(Array("=000.30000".utf8), isLast: true) == .noise)
    #expect(scale.match(Array("=000.300".utf8), isLast: true) != frame)
  }

  @Test func `the unit is the profile's, and only a unit on the wire comes before it`() throws {
    let grams = ScaleSettings(unit: .gram)
    #expect(try Decoding(XK3190EqualsA.self, grams).words(of: "=0.03210-") == ["negative -1230"])
    #expect(try Decoding(XK3190EqualsB.self, grams).words(of: "=-01230.0") == ["negative -1230"])
    let priced = try Decoding(XK3190EqualsC.self, grams)
    #expect(priced.words(of: "=0012.000;1;2") == ["stable 12"])
    #expect(priced.words(of: "=0012.000kg;1;2") == ["stable 12000"])
    let judged = try Decoding(XK3190EqualsB.self, rule: StabilityRule())
    #expect(judged.words(of: "=0003.000=0003.000=") == ["moving 3000", "moving 3000"])
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    let settings = ScaleSettings()
    try Decoding(XK3190EqualsA.self, settings)
      .expectSoundness(around: Self.reversed.map { Array($0.0.utf8) }, seed: seed)
    try Decoding(XK3190EqualsB.self, settings)
      .expectSoundness(around: Self.straight.map { Array($0.0.utf8) }, seed: seed)
    try Decoding(XK3190EqualsC.self, settings)
      .expectSoundness(around: Self.priced.map { Array($0.0.utf8) }, seed: seed)
  }
}

struct XK3190A12Tests {
  static let lines: [(String, [String])] = [
    ("ww012.345kg", ["stable 12345"]), ("wn-0000.1kg", ["negative -100"]),
    ("ww000.000lb", ["zero 0"]), ("ww0023.45kg", ["stable 23450"]),
    ("wn000125.4kg", ["stable 125400"]), ("wn-003.17kg", ["negative -3170"]),
    ("ww001.000lb", ["stable 454"]), ("ww-000.000kg", ["zero 0"]), ("ww12kg", ["stable 12000"]),
    ("ww01234.5 g", ["stable 1234"]), ("wt000.000kg", []), ("wt012.345kg", []),
    ("ww00012pcs", []), ("ww012.345g", []), ("ww012.345", []), ("wwkg", []), ("ww  OL   kg", []),
    ("wx012.345kg", []), ("w012.345kg", []), ("WW012.345kg", []), ("ww01.2.45kg", []),
    ("ww012.345kg 7", []), ("ww0ww012.345kg", ["stable 12345"]),
    ("wwww012.345kg", ["stable 12345"]),
  ]

  @Test(arguments: lines, ["\r\n", "\n", "\r"])
  func `a line of text reads the same however it is cut`(
    _ line: (String, [String]),
    _ end: String
  ) throws {
    let scale = try Decoding(XK3190A12.self)
    scale.expect(Array((line.0 + end).utf8), line.1)
    let good = "ww002.000kg" + end
    scale.expect(Array(("kg" + end + line.0 + end + good).utf8), line.1 + ["stable 2000"])
  }

  static let frames: [([UInt8], [String])] = [
    (Decoding.hex("57 47 30 30 34 2E 31 33 39 6B 67 33 44 0D 0A"), ["stable 4139"]),
    (Decoding.hex("57 47 30 30 34 2E 31 33 39 6B 67 33 3D 0D 0A"), ["stable 4139"]),
    (Decoding.hex("57 47 30 30 34 2E 31 33 39 6B 67 33 45 0D 0A"), []),
    (Decoding.hex("20 20 20 20 20 20 20 20 20 4F 4C 32 33 0D 0A"), ["over"]),
    (Decoding.hex("20 20 20 20 20 20 20 20 20 4C 4F 32 33 0D 0A"), ["under"]),
    (framed("WN-00.250kg"), ["negative -250"]), (framed("WG000123 kg"), ["stable 123000"]),
    (framed("WG000.000kg"), ["zero 0"]), (framed("WG-00.000kg"), ["zero 0"]),
    (framed("WG001.000lb"), ["stable 454"]), (framed("WG001.000pc"), ["fault"]),
    (framed("WG  OL   kg"), ["fault"]), (framed("WT004.139kg"), []), (framed("wG004.139kg"), []),
    (framed("         HI"), []),
  ]

  /// Eleven places, their check and CR LF.
  static func framed(_ text: String) -> [UInt8] {
    let bytes = Array(text.utf8)
    let check = bytes.reduce(0, ^)
    let nibbles = [check >> 4, check & 15].map { $0 + ($0 < 10 ? 0x30 : 0x37) }
    return bytes + nibbles + [0x0D, 0x0A]
  }

  @Test(arguments: frames)
  func `a frame of 15 bytes reads the same however it is cut`(_ frame: ([UInt8], [String])) throws {
    let scale = try Decoding(XK3190A12E.self)
    scale.expect(frame.0, frame.1)
    let good = Self.framed("WG002.000kg")
    scale.expect(
      [0x20, 0x20, 0x57] + frame.0 + good + good.dropFirst(3) + good,
      frame.1 + ["stable 2000", "stable 2000"]
    )
  }

  @Test(arguments: ["WN004.139kg", "         OL"])
  func `a wrong bit anywhere is never a weight`(_ text: String) throws {
    let good = Self.framed(text)
    let scale = try Decoding(XK3190A12E.self)
    let words = scale.words(of: good)
    #expect(words.count == 1)
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(scale.words(of: bytes + good) == words, "bit \(bit)")
    }
  }

  @Test func `only the text format has letters to ask with, and neither has a sign of rest`() throws
  {
    let text = try Decoding(XK3190A12.self)
    #expect(text.order(.weigh) == .bytes([0x52]) && text.order(.zero) == .bytes([0x5A]))
    #expect(text.order(.tare) == .bytes([0x54]) && text.order(.stream) == nil)
    let judged = try Decoding(XK3190A12.self, rule: StabilityRule())
    #expect(judged.words(of: "ww012.345kg\r\n") == ["moving 12345"])
    let bytes = try Decoding(XK3190A12E.self, rule: StabilityRule())
    #expect(bytes.words(of: Self.frames[0].0) == ["moving 4139"])
    #expect(ScaleRequest.allCases.allSatisfy { bytes.order($0) == nil })
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(XK3190A12.self)
      .expectSoundness(around: Self.lines.map { Array(($0.0 + "\r\n").utf8) }, seed: seed)
    try Decoding(XK3190A12E.self).expectSoundness(around: Self.frames.map(\.0), seed: seed)
  }
}
