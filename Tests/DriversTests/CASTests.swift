import Domain
import Drivers
import Testing

struct CASStreamTests {
  /// A frame of 22 bytes.
  static func long(
    _ header: String,
    lamps: UInt8 = 0xE4,
    _ data: String,
    _ unit: String = "kg",
    relays: UInt8 = 0x20
  ) -> [UInt8] {
    Array((header + ",1").utf8) + [lamps, 0x2C] + Array(data.utf8) + [relays]
      + Array((unit + "\r\n").utf8)
  }

  static let long: [([UInt8], [String])] = [
    (
      Decoding.hex("53 54 2C 47 53 2C 31 E4 2C 2B 30 30 31 2E 32 33 34 20 6B 67 0D 0A"),
      ["stable 1234"]
    ),
    (long("ST,GS", "+001.234"), ["stable 1234"]),
    (long("US,GS", lamps: 0xA4, "+001.234"), ["moving 1234"]),
    (long("US,GS", lamps: 0xE4, "+001.234"), ["moving 1234"]),
    (long("ST,NT", lamps: 0xE2, "-000.250"), ["negative -250"]),
    (long("US,NT", lamps: 0xA2, "-000.250"), ["moving -250"]),
    (long("ST,GS", "000013.5"), ["stable 13500"]),
    (long("ST,GS", "-   13.5"), ["negative -13500"]),
    (long("ST,GS", "    13.5"), ["stable 13500"]),
    (long("ST,GS", "00000012", " t"), ["stable 12000000"]),
    (long("ST,GS", "00000012", "t "), ["stable 12000000"]),
    (long("ST,GS", "00001250", " g"), ["stable 1250"]),
    (long("ST,GS", "00001.00", "lb"), ["stable 454"]),
    (long("ST,GS", "00001.00", "oz"), ["stable 28"]),
    (long("ST,GS", "00001.00", "KG"), ["stable 1000"]),
    (long("ST,GS", "00000100", "pc"), ["fault"]),
    (long("ST,GS", "00000100", "  "), ["fault"]),
    (long("ST,GS", lamps: 0xE5, "+000.000"), ["zero 0"]),
    (long("ST,GS", lamps: 0xC5, "-000.000"), ["zero 0"]),
    (long("ST,GS", lamps: 0xE5, "+000.002"), ["zero 2"]),
    (long("US,GS", lamps: 0xA5, "+000.002"), ["moving 2"]),
    (long("ST,NT", lamps: 0xE3, "-000.250"), ["negative -250"]),
    (long("ST,GS", lamps: 0x31, "+000.002"), ["stable 2"]),
    (long("OL,GS", lamps: 0xA4, "+999.999"), ["over"]),
    (long("OL,GS", lamps: 0xA4, "        "), ["over"]),
    (long("OL,NT", lamps: 0xA4, "   OL   "), ["over"]),
    (long("OL,GS", lamps: 0xA4, "-       "), ["under"]),
    (long("OL,GS", lamps: 0xA4, "--------"), ["over"]),
    (long("OL,GS", lamps: 0xA4, "  ----  "), ["over"]),
    (long("OL,GS", lamps: 0xA4, "-000.000", "  "), ["under"]),
    (long("ST,GS", "--------"), ["fault"]),
    (long("ST,GS", "   OL   "), ["fault"]),
    (long("ST,GS", lamps: 0x0A, "+001.234"), ["stable 1234"]),
    (long("ST,GS", lamps: 0x0D, "+001.234", relays: 0x0A), ["stable 1234"]),
    (long("ST,GS", "+001.234", relays: 0xFF), ["stable 1234"]),
    (long("SX,GS", "+001.234"), []),
    (long("ST,XX", "+001.234"), []),
    (long("ST;GS", "+001.234"), []),
    (long("ST,GS", "+001.\u{1}34"), []),
    (long("ST,GS", "+01.234"), []),
    (long("ST,GS", "+0001.234"), []),
  ]

  @Test(arguments: long)
  func `a frame of 22 bytes reads the same however it is cut`(_ frame: ([UInt8], [String])) throws {
    let scale = try Decoding(CAS22.self)
    scale.expect(frame.0, frame.1)
    let good = Self.long("ST,GS", "+002.000")
    scale.expect([0x00, 0x53] + frame.0 + good, frame.1 + ["stable 2000"])
  }

  @Test func `the lamp of zero counts at rest only`() throws {
    let scale = try Decoding(CAS22.self)
    let number = WireNumber(digits: 2, decimals: 3)
    let resting = scale.match(Self.long("ST,GS", lamps: 0xE5, "+000.002"))
    #expect(resting == .frame(22, .weight(.weight(number, .kilogram, .stable, isZero: true))))
    let swinging = scale.match(Self.long("US,GS", lamps: 0xE5, "+000.002"))
    #expect(swinging == .frame(22, .weight(.weight(number, .kilogram, .moving, isZero: false))))
  }

