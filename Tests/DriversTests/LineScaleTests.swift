import Domain
import Drivers
import Testing

// Scales that send lines of text; the wire of some has 7 data bits, which text does not feel.

/// Expects a line however it is cut, alone, and among others.
func expectLine<Codec: ScaleProtocol>(
  _ kind: Codec.Type,
  _ line: (String, [String]),
  good: String,
  ends: [String] = ["\r\n"],
  sourceLocation: SourceLocation = #_sourceLocation
) throws {
  let scale = try Decoding(kind)
  for end in ends {
    scale.expect(Array((line.0 + end).utf8), line.1, sourceLocation: sourceLocation)
    // Half a line before it, whose end is the start of it.
    let among = String(good.dropFirst(3)) + end + line.0 + end + good + end
    let words = scale.words(of: "?" + among)
    #expect(words == line.1 + scale.words(of: good + end), sourceLocation: sourceLocation)
  }
  scale.expect(Array(line.0.utf8), [], sourceLocation: sourceLocation)
}

/// Expects that no line is read from where none starts.
func expectAnchor<Codec: ScaleProtocol>(_ kind: Codec.Type, _ line: String) throws {
  let scale = try Decoding(kind)
  let bytes = Array((line + "\r\n").utf8)
  #expect(scale.match(bytes, startsLine: false) == .noise)
  #expect(scale.match(bytes) != .noise)
  #expect(scale.words(of: [0x39] + bytes).isEmpty, "a digit that is not its own stands before it")
}

struct ANDStandardTests {
  static let lines: [(String, [String])] = [
    ("ST,+00123.45  g", ["stable 123"]), ("US,+00123.45  g", ["moving 123"]),
    ("ST,-00012.34  g", ["negative -12"]), ("ST,+0001.234 kg", ["stable 1234"]),
    ("ST,+00012.34 lb", ["stable 5597"]), ("ST,+0016.000 oz", ["stable 454"]),
    ("ST,+01.00000ozt", ["stable 31"]), ("ST,+00000.00  g", ["zero 0"]),
    ("US,-00000.00  g", ["moving 0"]), ("ST,-00000.00  g", ["zero 0"]),
    ("ST,+001234.5 mg", ["stable 1"]), ("ST,+005.0000 ct", ["stable 1"]),
    ("QT,+00012345 PC", ["fault"]), ("ST,+000123.4  %", ["fault"]),
    ("ST,+00001.00 tl", ["fault"]), ("US,+00012345 PC", ["fault"]),
    ("OL,+9999999E+19", ["over"]), ("OL,-9999999E+19", ["under"]), ("OL,+999999.9  g", ["over"]),
    ("OL,-99999999 PC", ["under"]), ("OL,+9999999   kg", ["over"]),
    ("UL,-99999     kg", ["under"]),
    // The comparator, and gross or net of the indicators.
    ("ST,OK,+0001.234 kg", ["stable 1234"]), ("US,HI,+0001.234 kg", ["moving 1234"]),
    ("ST,LO,-0001.234 kg", ["negative -1234"]), ("ST,--,+0001.234 kg", ["stable 1234"]),
    ("ST,GS,+0012.34kg", ["stable 12340"]), ("ST,NT,-0012.34kg", ["negative -12340"]),
    ("OL,GS,        kg", ["over"]), ("OL,HI,-9999999E+19", ["under"]),
    ("ST,TR,+0012.34kg", []), ("TR,+0001.234 kg", []), ("ST,PT,+0012.34kg", []),
    // Dump print.
    ("WT   +123.45  g", ["stable 123"]), ("WT      0.00  g", ["zero 0"]),
    ("US   -183.69  g", ["moving -184"]), ("WT  +1234.56 kg", ["stable 1234560"]),
    ("WT, +1234.56  g", ["stable 1235"]), ("QT      +123 PC", ["fault"]),
    ("            E    ", ["over"]),
    ("           -E    ", ["under"]),
    // Clones pad as they like.
    ("ST,+  1.234 kg", ["stable 1234"]), ("ST,+1.234kg", ["stable 1234"]),
    ("ST,   123.45 g", ["stable 123"]), ("ST,-     0.25 kg", ["negative -250"]),
    // A digit was lost.
    ("ST,+0123.45  g", []), ("ST,-001.234 kg", []), ("ST,OK,+001.234 kg", []),
    ("ST,GS,+012.34kg", []), ("ST,+000123.45  g", []),
    // Answers.
    ("\u{6}", []), ("EC,E01", ["not understood"]), ("EC,E1", ["not understood"]),
    ("EC,E00", ["not understood"]), ("EC,E02", []), ("EC,E11", []), ("?", ["not understood"]),
    ("EC,X01", []), ("EC,E011", []), ("No.001", []), ("0000000", []), ("2009/12/31", []),
    // Not a line of it.
    ("ST,+9999999E+19", []), ("ST,+00123.45", []), ("ST,+123.45", ["fault"]),
    ("ST,+12 3.45  g", []),
    ("ST,XX,+0001.234 kg", []), ("ST,ST,+0001.234 kg", ["stable 1234"]), ("XT,+00123.45  g", []),
    ("S,+00123.45  g", []), ("+00123.45  g", []), ("ST+00123.45  g", []),
    ("ST,+00123.45  g,", []), ("ST,+1.23 g,", []), ("WX   +123.45  g", []),
    ("            F    ", []),
  ]

