import Domain
import Drivers
import TestSupport
import Testing

struct ScannedCodeTests {
  private static func code(_ text: String, _ symbology: String? = nil) -> ScannedCode {
    ScannedCode(Scan(bytes: Array(text.utf8), symbology: symbology, at: .zero))
  }

  @Test(arguments: [
    ("YT1234567890123", "YT1234567890123"), (" yt1234567890123\r\n", "YT1234567890123"),
    ("]C0JT0006968326954", "JT0006968326954"), ("462598779470531", "462598779470531"),
    ("RR473124829GB", "RR473124829GB"), ("AB-12345", "AB-12345"),
    ("\u{1D}00340123450000000018", "340123450000000018"),
  ])
  func `a waybill is tidied`(_ text: String, _ waybill: String) {
    let symbology = text.hasPrefix("\u{1D}") ? "]C1" : nil
    #expect(Self.code(text, symbology) == .waybill(waybill))
  }

  @Test(arguments: [
    "", "   ", "1234567", String(repeating: "1", count: 36), "https://yto.net.cn/YT1234567890123",
    "k5=YT1234567890123", "YT1234\u{1}567890", "圆通YT1234567890", "YT12345 67890123", "YZ:SHELF:A1",
    "YZ:CARRIER:", "\u{1D}0112345678901231\u{1D}10ABC",
  ])
  func `what is no waybill is told why`(_ text: String) {
    guard case .other(let reason) = Self.code(text) else {
      Issue.record("\(text) is \(Self.code(text))")
      return
    }
    #expect(!reason.isEmpty)
  }

  @Test func `a courier's card and our own label are known`() throws {
    #expect(Self.code("YZ:CARRIER:YTO") == .carrier("yto"))
    let site = try #require(SiteID("SM017"))
    let number = ParcelNumber(site: site, epoch: Epoch(7), serial: 42)
    #expect(Self.code(number.text) == .parcel(number))
    // A wrong check character is no label of ours; it may be some courier's number.
    #expect(Self.code(String(number.text.dropLast()) + "?") != .parcel(number))
  }

  @Test func `the same beam twice is one scan, the same code later is another`() {
    var guardian = DuplicateGuard()
    #expect(guardian.note("A", at: .zero) == .fresh)
    #expect(guardian.note("A", at: .zero + .milliseconds(400)) == .echo)
    #expect(guardian.note("A", at: .zero + .milliseconds(1800)) == .echo)
    #expect(guardian.note("A", at: .zero + .milliseconds(3400)) == .fresh)
    #expect(guardian.note("B", at: .zero + .milliseconds(3500)) == .fresh)
    #expect(guardian.note("A", at: .zero + .milliseconds(3600)) == .fresh)
  }
}

struct S10Tests {
  @Test(arguments: [
    ("47312482", 9), ("12345678", 5), ("10000000", 3), ("00000001", 4), ("00000008", 0),
    ("00000000", 5),
  ])
  func `the check digit is that of the standard`(_ serial: String, _ check: Int) {
    #expect(S10.checkDigit(of: serial) == check)
    for wrong in 0...9 { #expect(S10.isValid("RR\(serial)\(wrong)GB") == (wrong == check)) }
  }

  @Test(arguments: ["", "RR473124829", "RR473124829G1", "R1473124829GB", "RR47312482XGB"])
  func `anything of another form is not one`(_ text: String) {
    #expect(!S10.isValid(text))
    #expect(S10.checkDigit(of: text) == nil)
  }
}

struct CarrierTests {
  static let shipped = ProfileTests.shipped("carriers")

  private static func book() throws -> CarrierBook {
    CarrierBook(rules: try shipped.map { try CarrierRule(yaml: $0.text, file: $0.file) })
  }

  @Test(arguments: shipped)
  func `every courier's samples fit as they say`(file: String, text: String) throws {
    let rule = try CarrierRule(yaml: text, file: file)
    #expect(text.split(separator: "number:").count > 2, "a rule without samples proves nothing")
    #expect(!rule.name.zh.isEmpty && !rule.name.en.isEmpty)
  }

  @Test func `one match is a hint, several ask, none asks, a wrong check digit is misread`() throws
  {
    let book = try Self.book()
    #expect(book.match("YT1234567890123") == .one("yto"))
    #expect(book.match("JDVA11408814483") == .one("jd"))
    guard case .several(let ids) = book.match("432542035598773") else {
      Issue.record("\(book.match("432542035598773"))")
      return
    }
    #expect(ids.contains("yunda") && ids.count > 1)
    #expect(book.match("ZZ-NOBODY-1") == .none)
    #expect(book.match("RR473124829GB") == .one("ems"))
    guard case .misread = book.match("RR473124828GB") else {
      Issue.record("\(book.match("RR473124828GB"))")
      return
    }
  }

  @Test func `no courier is favoured: the order of the rules changes nothing`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var rules = try Self.shipped.map { try CarrierRule(yaml: $0.text, file: $0.file) }
    let numbers = ["432542035598773", "YT1234567890123", "1240921381750", "123456789012"]
    let wanted = numbers.map { CarrierBook(rules: rules).match($0) }
    for _ in 0..<20 {
      rules.shuffle(using: &dice)
      #expect(numbers.map { CarrierBook(rules: rules).match($0) } == wanted, "seed \(seed)")
    }
  }

  @Test(arguments: [
    ("YT#{13}", "YT1234567890123", true), ("YT#{13}", "YT123456789012", false),
    ("#{8,10}", "1234567", false), ("#{8,10}", "1234567890", true),
    ("#{8,10}", "12345678901", false),
    ("[77|88]#{3}", "88123", true), ("[77|88]#{3}", "78123", false), ("@{2}#*", "AB1Z", true),
    ("@{2}#*", "A11Z", false), ("A-B", "A-B", true), ("*{1,64}", "A1-", false),
    ("#{0,4}#{0,4}#", "12345", true), ("*{0,9}*{0,9}*{0,9}A", "ZZZZZZZZZA", true),
  ])
  func `a pattern fits what it says`(_ pattern: String, _ number: String, _ fits: Bool) throws {
    #expect(try #require(CarrierPattern(pattern)).fits(number) == fits)
  }

  @Test(arguments: [
    "", "yt#", "#{", "#{}", "#{9,8}", "#{65}", "[A|]", "[A", "#{40}#{40}", "#{1,2,3}", "+",
  ])
  func `a pattern that breaks the rules is none`(_ pattern: String) {
    #expect(CarrierPattern(pattern) == nil)
  }
}
