import Domain
import TestSupport
import Testing

struct CheckCharacterTests {
  static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ")

  @Test(arguments: [
    // The Global Release Identifier uses ISO/IEC 7064, MOD 37,36; this is its published example.
    ("A12425GABC1234002", "M"), ("A1-2425G-ABC1234002", "M"), ("", "1"), ("0", "2"),
  ])
  func `the check character is that of ISO/IEC 7064`(_ text: String, _ check: Character) {
    #expect(CheckCharacter.of(text) == check)
  }

  @Test func `every wrong character is detected`() {
    let body = Array("SM017K3F9000042")
    let check = CheckCharacter.of(String(body))
    for position in body.indices {
      for other in Self.alphabet where other != body[position] {
        var wrong = body
        wrong[position] = other
        #expect(CheckCharacter.of(String(wrong)) != check, "\(String(wrong))")
      }
    }
  }

  @Test func `nearly every pair of swapped neighbours is detected`() {
    var missed = 0
    var tried = 0
    // After one leading character, every state of the hybrid system is met.
    for lead in Self.alphabet {
      for first in Self.alphabet {
        for second in Self.alphabet where first != second {
          tried += 1
          let right = CheckCharacter.of(String([lead, first, second]))
          if right == CheckCharacter.of(String([lead, second, first])) { missed += 1 }
        }
      }
    }
    #expect(tried == 36 * 36 * 35)
    #expect(missed == 72)
  }
}

struct ParcelNumberTests {
  @Test func `a number carries site, epoch, serial and check character`() throws {
    let site = try #require(SiteID("SM017"))
    let number = ParcelNumber(site: site, epoch: Epoch(0), serial: 42)
    let check = CheckCharacter.of("SM0170000000042")
    #expect(number.text == "SM017-0000-000042-\(check)")
    #expect(number.description == number.text)
  }

  @Test func `every issued number reads back, also beyond a million`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var numbers: Set<ParcelNumber> = []
    for round in 0..<2000 {
      let letters = (0..<dice.roll(2...12)).map { _ in
        CheckCharacterTests.alphabet[dice.roll(0...35)]
      }
      let site = try #require(SiteID(String(letters)))
      let serial = round % 2 == 0 ? dice.roll(1...999_999) : dice.roll(1_000_000...Int.max)
      let number = ParcelNumber(site: site, epoch: Epoch(dice.next()), serial: serial)
      #expect(ParcelNumber(number.text) == number, "seed \(seed): \(number)")
      numbers.insert(number)
    }
    #expect(numbers.count > 1990)
  }

  @Test func `a number with any character changed or swapped with its neighbour is refused`() throws
  {
    let site = try #require(SiteID("SM017"))
    let text = Array(ParcelNumber(site: site, epoch: Epoch(0x1234_5678), serial: 42).text)
    for position in text.indices {
      for other in CheckCharacterTests.alphabet + ["-", "a", " "] where other != text[position] {
        var wrong = text
        wrong[position] = other
        #expect(ParcelNumber(String(wrong)) == nil, "\(String(wrong))")
      }
    }
    for position in text.indices.dropLast() where text[position] != text[position + 1] {
      var wrong = text
      wrong.swapAt(position, position + 1)
      #expect(ParcelNumber(String(wrong)) == nil, "\(String(wrong))")
    }
  }

  @Test(arguments: [
    "", "-", "---", "SM017", "S-0000-000042", "SM017-000-000042",
    "SM017-00000-000042", "SM017-0000-00042", "SM017-0000-0000042", "sm017-0000-000042",
    "SM017-0000-00004A", "SM017--000042", "SM0170123456789-0000-000042", "SM017-00é0-000042",
    "SM017-0000-00004٢",
  ])
  func `a wrong form is refused, even with the right check character`(_ body: String) {
    #expect(ParcelNumber(body) == nil)
    #expect(ParcelNumber(body + "-" + String(CheckCharacter.of(body))) == nil)
  }

  @Test func `a look-alike of the check character is refused`() throws {
    let site = try #require(SiteID("SM017"))
    let numbers = (1...500).map { ParcelNumber(site: site, epoch: Epoch(0), serial: $0).text }
    let text = try #require(numbers.first { $0.hasSuffix("K") })
    // The Kelvin sign is canonically equivalent to K, so the strings are equal and the bytes not.
    let kelvin = text.dropLast() + "\u{212A}"
    #expect(ParcelNumber(String(kelvin)) == nil)
    #expect(ParcelNumber(text + "\u{0301}") == nil)
    #expect(ParcelNumber(text + "\n") == nil)
  }
}

struct SiteTests {
  @Test(arguments: ["SM", "A1", "530127000017", "ZZZZZZZZZZZZ"])
  func `two to twelve capitals and digits are a site`(_ text: String) {
    #expect(SiteID(text)?.description == text)
  }

  @Test(arguments: [
    "", "A", "ABCDEFGHIJKLM", "sm017", "SM-17", "SM 17", "嵩明", "SM017\n", "\u{212A}1",
  ])
  func `anything else is not`(_ text: String) {
    #expect(SiteID(text) == nil)
  }

  @Test(arguments: [
    (0, "0000000000000000"), (1, "0000000000000001"), (UInt64.max, "ffffffffffffffff"),
    (0x0123_4567_89AB_CDEF, "0123456789abcdef"),
  ])
  func `an epoch is sixteen digits`(_ value: UInt64, _ text: String) {
    #expect(Epoch(value).description == text)
    #expect(Epoch(text) == Epoch(value))
  }

  @Test(arguments: [
    "", "0", "000000000000000", "00000000000000000", "ABCDEF0123456789", "+000000000000001",
    "-000000000000000", "000000000000000g", " 00000000000001",
  ])
  func `an epoch of another form is refused`(_ text: String) {
    #expect(Epoch(text) == nil)
  }

  @Test func `an epoch's tag has four characters that are not mistaken for others`() {
    var seen: Set<Character> = []
    for value in 0..<32 as Range<UInt64> {
      let tag = Epoch(value * 0x1084_21).tag
      #expect(tag.count == 4)
      seen.formUnion(tag)
    }
    #expect(seen.count == 32)
    #expect(seen.isDisjoint(with: "ILOU"))
    #expect(Epoch(1).tag != Epoch(2).tag)
  }
}
