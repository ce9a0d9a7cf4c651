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
    Meaning.emergencyStop, .resetNeeded, .cannotSave, .printerTrouble, .askLabel, .askSeal,
    .scaleTrouble, .guardOpen, .machineTrouble,
  ])
  func `what needs a person is also heard`(_ meaning: Meaning) {
    #expect([.double, .triple].contains(meaning.row.beep))
  }
}
