import Domain
import TestSupport
import Testing

struct JSONTests {
  static let texts: [(JSON, String)] = [
    (.null, "null"),
    (.bool(true), "true"),
    (.bool(false), "false"),
    (.int(0), "0"),
    (.int(-1), "-1"),
    (.int(.max), "9223372036854775807"),
    (.int(.min), "-9223372036854775808"),
    (.string(""), "\"\""),
    (.string("\"\\/"), #""\"\\/""#),
    (.string("\u{08}\t\n\u{0C}\r"), #""\b\t\n\f\r""#),
    (.string("\u{00}\u{0B}\u{1F}\u{7F}"), "\"\\u0000\\u000b\\u001f\u{7F}\""),
    (.string("嵩明\u{1F600}\u{2028}"), "\"嵩明\u{1F600}\u{2028}\""),
    (.array([]), "[]"),
    (.object([:]), "{}"),
    (.array([.int(1), .array([.null]), .object(["a": .int(2)])]), #"[1,[null],{"a":2}]"#),
    (
      .object(["b": .int(1), "a": .int(2), "": .int(3), "aa": .int(4)]),
      #"{"":3,"a":2,"aa":4,"b":1}"#
    ),
  ]

  @Test(arguments: texts)
  func `a value has one text, and that text reads as the value`(_ value: JSON, _ text: String)
    throws
  {
    #expect(value.text == text)
    #expect(value.canonical == Array(text.utf8))
    #expect(try JSON(parsing: Array(text.utf8)) == value)
  }

  @Test func `keys are sorted by UTF-16 as in RFC 8785, 3.2.3`() throws {
    let text = #"""
      {"\u20ac": 1, "\r": 2, "\ufb33": 3, "1": 4, "\ud83d\ude00": 5, "\u0080": 6, "\u00f6": 7}
      """#
    let value = try JSON(parsing: Array(text.utf8))
    let sorted =
      "{\"\\r\":2,\"1\":4,\"\u{80}\":6,\"\u{F6}\":7,\"\u{20AC}\":1,\"\u{1F600}\":5,"
      + "\"\u{FB33}\":3}"
    #expect(value.canonical == Array(sorted.utf8))
  }

  @Test func `strings are written as in RFC 8785, 3.2.2`() throws {
    let text = #"""
      { "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "literals": [null, true, false] }
      """#
    let canonical =
      #"{"literals":[null,true,false],"string":"€$\u000f\nA'B\"\\\\\"/"}"#
    #expect(try JSON(parsing: Array(text.utf8)).text == canonical)
  }

  @Test(arguments: [
    (#" "\ud83d\ude00" "#, JSON.string("\u{1F600}")),
    (#""\uD800\uDC00""#, .string("\u{10000}")),
    (#""\uDBFF\uDFFF""#, .string("\u{10FFFF}")),
    (#""\uFFFF\uD7FF\uE000""#, .string("\u{FFFF}\u{D7FF}\u{E000}")),
    (#""\u0000""#, .string("\u{0}")),
    ("-0", .int(0)),
    ("\t\r\n [ 1 , 2 ] ", .array([.int(1), .int(2)])),
    (#"{ "a" : { } }"#, .object(["a": .object([:])])),
  ])
  func `what RFC 8259 allows beyond the canonical text is read`(_ text: String, _ value: JSON)
    throws
  {
    #expect(try JSON(parsing: Array(text.utf8)).canonical == value.canonical)
  }

  @Test(arguments: [
    "", " ", "nul", "nulll", "True", "truefalse", "'a'", "[1,]", "[,1]", "[1 2]", "[", "]", "{",
    "{]",
    #"{"a"}"#, #"{"a":}"#, #"{"a":1,}"#, #"{a:1}"#, #"{"a":1 "b":2}"#, #"{1:2}"#, "1 2", "[]x",
    "01", "-", "+1", "-01", "00", "1.0", "1e3", "1E3", ".5", "0x10", "--1", "NaN", "Infinity",
    "9223372036854775808", "-9223372036854775809", "123456789012345678901234567890",
    #"{"a":1,"a":1}"#, #"{"a":1,"\u0061":2}"#, #"[{"b":{"x":0,"x":0}}]"#,
    "\"", "\"\n\"", "\"\u{0}\"", "\"\u{1F}\"", #""\x""#, #""\"#, #""\u12"#, #""\u12G4""#,
    #""\u+123""#, #""\ud800""#, #""\udc00""#, #""\ud800\ud800""#, #""\ud800x""#, #""\ud800\n""#,
    "\u{FEFF}1", "\u{A0}1", "// c\n1", "1 // c",
  ])
  func `what is not in the subset is refused`(_ text: String) {
    #expect(throws: JSON.ParseError.self) { try JSON(parsing: Array(text.utf8)) }
  }

  @Test(
    arguments: [
      [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22],
      [0x22, 0xF4, 0x90, 0x80, 0x80, 0x22], [0x22, 0xE4, 0xBD, 0x22], [0x80],
      [0xEF, 0xBB, 0xBF, 0x31],
    ] as [[UInt8]]
  )
  func `bytes that are no UTF-8 are refused`(_ bytes: [UInt8]) {
    #expect(throws: JSON.ParseError.self) { try JSON(parsing: bytes) }
  }

  @Test(arguments: [
    ("", 0), ("x", 0), ("[1,]", 3), (#"{"a":1,}"#, 7), ("[1 2]", 3), ("1 x", 2), ("[\"a\nb\"]", 3),
    ("tru", 0), ("[nope]", 1),
  ])
  func `an error names the byte`(_ text: String, _ offset: Int) {
    let error = #expect(throws: JSON.ParseError.self) { try JSON(parsing: Array(text.utf8)) }
    #expect(error?.offset == offset)
    #expect(error?.description.hasPrefix("byte \(offset): ") == true)
  }

  @Test func `nesting ends at 32 levels below the first, however deep the text goes on`() throws {
    let nested = { (depth: Int) in
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    _ = try JSON(parsing: nested(33))
    #expect(throws: JSON.ParseError.self) { try JSON(parsing: nested(34)) }
    let bombs = ["[", "{\"a\":", "[{\"a\":"].map { String(repeating: $0, count: 300_000) }
    for bomb in bombs {
      let error = #expect(throws: JSON.ParseError.self) { try JSON(parsing: Array(bomb.utf8)) }
      #expect(error?.reason.contains("deeper") == true)
    }
  }

  @Test func `any value comes back from its text`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for _ in 0..<2000 {
      let value = Self.anyValue(depth: 4, &dice)
      let back = try JSON(parsing: value.canonical)
      #expect(back == value, "seed \(seed)")
      #expect(back.canonical == value.canonical, "seed \(seed)")
    }
  }

  @Test func `any bytes are read or refused, and what is read is stable`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    let alphabet = Array("{}[]\":,0123456789-eE.truefalsn\\u \n\u{e9}".utf8)
    var readable = 0
    for _ in 0..<20_000 {
      let text = (0..<dice.roll(0...8)).map { _ in alphabet[dice.roll(0...alphabet.count - 1)] }
      guard let value = try? JSON(parsing: text) else { continue }
      readable += 1
      #expect((try? JSON(parsing: value.canonical)) == value, "seed \(seed)")
    }
    #expect(readable > 100, "seed \(seed)")
  }

  @Test func `a field is found only where it is, and only as what it is`() {
    let value = JSON.object(["n": .int(1), "s": .string("x"), "b": .bool(true), "a": .array([])])
    #expect(value["n"]?.int == 1)
    #expect(value["s"]?.string == "x")
    #expect(value["b"]?.bool == true)
    #expect(value["a"]?.array == [])
    #expect(value.object?.count == 4)
    #expect(value["n"]?.string == nil)
    #expect(value["s"]?.int == nil)
    #expect(value["n"]?.bool == nil)
    #expect(value["b"]?.array == nil)
    #expect(value["x"] == nil)
    #expect(JSON.null["n"] == nil)
    #expect(JSON.null.object == nil)
  }

  private static func anyValue(depth: Int, _ dice: inout Dice) -> JSON {
    switch dice.roll(0...(depth > 0 ? 5 : 3)) {
    case 0: .null
    case 1: .bool(dice.roll(0...1) == 1)
    case 2: .int([0, -1, .max, .min, dice.roll(-1_000_000...1_000_000)][dice.roll(0...4)])
    case 3: .string(anyText(&dice))
    case 4: .array((0..<dice.roll(0...4)).map { _ in anyValue(depth: depth - 1, &dice) })
    default:
      .object(
        Dictionary(
          (0..<dice.roll(0...4)).map { _ in (anyText(&dice), anyValue(depth: depth - 1, &dice)) }
        ) { first, _ in first }
      )
    }
  }

  private static func anyText(_ dice: inout Dice) -> String {
    let ranges: [ClosedRange<Int>] = [0...0x7F, 0x80...0x7FF, 0x800...0xFFFF, 0x10000...0x10FFFF]
    var text = String.UnicodeScalarView()
    for _ in 0..<dice.roll(0...6) {
      let value = dice.roll(ranges[dice.roll(0...3)])
      if let scalar = Unicode.Scalar(UInt32(value)) { text.append(scalar) }
    }
    return String(text)
  }
}
