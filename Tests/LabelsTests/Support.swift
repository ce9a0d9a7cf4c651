import Domain
import Foundation
import Labels
import StrictYAML
import Testing

/// The templates in `Devices/labels`, and contents to print with them.
enum Shipped {
  static let folder = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
    .appending(path: "Devices/labels")

  /// The file names, for arguments of tests.
  static let names: [String] = {
    let files = try? FileManager.default.contentsOfDirectory(atPath: folder.path)
    return (files ?? []).filter { $0.hasSuffix(".yaml") }.sorted()
  }()

  static func template(_ name: String) throws -> LabelTemplate {
    let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
    return try LabelTemplate(yaml: text, file: name)
  }

  static func content(
    siteName: String = "嵩阳街道大村子村快递服务点",
    copy: Int = 1,
    time: String? = "2026-11-24 09:12"
  ) throws -> LabelContent {
    let site = try #require(SiteID("SM017"))
    return LabelContent(
      site: site,
      siteName: siteName,
      parcel: ParcelNumber(site: site, epoch: Epoch(0x1234_5678_9ABC), serial: 42),
      mass: Mass(grams: 1234),
      copy: copy,
      direction: .up,
      record: 10042,
      time: time
    )
  }

  /// The widest of everything, with a site name of 20 characters.
  static func widest(copy: Int = 12) throws -> LabelContent {
    let site = try #require(SiteID("SM017"))
    let name = "嵩明县牛栏江镇荒田村民委员会大坝塘村组点"
    #expect(name.count == 20)
    var content = LabelContent.specimen(site: site, siteName: name)
    content.copy = copy
    return content
  }

  /// A template of 76 by 40 mm whose elements begin in line 6.
  static func label(_ elements: String...) -> String {
    "name: t\nwidth: 76\nheight: 40\nmargin: 2\nelements:\n"
      + elements.map { "  - \($0)\n" }.joined()
  }

  static func renderer(_ density: DotDensity = .dpi203) throws -> LabelRenderer {
    LabelRenderer(font: try FontFace(), density: density)
  }
}

extension Page {
  /// How many dots of an area are black.
  func black(in area: Area) -> Int {
    var count = 0
    for y in area.top..<area.bottom {
      for x in area.left..<area.right where self[x, y] { count += 1 }
    }
    return count
  }

  /// How many dots outside an area are black.
  func black(outside area: Area) -> Int {
    black(in: Area(left: 0, top: 0, right: width, bottom: area.top))
      + black(in: Area(left: 0, top: area.bottom, right: width, bottom: height))
      + black(in: Area(left: 0, top: area.top, right: area.left, bottom: area.bottom))
      + black(in: Area(left: area.right, top: area.top, right: width, bottom: area.bottom))
  }
}
