import Domain
import Foundation
import Labels
import Testing

struct Codes {
  @Test func `a Code 128 has exact bars and a right check character`() throws {
    let template = try Shipped.template("dispatch-76x130.yaml")
    for density in [DotDensity.dpi203, .dpi300] {
      var renderer = try Shipped.renderer(density)
      let layout = try renderer.layout(template, Shipped.content())
      let code = try #require(layout.codes.first)
      #expect(code.text == (try Shipped.content().parcel.text))
      let page = layout.page()
      let module = density.module(250)
      let rows = Set(
        (code.dark.top..<code.dark.bottom).map { row in
          Code128Reader.runs(page, from: code.dark.left, to: code.dark.right, row: row)
        }
      )
      #expect(rows.count == 1, "every row of the bars is the same")
      let runs = try #require(rows.first)
      #expect(try Code128Reader.read(runs, module: module) == code.text)
      #expect(code.dark.left - code.quiet.left == 10 * module)
      #expect(code.quiet.right - code.dark.right == 10 * module)
      #expect(code.dark.height == density.edge(52_500) - density.edge(31_500))
    }
  }

  @Test func `a code takes the most whole dots that fit`() throws {
    func module(_ width: String) throws -> Int {
      var renderer = try Shipped.renderer()
      let template = try Rendering.template(
        "{ kind: code128, text: A, x: 2, y: 2, width: \(width), height: 8, module: 0.25 }"
      )
      let code = try #require(try renderer.layout(template, Shipped.content()).codes.first)
      return code.dark.width / 46
    }
    // Start, A, check: 3 × 11 modules, stop 13, quiet zones 20.
    #expect(try module("16.5") == 2)
    #expect(try module("24.625") == 2)
    #expect(try module("24.75") == 3)
    #expect(throws: LabelError.self) { try module("16.375") }
  }

  @Test func `what Zint refuses comes out in its own words`() {
    let long = String(repeating: "A", count: 300)
    do {
      _ = try Zint.code128(long, field: "elements[0]")
      Issue.record("it was encoded")
    } catch {
      guard case .refused(_, "elements[0]", let cause) = error else {
        Issue.record("\(error)")
        return
      }
      #expect(cause.contains("too long"), "\(cause)")
    }
    #expect(throws: LabelError.self) { try Zint.code128("重", field: "") }
    #expect(throws: LabelError.blank(field: "q")) { try Zint.qr("", level: .low, field: "q") }
  }

  @Test func `a QR code has its three finder patterns and no border`() throws {
    let matrix = try Zint.qr("YZ1|SM017-T4YC-000042-4|1234", level: .medium, field: "")
    #expect(matrix.width == matrix.height)
    #expect(matrix.width % 4 == 1)
    let last = matrix.width - 7
    for corner in [(0, 0), (last, 0), (0, last)] {
      for offset in 0..<7 {
        #expect(matrix[corner.0 + offset, corner.1] && matrix[corner.0, corner.1 + offset])
      }
    }
  }

  @Test(
    .enabled(if: ZBar.isInstalled, "zbarimg of Debian's zbar-tools reads the codes back"),
    .timeLimit(.minutes(2)),
    arguments: Shipped.names,
    [DotDensity.dpi203, .dpi300]
  )
  func `zbarimg reads back what the label says`(name: String, density: DotDensity) throws {
    let template = try Shipped.template(name)
    var renderer = try Shipped.renderer(density)
    for content in [try Shipped.content(), try Shipped.widest()] {
      let layout = try renderer.layout(template, content)
      let read = try ZBar.read(PNG.encode(layout.page()))
      #expect(read == Set(layout.codes.map(\.text)))
      #expect(read.contains("YZ1|\(content.parcel)|\(content.mass.grams)"))
    }
  }

  @Test(.enabled(if: ZBar.isInstalled, "zbarimg of Debian's zbar-tools reads the code back"))
  func `a QR code with Chinese text reads back`() throws {
    var renderer = try Shipped.renderer()
    let template = try Rendering.template(
      "{ kind: qr, text: \"{siteName} {direction}\", x: 2, y: 2, size: 36, module: 0.5, level: H }"
    )
    let page = try renderer.render(template, Shipped.content())
    #expect(try ZBar.read(PNG.encode(page)) == ["嵩阳街道大村子村快递服务点 上行"])
  }
}

/// The barcode reader of Debian's zbar-tools.
enum ZBar {
  private static let path = "/usr/bin/zbarimg"

  static var isInstalled: Bool { FileManager.default.isExecutableFile(atPath: path) }

  static func read(_ png: [UInt8]) throws -> Set<String> {
    let file = FileManager.default.temporaryDirectory.appending(path: "\(UUID()).png")
    try Data(png).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(filePath: path)
    process.arguments = ["--quiet", "--raw", file.path]
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Set(String(decoding: data, as: UTF8.self).split(separator: "\n").map(String.init))
  }
}
