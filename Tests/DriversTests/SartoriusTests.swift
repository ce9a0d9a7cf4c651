import Domain
import Drivers
import Testing

struct SartoriusTests {
  static let lines: [(String, [String])] = [
    ("+   123.45 g  ", ["stable 123"]), ("+   123.56 g  ", ["stable 124"]),
    ("+  123.5[6]g  ", ["stable 124"]), ("+  123.4[6]g  ", ["stable 123"]),
    ("-  123.4[6]g  ", ["negative -123"]), ("+   1.2[34]kg ", ["stable 1234"]),
    ("-   1.2[34]kg ", ["negative -1234"]),
    ("+  123.[56]g  ", ["stable 124"]), ("+  1234[5] kg ", ["stable 12345000"]),
    ("+   12.345 kg ", ["stable 12345"]), ("    12.345 kg ", ["stable 12345"]),
    ("-    0.250 kg ", ["negative -250"]), ("-    0.000 kg ", ["zero 0"]),
    ("+111.25507 mg ", ["zero 0"]), ("+   2.2046 lb ", ["stable 1000"]),
    ("+   123.56    ", ["moving"]), ("+  123.5[6]   ", ["moving"]),
    ("+       12 pcs", ["fault"]), ("+    12.34 tlh", ["fault"]), ("+    98.76 %  ", ["fault"]),
    ("      H       ", ["over"]), ("      L       ", ["under"]), ("     High     ", ["over"]),
    ("     Low      ", ["under"]), ("      C       ", ["fault"]), ("   Cal. Ext.  ", ["fault"]),
    ("Err 054       ", ["fault"]), ("     E 054    ", ["fault"]), ("APP.ERR       ", ["fault"]),
    ("      --      ", ["fault"]), ("      HH      ", []), ("              ", []),
    ("+  123.5[6 g  ", []), ("+  123.5[]g   ", []), ("+  123.5 [6]g ", []),
    ("+  12[3].[5]g ", []), ("+  123.5[6]7g ", ["fault"]), ("+   12 .56 g  ", []),
    ("+   123.56 g ", []), ("+   123.56 g   ", []), ("+   123.56 g \u{1}", []),
    ("+   Text     ", []),
  ]

  @Test(arguments: lines)
  func `a line of 16 reads the same however it is cut`(_ line: (String, [String])) throws {
    try expectLine(SartoriusSBI16.self, line, good: "+    2.000 kg ")
  }

  @Test(arguments: lines)
  func `a line of 22 has a name before the same`(_ line: (String, [String])) throws {
    let good = "N     +    2.000 kg "
    for name in ["N     ", "N1    ", "G     "] {
      try expectLine(SartoriusSBI22.self, (name + line.0, line.1), good: good)
    }
    if line.0.contains(where: \.isLetter), !line.0.contains(where: { "0123456789".contains($0) }) {
      try expectLine(SartoriusSBI22.self, ("Stat  " + line.0, line.1), good: good)
    }
  }

  static let named: [(String, [String])] = [
    ("Stat       High     ", ["over"]), ("Stat       Low      ", ["under"]),
    ("Stat     Err 054    ", ["fault"]), ("Stat     Cal.Ext.   ", ["fault"]),
    ("Stat     DIS.ER     ", ["fault"]), ("Stat        --      ", ["fault"]),
    ("T1    +   123.56 g  ", []), ("T     +   123.56 g  ", []), ("nRef  +       10 pcs", []),
    ("Qnt   +       12 pcs", ["fault"]), ("Prc   +    98.76 %  ", ["fault"]),
    ("Total +   123.56 g  ", []), ("x-Net +   123.56 g  ", []), ("Max   +   123.56 g  ", []),
    // Combics 1, p. 98; its `n` counts transactions.
    ("G#    +   1255.7 g  ", ["stable 1256"]), ("n     +     7.00 g  ", []),
    ("+   123.56 g  ", []), ("N    +   123.56 g  ", []),
  ]

  @Test(arguments: named)
  func `only the names of a weight bring one`(_ line: (String, [String])) throws {
    try expectLine(SartoriusSBI22.self, line, good: "N     +    2.000 kg ")
  }

  @Test func `the bytes of the reference`() throws {
    let short = "2B 20 20 20 31 32 33 2E 34 35 20 67 20 20 0D 0A"
    try Decoding(SartoriusSBI16.self).expect(Decoding.hex(short), ["stable 123"])
    let long = try Decoding(SartoriusSBI22.self)
    long.expect(Decoding.hex("4E 20 20 20 20 20 " + short), ["stable 123"])
  }

  @Test func `behind what is no text a line is found`() throws {
    // Seven data bits: what is left of the noise counts.
    let noise = [0x80, 0x11, 0xFF] as [UInt8]
    let short = Array("+   123.56 g  \r\n".utf8)
    try Decoding(SartoriusSBI16.self).expect(noise + short, ["stable 124"])
    try Decoding(SartoriusSBI22.self).expect(noise + Array("N     ".utf8) + short, ["stable 124"])
  }

  @Test func `a line that lost any one byte is none, nor is one from where none starts`() throws {
    let line = "+   123.56 g  "
    let scale = try Decoding(SartoriusSBI16.self)
    for index in line.indices {
      var rest = line
      rest.remove(at: index)
      #expect(scale.words(of: rest + "\r\n" + line + "\r\n") == ["stable 124"], "\(rest)")
    }
    try expectAnchor(SartoriusSBI16.self, line)
    try expectAnchor(SartoriusSBI22.self, "N     " + line)
  }

  @Test func `without a unit it moves, and shows its number where the profile has one`() throws {
    let grams = try Decoding(SartoriusSBI16.self, ScaleSettings(unit: .gram))
    #expect(grams.words(of: "+   123.56    \r\n") == ["moving 124"])
    #expect(grams.words(of: "+    0.123 kg \r\n") == ["stable 123"])
  }

  @Test func `it asks by ESC and a letter`() throws {
    let scale = try Decoding(SartoriusSBI22.self)
    #expect(scale.order(.weigh) == .bytes([0x1B, 0x50, 0x0D, 0x0A]))
    #expect(scale.order(.zero) == .bytes([0x1B, 0x56, 0x0D, 0x0A]))
    #expect(scale.order(.tare) == .bytes([0x1B, 0x55, 0x0D, 0x0A]))
    #expect(scale.order(.stream) == nil && scale.order(.clearTare) == nil)
  }
}
