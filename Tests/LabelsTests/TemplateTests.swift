import Labels
import StrictYAML
import Testing

struct `Bad templates` {
  struct Case: Sendable, CustomTestStringConvertible {
    var element: String
    /// Line, column and the beginning of cause and remedy.
    var expected: [String]

    var testDescription: String { element }
  }

  /// Each element stands in line 6, after `  - ` in columns 1 to 4.
  static let cases: [Case] = [
    Case(
      element: "{ kind: line, x: 60, y: 3, length: 20, thickness: 0.5 }",
      expected: [
        "6:5: `elements[0]` reaches from 60, 3 to 80, 3.5 mm, outside the margins; "
          + "keep it between 2, 2 and 74, 38 mm"
      ]
    ),
    Case(
      element:
        "{ kind: text, text: \"{wieght}\", x: 2, y: 2, width: 9, size: 3, overflow: shrink }",
      expected: ["6:19: unknown placeholder `{wieght}`; use one of: {site}, {siteName}, {parcel}"]
    ),
    Case(
      element: "{ kind: text, text: \"a } b\", x: 2, y: 2, width: 9, size: 3, overflow: shrink }",
      expected: ["6:19: a lone `}`; write `}}` for a brace"]
    ),
    Case(
      element: "{ kind: text, text: \"a\\nb\", x: 2, y: 2, width: 9, size: 3, overflow: shrink }",
      expected: ["6:19: the text holds a line end"]
    ),
    Case(
      element: "{ kind: text, text: \" \", x: 2, y: 2, width: 9, size: 3, overflow: shrink }",
      expected: ["6:19: the text is empty"]
    ),
    Case(
      element: "{ kind: text, text: a, x: 2, y: 2, width: 9, size: 3 }",
      expected: ["6:5: `elements[0].overflow` is missing; add `overflow:` with one of: shrink"]
    ),
    Case(
      element:
        "{ kind: text, text: \"{weight}\", x: 2, y: 2, width: 9, size: 3, overflow: ellipsis }",
      expected: ["6:68: `{weight}` must never be cut short; use `overflow: shrink` or `wrap`"]
    ),
    Case(
      element: "{ kind: text, text: \"{time}\", x: 2, y: 2, width: 9, size: 3, overflow: shrink }",
      expected: ["6:19: `{time}` has no value while the clock is not trusted; add `when: timed`"]
    ),
    Case(
      element:
        "{ kind: code128, text: \"{parcel}\", x: 2, y: 2, width: 70, height: 8, module: 0.2 }",
      expected: [
        "6:74: a module of 0.2 mm is too small to be read (ISO/IEC 15417); use 0.25 or more"
      ]
    ),
    Case(
      element:
        "{ kind: code128, text: \"{parcel}\", x: 2, y: 2, width: 70, height: 7.5, module: 1 }",
      expected: ["6:63: bars of 7.5 mm are too low to be aimed at; make them at least 8 mm high"]
    ),
    Case(
      element:
        "{ kind: code128, text: \"{siteName}\", x: 2, y: 2, width: 70, height: 8, module: 1 }",
      expected: ["6:22: `{siteName}` is not ASCII, but Code 128 carries ASCII only"]
    ),
    Case(
      element: "{ kind: code128, text: 号, x: 2, y: 2, width: 70, height: 8, module: 1 }",
      expected: ["6:22: the text holds “号”, but Code 128 carries ASCII only"]
    ),
    Case(
      element: "{ kind: qr, text: \"{parcel}\", x: 2, y: 2, size: 20, module: 0.125, level: X }",
      expected: [
        "6:57: a module of 0.125 mm is too small to be read (ISO/IEC 18004)",
        "6:79: `elements[0].level` is not one of: L, M, Q, H",
      ]
    ),
    Case(
      element: "{ kind: box, x: 2, y: 2, width: 20, height: 9, thickness: 1, colour: red }",
      expected: ["6:66: unknown key `elements[0].colour`; remove it, or use one of: fill, height"]
    ),
    Case(
      element: "{ kind: box, x: 2, x: 3, y: 2, width: 20, height: 9, thickness: 1 }",
      expected: ["6:18: the key `x` stands twice"]
    ),
    Case(
      element: "{ kind: circle, x: 2, y: 2 }",
      expected: ["6:13: `elements[0].kind` is not one of: text, code128, qr, line, box"]
    ),
    Case(
      element: "{ kind: line, x: 2, y: 2, length: 20, thickness: 1, when: sometimes }",
      expected: ["6:63: `elements[0].when` is not one of: always, reprint, original, timed"]
    ),
    Case(
      element: "{ kind: text, text: a, x: 2, y: 2, width: 9, size: 3, overflow: shrink, lines: 2 }",
      expected: ["6:77: unknown key `elements[0].lines`"]
    ),
  ]

