import Domain
import Drivers
import TestSupport
import Testing

struct ScannedTextTests {
  private static func code(_ bytes: [UInt8], _ symbology: String? = nil) -> ScannedCode {
    ScannedCode(Scan(bytes: bytes, symbology: symbology, at: .zero))
  }

  private static func code(_ text: String, _ symbology: String? = nil) -> ScannedCode {
    code(Array(text.utf8), symbology)
  }

  @Test(arguments: [
    ("YT1234567890123", "YT1234567890123"), ("yt1234567890123", "YT1234567890123"),
    ("  YT1234567890123\r\n", "YT1234567890123"), ("\tSF1234567890123 ", "SF1234567890123"),
    ("]C0YT1234567890123", "YT1234567890123"), (" ]Q1462598779470531", "462598779470531"),
    ("12345678", "12345678"), ("AB-123456", "AB-123456"),
    (String(repeating: "9", count: 35), String(repeating: "9", count: 35)),
  ])
  func `a waybill is tidied`(text: String, waybill: String) {
    #expect(Self.code(text) == .waybill(waybill))
    #expect(Self.code(text).text == waybill)
  }

  @Test(arguments: [
    ("", "empty"), (" \r\n", "empty"), ("\u{1D}", "empty"),
    ("1234567", "7 characters"), (String(repeating: "9", count: 36), "36 characters"),
    ("https://example.invalid/p/YT1234567890123", "web address"),
    ("HTTP://EXAMPLE.INVALID", "web address"), ("k1=a,k5=YT1234567890123", "form"),
    ("YT12345\u{0}67890", "control bytes"), ("YT12345 67890", "spaces"),
    ("运单1234567890", "other scripts"), ("YT12345_67890", "no waybill has"),
    ("YT12345.67890", "no waybill has"), ("]C0", "no waybill has"), ("ß12345678", "other scripts"),
  ])
  func `what is no waybill is refused with its reason`(text: String, cause: String) {
    guard case .other(let reason) = Self.code(text) else {
      Issue.record("\(text) is \(Self.code(text))")
      return
    }
    #expect(reason.contains(cause), "\(reason)")
  }

  @Test func `the barcode of an article is no waybill, where the scanner tells what it is`() {
    #expect(Self.code("4006381333931") == .waybill("4006381333931"))
    #expect(Self.code("4006381333931", "]C0") == .waybill("4006381333931"))
    let refused = ScannedCode.other(reason: "the barcode of an article (EAN), not of a parcel")
    #expect(Self.code("4006381333931", "]E0") == refused)
    #expect(Self.code("]E04006381333931") == refused)
  }

  @Test func `bytes that are no text are refused`() {
    for byte: UInt8 in [0x00, 0x02, 0x1B, 0x7F, 0x80, 0xB4, 0xFF] {
      guard case .other = Self.code(Array("YT123456".utf8) + [byte] + Array("7890".utf8)) else {
        Issue.record("byte \(byte) passes")
        return
      }
    }
  }

