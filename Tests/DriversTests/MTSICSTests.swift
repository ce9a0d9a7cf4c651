import Domain
import Drivers
import Testing

struct MTSICSTests {
  static let frames: [(String, [String])] = [
    ("S S     100.00 g", ["stable 100"]),
    ("S D      12.34 g", ["moving 12"]),
    ("S S      -0.05 kg", ["negative -50"]),
    ("S S      1.234 kg", ["stable 1234"]),
    ("S S       0.00 g", ["zero 0"]),
    ("S S      -0.00 g", ["zero 0"]),
    ("S D      -0.00 g", ["moving 0"]),
    ("S S 100.00 g", ["stable 100"]),
    ("S S          100.00   g  ", ["stable 100"]),
    ("S S     100.00g", ["stable 100"]),
    ("S S    +100.00 g", ["stable 100"]),
    ("S S       .500 kg", ["stable 500"]),
    ("S S         12 lb", ["stable 5443"]),
    ("S S      16.00 oz", ["stable 454"]),
    ("S S      10.00 ozt", ["stable 311"]),
    ("S S      10.00 dwt", ["stable 16"]),
    ("S S     0.0010 t", ["stable 1000"]),
    ("S S     5000.0 mg", ["stable 5"]),
    ("S S      10.00 ct", ["stable 2"]),
    ("S S    1234567 kg", ["stable 1234567000"]),
    ("S S        100 pcs", ["fault"]),
    ("S S     100.00 %", ["fault"]),
    ("S D      12.34 tl", ["fault"]),
    ("S S      12.34 tlh", ["fault"]),
    ("S S     100.00", ["fault"]),
    ("S S Error 10b", ["fault"]),
    ("S I", ["moving"]),
    ("S +", ["over"]),
    ("S -", ["under"]),
    ("T S     100.00 g", ["tare done"]),
    ("T I", ["tare refused"]), ("T +", ["tare refused"]), ("T -", ["tare refused"]),
    ("TI S     100.00 g", ["tare done"]),
    ("TI D      12.34 g", ["tare done"]),
    ("TI L", ["tare refused"]), ("TI I", ["tare refused"]),
    ("TA A     100.00 g", ["tare done"]),
    ("TA I", ["tare refused"]), ("TA L", ["tare refused"]),
    ("TAC A", ["clear-tare done"]), ("TAC I", ["clear-tare refused"]),
    ("Z A", ["zero done"]), ("Z I", ["zero refused"]),
    ("Z +", ["zero refused"]), ("Z -", ["zero refused"]),
    ("ZI S", ["zero done"]), ("ZI D", ["zero done"]), ("ZI I", ["zero refused"]),
    ("ZI +", ["zero refused"]), ("ZI -", ["zero refused"]),
    ("ES", ["not understood"]), ("ET", ["not understood"]), ("EL", ["not understood"]),
    ("I4 A \"1234567\"", ["restarted"]),
    ("I4 I", []), ("I0 B 0 \"I0\"", []), ("I0 A 1 \"TAC\"", []), ("I1 A \"01\" \"2.30\" \"\"", []),
    ("I2 A \"XS204 Excellence 220.0090 g\"", []), ("I3 A \"5.10 18.6.2.1361.772\"", []),
    ("I10 A \"S S 1 g\"", []),
    ("S S", []), ("S D", []), ("S S     12x.00 g", []), ("S S   1 2 g", []), ("S S  1.2.3 g", []),
    ("S S  1234567.8901 g", []), ("S S   --1.0 g", []), ("S 100.00 g", []), ("SS 100.00 g", []),
    ("S S", []), ("S  ", []), ("T", []), ("Z B", []), ("Z AB", []), ("T SX", []), ("TAC", []),
    ("S SX     1.00 g", []), ("I4 AB", []),
    ("ESC", []), ("ES A", []), ("TACK A", []),
    ("", []), (" ", []), ("S I 1", []), ("S + 12.00 g", []), ("I A 1", []), ("IX A", []),
  ]

  @Test(arguments: frames, ["\r\n", "\n"])
  func `a line reads the same however it is cut`(_ frame: (String, [String]), _ end: String) throws
  {
    try Decoding(MTSICS.self).expect(Array((frame.0 + end).utf8), frame.1)
  }

  @Test(arguments: frames)
  func `a CR alone ends a line once nothing follows it, or something else`(
    _ frame: (String, [String])
  ) throws {
    let scale = try Decoding(MTSICS.self)
    scale.expect(Array((frame.0 + "\r").utf8), frame.1)
    scale.expect(Array((frame.0 + "\rS S      12.00 g\r").utf8), frame.1 + ["stable 12"])
  }

  @Test func `the bytes of the manual's examples mean what it says`() throws {
    let scale = try Decoding(MTSICS.self)
    scale.expect(
      Decoding.hex("53 20 53 20 20 20 20 20 31 30 30 2E 30 30 20 67 0D 0A"),
      ["stable 100"]
    )
    scale.expect(
      Decoding.hex("53 20 44 20 20 20 20 20 20 31 32 2E 33 34 20 67 0D 0A"),
      ["moving 12"]
    )
    scale.expect(Decoding.hex("53 20 49 0D 0A"), ["moving"])
    scale.expect(Decoding.hex("45 53 0D 0A"), ["not understood"])
    scale.expect(
      Decoding.hex("49 34 20 41 20 22 31 32 33 34 35 36 37 22 0D 0A"),
      ["restarted"]
    )
  }