  @Test(arguments: lines)
  func `a line reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(ANDStandard.self, line, good: "ST,+00002.00 kg", ends: ["\r\n", "\n", "\r"])
  }

  @Test func `the bytes of the manual's examples`() throws {
    let scale = try Decoding(ANDStandard.self)
    scale.expect(
      Decoding.hex("53 54 2C 2B 30 30 31 32 33 2E 34 35 20 20 67 0D 0A"),
      ["stable 123"]
    )
    scale.expect(
      Decoding.hex("4F 4C 2C 2B 39 39 39 39 39 39 39 45 2B 31 39 0D 0A"),
      ["over"]
    )
    // Through eight data bits the parity would stand in the way; with seven it is dropped.
    scale.expect(
      Decoding.hex("53 D4 AC 2B 30 30 B1 B2 33 2E B4 35 A0 A0 E7 8D 0A"),
      ["stable 123"]
    )
  }

  @Test func `a line that lost any one byte is never another weight`() throws {
    let scale = try Decoding(ANDStandard.self)
    for line in ["ST,+00123.45  g", "US,-01234.56  g", "ST,OK,+0001.234 kg", "ST,NT,+0012.34kg"] {
      let whole = scale.words(of: line + "\r\n")
      for index in line.indices {
        var rest = line
        rest.remove(at: index)
        let words = scale.words(of: rest + "\r\n" + "ST,+00002.00 kg\r\n")
        // A blank or a needless zero may go without harm; the sign is seen to below.
        let isHarmless = words == whole + ["stable 2000"]
        #expect(words == ["stable 2000"] || isHarmless || line[index] == "-", "\(rest)")
      }
    }
  }

  @Test func `a line that was cut short does not take the next one with it`() throws {
    let scale = try Decoding(ANDStandard.self)
    for line in Self.lines.map(\.0) where line.count > 3 && line.first?.isLetter == true {
      for count in 1..<line.count {
        let words = scale.words(of: line.prefix(count) + "ST,+00002.00 kg\r\n")
        #expect(words == ["stable 2000"], "\(line.prefix(count))")
      }
    }
  }

  @Test func `without a comma a header is only one where a line starts`() throws {
    try expectAnchor(ANDStandard.self, "WT   +123.45  g")
    try expectAnchor(ANDStandard.self, "            E    ")
    let scale = try Decoding(ANDStandard.self)
    #expect(scale.words(of: "NET WT 12.3 kg\r\n").isEmpty)
    #expect(scale.words(of: "xUS 12.3 kg\r\nxUS,+00123.45  g\r\n") == ["moving 123"])
  }

  @Test func `it asks as the manuals say`() throws {
    let scale = try Decoding(ANDStandard.self)
    #expect(scale.order(.weigh) == .bytes([0x51, 0x0D, 0x0A]))
    #expect(scale.order(.stream) == .bytes(Array("SIR\r\n".utf8)))
    #expect(scale.order(.zero) == .bytes([0x5A, 0x0D, 0x0A]))
    #expect(scale.order(.tare) == .bytes([0x54, 0x0D, 0x0A]))
    #expect(scale.order(.clearTare) == nil)
    #expect(ANDStandard.wire == .serial(SerialLine(baud: 2400, dataBits: 7, parity: .even)))
  }
}

