import StrictYAML
import Testing

struct DocumentTests {
  /// Where each problem of a text stands, with a word of its cause.
  private static func places(_ text: String, _ read: (Fields) -> Void = { _ in }) -> [String] {
    let document = Document(text, file: "f.yaml")
    read(document.root)
    return document.problems.all.map { "\($0.line):\($0.column) \($0.cause)" }
  }

  @Test func `a file that is read whole has no problems`() throws {
    let document = Document("name: 秤\nlist:\n  - a\n  - b\ninner: {n: 3}\n", file: "f.yaml")
    let root = document.root
    #expect(root.string("name") == "秤")
    #expect(root.strings("list") == ["a", "b"])
    let inner = root.fields("inner")
    #expect(inner.path == "inner")
    #expect(inner.int("n", in: 1...9) == 3)
    inner.finish()
    root.finish()
    try document.check()
    #expect(root.keys == ["name", "list", "inner"])
  }

  @Test(arguments: ["", "\n\n", "# nothing\n"])
  func `an empty file is a problem, and its fields are not reported besides`(_ text: String) {
    let places = Self.places(text) { root in
      _ = root.string("name")
      _ = root.fields("inner").int("n", in: 1...9)
      root.finish()
    }
    #expect(places == ["0:0 the file is empty"])
  }

  @Test(arguments: [("- a\n", "1:1"), ("\n\ntext\n", "3:1"), ("---\n", "2:1")])
  func `a file that is no mapping says so`(_ text: String, _ place: String) {
    let places = Self.places(text) { $0.finish() }
    #expect(places.count == 1)
    #expect(places.first?.hasSuffix("the file is not a mapping") == true)
    #expect(places.first?.hasPrefix(place) == true || text == "---\n")
  }

  @Test(arguments: [
    ("a: 1\n\tb: 2\n", 2), ("a:\n\t- b\n", 2), ("a: [1, 2\n", 2), ("a: \"b\n", 2), ("a: b: c\n", 1),
    ("a: 1\n  b: 2\n", 2), ("a: *nowhere\n", 1), ("a: 1\n---\nb: 2\n", 2), ("a: @x\n", 1),
  ])
  func `broken YAML is reported once, with its line`(_ text: String, _ line: Int) {
    let document = Document(text, file: "f.yaml")
    document.root.finish()
    #expect(document.problems.all.count == 1)
    #expect(document.problems.all.first?.line == line, "\(document.problems)")
    #expect((document.problems.all.first?.column ?? 0) >= 1)
    #expect(throws: Problems.self) { try document.check() }
  }

  @Test func `a character that YAML forbids is reported with line and column`() {
    let places = Self.places("name: a\nmodel: 秤\u{1}\n")
    #expect(places.count == 1)
    #expect(places.first?.hasPrefix("2:9 ") == true, "\(places)")
  }

  @Test(arguments: [
    ("a: 1\nb: 2\na: 3\n", "1:1"), ("x:\n  a: 1\n  a: 3\n", "2:3"), ("a: 1\n\"a\": 3\n", "1:1"),
    ("1: x\n\"1\": y\n", "2:1"), ("yes: x\n'yes': y\n", "2:1"), ("{on: 1, \"on\": 2}\n", "1:9"),
  ])
  func `a key that stands twice is refused, however it is quoted`(_ text: String, _ place: String) {
    let places = Self.places(text)
    #expect(places.count == 1)
    #expect(places.first?.hasPrefix(place) == true, "\(places)")
    #expect(places.first?.hasSuffix("stands twice") == true)
  }

  @Test(arguments: ["1", "\"1\"", "'1'", "yes", "\"yes\"", "null", "\"~\"", "1.0", "2026-01-01"])
  func `a key is found by its text, whatever YAML takes it for`(_ key: String) {
    let name = key.filter { $0 != "\"" && $0 != "'" }
    let document = Document("\(key): here\n", file: "f.yaml")
    let root = document.root
    #expect(root.has(name))
    #expect(root.string(name) == "here")
    root.finish()
    #expect(document.problems.isEmpty, "\(document.problems)")
  }

  @Test func `a key that is no text is reported`() {
    #expect(Self.places("a: 1\n? [b]\n: 2\n") == ["2:3 a key is not a text"])
  }

  @Test func `aliases are refused where they stand`() {
    #expect(
      Self.places("a: &x {n: 1}\nb: *x\n") == ["2:1 an alias stands for the text of line 1"]
    )
    #expect(
      Self.places("a:\n  - &x 1\n  - *x\n") == ["2:3 an alias stands for the text of line 2"]
    )
    #expect(
      Self.places("a: &x {n: 1}\nb:\n  <<: *x\n") == ["3:3 an alias stands for the text of line 1"]
    )
    #expect(Self.places("a: &x 1\nb: &y 2\n") == [])
  }

  @Test func `a billion laughs are one line of text to us`() {
    var text = "a0: &a0 [ha, ha]\n"
    for level in 1...40 {
      let uses = Array(repeating: "*a\(level - 1)", count: 9).joined(separator: ", ")
      text += "a\(level): &a\(level) [\(uses)]\n"
    }
    let places = Self.places(text)
    #expect(places.count == 40 * 9)
    #expect(places.allSatisfy { $0.contains("an alias stands for") })
  }

  @Test func `no ordinary file is taken for one with aliases`() {
    let text = """
      # a station
      empty:
      also: ~
      flow: {a: [], b: {}, c: [1, {d: e}], "": x, g}
      list:
      - - nested
        - list
      -
      - key: value
        other: |
          text
           more
      ? asked
      : answered
      ? unanswered
      last: >-
        folded
      """
    #expect(Self.places(text) == [])
  }

  @Test func `one run finds all problems, in the places where they stand`() {
    let text = """
      name: [x]
      count: many
      extra: 1
      inner:
        mode: blue
        typo: 2
      list:
        - id: a
        - text
      """
    let places = Self.places(text) { root in
      _ = root.string("name")
      _ = root.int("count", in: 1...5)
      _ = root.int("missing", in: 1...5)
      let inner = root.fields("inner")
      let mode: Mode? = inner.choice("mode")
      #expect(mode == nil)
      inner.finish()
      for item in root.list("list") {
        _ = item.string("id")
        _ = item.bool("flag", default: true)
        item.finish()
      }
      root.finish()
    }
    #expect(
      places == [
        "1:7 `name` is not a text",
        "2:8 `count` is not a whole number from 1 to 5",
        "1:1 `missing` is missing",
        "5:9 `inner.mode` is not one of: red, green",
        "6:3 unknown key `inner.typo`",
        "9:5 `list[1]` is not a mapping",
        "3:1 unknown key `extra`",
      ]
    )
  }

  @Test func `a problem reads as place, cause and remedy`() {
    let document = Document("nmae: x\n", file: "dir/f.yaml")
    let root = document.root
    _ = root.optionalString("name")
    _ = root.optionalString("alias")
    root.finish()
    #expect(
      "\(document.problems)"
        == "dir/f.yaml:1:1: unknown key `nmae`; remove it, or use one of: alias, name"
    )
    var all = Problems()
    all.add(Problem(file: "g", line: 0, column: 0, cause: "gone", remedy: "bring it"))
    all.add(contentsOf: document.problems)
    #expect("\(all)".split(separator: "\n").first == "g: gone; bring it")
    #expect(all.all.count == 2)
  }

  enum Mode: String, CaseIterable {
    case red, green
  }
}