  static func problems(_ text: String) -> [String] {
    do {
      _ = try LabelTemplate(yaml: text, file: "t.yaml")
      return []
    } catch {
      return error.all.map { String($0.description.dropFirst("t.yaml:".count)) }
    }
  }

  @Test(arguments: cases)
  func `each mistake is reported at its place`(bad: Case) {
    let found = Self.problems(Shipped.label(bad.element))
    #expect(found.count == bad.expected.count)
    for (problem, expected) in zip(found, bad.expected) {
      #expect(problem.hasPrefix(expected))
    }
  }

  @Test func `all mistakes of a file come out in one run`() {
    let elements = Self.cases.map(\.element).filter { !$0.contains("x: 2, x: 3") }
    let text =
      "name: t\nwidth: 76\nheight: 40\ncolour: red\nelements:\n"
      + elements.map { "  - \($0)\n" }.joined()
    let found = Self.problems(text)
    #expect(found.contains { $0.hasPrefix("4:1: unknown key `colour`") })
    for line in 6..<6 + elements.count {
      #expect(found.contains { $0.hasPrefix("\(line):") }, "line \(line)")
    }
  }

  @Test func `an element on a quiet zone is reported, unless the two exclude each other`() {
    let code =
      "{ kind: qr, text: A, when: original, x: 2, y: 2, size: 20, module: 0.5, level: M }"
    let line = "{ kind: line, x: 21, y: 5, length: 20, thickness: 0.5, when: "
    let frame = "{ kind: box, x: 2, y: 2, width: 72, height: 30, thickness: 0.5 }"
    let around = "{ kind: code128, text: A, x: 5, y: 5, width: 60, height: 8, module: 1 }"
    #expect(
      Self.problems(Shipped.label(code, line + "always }")) == [
        "7:5: `elements[1]` lies on the code or the quiet zone of `elements[0]`; move one of them"
      ]
    )
    #expect(Self.problems(Shipped.label(code, line + "timed }")).count == 1)
    #expect(Self.problems(Shipped.label(code, line + "reprint }")).isEmpty)
    #expect(Self.problems(Shipped.label(frame, around)).isEmpty)
    #expect(Self.problems(Shipped.label(frame, code)).count == 1)
    #expect(Self.problems(Shipped.label(code, around)).count == 1)
  }

  @Test func `a file without elements, size or text says so`() {
    #expect(Self.problems("").count == 1)
    let found = Self.problems("name: t\nwidth: 76\nelements: []\n")
    #expect(found.count == 2)
    #expect(found.contains { $0.contains("`height` is missing") })
    #expect(found.contains { $0.contains("no elements") })
  }
}

struct `Dots of a length` {
  @Test func `203 dpi are exactly 8 dots in a millimetre`() {
    #expect(DotDensity.dpi203.edge(76_000) == 608)
    #expect(DotDensity.dpi203.edge(62) == 0)
    #expect(DotDensity.dpi203.edge(63) == 1)
    #expect(DotDensity.dpi203.edge(125) == 1)
  }

  @Test func `the middle between two dots goes to the later one`() {
    #expect(DotDensity(dots: 1, millimetres: 1).edge(1500) == 2)
    #expect(DotDensity(dots: 1, millimetres: 1).edge(1499) == 1)
  }

  @Test func `300 dpi do not drift over a long label`() {
    #expect(DotDensity.dpi300.edge(127_000) == 1500)
    #expect(DotDensity.dpi300.edge(1_270_000) == 15_000)
  }

  @Test func `no module becomes narrower than asked for`() {
    #expect(DotDensity.dpi203.module(250) == 2)
    #expect(DotDensity.dpi203.module(251) == 3)
    #expect(DotDensity.dpi300.module(250) == 3)
    #expect(DotDensity.dpi300.module(255) == 4)
  }
}
