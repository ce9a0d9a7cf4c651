package import Domain

/// What the label of a box's key says (登记标签).
package struct EnrolmentNote: Hashable, Sendable {
  package var site: SiteID
  /// The public key as text, ASCII.
  package var key: String
  /// What two people compare over the telephone.
  package var fingerprint: String
  /// The text in the QR code.
  package var code: String

  package init(site: SiteID, key: String, fingerprint: String, code: String) {
    self.site = site
    self.key = key
    self.fingerprint = fingerprint
    self.code = code
  }
}

extension LabelTemplate {
  /// A label of a box's key on the stock of another template: a QR code, and beside or below it
  /// what people compare and, at the worst, copy.
  ///
  /// It is made of the stock's measures, because it must fit whatever a point has loaded.
  package static func enrolment(_ note: EnrolmentNote, on stock: LabelTemplate) -> LabelTemplate {
    let inner = stock.sheet.grown(x: -stock.margin, y: -stock.margin)
    let isWide = inner.width > inner.height
    let side = min(inner.width, inner.height, max(inner.width, inner.height) * 58 / 100)
    var column = inner
    if isWide { column.left += side + gap } else { column.top += side }
    let lines = lines(note, isWide: isWide)
    // A small label takes smaller letters before it takes fewer.
    let needed = lines.reduce(0) { $0 + TextBlock.lineHeight($1.size) }
    let scale = min(1000, column.height * 1000 / max(1, needed))
    let code = QR(pattern: Pattern(literal: note.code), module: leastModule, level: .medium)
    let x = isWide ? inner.left : inner.left + (inner.width - side) / 2
    var elements = [
      Element(
        path: "code",
        condition: .always,
        area: Area(x: x, y: inner.top, width: side, height: side),
        shape: .qr(code)
      )
    ]
    var top = column.top
    for (index, line) in lines.enumerated() {
      let size = line.size * scale / 1000
      let block = TextBlock(
        pattern: Pattern(literal: line.text),
        size: size,
        alignment: isWide ? .left : .centre,
        overflow: .shrink(minimum: min(size, leastLetter)),
        bold: line.isBold,
        white: false
      )
      elements.append(
        Element(
          path: "line \(index + 1)",
          condition: .always,
          area: Area(x: column.left, y: top, width: column.width, height: block.lineHeight),
          shape: .text(block)
        )
      )
      top += block.lineHeight
    }
    return LabelTemplate(
      name: "enrolment",
      width: stock.width,
      height: stock.height,
      margin: stock.margin,
      elements: elements
    )
  }

  /// Between code and text, micrometres.
  private static let gap = 500
  /// Two dots of a head of 203 dpi, micrometres; below that no telephone reads a code.
  private static let leastModule = 250
  /// The smallest em that is legible, micrometres.
  private static let leastLetter = 1500

  private static func lines(_ note: EnrolmentNote, isWide: Bool)
    -> [(text: String, size: Int, isBold: Bool)]
  {
    let parts = isWide ? (fingerprint: 10, key: 13) : (fingerprint: 19, key: 26)
    let fingerprint = pieces(note.fingerprint, parts.fingerprint).map { ($0, 3500, true) }
    let key = pieces(note.key, parts.key).map { ($0, 2400, false) }
    return [("登记 ENROLL", 3200, false), (note.site.text, 5000, true)] + fingerprint + key
  }

  private static func pieces(_ text: String, _ length: Int) -> [String] {
    stride(from: 0, to: text.count, by: length).map { String(text.dropFirst($0).prefix(length)) }
  }
}
