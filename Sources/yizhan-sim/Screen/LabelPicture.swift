import Domain

/// A label, made small enough for a terminal, in braille: a cell is two dots wide and four high.
struct LabelPicture {
  /// Rows of text, all of the same width.
  let rows: [String]
  let columns: Int

  /// Shrinks a page to fit, by the same factor both ways.
  init(_ page: Page, columns limit: Int, rows rowLimit: Int) {
    // Cells are about twice as high as wide, so the dots of a cell are square.
    let across = Double(page.width) / Double(max(1, limit) * 2)
    let down = Double(page.height) / Double(max(1, rowLimit) * 4)
    let factor = max(across, down, 1)
    let width = max(1, Int((Double(page.width) / factor).rounded(.down)))
    let height = max(1, Int((Double(page.height) / factor).rounded(.down)))
    columns = (width + 1) / 2
    let dots = (0..<height).map { y in
      (0..<width).map { x in Self.isDark(page, x: x, y: y, factor: factor) }
    }
    rows = (0..<(height + 3) / 4).map { row in
      String(
        (0..<(width + 1) / 2).map { column in
          Self.cell(dots, x: column * 2, y: row * 4)
        }
      )
    }
  }

  /// Whether enough of the square is black; thin strokes must survive.
  private static func isDark(_ page: Page, x: Int, y: Int, factor: Double) -> Bool {
    let columns = span(x, factor, limit: page.width)
    let rows = span(y, factor, limit: page.height)
    let black = rows.reduce(0) { $0 + blackDots(page, columns, row: $1) }
    return black * 10 >= columns.count * rows.count * 3
  }

  private static func span(_ place: Int, _ factor: Double, limit: Int) -> Range<Int> {
    let start = min(Int(Double(place) * factor), limit - 1)
    return start..<min(limit, max(start + 1, Int(Double(place + 1) * factor)))
  }

  /// Counts by bytes: this is done for every label dot in every frame.
  private static func blackDots(_ page: Page, _ columns: Range<Int>, row: Int) -> Int {
    let (first, last) = (columns.lowerBound / 8, (columns.upperBound - 1) / 8)
    var black = 0
    for place in first...last {
      var byte = page.bytes[row * page.stride + place]
      if place == first { byte &= 0xFF >> UInt8(columns.lowerBound % 8) }
      if place == last { byte &= 0xFF << UInt8(7 - (columns.upperBound - 1) % 8) }
      black += byte.nonzeroBitCount
    }
    return black
  }

  /// The braille pattern of eight dots (Unicode, block 2800).
  private static func cell(_ dots: [[Bool]], x: Int, y: Int) -> Character {
    let bits: [(x: Int, y: Int, bit: UInt32)] = [
      (0, 0, 0x01), (0, 1, 0x02), (0, 2, 0x04), (1, 0, 0x08), (1, 1, 0x10), (1, 2, 0x20),
      (0, 3, 0x40), (1, 3, 0x80),
    ]
    let pattern = bits.reduce(UInt32(0)) { pattern, dot in
      let (column, row) = (x + dot.x, y + dot.y)
      guard row < dots.count, column < dots[row].count, dots[row][column] else { return pattern }
      return pattern | dot.bit
    }
    return Unicode.Scalar(0x2800 + pattern).map(Character.init) ?? " "
  }
}
