package import StrictYAML

extension LabelTemplate {
  /// Reads a template, millimetres with up to three decimals.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its name, for the problems.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    name = root.string("name")
    let before = document.problems.all.count
    width = root.thousandths("width", in: 10_000...220_000)
    height = root.thousandths("height", in: 10_000...400_000)
    margin = root.thousandths("margin", in: 1000...20_000, default: 2000)
    let sheetIsKnown = document.problems.all.count == before
    elements = []
    let list = root.list("elements")
    root.finish()
    if list.isEmpty, !root.keys.isEmpty {
      root.report("the label has no elements", remedy: "add `elements:` with a list of mappings")
    }
    var read: [(fields: Fields, element: Element)] = []
    for fields in list {
      let before = document.problems.all.count
      let element = Element(fields)
      guard document.problems.all.count == before, let element else { continue }
      if sheetIsKnown { report(element, outside: sheet.grown(x: -margin, y: -margin), fields) }
      read.append((fields, element))
    }
    Self.reportOverlaps(read)
    elements = read.map(\.element)
    try document.check()
  }

  private func report(_ element: Element, outside printable: Area, _ fields: Fields) {
    let area = element.area
    guard !printable.contains(area) else { return }
    fields.report(
      "`\(element.path)` reaches from \(Millimetres(area.left)), \(Millimetres(area.top)) to "
        + "\(Millimetres(area.right)), \(Millimetres(area.bottom)) mm, outside the margins",
      remedy: "keep it between \(Millimetres(printable.left)), \(Millimetres(printable.top)) and "
        + "\(Millimetres(printable.right)), \(Millimetres(printable.bottom)) mm"
    )
  }

  /// A code is only read reliably while everything in its area, the quiet zone too, is its own.
  private static func reportOverlaps(_ read: [(fields: Fields, element: Element)]) {
    for (index, code) in read.enumerated() where code.element.shape.isCode {
      for (other, neighbour) in read.enumerated() where other != index {
        let element = neighbour.element
        let isSeenAlready = element.shape.isCode && other > index
        guard !isSeenAlready, !element.condition.excludes(code.element.condition),
          element.strokes.contains(where: code.element.area.overlaps)
        else { continue }
        neighbour.fields.report(
          "`\(element.path)` lies on the code or the quiet zone of `\(code.element.path)`",
          remedy: "move one of them"
        )
      }
    }
  }
}

extension LabelTemplate.Element {
  /// The areas that can be black: all of it, but only the four sides of a frame.
  fileprivate var strokes: [Area] {
    guard case .frame(let thickness) = shape else { return [area] }
    var sides = Array(repeating: area, count: 4)
    sides[0].bottom = area.top + thickness
    sides[1].top = area.bottom - thickness
    sides[2].right = area.left + thickness
    sides[3].left = area.right - thickness
    return sides
  }

  private enum Kind: String, CaseIterable {
    case text
    case code128
    case qr
    case line
    case box
  }

  fileprivate init?(_ fields: Fields) {
    guard let kind: Kind = fields.choice("kind") else { return nil }
    path = fields.path
    condition = fields.choice("when", default: .always) ?? .always
    let x = fields.thousandths("x", in: 0...400_000)
    let y = fields.thousandths("y", in: 0...400_000)
    let size: (width: Int, height: Int)
    switch kind {
    case .text: (shape, size) = Self.text(fields, condition)
    case .code128: (shape, size) = Self.code128(fields, condition)
    case .qr: (shape, size) = Self.qr(fields, condition)
    case .line: (shape, size) = Self.line(fields)
    case .box: (shape, size) = Self.box(fields)
    }
    area = Area(x: x, y: y, width: size.width, height: size.height)
    fields.finish()
  }
}

// MARK: Kinds of elements

extension LabelTemplate.Element {
  private typealias Read = (LabelTemplate.Shape, (width: Int, height: Int))

  private enum OverflowName: String, CaseIterable {
    case shrink
    case ellipsis
    case wrap
  }

  private static func text(_ fields: Fields, _ condition: LabelTemplate.Condition) -> Read {
    let pattern = pattern(fields, condition)
    let width = fields.thousandths("width", in: 1000...400_000)
    let size = fields.thousandths("size", in: 1500...100_000)
    let name: OverflowName? = fields.choice("overflow")
    let (overflow, lines) = overflow(fields, name, size: size)
    if name == .ellipsis, let whole = pattern.placeholders.first(where: \.mustStayWhole) {
      fields.report(
        at: "overflow",
        "`{\(whole.rawValue)}` must never be cut short",
        remedy: "use `overflow: shrink` or `wrap`"
      )
    }
    let block = LabelTemplate.TextBlock(
      pattern: pattern,
      size: size,
      alignment: fields.choice("align", default: .left) ?? .left,
      overflow: overflow,
      bold: fields.bool("bold", default: false),
      white: fields.bool("white", default: false)
    )
    return (.text(block), (width, block.lineHeight * lines))
  }

