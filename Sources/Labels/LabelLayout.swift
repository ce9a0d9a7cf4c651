package import Domain

/// A label with every element in its place, in dots from the top left.
package struct LabelLayout: Hashable, Sendable {
  /// What to draw; later marks lie on earlier ones.
  package enum Mark: Hashable, Sendable {
    case fill(Area)
    /// A line of text whose pen starts at `x`, `y` on the base line.
    case text(GlyphRun, x: Int, y: Int, white: Bool)
    /// A code; each module becomes `width` by `height` dots.
    case modules(ModuleMatrix, x: Int, y: Int, width: Int, height: Int)

    /// Where its dots lie.
    package var area: Area {
      switch self {
      case .fill(let area): area
      case .text(let run, let x, let y, _): run.ink.moved(x: x, y: y)
      case .modules(let matrix, let x, let y, let width, let height):
        Area(x: x, y: y, width: matrix.width * width, height: matrix.height * height)
      }
    }
  }

  /// A code on the label.
  package struct Code: Hashable, Sendable {
    /// The element in the template, as `elements[3]`.
    package var path: String
    /// What it says.
    package var text: String
    /// From the first to the last dark module.
    package var dark: Area
    /// The same with the quiet zone, which nothing else may touch.
    package var quiet: Area
  }

  /// Dots across the head.
  package var width: Int
  /// Dots in the direction of feed.
  package var height: Int
  /// In the order of drawing.
  package var marks: [Mark] = []
  /// In the order of the template.
  package var codes: [Code] = []

  /// Draws all marks on a white page.
  package func page() -> Page {
    var page = Page(width: width, height: height)
    for mark in marks { Self.draw(mark, on: &page) }
    return page
  }

  private static func draw(_ mark: Mark, on page: inout Page) {
    switch mark {
    case .fill(let area):
      fill(area, on: &page)
    case .text(let run, let x, let y, let white):
      for placed in run.placed {
        draw(placed.glyph, at: (x + placed.x, y + placed.y), black: !white, on: &page)
      }
    case .modules(let matrix, let x, let y, let width, let height):
      for row in 0..<matrix.height {
        for column in 0..<matrix.width where matrix[column, row] {
          let corner = (x: x + column * width, y: y + row * height)
          fill(Area(x: corner.x, y: corner.y, width: width, height: height), on: &page)
        }
      }
    }
  }

  private static func fill(_ area: Area, on page: inout Page) {
    for y in area.top..<area.bottom {
      for x in area.left..<area.right { page[x, y] = true }
    }
  }

  private static func draw(
    _ glyph: Glyph,
    at corner: (x: Int, y: Int),
    black: Bool,
    on page: inout Page
  ) {
    for row in 0..<glyph.height {
      for byte in 0..<(glyph.width + 7) / 8 {
        var bits = glyph.bits[row * glyph.stride + byte]
        while bits != 0 {
          let column = bits.leadingZeroBitCount
          bits &= ~(0x80 >> UInt8(column))
          page[corner.x + byte * 8 + column, corner.y + row] = black
        }
      }
    }
  }
}