struct OhausTests {
  static let lines: [(String, [String])] = [
    // Defender 3000; the first as it was captured, with the number in eight places.
    ("   0.360 kg    G", ["stable 360"]), ("   0.360 kg   ?N", ["moving 360"]),
    ("   12.345 kg    G  ", ["stable 12345"]), ("   12.345 kg   ?G  ", ["moving 12345"]),
    ("-   0.250 kg    NET", ["negative -250"]), ("    0.000 kg    G  ", ["zero 0"]),
    ("-   0.250 kg   ?NET", ["moving -250"]), ("    1.000 kg    T  ", []),
    ("    100.0 g     G  ", ["stable 100"]), ("    2.205 lb    NET", ["stable 1000"]),
    // Navigator, Scout Pro, AS, Ranger RC, Defender 5000.
    ("        0.00 g     ", ["zero 0"]), ("       12.73 g    ?", ["moving 13"]),
    ("      0.4500 oz    ", ["stable 13"]), ("      0.5950 oz   ?", ["moving 17"]),
    ("           3 PCS   ", ["fault"]), ("           3 PCS  ?", ["fault"]),
    ("        0.85 oz     WET WT", ["stable 24"]), ("     192.21 g", ["stable 192"]),
    ("       0.01 g ?", ["moving 0"]), ("     176.30 g ? 00:00:15", ["moving 176"]),
    ("     192.08 g   00:00:30", ["stable 192"]), ("     207.80 g TOTAL", []),
    ("        200 g  ", ["stable 200"]), ("       0.211 kg ?", ["moving 211"]),
    ("-   12.345 kg ? NET", ["moving -12345"]), ("     -12.34    kg   N", ["negative -12340"]),
    ("   12.345 kg   B/G", ["stable 12345"]), ("   12.345 kg?", ["moving 12345"]),
    ("      12.34    kg   PT", []),
    ("      12.34    kg ?   Under ", ["moving 12340"]),
    // The unit may be switched off, and two numbers are one weight that is not read.
    ("    12.34         G", ["fault"]), ("    12.34        ?G", ["fault"]),
    ("    12.34 t", ["stable 12340000"]), ("        1 lb    3.5 oz   G", ["fault"]),
    ("        1 lb:oz 3.5", ["fault"]), ("    12.34 ct", ["stable 2"]),
    // Messages.
    ("ES", ["not understood"]), ("Err8.3", ["over"]), ("Err 8.4", ["under"]),
    ("Error 8.1", ["fault"]), ("Err", ["fault"]), ("   ------", ["fault"]), ("OL", ["over"]),
    ("UL", ["under"]), ("OK!", []), ("", []), ("V 1.02", []),
    // A byte was lost, or it is none of its lines.
    ("  12.345 kg    G  ", []), ("12.345 kg ?", []), ("   12.3 45 kg", []),
    ("   1.2.345 kg", []), ("   12.345 kg \u{7}", []), ("Gross:   12.34 kg", []),
  ]

  @Test(arguments: lines)
  func `a line reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(Ohaus.self, line, good: "    2.000 kg    G  ", ends: ["\r\n", "\n", "\r"])
  }

  @Test func `nothing marks the start of a line, so it must be one`() throws {
    try expectAnchor(Ohaus.self, "   12.345 kg    G  ")
    let grams = try Decoding(Ohaus.self, ScaleSettings(unit: .gram))
    #expect(grams.words(of: "    12.34         G\r\n") == ["stable 12"])
    #expect(grams.words(of: "    12.34        ?G\r\n") == ["moving 12"])
    #expect(grams.words(of: "    12.34 kg      G\r\n") == ["stable 12340"])
  }

  @Test func `it asks as the manuals say`() throws {
    let scale = try Decoding(Ohaus.self)
    #expect(scale.order(.weigh) == .bytes(Array("IP\r\n".utf8)))
    #expect(scale.order(.stream) == .bytes(Array("CP\r\n".utf8)))
    #expect(scale.order(.zero) == .bytes(Array("Z\r\n".utf8)))
    #expect(scale.order(.tare) == .bytes(Array("T\r\n".utf8)))
  }
}

struct ShuangjieTests {
  static let lines: [(String, [String])] = [
    ("   123.45 g ", ["stable 123"]), ("-  1234.5 g ", ["negative -1234"]),
    ("    0.000 g ", ["zero 0"]), ("-  29.182 g ", ["negative -29"]),
    ("-   0.000 g ", ["zero 0"]), ("-  450.38 GN", ["negative -29"]),
    ("   1.2345kg ", ["stable 1234"]),
    ("+  123.45 g ", ["stable 123"]), (" 12345678 g ", ["stable 12345678"]),
    ("   1000.0 ct", ["stable 200"]), ("    1.000 lb", ["stable 454"]),
    ("      100PCS", ["fault"]), ("   123.45   ", ["fault"]), ("   12.34 tl ", ["fault"]),
    ("   ------ g ", ["fault"]), ("            ", ["fault"]), ("   1 3.45 g ", ["fault"]),
    ("  123.45 g ", []), ("    123.45 g ", []), ("  123.45\u{1} g ", []), ("A  123.45 g ", []),
    ("1  123.45 g ", []),
  ]

  @Test(arguments: lines)
  func `a line reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(Shuangjie.self, line, good: "    2.000kg ")
  }

  @Test func `nothing marks the start of a line, so it must be one`() throws {
    try expectAnchor(Shuangjie.self, "   123.45 g ")
    let grams = try Decoding(Shuangjie.self, ScaleSettings(unit: .gram))
    #expect(grams.words(of: "   123.45   \r\n") == ["stable 123"])
    let judged = try Decoding(Shuangjie.self, rule: StabilityRule())
    #expect(judged.words(of: "   123.45 g \r\n") == ["moving 123"])
  }

  @Test func `behind what is no text a line is found`() throws {
    let line = Array("+  12.345kg \r\n".utf8)
    try Decoding(Shuangjie.self).expect([0x37, 0xFF] + line, ["stable 12345"])
    try Decoding(Shuangjie.self).expect([0xFF, 0x37] + line, [])
  }

  @Test func `it asks by ESC and a letter`() throws {
    let scale = try Decoding(Shuangjie.self)
    #expect(scale.order(.weigh) == .bytes([0x1B, 0x70]))
    #expect(scale.order(.tare) == .bytes([0x1B, 0x74]))
    #expect(scale.order(.zero) == nil && scale.order(.stream) == nil)
  }
}

