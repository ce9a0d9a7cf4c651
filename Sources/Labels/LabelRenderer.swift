package import Domain

/// Turns template and content into a page: the same ones always into the same bytes.
///
/// It owns the open font; keep one for as long as labels are printed.
package struct LabelRenderer: ~Copyable {
  /// The print head's dots.
  package let density: DotDensity
  var font: FontFace

  /// Takes over an open font.
  ///
  /// - Parameters:
  ///   - font: The font for all texts.
  ///   - density: The print head's dots.
  package init(font: consuming FontFace, density: DotDensity = .dpi203) {
    self.font = font
    self.density = density
  }

  /// Makes the page for the print head.
  ///
  /// - Throws: ``LabelError``, naming the element and its value; nothing is ever left out or cut
  ///   except as the template says.
  package mutating func render(
    _ template: LabelTemplate,
    _ content: LabelContent
  ) throws(LabelError) -> Page {
    try layout(template, content).page()
  }

  /// Places every element that the content calls for.
  ///
  /// - Throws: ``LabelError``, as ``render(_:_:)``.
  package mutating func layout(
    _ template: LabelTemplate,
    _ content: LabelContent
  ) throws(LabelError) -> LabelLayout {
    let sheet = density.area(template.sheet)
    var layout = LabelLayout(width: sheet.width, height: sheet.height)
    for element in template.elements where element.condition.holds(for: content) {
      let first = layout.marks.count
      try place(element, content, in: &layout)
      let area = strokeArea(element)
      guard layout.marks[first...].allSatisfy({ area.contains($0.area) }) else {
        throw .escapes(field: element.path)
      }
    }
    return layout
  }

  /// The area in dots; a stroke has at least one dot where its edges round to the same one.
  private func strokeArea(_ element: LabelTemplate.Element) -> Area {
    var area = density.area(element.area)
    area.right = max(area.right, area.left + 1)
    area.bottom = max(area.bottom, area.top + 1)
    return area
  }

  private mutating func place(
    _ element: LabelTemplate.Element,
    _ content: LabelContent,
    in layout: inout LabelLayout
  ) throws(LabelError) {
    let area = strokeArea(element)
    switch element.shape {
    case .fill:
      layout.marks.append(.fill(area))
    case .frame(let thickness):
      layout.marks.append(contentsOf: Self.frame(area, density.size(thickness)))
    case .text(let block):
      let text = try words(of: block.pattern, element.path, content)
      let lines = try set(block, text, width: area.width, field: element.path)
      place(lines, block, in: area, &layout)
    case .code128(let code):
      let text = try words(of: code.pattern, element.path, content)
      try place(code, text, element.path, in: area, &layout)
    case .qr(let qr):
      let text = try words(of: qr.pattern, element.path, content, drawn: false)
      try place(qr, text, element.path, in: area, &layout)
    }
  }

  /// Fills a pattern, and makes sure that each value is there and can be drawn.
  private func words(
    of pattern: Pattern,
    _ path: String,
    _ content: LabelContent,
    drawn: Bool = true
  ) throws(LabelError) -> String {
    var words = ""
    for piece in pattern.pieces {
      let text: String
      let field: String
      switch piece {
      case .literal(let literal):
        (text, field) = (literal, path)
      case .value(let placeholder):
        (text, field) = (content.text(for: placeholder), "{\(placeholder.rawValue)} in \(path)")
        guard text.contains(where: { !$0.isWhitespace }) else { throw .blank(field: field) }
      }
      if drawn, let scalar = font.missing(in: text) { throw .noGlyph(scalar, field: field) }
      words += text
    }
    return words
  }

  private static func frame(_ area: Area, _ thickness: Int) -> [LabelLayout.Mark] {
    var sides = Array(repeating: area, count: 4)
    sides[0].bottom = area.top + thickness
    sides[1].top = area.bottom - thickness
    sides[2].right = area.left + thickness
    sides[3].left = area.right - thickness
    return sides.map { .fill($0) }
  }
}
