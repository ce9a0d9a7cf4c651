import Domain
import Labels
import StrictYAML
import Testing

struct Rendering {
  static func template(_ element: String) throws -> LabelTemplate {
    try LabelTemplate(yaml: Shipped.label(element), file: "t.yaml")
  }

  /// A text element of 20 mm width at 2, 2 mm.
  static func text(_ text: String, _ rest: String) -> String {
    "{ kind: text, text: \"\(text)\", x: 2, y: 2, width: 20, \(rest) }"
  }

  static func page(
    _ element: String,
    siteName: String = "嵩阳"
  ) throws -> Page {
    var renderer = try Shipped.renderer()
    return try renderer.render(template(element), Shipped.content(siteName: siteName))
  }

  @Test func `a missing font names path, cause and package`() {
    #expect {
      _ = try FontFace(path: "/nowhere/a.ttc")
    } throws: { error in
      "\(error)" == "opening the font /nowhere/a.ttc: the file cannot be opened; "
        + "next: apt install fonts-wqy-microhei"
    }
  }

  @Test func `a file that is no font is said to be none`() {
    let path = #filePath
    #expect(throws: LabelError.font(path: path, cause: "the file is no font")) {
      _ = try FontFace(path: path)
    }
  }

  @Test func `a character without a glyph is named with its field`() throws {
    var renderer = try Shipped.renderer()
    let template = try Shipped.template("dispatch-76x130.yaml")
    do {
      _ = try renderer.render(template, Shipped.content(siteName: "嵩阳😀"))
      Issue.record("it was printed")
    } catch let error as LabelError {
      #expect(error.description.hasPrefix("setting {siteName} in elements["))
      #expect(error.cause == "the font has no glyph for “😀” (U+1F600)")
    }
  }

  @Test(arguments: ["", " "])
  func `an empty value is an error, not a blank`(name: String) {
    let element =
      Self.text("{siteName}", "size: 4, overflow: shrink")
    #expect(throws: LabelError.blank(field: "{siteName} in elements[0]")) {
      _ = try Self.page(element, siteName: name)
    }
  }

  @Test func `what shrinks stops at its minimum`() throws {
    let element =
      Self.text("{siteName}", "size: 5, minimum: 2.5, overflow: shrink")
    let fits = try Self.page(element, siteName: "八个字正好能放下")
    #expect(fits.black(outside: Area(x: 16, y: 16, width: 160, height: 52)) == 0)
    #expect(
      throws: LabelError.tooLong(text: "九个字就放不下了呀", field: "elements[0]")
    ) {
      _ = try Self.page(element, siteName: "九个字就放不下了呀")
    }
  }

  @Test func `what is cut ends in an ellipsis inside its width`() throws {
    let element =
      Self.text("{siteName}", "size: 4, overflow: ellipsis")
    let cut = try Self.page(element, siteName: "嵩阳街道大村子")
    #expect(cut.black(outside: Area(x: 16, y: 16, width: 160, height: 42)) == 0)
    #expect(try cut == Self.page(element, siteName: "嵩阳街道…"))
  }

  @Test func `what wraps uses its lines and no more`() throws {
    let element =
      Self.text("{siteName}", "size: 4, overflow: wrap, lines: 2")
    let page = try Self.page(element, siteName: "嵩阳街道大村子村")
    #expect(page.black(in: Area(x: 16, y: 16, width: 160, height: 42)) > 0)
    #expect(page.black(in: Area(x: 16, y: 58, width: 160, height: 42)) > 0)
    #expect(throws: LabelError.tooLong(text: "嵩阳街道大村子村快递点", field: "elements[0]")) {
      _ = try Self.page(element, siteName: "嵩阳街道大村子村快递点")
    }
  }

  @Test func `a line ends neither before a full stop nor after an opening mark`() {
    #expect(LineBreak.words(of: "请看（新）。好 ab cd!") == ["请", "看", "（新）。", "好", " ab", " cd!"])
    #expect(LineBreak.words(of: "") == [])
  }

  @Test func `ink outside its element is an error, not a smear`() {
    #expect(throws: LabelError.escapes(field: "elements[0]")) {
      _ = try Self.page(
        "{ kind: text, text: 重, x: 2, y: 2, width: 1, size: 8, overflow: ellipsis }"
      )
    }
  }

  @Test func `every placeholder has its words`() throws {
    var content = try Shipped.content(copy: 3)
    content.direction = .down
    let words = Placeholder.allCases.map(content.text)
    let parcel = content.parcel.text
    #expect(
      words == [
        "SM017", "嵩阳街道大村子村快递服务点", parcel, "1.234", "1234", "3", "下行", "10042",
        "2026-11-24 09:12",
      ]
    )
    #expect(try Shipped.content().text(for: .direction) == "上行")
  }

  @Test func `alignment is exact to the dot`() throws {
    func edges(_ align: String) throws -> (left: Int, right: Int) {
      let page = try Self.page(
        "{ kind: text, text: H, x: 10, y: 2, width: 40, size: 8, align: \(align), overflow: wrap, "
          + "lines: 1 }"
      )
      let columns = (0..<page.width).filter { x in (0..<page.height).contains { page[x, $0] } }
      return (try #require(columns.first), try #require(columns.last) + 1)
    }
    #expect(try edges("left").left == 80)
    #expect(try edges("right").right == 400)
    let centre = try edges("centre")
    #expect(abs((centre.left - 80) - (400 - centre.right)) <= 1)
  }

  @Test func `bold has more ink, and white takes ink away`() throws {
    let plain = try Self.page(
      Self.text("重", "size: 8, overflow: shrink")
    )
    let bold = try Self.page(
      Self.text("重", "size: 8, overflow: shrink, bold: true")
    )
    #expect(
      bold.black(outside: .init(x: 0, y: 0, width: 0, height: 0)) * 10
        > plain.black(outside: .init(x: 0, y: 0, width: 0, height: 0)) * 12
    )
    var renderer = try Shipped.renderer()
    let white = try LabelTemplate(
      yaml: Shipped.label(
        "{ kind: box, x: 2, y: 2, width: 20, height: 12, fill: true }",
        Self.text("重", "size: 8, overflow: shrink, white: true")
      ),
      file: "t.yaml"
    )
    let inverse = try renderer.render(white, Shipped.content())
    let box = Area(x: 16, y: 16, width: 160, height: 96)
    #expect(inverse.black(in: box) + plain.black(in: box) == 160 * 96)
  }

  @Test func `lines and boxes have exactly their dots`() throws {
    let line = try Self.page("{ kind: line, x: 2, y: 3, length: 10, thickness: 0.5 }")
    #expect(line.black(in: Area(x: 16, y: 24, width: 80, height: 4)) == 320)
    #expect(line.black(outside: Area(x: 16, y: 24, width: 80, height: 4)) == 0)
    let post = try Self.page(
      "{ kind: line, x: 2, y: 3, length: 10, thickness: 0.5, direction: vertical }"
    )
    #expect(post.black(in: Area(x: 16, y: 24, width: 4, height: 80)) == 320)
    let frame = try Self.page("{ kind: box, x: 2, y: 2, width: 20, height: 10, thickness: 0.25 }")
    #expect(frame.black(in: Area(x: 16, y: 16, width: 160, height: 80)) == 160 * 80 - 156 * 76)
  }

  @Test(arguments: Shipped.names)
  func `the same label comes out in the same bytes, from a fresh or a used font`(
    name: String
  ) throws {
    let template = try Shipped.template(name)
    let content = try Shipped.widest()
    var used = try Shipped.renderer()
    _ = try used.render(template, Shipped.content())
    let again = try used.render(template, content)
    var fresh = try Shipped.renderer()
    #expect(try fresh.render(template, content) == again)
    #expect(try used.render(template, content) == again)
  }

  @Test func `an actor can own the renderer`() async throws {
    let press = try Press()
    let template = try Shipped.template("dispatch-60x40.yaml")
    #expect(try await press.page(template, Shipped.content()).width == 480)
  }
}

/// The shape in which a service keeps the renderer: no copy, no sharing, no annotation.
private actor Press {
  private var renderer: LabelRenderer

  init() throws {
    renderer = LabelRenderer(font: try FontFace())
  }

  func page(_ template: LabelTemplate, _ content: LabelContent) throws -> Page {
    try renderer.render(template, content)
  }
}
