import Domain
import Labels
import TestSupport
import Testing

struct `Random labels` {
  static func content(_ dice: inout Dice) throws -> LabelContent {
    let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")
    let length = Int.random(in: 2...7, using: &dice)
    let id = String((0..<length).map { _ in letters[Int.random(in: 0..<36, using: &dice)] })
    let site = try #require(SiteID(id))
    // The 20902 ideographs of Unicode 1.1, all of which the font has.
    let name = (0..<Int.random(in: 1...20, using: &dice)).compactMap { _ in
      Unicode.Scalar(UInt32.random(in: 0x4E00...0x9FA5, using: &dice)).map(Character.init)
    }
    return LabelContent(
      site: site,
      siteName: String(name),
      parcel: ParcelNumber(
        site: site,
        epoch: Epoch(dice.next()),
        serial: Int.random(in: 1...999_999, using: &dice)
      ),
      mass: Mass(grams: Int.random(in: 0...999_999, using: &dice)),
      copy: Int.random(in: 1...99, using: &dice),
      direction: Bool.random(using: &dice) ? .up : .down,
      record: Int64.random(in: 1...9_999_999_999, using: &dice),
      time: Bool.random(using: &dice) ? "2026-11-24 09:12" : nil
    )
  }

  @Test(arguments: Shipped.names)
  func `any content keeps margins and quiet zones white and reads back`(name: String) throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    let template = try Shipped.template(name)
    let density = Bool.random(using: &dice) ? DotDensity.dpi203 : .dpi300
    let inside = density.area(template.sheet.grown(x: -template.margin, y: -template.margin))
    var renderer = try Shipped.renderer(density)
    for round in 0..<25 {
      let content = try Self.content(&dice)
      let place = Comment(rawValue: "seed \(seed) round \(round): \(content)")
      let layout = try renderer.layout(template, content)
      let page = layout.page()
      #expect(page.black(outside: inside) == 0, place)
      for code in layout.codes {
        #expect(page.black(in: code.quiet) == page.black(in: code.dark), place)
        guard code.text == content.parcel.text else { continue }
        let runs = Code128Reader.runs(
          page,
          from: code.dark.left,
          to: code.dark.right,
          row: code.dark.top
        )
        let module = (code.dark.left - code.quiet.left) / LabelTemplate.Code128.quietModules
        #expect(try Code128Reader.read(runs, module: module) == code.text, place)
      }
    }
  }
}