struct KernTests {
  static let lines: [(String, [String])] = [
    ("       0.000 g  ", ["zero 0"]), ("     -29.186 g  ", ["negative -29"]),
    ("       0.665 g  ", ["stable 1"]), ("       10.21 gn ", ["stable 1"]),
    ("      12.345 kg ", ["stable 12345"]), ("M     12.345 kg ", ["stable 12345"]),
    (" -    12.345 kg ", ["negative -12345"]), ("        1.00 lb ", ["stable 454"]),
    ("      12.345    ", ["moving"]), ("      12.345 ", ["moving"]), (" -    12.345 ", ["moving"]),
    ("          12 pcs", ["fault"]), ("       98.76 %  ", ["fault"]),
    ("           Error", ["fault"]),
    ("       Error", ["fault"]), ("     12.345 kg ", []), ("       12.345 kg ", []),
    ("      12.345", []), ("      12.345  ", []), ("x     12.345 kg ", []),
    ("001   12.345 kg ", []), ("      12.345kg  ", []), ("                ", []),
  ]

  @Test(arguments: lines)
  func `a line reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(Kern.self, line, good: "       2.000 kg ", ends: ["\r\n", "\n", "\r"])
  }

  @Test func `nothing marks the start of a line, so it must be one`() throws {
    try expectAnchor(Kern.self, "      12.345 kg ")
    let grams = try Decoding(Kern.self, ScaleSettings(unit: .gram))
    #expect(grams.words(of: "      12.345    \r\n") == ["moving 12"])
    #expect(grams.words(of: "      12.345 kg \r\n") == ["stable 12345"])
  }

  @Test func `it asks with single letters`() throws {
    let scale = try Decoding(Kern.self)
    #expect(scale.order(.weigh) == .bytes([0x77]) && scale.order(.tare) == .bytes([0x74]))
    #expect(scale.order(.zero) == nil && scale.order(.stream) == nil)
  }
}

struct AdamTests {
  static let lines: [(String, [String])] = [
    ("  1.234kg", ["stable 1234"]), ("1.234kg", ["stable 1234"]), ("  0.000kg", ["zero 0"]),
    ("  1.234 KG", ["stable 1234"]), ("- 1.234 kg", ["negative -1234"]),
    ("  2.5lb", ["stable 1134"]),
    ("Gross Wt      1.234 Kg", ["stable 1234"]), ("Net Wt.      -1.234 Kg", ["negative -1234"]),
    ("Wt.    1.234 Kg", ["stable 1234"]), ("G/W     +     2.00   kg", ["stable 2000"]),
    ("N      +     1.00   kg", ["stable 1000"]), ("       123.45 g ", ["stable 123"]),
    ("-      123.45 g ", ["negative -123"]), ("   1.234kg   2.00   2.47", ["stable 1234"]),
    ("T      +     1.00   kg", []), ("Tare   0.100 kg", []), ("Unit Wt.     123 g", []),
    ("PCS      10 pcs", []), ("        125 PCS", ["fault"]), ("Date 12/09/2006", []),
    ("Time 14:56:27", []), ("Price  2.00/kg", []), ("   2.00/kg", []), ("   1.234", []),
    (".234kg", []), ("  -.234kg", []), ("  1.2.3kg", []), ("  1 2.3kg", []), ("kg", []), ("", []),
    ("   1.234kg2", []), ("  1.234\u{1}kg", []), ("\u{1}  1.234kg", []),
  ]

  @Test(arguments: lines)
  func `a line reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(Adam.self, line, good: "  2.000kg", ends: ["\r\n", "\n", "\r"])
  }

  @Test func `nothing marks the start of a line, so it must be one`() throws {
    try expectAnchor(Adam.self, "  1.234kg")
    let judged = try Decoding(Adam.self, rule: StabilityRule())
    #expect(judged.words(of: "  1.234kg\r\n") == ["moving 1234"])
  }

  @Test func `it asks as the manual says`() throws {
    let scale = try Decoding(Adam.self)
    #expect(scale.order(.weigh) == .bytes([0x50, 0x0D, 0x0A]))
    #expect(scale.order(.zero) == .bytes([0x5A, 0x0D, 0x0A]))
    #expect(scale.order(.tare) == .bytes([0x54, 0x0D, 0x0A]))
    #expect(scale.order(.stream) == nil)
    #expect(Adam.wire == .serial(SerialLine(baud: 4800)))
  }
}