  @Test func `a label of ours is told from a waybill, and its check character counts`() throws {
    let site = try #require(SiteID("SM017"))
    let number = ParcelNumber(site: site, epoch: Epoch(0x1234_5678), serial: 42)
    #expect(Self.code(number.text) == .parcel(number))
    #expect(Self.code(number.text.lowercased() + "\r") == .parcel(number))
    #expect(Self.code(number.text).text == number.text)
    let body = number.text.dropLast()
    let wrong = "0123456789".map { String(body) + String($0) }.filter { $0 != number.text }
    for text in wrong { #expect(Self.code(text) == .waybill(text)) }
  }

  @Test func `a courier's card names the courier`() {
    #expect(Self.code("YZ:CARRIER:YTO") == .carrier("yto"))
    #expect(Self.code("yz:carrier:yto\r") == .carrier("yto"))
    #expect(Self.code("YZ:CARRIER:YTO").text == "yto")
  }

  @Test(arguments: [
    ("YZ:", "YZ:VERB:VALUE"), ("YZ:CARRIER", "YZ:VERB:VALUE"), ("YZ:CARRIER:", "names nothing"),
    ("YZ:CARRIER:A/B", "names nothing"), ("YZ:CARRIER:YTO:ZTO", "names nothing"),
    ("YZ:COURIER:YTO", "this version knows: CARRIER, OPERATOR"), ("YZ::YTO", "this version knows"),
    ("YZ:CARRIER:" + String(repeating: "A", count: 33), "names nothing"),
    ("YZ:OPERATOR:017", "asks for none"),
  ])
  func `a card that says nothing of use is refused with its reason`(text: String, cause: String) {
    guard case .other(let reason) = Self.code(text) else {
      Issue.record("\(text) is \(Self.code(text))")
      return
    }
    #expect(reason.contains(cause), "\(reason)")
  }

  @Test func `a card is read by verb and value`() throws {
    #expect(try CommandCard("YZ:OPERATOR:017-A").verb == .operator)
    #expect(try CommandCard("YZ:OPERATOR:017-A").value == "017-A")
    for verb in CommandCard.Verb.allCases {
      #expect(try CommandCard(CommandCard.mark + verb.rawValue + ":1").verb == verb)
    }
    #expect(throws: CommandCard.Mistake.self) { try CommandCard("ZY:CARRIER:YTO") }
  }

  // MARK: GS1

  @Test(arguments: ["]C1", "]d2", "]Q3", "]e0"])
  func `a shipping container code is a waybill, wherever it stands`(symbology: String) {
    for text in [
      "00006141411234567890", "\u{1D}00006141411234567890",
      "4210\u{1D}00006141411234567890", "00006141411234567890\u{1D}10AB",
      "0109521234543213" + "00006141411234567890",
    ] {
      #expect(Self.code(text, symbology) == .waybill("006141411234567890"), "\(text)")
      #expect(Self.code(symbology + text) == .waybill("006141411234567890"), "\(text)")
    }
  }

  @Test(arguments: [
    ("0109521234543213", "(01)"),
    ("0109521234543213\u{1D}17100101" + "10123ABC\u{1D}211234567890", "(01) (17) (10) (21)"),
  ])
  func `a GS1 code without a parcel's number is refused`(text: String, cause: String) {
    guard case .other(let reason) = Self.code(text, "]C1") else {
      Issue.record("\(text) is \(Self.code(text, "]C1"))")
      return
    }
    #expect(reason.contains(cause), "\(reason)")
  }

  @Test func `FNC1 before a number that is not of GS1 does no harm`() {
    #expect(Self.code("YT1234567890123", "]C1") == .waybill("YT1234567890123"))
    #expect(Self.code("\u{1D}YT1234567890123") == .waybill("YT1234567890123"))
    // Without FNC1 the digits are what they are.
    #expect(Self.code("00006141411234567890", "]C0") == .waybill("00006141411234567890"))
    guard case .other = Self.code("YT123456\u{1D}7890123", "]C1") else {
      Issue.record("a separator within a waybill passes")
      return
    }
  }

  @Test(
    arguments: [
      ("0109521234543213", ["01 09521234543213"]),
      (
        "0109521234543213171001011012AB\u{1D}2112",
        [
          "01 09521234543213", "17 100101", "10 12AB", "21 12",
        ]
      ),
      ("3102001234", ["3102 001234"]), ("04123456789012345610A", ["04 1234567890123456", "10 A"]),
      ("4109521234543213\u{1D}20AB", nil),
      ("410952123454321320" + "01", ["410 9521234543213", "20 01"]),
      ("8110" + String(repeating: "7", count: 70), ["8110 " + String(repeating: "7", count: 70)]),
      ("99" + String(repeating: "a", count: 90), ["99 " + String(repeating: "a", count: 90)]),
      ("99" + String(repeating: "a", count: 91), nil),
      ("\u{1D}10A\u{1D}", ["10 A"]), ("10", nil), ("10\u{1D}21A", nil), ("1", nil), ("", nil),
      ("0109521234543", nil), ("010952123454321X", nil), ("05123", nil), ("AB12", nil), ("24", nil),
      ("10A B", nil), ("10A\u{1D}\u{1D}21B", nil),
    ] as [(String, [String]?)]
  )
  func `element strings are taken apart as the grammar says`(text: String, expected: [String]?) {
    let elements = GS1.elements(Array(text.utf8))
    #expect(elements?.map { "\($0.identifier) \($0.value)" } == expected)
  }

  @Test func `nothing that comes makes it stumble`() {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    let symbologies: [String?] = [nil, "]C0", "]C1", "]Q3", "", "]"]
    for round in 0..<4000 {
      var bytes = dice.bytes(dice.roll(0...60))
      if round % 2 == 0 { bytes = bytes.map { [0x1D, 0x30, 0x31, 0x39, 0x41, 0x5D][Int($0) % 6] } }
      let code = Self.code(bytes, symbologies[round % symbologies.count])
      if case .waybill(let text) = code {
        let isSound = text.utf8.allSatisfy { byte in
          (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || byte == 0x2D
        }
        #expect(isSound && (8...35).contains(text.utf8.count), "seed \(seed): \(bytes)")
      }
    }
  }
}
