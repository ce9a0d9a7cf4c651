import Domain
import Labels
import Testing

struct `Shipped templates` {
  static let densities: [DotDensity] = [.dpi203, .dpi300]

  @Test func `there are at least the two sizes that stations buy`() throws {
    #expect(Shipped.names.contains("dispatch-76x130.yaml"))
    #expect(Shipped.names.contains("dispatch-60x40.yaml"))
    let page = try Shipped.template("dispatch-76x130.yaml")
    #expect(DotDensity.dpi203.area(page.sheet) == Area(x: 0, y: 0, width: 608, height: 1040))
  }

  @Test(arguments: Shipped.names, densities)
  func `the widest content stays inside the margins`(
    name: String,
    density: DotDensity
  ) throws {
    let template = try Shipped.template(name)
    var renderer = try Shipped.renderer(density)
    for content in [try Shipped.widest(), try Shipped.widest(copy: 1), try Shipped.content()] {
      let page = try renderer.render(template, content)
      let inside = density.area(template.sheet.grown(x: -template.margin, y: -template.margin))
      #expect(page.black(outside: inside) == 0)
      #expect(page.black(in: inside) > 1000)
    }
  }

  @Test(arguments: Shipped.names, densities)
  func `nothing touches a code or its quiet zone`(
    name: String,
    density: DotDensity
  ) throws {
    let template = try Shipped.template(name)
    var renderer = try Shipped.renderer(density)
    for content in [try Shipped.widest(), try Shipped.content()] {
      let layout = try renderer.layout(template, content)
      let page = layout.page()
      #expect(!layout.codes.isEmpty)
      for code in layout.codes {
        let own = layout.marks.count { $0.area == code.dark }
        #expect(own == 1)
        #expect(!layout.marks.contains { $0.area != code.dark && $0.area.overlaps(code.quiet) })
        #expect(page.black(in: code.quiet) == page.black(in: code.dark))
      }
    }
  }

  @Test(arguments: Shipped.names)
  func `no two texts run into each other`(name: String) throws {
    var renderer = try Shipped.renderer()
    for copy in [1, 12] {
      let layout = try renderer.layout(Shipped.template(name), Shipped.widest(copy: copy))
      let texts = layout.marks.filter { if case .text = $0 { true } else { false } }.map(\.area)
      for (index, text) in texts.enumerated() {
        #expect(!texts[..<index].contains { $0.overlaps(text) }, "text \(index)")
      }
    }
  }

  @Test(arguments: Shipped.names)
  func `a reprint looks different from the first label`(name: String) throws {
    let template = try Shipped.template(name)
    var renderer = try Shipped.renderer()
    let first = try renderer.render(template, Shipped.content(copy: 1))
    let second = try renderer.render(template, Shipped.content(copy: 2))
    let third = try renderer.render(template, Shipped.content(copy: 3))
    let changed = zip(first.bytes, second.bytes).reduce(0) { $0 + ($1.0 ^ $1.1).nonzeroBitCount }
    #expect(changed > 5000, "the mark is seen from a step away")
    #expect(second != third)
  }

  @Test(arguments: Shipped.names)
  func `a label without a trusted clock prints no time`(name: String) throws {
    let template = try Shipped.template(name)
    var renderer = try Shipped.renderer()
    let without = try renderer.render(template, Shipped.content(time: nil))
    #expect(try renderer.render(template, Shipped.content()) != without)
  }

  @Test func `a site id too long for the bars is refused with both widths`() throws {
    let template = try Shipped.template("dispatch-76x130.yaml")
    var renderer = try Shipped.renderer()
    let site = try #require(SiteID("SM0171234567"))
    let content = LabelContent.specimen(site: site, siteName: "嵩明")
    do {
      _ = try renderer.render(template, content)
      Issue.record("it was printed")
    } catch {
      #expect(error.cause.hasSuffix("is 74.3 mm wide, and there are 72.0 mm"))
      #expect(error.remedy.contains("shorter site id"))
    }
  }
}
