extension LabelRenderer {
  /// Places a Code 128 and its readable line; bars are whole dots wide.
  mutating func place(
    _ code: LabelTemplate.Code128,
    _ text: String,
    _ path: String,
    in area: Area,
    _ layout: inout LabelLayout
  ) throws(LabelError) {
    let matrix = try Zint.code128(text, field: path)
    let quietModules = LabelTemplate.Code128.quietModules
    let modules = matrix.width + 2 * quietModules
    let module = try module(code.module, modules, in: area.width, text, path)
    let quiet = quietModules * module
    let width = matrix.width * module
    let left = area.left + (area.width - width) / 2
    let height = area.height - density.edge(code.readableHeight)
    let dark = Area(x: left, y: area.top, width: width, height: height)
    layout.marks.append(
      .modules(matrix, x: dark.left, y: dark.top, width: module, height: height)
    )
    layout.codes.append(
      .init(path: path, text: text, dark: dark, quiet: dark.grown(x: quiet, y: 0))
    )
    guard let readable = code.readable else { return }
    let smallest = density.size(min(readable, 1500))
    let line = try shrunk(text, density.size(readable), smallest, bold: false, width: area.width)
    guard let line else { throw .tooLong(text: text, field: path) }
    layout.marks.append(
      .text(
        line,
        x: Self.x(of: line, .centre, in: area),
        y: dark.bottom + density.size(readable),
        white: false
      )
    )
  }

  /// Places a QR code; modules are squares of whole dots.
  func place(
    _ qr: LabelTemplate.QR,
    _ text: String,
    _ path: String,
    in area: Area,
    _ layout: inout LabelLayout
  ) throws(LabelError) {
    let matrix = try Zint.qr(text, level: qr.level, field: path)
    let quietModules = LabelTemplate.QR.quietModules
    let modules = matrix.width + 2 * quietModules
    let module = try module(qr.module, modules, in: min(area.width, area.height), text, path)
    let quiet = quietModules * module
    let width = matrix.width * module
    let dark = Area(
      x: area.left + (area.width - width) / 2,
      y: area.top + (area.height - width) / 2,
      width: width,
      height: width
    )
    layout.marks.append(
      .modules(matrix, x: dark.left, y: dark.top, width: module, height: module)
    )
    layout.codes.append(
      .init(path: path, text: text, dark: dark, quiet: dark.grown(x: quiet, y: quiet))
    )
  }

  /// The most whole dots that a module can have in the width, at least those of the template.
  private func module(
    _ least: Int,
    _ modules: Int,
    in width: Int,
    _ text: String,
    _ path: String
  ) throws(LabelError) -> Int {
    let least = density.module(least)
    guard modules * least <= width else {
      throw .tooWide(
        text: text,
        field: path,
        needed: density.micrometres(modules * least),
        available: density.micrometres(width)
      )
    }
    return width / modules
  }
}