  static let middle: [(String, [String])] = [
    ("ST,GS,+001.234kg", ["stable 1234"]),
    ("US,GS,+001.234kg", ["moving 1234"]),
    ("ST,NT,-001.234kg", ["negative -1234"]),
    ("US,NT,-  1.234kg", ["moving -1234"]),
    ("ST,GS,-000.000kg", ["zero 0"]),
    ("ST,GS,   00012 t", ["stable 12000000"]),
    ("ST,GS,00001250g ", ["stable 1250"]),
    ("ST,GS,00001.00lb", ["stable 454"]),
    ("ST,GS,00000100pc", ["fault"]),
    ("ST,GS,  ----  kg", ["fault"]),
    ("OL,GS,+999.999kg", ["over"]), ("OL,GS,        kg", ["over"]), ("OL,GS,-       kg", ["under"]),
    ("OL,GS,--------kg", ["over"]),
    ("ST,TR,+001.234kg", []), ("ST,GS,+01.234kg", []), ("ST,GS,+0001.234kg", []),
    ("T,GS,+001.234kg", []),
  ]

  @Test(arguments: middle)
  func `a frame of 18 bytes reads the same however it is cut`(_ frame: (String, [String])) throws {
    let scale = try Decoding(CAS18.self)
    let bytes = Array((frame.0 + "\r\n").utf8)
    scale.expect(bytes, frame.1)
    let good = Array("ST,GS,+002.000kg\r\n".utf8)
    scale.expect([0x4F, 0xFF] + bytes + good + good, frame.1 + ["stable 2000", "stable 2000"])
  }

  static let short: [(String, [String])] = [
    ("0001.234\r\n", ["stable 1234"]),
    ("000013.5\r\n", ["stable 13500"]),
    ("-001.234\r\n", ["negative -1234"]),
    ("-  1.234\r\n", ["negative -1234"]),
    ("   1.234\r\n", ["stable 1234"]),
    ("-000.000\r\n", ["zero 0"]),
    ("    OL  \r\n", ["fault"]),
    ("        \r\n", ["fault"]),
    ("001.234\r\n", []), ("00001.234\r\n", []), ("0001.234\n", []), ("0001.23\u{2}\r\n", []),
    ("X0001.234\r\n", []),
  ]

  @Test(arguments: short)
  func `a frame of 10 bytes reads the same however it is cut`(_ frame: (String, [String])) throws {
    let scale = try Decoding(CAS10.self)
    scale.expect(Array(frame.0.utf8), frame.1)
    scale.expect(Array((frame.0 + "0002.000\r\n").utf8), frame.1 + ["stable 2000"])
  }

  @Test func `a frame of 10 bytes that lost digits is no weight, and the next one is`() throws {
    let scale = try Decoding(CAS10.self)
    for count in 1..<10 {
      let bytes = Array("9876.543\r\n".utf8.dropFirst(count)) + Array("0002.000\r\n".utf8)
      #expect(scale.words(of: bytes) == ["stable 2000"], "without \(count)")
      #expect(scale.words(of: [0x39] + bytes) == ["stable 2000"] || count == 1, "without \(count)")
    }
    #expect(scale.match(Array("0001.234\r\n".utf8), startsLine: false) == .noise)
  }

  @Test(arguments: [0x00, 0x02, 0x1B, 0x7F, 0x80, 0xFF] as [UInt8])
  func `behind what is no text a frame of 10 bytes is found, and half a one is not`(
    _ noise: UInt8
  ) throws {
    let scale = try Decoding(CAS10.self)
    scale.expect([0x31, noise] + Array("0001.234\r\n".utf8), ["stable 1234"])
    for place in 0..<8 {
      var bytes = Array("9876.543\r\n".utf8)
      bytes[place] = noise
      scale.expect(bytes + Array("0002.000\r\n".utf8), ["stable 2000"])
    }
  }

  @Test func `a frame of 10 bytes has the profile's unit and no sign of rest`() throws {
    let frame = Array("0001.234\r\n".utf8)
    let number = WireNumber(digits: 1234, decimals: 3)
    let plain = try Decoding(CAS10.self).match(frame)
    #expect(plain == .frame(10, .weight(.weight(number, .kilogram, .unknown))))
    let pounds = try Decoding(CAS10.self, ScaleSettings(unit: .pound))
    #expect(pounds.match(frame) == .frame(10, .weight(.weight(number, .pound, .unknown))))
    let judged = try Decoding(CAS10.self, rule: StabilityRule(frames: 2, duration: .zero))
    #expect(judged.words(of: frame + frame) == ["moving 1234", "stable 1234"])
  }

