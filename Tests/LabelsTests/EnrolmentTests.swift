import Domain
import Foundation
import Labels
import Testing

/// The label of a box's key, on whatever stock a point has loaded.
struct EnrolmentTests {
  private static func note() throws -> EnrolmentNote {
    // As wide as they come.
    let key = "ed25519:" + String(repeating: "W/+m", count: 10) + "WWm="
    return EnrolmentNote(
      site: try #require(SiteID("SM0171234567")),
      key: key,
      fingerprint: "WMWM-WMWM-WMWM-WMWM",
      code: "yizhan:enroll?site=SM0171234567&key="
        + key.replacing("/", with: "%2F").replacing("+", with: "%2B").replacing("=", with: "%3D")
    )
  }

  private static func stock(_ width: Int, _ height: Int) throws -> LabelTemplate {
    try LabelTemplate(
      yaml: "name: t\nwidth: \(width)\nheight: \(height)\nmargin: 2\nelements:\n"
        + "  - { kind: line, x: 2, y: 2, length: 10, thickness: 0.25 }\n",
      file: "t.yaml"
    )
  }

  @Test(
    .enabled(if: ZBar.isInstalled, "zbarimg of Debian's zbar-tools reads the code back"),
    .timeLimit(.minutes(2)),
    arguments: [(76, 130), (60, 40), (40, 60), (50, 30), (100, 100), (100, 150)],
    [DotDensity.dpi203, .dpi300]
  )
  func `the label holds text and code on any stock, and zbarimg reads it`(
    size: (Int, Int),
    density: DotDensity
  ) throws {
    let (stock, note) = (try Self.stock(size.0, size.1), try Self.note())
    let template = LabelTemplate.enrolment(note, on: stock)
    var renderer = try Shipped.renderer(density)
    let layout = try renderer.layout(template, Shipped.content())
    let page = layout.page()
    #expect(page.width == density.area(stock.sheet).width)
    let inside = density.area(stock.sheet.grown(x: -stock.margin, y: -stock.margin))
    #expect(page.black(outside: inside) == 0)
    for code in layout.codes {
      #expect(!layout.marks.contains { $0.area != code.dark && $0.area.overlaps(code.quiet) })
    }
    let texts = layout.marks.filter { if case .text = $0 { true } else { false } }.map(\.area)
    #expect(texts.count == template.elements.count - 1)
    for (index, text) in texts.enumerated() {
      #expect(!texts[..<index].contains { $0.overlaps(text) }, "line \(index + 1)")
    }
    #expect(try ZBar.read(PNG.encode(page)) == [note.code])
    if let folder = ProcessInfo.processInfo.environment["YIZHAN_LABELS"] {
      let name = "enrolment-\(size.0)x\(size.1)-\(density).png"
      try Data(PNG.encode(page)).write(to: URL(filePath: folder + "/" + name))
    }
  }
}