struct BinaryBCDTests {
  static let frames: [(String, [String])] = [
    ("FF 43 45 23 01", ["stable 12345"]), ("FF 43 45 23 01 00", ["stable 12345"]),
    ("FF 03 45 23 01", ["moving 12345"]), ("FF 63 50 02 00", ["negative -250"]),
    ("FF 43 00 00 00", ["zero 0"]), ("FF 63 00 00 00", ["zero 0"]),
    ("FF 40 99 99 99", ["stable 999999000"]), ("FF 45 45 23 01", ["stable 123"]),
    ("FF 43 00 10 00 01", ["stable 454"]), ("FF C3 00 00 00", ["over"]),
    ("FF E3 00 00 00", ["under"]), ("FF 48 20 00 00", ["fault"]), ("FF 50 20 00 00 00", ["fault"]),
    ("FF C8 20 00 00", ["fault"]), ("FF 58 20 00 00", []), ("FF 46 20 00 00", []),
    ("FF 47 20 00 00", []), ("FF 43 4A 23 01", []), ("FF 43 A5 23 01", []), ("FF 43 45 F3 01", []),
    ("FF 43 45 23 01 02", []), ("FF 43 45 23", []), ("43 45 23 01", []), ("FF", []),
  ]

  @Test(arguments: frames)
  func `a frame reads the same however it is cut`(_ frame: (String, [String])) throws {
    let scale = try Decoding(BinaryBCD.self)
    let bytes = Decoding.hex(frame.0)
    scale.expect(bytes, frame.1)
    let good = Decoding.hex("FF 43 00 20 00") + (bytes.count == 6 ? [0] : [])
    scale.expect([0xFF, 0x43, 0x12] + bytes + good, frame.1 + ["stable 2000"])
  }

  @Test func `the profile's unit counts where none is sent`() throws {
    let scale = try Decoding(BinaryBCD.self, ScaleSettings(unit: .gram))
    #expect(scale.words(of: Decoding.hex("FF 40 50 12 00")) == ["stable 1250"])
    #expect(scale.words(of: Decoding.hex("FF 40 50 12 00 00")) == ["stable 1250000"])
    #expect(ScaleRequest.allCases.allSatisfy { scale.order($0) == nil })
  }
}

struct LineSoundnessTests {
  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    func check<Codec: ScaleProtocol>(_ kind: Codec.Type, _ lines: [(String, [String])]) throws {
      let frames = lines.map { Array(($0.0 + "\r\n").utf8) }
      try Decoding(kind).expectSoundness(around: frames, seed: seed)
    }
    try check(ANDStandard.self, ANDStandardTests.lines)
    try check(Ohaus.self, OhausTests.lines)
    try check(SartoriusSBI16.self, SartoriusTests.lines)
    try check(SartoriusSBI22.self, SartoriusTests.named)
    try check(Shuangjie.self, ShuangjieTests.lines)
    try check(Kern.self, KernTests.lines)
    try check(Adam.self, AdamTests.lines)
    let frames = BinaryBCDTests.frames.map { Decoding.hex($0.0) }
    try Decoding(BinaryBCD.self).expectSoundness(around: frames, seed: seed)
  }
}
