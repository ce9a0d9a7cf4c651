import StrictYAML
import Testing

struct FieldsTests {
  /// Reads the key `k` of a text; `nil` where that is reported as a problem.
  private static func read<Value>(_ value: String, _ get: (Fields) -> Value) -> Value? {
    let document = Document("k: \(value)\n", file: "f.yaml")
    let read = get(document.root)
    // Where nothing stands, the place is that behind the colon.
    let column = value.isEmpty || value.hasPrefix("#") ? 3 : 4
    #expect(document.problems.all.allSatisfy { $0.line == 1 && $0.column == column })
    return document.problems.isEmpty ? read : nil
  }

  static let integers: [(String, Int?)] = [
    ("0", 0), ("7", 7), ("-7", -7), ("+7", 7), ("007", 7), ("0x1F", 31), ("0xff", 255),
    ("100", 100), ("\"7\"", 7), ("255", 255), ("256", nil), ("-101", nil), ("7.0", nil),
    ("1e1", nil), ("0x", nil),
    ("0x-5", nil), ("0x+5", nil), ("0b1", nil), ("1_0", nil), ("seven", nil), ("", nil), ("~", nil),
    ("[7]", nil), ("{a: 7}", nil), ("9223372036854775808", nil), ("٧", nil), ("true", nil),
  ]

  @Test(arguments: integers)
  func `a whole number is in bounds or a problem`(_ text: String, _ value: Int?) {
    let bounds = -100...255
    #expect(Self.read(text) { $0.int("k", in: bounds) } == value, "\(text)")
    #expect(Self.read(text) { $0.int("k", in: bounds, default: 5) } == value, "\(text)")
    #expect(Self.read(text) { $0.optionalInt("k", in: bounds) } ?? nil == value, "\(text)")
  }

  static let thousandths: [(String, Int?)] = [
    ("0", 0), ("1", 1000), ("1.5", 1500), ("1.05", 1050), ("1.005", 1005), ("0.001", 1),
    ("-0.5", -500), ("-1.5", -1500), ("+1.5", 1500), ("76", 76_000), ("1000000", 1_000_000_000),
    ("1.0005", nil), (".5", nil), ("1.", nil), ("1.5.0", nil), ("1,5", nil), ("1.-5", nil),
    ("1.+5", nil), ("1e3", nil), ("1.5 mm", nil), ("1 .5", nil), ("1000001", nil), ("", nil),
    ("-9223372036854775808", nil), ("9223372036854775807", nil), ("1.٥", nil), ("[1]", nil),
  ]

  @Test(arguments: thousandths)
  func `a decimal is read to the thousandth, or a problem`(_ text: String, _ value: Int?) {
    let bounds = -1_000_000_000...1_000_000_000
    #expect(Self.read(text) { $0.thousandths("k", in: bounds) } == value, "\(text)")
  }

  static let durations: [(String, Int?)] = [
    ("20 ms", 20), ("0 ms", 0), ("1.5 s", 1500), ("0.02 s", 20), ("2 min", 120_000),
    ("0.5 min", 30_000), ("1000 ms", 1000), ("0.001 s", 1), ("20", nil), ("20ms", nil),
    ("0.5 ms", nil), ("20 MS", nil), ("20 us", nil), ("1 h", nil), ("ms", nil), ("20 ms 1 s", nil),
    ("-1 ms", nil), ("11 min", nil), ("600001 ms", nil), ("", nil), ("~", nil), ("[20 ms]", nil),
    ("-9223372036854775808 s", nil),
  ]

  @Test(arguments: durations)
  func `a duration carries its unit, or is a problem`(_ text: String, _ value: Int?) {
    #expect(Self.read(text) { $0.milliseconds("k", in: 0...600_000) } == value, "\(text)")
  }

  static let texts: [(String, String?)] = [
    ("a", "a"), ("\"\"", ""), ("''", ""), ("007", "007"), ("1.0", "1.0"), ("yes", "yes"),
    ("\"~\"", "~"), ("'null'", "null"), ("\" x \"", " x "), ("秤 # note", "秤"), ("a#b", "a#b"),
    ("", nil), ("~", nil), ("null", nil), ("# note", nil), ("[a]", nil), ("{a: b}", nil),
  ]

  @Test(arguments: texts)
  func `a text stands there or is missed, never made up`(_ text: String, _ value: String?) {
    #expect(Self.read(text) { $0.string("k") } == value, "\(text)")
    #expect(Self.read(text) { $0.optionalString("k") } ?? nil == value, "\(text)")
  }

