import Domain
import Drivers
import StrictYAML
import TestSupport
import Testing

struct PostalItemTests {
  @Test(arguments: [
    ("47312482", 9), ("12345678", 5), ("10000000", 3), ("00000001", 4),
    // 10 becomes 0, and 11 becomes 5.
    ("00000008", 0), ("00000000", 5),
  ])
  func `the check digit of a postal item`(serial: String, check: Int) {
    #expect(S10.checkDigit(of: serial) == check)
    for digit in 0...9 {
      #expect(S10.isValid("RR\(serial)\(digit)GB") == (digit == check))
    }
  }

  @Test(arguments: ["", "1234567", "123456789", "1234567A", "１２３４５６７８", "-1234567"])
  func `only eight digits have one`(serial: String) {
    #expect(S10.checkDigit(of: serial) == nil)
  }

  @Test(arguments: [
    "RR473124829G", "R4731248290GB", "rr473124829GB", "RR473124829gb", "RR47312482 GB",
    "RR473124829GB ", "RR47312482AGB", "1R473124829GB", "RR473124829G1", "", "RRX73124829GB",
  ])
  func `another form is no postal item`(number: String) {
    #expect(!S10.isValid(number))
  }

  @Test func `a digit that was misread is found`() {
    let number = Array("RR473124829GB".utf8)
    for index in 2...10 {
      for digit in UInt8(0x30)...0x39 where digit != number[index] {
        var wrong = number
        wrong[index] = digit
        let text = String(decoding: wrong, as: UTF8.self)
        // 10 and 0, 11 and 5 share a digit, so that some errors of the serial go unseen.
        guard S10.isValid(text) else { continue }
        #expect(index < 10, "\(text)")
      }
    }
  }
}

struct CarrierPatternTests {
  @Test(arguments: [
    ("YT#{13}", "YT1234567890123", true), ("YT#{13}", "YT123456789012", false),
    ("YT#{13}", "YT12345678901234", false), ("YT#{13}", "YTA234567890123", false),
    ("YT#{13}", "yt1234567890123", false), ("YT#{13}", "XYT1234567890123", false),
    ("#{8,10}", "12345678", true), ("#{8,10}", "1234567890", true), ("#{8,10}", "1234567", false),
    ("#{8,10}", "12345678901", false), ("#{0,2}A", "A", true), ("#{0,2}A", "12A", true),
    ("#{0,2}A", "123A", false), ("[77|88]#", "771", true), ("[77|88]#", "781", false),
    ("[7|77]#", "77", true), ("[7|77]#", "777", true), ("[7|77]#", "7777", false),
    ("JD[X|K]#{2}", "JDK12", true), ("JD[X|K]#{2}", "JDZ12", false), ("@@#", "AB1", true),
    ("@@#", "A11", false), ("**-*", "A1-9", true), ("**-*", "A1--", false), ("A{3}", "AAA", true),
    ("A{3}", "AA", false), ("*{1,5}#", "12345", true), ("*{1,5}#", "A1", true),
    ("*{1,5}#", "A", false), ("#", "１", false), ("*", "é", false), ("#", "", false),
  ])
  func `a number has the form or not`(pattern: String, number: String, fits: Bool) throws {
    #expect(try #require(CarrierPattern(pattern)).fits(number) == fits)
  }

  @Test(arguments: [
    "", "yt#", "YT(#)", "#{", "#{}", "#{a}", "#{3,1}", "#{0}", "#{65}", "#{1,2,3}", "{3}", "[",
    "[]",
    "[1|]", "[1|2", "]", "[#|1]", "A B", "#{60}#{5}", "运#", "#{-1}", "#{1", "^YT", "YT+",
    String(repeating: "A", count: 65),
  ])
  func `what is no pattern is refused`(text: String) {
    #expect(CarrierPattern(text) == nil)
  }

  @Test func `a pattern that a naive search chokes on is compared at once`() throws {
    let text = String(repeating: "*{0,4}", count: 16)
    let pattern = try #require(CarrierPattern(text))
    #expect(pattern.fits(String(repeating: "A", count: 64)))
    #expect(!pattern.fits(String(repeating: "A", count: 63) + "-"))
    #expect(!pattern.fits(String(repeating: "A", count: 65)))
    #expect(!pattern.fits(String(repeating: "A", count: 1_000_000)))
  }

  @Test func `nothing that comes makes it stumble`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    let signs = Array("AY9-#@*{}[]|,10 ")
    func text(_ length: Int) -> String {
      String((0..<length).map { _ in signs[dice.roll(0...signs.count - 1)] })
    }
    var sound = 0
    for _ in 0..<4000 {
      guard let pattern = CarrierPattern(text(dice.roll(1...9))) else { continue }
      sound += 1
      _ = pattern.fits(text(dice.roll(0...12)))
    }
    #expect(sound > 100, "seed \(seed)")
  }
}

struct CarrierBookTests {
  private static func shipped() throws -> [CarrierRule] {
    try ProfileTests.shipped("carriers").map { try CarrierRule(yaml: $0.text, file: $0.file) }
  }

