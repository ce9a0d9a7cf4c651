import Domain
import Drivers
import Testing

struct STGSTests {
  static let lines: [(String, [String])] = [
    ("ST,GS,+  1.234kg", ["stable 1234"]), ("US,NT,-  0.250kg", ["moving -250"]),
    // Other makers, other padding.
    ("ST,GS,+ 123.456   g", ["stable 123"]), ("US,GS,+0123.456  lb", ["moving 55999"]),
    ("ST,GS,+000.876kg", ["stable 876"]), ("ST,GS,+   5.12kg", ["stable 5120"]),
    ("ST,GS,+ 0.00kg", ["zero 0"]), ("ST,GS,- 0.00kg", ["zero 0"]),
    ("ST,NT,-0000.250  kg", ["negative -250"]), ("ST,GS,   12.5 kg", ["stable 12500"]),
    ("ST,GS,      12.5", ["stable 12500"]), ("ST,NT,+      12.5   ", ["stable 12500"]),
    ("ST,GS 1.000KG", ["stable 1000"]), ("US,GS 1.342KG", ["moving 1342"]),
    ("ST,NT-   1.23g  ", ["negative -1"]), ("ST,GS+1.234kg", ["stable 1234"]),
    ("ST,G,  12.345,kg", ["stable 12345"]), ("US,N,-12.345,kg", ["moving -12345"]),
    ("ST,+  1.234kg", ["stable 1234"]), ("US,+00123.45  g", ["moving 123"]),
    ("St,gs,+  1.234Kg", ["stable 1234"]),
    ("ST,GS,+00000012t ", ["stable 12000000"]), ("ST,GS,+  16.00oz", ["stable 454"]),
    ("ST,GS,+  1.000LB", ["stable 454"]), ("ST,GS,+ 1234.5mg", ["stable 1"]),
    // Not the load, or not a weight.
    ("ST,TR,+012.3456  kg", []), ("ST,T,+  1.234kg", []), ("ST,TW,+  1.234kg", []),
    ("QT,GS,+     12pcs", ["fault"]), ("QT,+     12 PC", ["fault"]),
    ("ST,GS,+     12pcs", ["fault"]), ("ST,GS,+  12.34tl.T", ["fault"]),
    ("ST,GS,+  12.34hkg", ["fault"]), ("ST,GS,+   12.3 %", ["fault"]),
    ("OL,GS,+            ", ["over"]), ("OL,GS,-            ", ["under"]), ("OL,GS,+", ["over"]),
    ("OL,GS,-", ["under"]), ("OL,GS,", ["over"]), ("OL,NT,+9999.9kg", ["over"]),
    ("OL,+9999999E+19", ["over"]), ("OL,-9999999E+19", ["under"]), ("OL", []),
    ("UL,GS,-  0.000kg", ["under"]), ("OL,GS,-------kg", ["over"]), ("OL,GS,- -----", ["under"]),
    // Not a line of it.
    ("ST,GS,+", []), ("ST,GS,+ 1.2.3kg", []), ("ST,GS,+ 1 2.3kg", []), ("ST,GS,+ 1,234kg", []),
    ("ST,GS,+9999999E+19", []), ("ST,XX,+  1.234kg", []), ("ST;GS,+  1.234kg", []),
    ("SX,GS,+  1.234kg", []), ("ST,,+  1.234kg", []), ("T,GS,+  1.234kg", []),
    ("GS,+  1.234kg", []), ("  1.234kg", []),
    ("OL,GS,+OL,GS,x,y", []), ("ST,GS,+-  1.234kg", []), ("ST,GS,+  1.\u{7}234kg", []),
    ("ST,GS,+                            1.234   kg", []),
  ]

  @Test(arguments: lines, ["\r\n", "\n", "\r"])
  func `a line reads the same however it is cut`(_ line: (String, [String]), _ end: String) throws {
    let scale = try Decoding(STGS.self)
    scale.expect(Array((line.0 + end).utf8), line.1)
    let good = "ST,GS,+  2.000kg" + end
    scale.expect(
      Array(("  9.999kg" + end + line.0 + end + good).utf8),
      line.1 + ["stable 2000"]
    )
  }

  @Test func `a line that was cut short does not take the next one with it`() throws {
    let scale = try Decoding(STGS.self)
    let lines = [
      "ST,GS,+  1.234kg", "US,NT,-  0.250kg", "OL,GS,-", "QT,GS,+  12pcs", "ST,GS 1.0KG",
    ]
    for line in lines {
      for count in 1..<line.count {
        let words = scale.words(of: line.prefix(count) + "ST,GS,+  2.000kg\r\n")
        #expect(words == ["stable 2000"], "\(line.prefix(count))")
        let twice = scale.words(of: line.prefix(count) + "OL,GS,+\r\nST,GS,+  2.000kg\r\n")
        #expect(twice == ["over", "stable 2000"], "\(line.prefix(count))")
      }
    }
  }

  @Test func `without a unit it is the profile's`() throws {
    let scale = try Decoding(STGS.self, ScaleSettings(unit: .gram))
    #expect(scale.words(of: "ST,GS,+  1234 \r\n") == ["stable 1234"])
    #expect(scale.words(of: "ST,GS,+  1234kg\r\n") == ["stable 1234000"])
    #expect(scale.words(of: "ST,GS,+  1234pcs\r\n") == ["fault"])
  }

  @Test func `a line without its end is none`() throws {
    let scale = try Decoding(STGS.self)
    scale.expect(Array("ST,GS,+  1.234kg".utf8), [])
    scale.expect(Array("ST,GS,+  1.234kgST,GS,+  1.234kg\r\n".utf8), ["stable 1234"])
  }

  @Test func `it has keys and is not asked for a weight`() throws {
    let scale = try Decoding(STGS.self)
    #expect(scale.order(.zero) == .bytes(Array("MZ\r\n".utf8)))
    #expect(scale.order(.tare) == .bytes(Array("MT\r\n".utf8)))
    #expect(scale.order(.clearTare) == .bytes(Array("CT\r\n".utf8)))
    #expect(scale.order(.weigh) == nil && scale.order(.stream) == nil)
    #expect(STGS.wire == .serial(SerialLine(baud: 9600)))
  }

  @Test(arguments: [1, 2] as [UInt64])
  func `whatever comes, frames lie within it and more bytes change nothing`(_ seed: UInt64) throws {
    let lines = Self.lines.map { Array(($0.0 + "\r\n").utf8) }
    try Decoding(STGS.self).expectSoundness(around: lines, seed: seed)
  }
}