  static let switches: [(String, Bool?)] = [
    ("true", true), ("false", false), ("\"true\"", true), ("yes", nil), ("on", nil), ("True", nil),
    ("1", nil), ("", nil), ("~", nil), ("[true]", nil),
  ]

  @Test(arguments: switches)
  func `only true and false are a switch`(_ text: String, _ value: Bool?) {
    #expect(Self.read(text) { $0.bool("k", default: true) } == value, "\(text)")
    #expect(Self.read(text) { $0.bool("k", default: false) } == value, "\(text)")
  }

  enum Colour: String, CaseIterable {
    case red
    case green = "dark-green"
  }

  @Test(arguments: [
    ("red", Colour.red), ("dark-green", .green), ("green", nil), ("Red", nil), ("", nil),
  ])
  func `a choice is one of the words`(_ text: String, _ value: Colour?) {
    #expect(Self.read(text) { $0.choice("k") as Colour? } ?? nil == value)
    #expect(Self.read(text) { $0.choice("k", default: Colour.red) } ?? nil == value)
  }

  @Test func `what is missing takes its default, or is reported once`() {
    let document = Document("other: 1\n", file: "f.yaml")
    let root = document.root
    #expect(root.int("a", in: 1...9, default: 5) == 5)
    #expect(root.optionalInt("b", in: 1...9) == nil)
    #expect(root.thousandths("c", in: 1...9, default: 7) == 7)
    #expect(root.milliseconds("d", in: 1...9, default: 8) == 8)
    #expect(root.bool("e", default: true))
    #expect(root.choice("f", default: Colour.green) == .green)
    #expect(root.optionalString("g") == nil)
    #expect(root.optionalFields("h") == nil)
    #expect(root.list("i").isEmpty)
    #expect(root.strings("j").isEmpty)
    #expect(document.problems.isEmpty)

    #expect(root.string("k") == "")
    #expect(root.int("l", in: 3...9) == 3)
    #expect(root.thousandths("m", in: 4...9) == 4)
    #expect(root.milliseconds("n", in: 5...9) == 5)
    let colour: Colour? = root.choice("o")
    #expect(colour == nil)
    let inner = root.fields("p")
    #expect(inner.string("q") == "")
    inner.finish()
    let causes = document.problems.all.map(\.cause)
    #expect(causes == ["k", "l", "m", "n", "o", "p"].map { "`\($0)` is missing" })
  }

  @Test(arguments: ["text", "1", "[{a: 1}]", "~"])
  func `a mapping that is none is reported, and its fields are not`(_ text: String) {
    let document = Document("k: \(text)\n", file: "f.yaml")
    let inner = document.root.fields("k")
    _ = inner.string("a")
    inner.finish()
    #expect(document.problems.all.map(\.cause) == ["`k` is not a mapping"])
    #expect(document.problems.all.map(\.column) == [4])
  }

  @Test(arguments: ["text", "{a: 1}", "~"])
  func `a list that is none is reported`(_ text: String) {
    #expect(Self.read(text) { $0.list("k").count } == nil)
    #expect(Self.read(text) { $0.strings("k").count } == nil)
  }

  @Test(arguments: ["[a, ~]", "[a, [b]]", "[a, {b: c}]", "[a, null]"])
  func `a list of texts holds nothing else`(_ text: String) {
    let document = Document("k: \(text)\n", file: "f.yaml")
    #expect(document.root.strings("k") == ["a"])
    #expect(document.problems.all.map(\.cause) == ["`k` is not a list of texts"])
  }

  @Test func `bounds are told with their sign`() {
    let document = Document("a: x\nb: x\nc: x\n", file: "f.yaml")
    _ = document.root.thousandths("a", in: -500...1500)
    _ = document.root.thousandths("b", in: -1005...20_000)
    _ = document.root.milliseconds("c", in: 5...600)
    #expect(
      document.problems.all.map(\.cause) == [
        "`a` is not a number from -0.500 to 1.500", "`b` is not a number from -1.005 to 20",
        "`c` is not a duration from 5 ms to 600 ms, as `20 ms`",
      ]
    )
  }

  @Test func `each place in a list is named`() {
    let document = Document("k:\n  - {a: 1}\n  - {a: x, b: 2}\n", file: "f.yaml")
    for item in document.root.list("k") {
      _ = item.int("a", in: 0...9)
      item.finish()
    }
    #expect(
      document.problems.all.map { "\($0.line):\($0.column) \($0.cause)" } == [
        "3:9 `k[1].a` is not a whole number from 0 to 9", "3:12 unknown key `k[1].b`",
      ]
    )
  }
}