  @Test(arguments: ProfileTests.shipped("carriers"))
  func `every shipped courier is read, and has numbers that fit and that do not`(
    file: String,
    text: String
  ) throws {
    let rule = try CarrierRule(yaml: text, file: file)
    #expect(file.hasSuffix("/\(rule.id).yaml"))
    #expect(!rule.name.zh.isEmpty && !rule.name.en.isEmpty)
    #expect(text.contains("fits: false") && text.contains("number: "))
  }

  @Test func `the shelf is not empty, and no courier's numbers are those of nobody`() throws {
    let rules = try Self.shipped()
    #expect(rules.count >= 10)
    #expect(Set(rules.map(\.id)).count == rules.count)
    #expect(CarrierBook(rules: rules).ids == rules.map(\.id).sorted())
  }

  @Test(
    arguments: [
      ("YT1234567890123", .one("yto")), ("SF1234567890123", .one("sf")),
      ("JT0006968326954", .one("jt")), ("JDVA11408814483", .one("jd")),
      ("STO1234567890", .one("sto")), ("DPK12345678901", .one("deppon")),
      ("RR473124829GB", .one("ems")), ("123456789", .one("deppon")),
      ("RR473124828GB", .misread(reason: "its check digit (UPU S10) is wrong")),
      ("1240921381750", .several(["best", "ems", "yunda"])),
      ("432542035598773", .several(["best", "yunda"])),
      ("771234567890123", .several(["best", "sto", "yunda"])),
      ("123456789012", .several(["best", "sf"])),
      ("268123456789", .several(["best", "sf", "sto"])),
      ("NOBODYS-1", .none), ("12345678901", .none), ("", .none),
    ] as [(String, CarrierMatch)]
  )
  func `the shipped rules tell whose a number is, or that several may be meant`(
    number: String,
    match: CarrierMatch
  ) throws {
    #expect(CarrierBook(rules: try Self.shipped()).match(number) == match)
  }

  @Test func `no courier is favoured by its place`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    var rules = try Self.shipped()
    let numbers =
      [
        "YT1234567890123", "462598779470531", "1240921381750", "123456789012", "RR473124828GB",
        "12345678901234", "268123456789", "NOBODYS-1",
      ]
      + (0..<200).map { _ in
        (0..<dice.roll(8...18)).map { _ in String(dice.roll(0...9)) }.joined()
      }
    let book = CarrierBook(rules: rules)
    for _ in 0..<20 {
      rules.shuffle(using: &dice)
      let other = CarrierBook(rules: rules)
      #expect(other == book)
      for number in numbers { #expect(other.match(number) == book.match(number), "seed \(seed)") }
    }
  }

  private static func rule(_ id: String, _ patterns: String...) throws
    -> CarrierRule
  {
    CarrierRule(
      id: id,
      name: Text(zh: id, en: id),
      forms: try patterns.map { .init(pattern: try #require(CarrierPattern($0))) }
    )
  }

  @Test func `a wrong check digit is a misreading only where nothing else fits`() throws {
    let pattern = try #require(CarrierPattern("@{2}#{9}@{2}"))
    let post = CarrierRule(
      id: "post",
      name: Text(zh: "邮政", en: "post"),
      forms: [.init(pattern: pattern, hasS10Check: true)]
    )
    let other = try Self.rule("other", "RR#{9}GB")
    let isWrong = CarrierBook(rules: [post]).match("RR473124828GB")
    #expect(isWrong == .misread(reason: "its check digit (UPU S10) is wrong"))
    #expect(CarrierBook(rules: [post, other]).match("RR473124828GB") == .one("other"))
    #expect(
      CarrierBook(rules: [post, other]).match("RR473124829GB") == .several(["other", "post"])
    )
    #expect(CarrierBook(rules: []).match("RR473124829GB") == .none)
  }

  static let mistakes: [(old: String, new: String, cause: String)] = [
    ("YT#{8,20}", "YT#{8,20", "`YT#{8,20` is no pattern"), ("YT#{8,20}", "yt#{8}", "no pattern"),
    ("YT1234567890123", "YT12", "`YT12` does not fit"),
    ("SF12\", fits: false", "YT12345678\", fits: false", "`YT12345678` fits"),
    ("forms:", "form:", "unknown key `form`"),
    ("note:", "notes:", "`note` is missing"), ("source:", "sauce:", "`source` is missing"),
    ("en: YTO Express", "fr: YTO", "`name.en` is missing"),
    ("#{18}\"", "#{18}\", check: s11", "not one of: s10"),
    ("fits: false", "fit: false", "unknown key"),
  ]

  @Test(arguments: mistakes)
  func `a wrong rule is refused with the cause`(old: String, new: String, cause: String) throws {
    let file = "\(ProfileTests.devices)/carriers/yto.yaml"
    let sound = ProfileTests.text(of: file)
    let text = sound.replacing(old, with: new)
    try #require(text != sound)
    let error = #expect(throws: Problems.self) { try CarrierRule(yaml: text, file: file) }
    #expect(
      error?.all.contains { $0.cause.contains(cause) && $0.line > 0 } == true,
      "\(String(describing: error))"
    )
  }

  @Test func `a courier without any form is refused`() throws {
    let text = "name: { zh: 无, en: none }\nnote: a\nsource: b\n"
    let error = #expect(throws: Problems.self) { try CarrierRule(yaml: text, file: "x.yaml") }
    #expect(error?.all.contains { $0.cause.contains("no form of a number") } == true)
  }
}