  private static func overflow(
    _ fields: Fields,
    _ name: OverflowName?,
    size: Int
  ) -> (LabelTemplate.TextBlock.Overflow, lines: Int) {
    switch name {
    case .shrink:
      let minimum = fields.thousandths("minimum", in: 1500...size, default: min(2000, size))
      return (.shrink(minimum: minimum), 1)
    case .wrap:
      let lines = fields.int("lines", in: 1...50)
      return (.wrap(lines: lines), lines)
    case .ellipsis, nil:
      return (.ellipsis, 1)
    }
  }

  private static func code128(_ fields: Fields, _ condition: LabelTemplate.Condition) -> Read {
    let pattern = pattern(fields, condition)
    if let cause = pattern.notASCII {
      fields.report(
        at: "text",
        "\(cause), but Code 128 carries ASCII only",
        remedy: "use ASCII text and placeholders such as {parcel}, or a `qr`"
      )
    }
    let width = fields.thousandths("width", in: 1000...400_000)
    let height = fields.thousandths("height", in: 1000...400_000)
    if height < 8000 {
      fields.report(
        at: "height",
        "bars of \(Millimetres(height)) mm are too low to be aimed at",
        remedy: "make them at least 8 mm high"
      )
    }
    let readable =
      fields.has("readable") ? fields.thousandths("readable", in: 1500...20_000) : nil
    let code = LabelTemplate.Code128(
      pattern: pattern,
      module: module(fields, "ISO/IEC 15417"),
      height: height,
      readable: readable
    )
    return (.code128(code), (width, height + code.readableHeight))
  }

  private static func qr(_ fields: Fields, _ condition: LabelTemplate.Condition) -> Read {
    let pattern = pattern(fields, condition)
    let size = fields.thousandths("size", in: 5000...200_000)
    let qr = LabelTemplate.QR(
      pattern: pattern,
      module: module(fields, "ISO/IEC 18004"),
      level: fields.choice("level") ?? .medium
    )
    return (.qr(qr), (size, size))
  }

  private enum Direction: String, CaseIterable {
    case horizontal
    case vertical
  }

  private static func line(_ fields: Fields) -> Read {
    let length = fields.thousandths("length", in: 1000...400_000)
    let thickness = fields.thousandths("thickness", in: 125...20_000)
    let direction: Direction? = fields.choice("direction", default: .horizontal)
    return (.fill, direction == .vertical ? (thickness, length) : (length, thickness))
  }

  private static func box(_ fields: Fields) -> Read {
    let size = (
      width: fields.thousandths("width", in: 1000...400_000),
      height: fields.thousandths("height", in: 1000...400_000)
    )
    if fields.bool("fill", default: false) { return (.fill, size) }
    let thickest = min(size.width, size.height) / 2
    return (.frame(thickness: fields.thousandths("thickness", in: 125...thickest)), size)
  }

  /// The least module that desk and hand scanners read from thermal paper, 0.25 mm.
  private static func module(_ fields: Fields, _ standard: String) -> Int {
    let module = fields.thousandths("module", in: 1...5000)
    if module < 250, fields.has("module") {
      fields.report(
        at: "module",
        "a module of \(Millimetres(module)) mm is too small to be read (\(standard))",
        remedy: "use 0.25 or more"
      )
    }
    return module
  }

  private static func pattern(
    _ fields: Fields,
    _ condition: LabelTemplate.Condition
  ) -> Pattern {
    let text = fields.string("text")
    guard fields.has("text") else { return .nothing }
    do {
      let pattern = try Pattern(text)
      if pattern.placeholders.contains(.time), condition != .timed {
        fields.report(
          at: "text",
          "`{time}` has no value while the clock is not trusted",
          remedy: "add `when: timed`"
        )
      }
      return pattern
    } catch {
      fields.report(at: "text", error.cause, remedy: error.remedy)
      return .nothing
    }
  }
}

/// A length in micrometres as people read it, in millimetres.
private struct Millimetres: CustomStringConvertible {
  let micrometres: Int

  init(_ micrometres: Int) {
    self.micrometres = micrometres
  }

  var description: String {
    let (whole, rest) = micrometres.quotientAndRemainder(dividingBy: 1000)
    guard rest != 0 else { return "\(whole)" }
    var digits = String(1000 + rest).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    return "\(whole).\(digits)"
  }
}
