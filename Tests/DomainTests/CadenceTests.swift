import Domain
import Testing

struct CadenceTests {
  @Test(arguments: [
    "off", "on", "80", "400", "80 80 x3", "120 120 x2", "60 1940 x", "150 150 150 850 x",
    "100 50 300", "1 1 x100",
  ])
  func `a cadence reads as it is written`(_ notation: String) throws {
    let cadence = try #require(Cadence(notation))
    #expect(cadence.notation == notation)
    #expect(Cadence(cadence.notation) == cadence)
  }

  @Test(arguments: [
    "", " ", "x", "x3", "80 x3", "80 x", "80 80 80 x2", "80 80 x0", "80 80 x101", "80 80 x-1",
    "80 80 x3 x", "0", "80 0", "-80", "+80", "80.5", "80  80", " 80", "80 ", "on 80", "ON", "60001",
    "80 80 xx", "80 80 X3", "٨٠", "99999999999999999999", "80 80 x99999999999999999999",
  ])
  func `what is no cadence is refused`(_ notation: String) {
    #expect(Cadence(notation) == nil)
  }

  @Test func `it is on and off as it says, and tells until when`() throws {
    let triple = try #require(Cadence("80 20 x3"))
    #expect(triple.length == 300)
    #expect(triple.sequence == [80, 20, 80, 20, 80])
    for time in 0..<400 as Range<Int64> {
      let state = triple.state(at: time)
      #expect(state.isOn == (time < 300 && time % 100 < 80), "at \(time)")
      let end = time - time % 100 + (time % 100 < 80 ? 80 : 100)
      #expect(state.until == (time < 300 ? end : nil), "at \(time)")
    }
    #expect(Cadence.on.state(at: 7) == (true, nil))
    #expect(Cadence.off.state(at: 7) == (false, nil))
    let blink = try #require(Cadence("500 500 x"))
    #expect(blink.state(at: 10_000_250) == (true, 10_000_500))
    #expect(blink.length == nil)
    #expect(blink.sequence.isEmpty)
  }

  @Test func `every rhythm and every sound is written in the notation`() throws {
    for rhythm in Rhythm.allCases {
      let notation = try #require(Rhythm.notations[rhythm])
      #expect(rhythm.cadence == Cadence(notation))
      #expect(rhythm.cadence.length == nil || rhythm == .off)
    }
    for beep in Beep.allCases {
      let notation = try #require(Beep.notations[beep])
      #expect(beep.cadence == Cadence(notation))
    }
    #expect(Set(Rhythm.allCases.map(\.cadence)).count == Rhythm.allCases.count)
    #expect(Set(Beep.allCases.map(\.sequence)).count == Beep.allCases.count)
  }
}
