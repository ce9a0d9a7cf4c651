import Domain
import Station
import Testing

struct MeaningTests {
  @Test func `no two meanings look the same`() {
    var seen: [[Rhythm]: Meaning] = [:]
    for meaning in Meaning.allCases {
      let row = meaning.row
      let other = seen.updateValue(meaning, forKey: [row.green, row.amber, row.red])
      #expect(other == nil, "\(meaning) and \(String(describing: other))")
    }
    #expect(seen.count == Meaning.allCases.count)
  }

  @Test func `every row is told by position and rhythm alone, whenever one begins to look`() {
    var seen: [[[Int64]]: Meaning] = [:]
    for meaning in Meaning.allCases {
      let row = meaning.row
      // The same flashes begun elsewhere look the same: the least turn of the cycle stands for all.
      let picture = [row.green, row.amber, row.red].map { rhythm -> [Int64] in
        let steps = rhythm.cycle
        guard !steps.isEmpty else { return rhythm == .on ? [1] : [] }
        let turns = stride(from: 0, to: steps.count, by: 2).map {
          Array(steps[$0...] + steps[..<$0])
        }
        return turns.min { $0.lexicographicallyPrecedes($1) } ?? steps
      }
      let other = seen.updateValue(meaning, forKey: picture)
      #expect(other == nil, "\(meaning) and \(String(describing: other))")
    }
    #expect(seen.count == Meaning.allCases.count)
  }

  @Test func `rhythms can be told apart by eye`() {
    let blinking = Rhythm.allCases.filter { !$0.cycle.isEmpty }
    for rhythm in blinking {
      // Shorter than this is missed from the side, faster than four a second tires.
      #expect(rhythm.cycle.allSatisfy { $0 >= 60 }, "\(rhythm)")
      #expect(rhythm.cycle.reduce(0, +) * 4 >= 1000 * Int64(rhythm.cycle.count / 2), "\(rhythm)")
    }
    let looks = blinking.map { [$0.cycle.count, Int($0.cycle.reduce(0, +))] }
    #expect(Set(looks).count == blinking.count, "flashes in a row and the pace must differ")
  }

  @Test(arguments: Meaning.allCases)
  func `each meaning has a text in both languages, of its own`(_ meaning: Meaning) {
    let text = meaning.row.text
    #expect(text.zh.contains { !$0.isASCII })
    #expect(!text.en.isEmpty && text.en.allSatisfy(\.isASCII))
    let all = Meaning.allCases.map(\.row.text)
    #expect(all.count { $0.zh == text.zh } == 1)
    #expect(all.count { $0.en == text.en } == 1)
  }

  @Test func `green alone means your turn, and only done is steady`() {
    for meaning in Meaning.allCases {
      let row = meaning.row
      #expect((row.green == .on) == (meaning == .done), "\(meaning)")
      #expect(row.green == .off || row.red == .off, "\(meaning) says go and stop")
    }
  }

  @Test(arguments: [
    Meaning.emergencyStop, .resetNeeded, .cannotSave, .noLedger, .printerTrouble, .askLabel,
    .askSeal,
    .scaleTrouble, .guardOpen, .machineTrouble,
  ])
  func `what needs a person is also heard`(_ meaning: Meaning) {
    #expect([.double, .triple].contains(meaning.row.beep))
  }
}