  @Test func `only the stream of 22 bytes has keys, with the number of the scale before them`()
    throws
  {
    let third = try Decoding(CAS22.self, ScaleSettings(address: UInt8(ascii: "C")))
    #expect(third.order(.zero) == .bytes([0x03, 0x5A, 0x45, 0x0D, 0x0A]))
    #expect(third.order(.tare) == .bytes([0x03, 0x54, 0x52, 0x0D, 0x0A]))
    let first = try Decoding(CAS22.self)
    #expect(first.order(.zero) == .bytes([0x01, 0x5A, 0x45, 0x0D, 0x0A]))
    #expect(first.order(.weigh) == nil && first.order(.clearTare) == nil)
    #expect(try Decoding(CAS18.self).order(.zero) == nil)
    #expect(try Decoding(CAS10.self).order(.zero) == nil)
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(CAS22.self).expectSoundness(around: Self.long.map(\.0), seed: seed)
    let middle = Self.middle.map { Array(($0.0 + "\r\n").utf8) }
    try Decoding(CAS18.self).expectSoundness(around: middle, seed: seed)
    let short = Self.short.map { Array($0.0.utf8) }
    try Decoding(CAS10.self).expectSoundness(around: short, seed: seed)
  }
}

struct CASPOSTests {
  static func frame(_ text: String) -> [UInt8] {
    let body = Array(text.utf8)
    return [0x01, 0x02] + body + [body.reduce(0, ^), 0x03, 0x04]
  }

  static let frames: [([UInt8], [String])] = [
    (Decoding.hex("01 02 53 20 20 31 2E 32 33 34 6B 67 75 03 04"), ["stable 1234"]),
    (Decoding.hex("01 02 55 2D 20 30 2E 32 35 30 6B 67 7D 03 04"), ["moving -250"]),
    (frame("S-12.345kg"), ["negative -12345"]),
    (frame("S 12.345Kg"), ["stable 12345"]),
    (frame("S  0.000kg"), ["zero 0"]),
    (frame("S- 0.000kg"), ["zero 0"]),
    (frame("U  0.000kg"), ["moving 0"]),
    (frame("S   12.5lb"), ["stable 5670"]),
    (frame("S   1250g "), ["stable 1250"]),
    (frame("S   1250 g"), ["stable 1250"]),
    (frame("SFFFFFFFkg"), ["over"]),
    (frame("UFFFFFFFkg"), ["over"]),
    (frame("S FFFFFFkg"), ["over"]),
    (frame("SF12.345kg"), ["over"]),
    (frame("S 12.345pc"), ["fault"]),
    (frame("S       kg"), ["fault"]),
    (frame("S+12.345kg"), ["fault"]),
    (frame("S 12A345kg"), ["fault"]),
    (frame("X 12.345kg"), []),
    ([0x06], ["proceed 11"]),
    ([0x15], []),
    ([0x06] + frame("S  1.234kg"), ["proceed 11", "stable 1234"]),
    ([0x15, 0x06] + frame("S  1.234kg") + [0x06], ["proceed 11", "stable 1234", "proceed 11"]),
  ]

  @Test(arguments: frames)
  func `the exchange reads the same however it is cut`(_ frame: ([UInt8], [String])) throws {
    let scale = try Decoding(CASPOS.self)
    scale.expect(frame.0, frame.1)
    let good = Self.frame("S  2.000kg")
    scale.expect([0x30, 0x01, 0x02] + frame.0 + good, frame.1 + ["stable 2000"])
  }

  @Test func `a wrong bit anywhere is never a weight`() throws {
    let scale = try Decoding(CASPOS.self)
    let good = Self.frame("S  1.234kg")
    for bit in 0..<good.count * 8 {
      var bytes = good
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      let words = scale.words(of: bytes + good).filter { $0 != "proceed 11" }
      #expect(words == ["stable 1234"], "bit \(bit)")
    }
  }

  @Test func `it asks by ENQ, and with keys for zero and tare`() throws {
    let scale = try Decoding(CASPOS.self)
    #expect(scale.order(.weigh) == .bytes([0x05]))
    #expect(scale.order(.zero) == .bytes([0x3C, 0x5A, 0x4B, 0x3E, 0x09]))
    #expect(scale.order(.tare) == .bytes([0x3C, 0x54, 0x4B, 0x3E, 0x09]))
    #expect(scale.order(.stream) == nil && scale.order(.clearTare) == nil)
    #expect(CASPOS.wire == .serial(SerialLine(baud: 9600)))
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(CASPOS.self).expectSoundness(around: Self.frames.map(\.0), seed: seed)
  }
}