  @Test func `a decimal fraction of a gram is kept until it is rounded once`() throws {
    let frame = try Decoding(MTSICS.self).match(Array("S S    -0.0005 g\r\n".utf8))
    let number = WireNumber(digits: -5, decimals: 4)
    #expect(frame == .frame(18, .weight(.weight(number, .gram, .stable))))
  }

  @Test func `glued lines are told apart and what lies between is passed over`() throws {
    let text =
      "\u{0}S S     100.00 g\r\n\r\nS D      12.34 g\r\nxyzS S       1.00 kg\r\nZ A\r\nES\r\n"
    try Decoding(MTSICS.self).expect(
      Array(text.utf8),
      ["stable 100", "moving 12", "stable 1000", "zero done", "not understood"]
    )
  }

  @Test func `a line that was cut off does not lend its digits to the next`() throws {
    let whole = "S S      12.34 g\r\n"
    let scale = try Decoding(MTSICS.self)
    for count in 0..<whole.utf8.count - 2 {
      let bytes = Array(whole.utf8.prefix(count)) + Array("S S     100.00 g\r\n".utf8)
      let words = scale.words(of: bytes)
      #expect(words == ["stable 100"], "after \(count) bytes")
    }
  }

  @Test func `a line whose head was lost is no weight and no error`() throws {
    let scale = try Decoding(MTSICS.self)
    for line in ["S S     100.00 g\r\n", "TI S     100.00 g\r\n", "I4 A \"SCALES\"\r\n"] {
      for count in 1..<line.utf8.count {
        let bytes = [0x20] + Array(line.utf8.dropFirst(count))
        #expect(scale.words(of: bytes) == [], "\(line) without \(count)")
      }
    }
    #expect(scale.words(of: "METTLER SCALES\r\n") == [])
    #expect(scale.words(of: "METTLER SCALES\r\nES\r\n") == ["not understood"])
  }

  @Test func `a unit that the line does not name comes from the profile, and from nowhere else`()
    throws
  {
    let scale = try Decoding(MTSICS.self, ScaleSettings(unit: .kilogram))
    #expect(scale.words(of: "S S      1.250\r\n") == ["stable 1250"])
    #expect(scale.words(of: "S S      1.250 g\r\n") == ["stable 1"])
    #expect(scale.words(of: "S S      1.250 pcs\r\n") == ["fault"])
  }

  @Test func `it asks in the words of level 0 and 1`() throws {
    let scale = try Decoding(MTSICS.self)
    #expect(scale.order(.weigh) == .bytes([0x53, 0x49, 0x0D, 0x0A]))
    #expect(scale.order(.stream) == .bytes([0x53, 0x49, 0x52, 0x0D, 0x0A]))
    #expect(scale.order(.zero) == .bytes([0x5A, 0x0D, 0x0A]))
    #expect(scale.order(.tare) == .bytes([0x54, 0x0D, 0x0A]))
    #expect(scale.order(.clearTare) == .bytes([0x54, 0x41, 0x43, 0x0D, 0x0A]))
    #expect(MTSICS.wire == .serial(SerialLine(baud: 9600)))
  }

  @Test(arguments: [1, 2, 3] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    try Decoding(MTSICS.self).expectSoundness(
      around: Self.frames.map { Array(($0.0 + "\r\n").utf8) },
      seed: seed
    )
  }

  @Test func `no more than the longest line is waited for`() throws {
    let scale = try Decoding(MTSICS.self)
    let line = Array("S ".utf8) + [UInt8](repeating: 0x41, count: 118)
    #expect(scale.match(line) == .incomplete)
    #expect(scale.match(line + [0x41]) == .noise)
    #expect(scale.match(line, isLast: true) == .noise)
  }
}

struct WireLineTests {
  static let lines: [(String, Bool, WireLine.Search)] = [
    ("abc\r\n", false, .line(WireLine(content: 3, total: 5))),
    ("abc\n", false, .line(WireLine(content: 3, total: 4))),
    ("abc\r", false, .incomplete),
    ("abc\r", true, .line(WireLine(content: 3, total: 4))),
    ("abc\rd", false, .line(WireLine(content: 3, total: 4))),
    ("abc\n\r", false, .line(WireLine(content: 3, total: 4))),
    ("\r\n", false, .line(WireLine(content: 0, total: 2))),
    ("\n", false, .line(WireLine(content: 0, total: 1))),
    ("abc", false, .incomplete),
    ("abc", true, .none),
    ("abcde\r\n", false, .line(WireLine(content: 5, total: 7))),
    ("abcde", false, .incomplete),
    ("abcdef", false, .none),
    ("abcdef\r\n", false, .none),
  ]

  @Test(arguments: lines)
  func `a line ends in CR LF, in LF, or in a CR that no LF follows`(
    _ line: (String, Bool, WireLine.Search)
  ) {
    let place = FramePlace(startsLine: true, isLast: line.1)
    let bytes = Array(line.0.utf8)
    let found = WireLine.find(in: bytes.span, longest: 5, place)
    #expect(found == line.2, "\(line.0.debugDescription)")
  }
}
