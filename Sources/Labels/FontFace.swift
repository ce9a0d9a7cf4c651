/// The shape of one character in one size, one bit a dot.
package struct Glyph: Hashable, Sendable {
  /// Dots from the pen to the first column.
  package var left: Int
  /// Dots from the base line up to the top of the first row.
  package var top: Int
  /// Columns, in dots.
  package var width: Int
  /// Rows, in dots.
  package var height: Int
  /// Bytes of one row.
  package var stride: Int
  /// Rows from the top; the leftmost dot is bit 7.
  package var bits: [UInt8]
}

/// One line of text as glyphs around its pen's start, which lies at 0, 0 on the base line.
package struct GlyphRun: Hashable, Sendable {
  /// A glyph in its place.
  package struct Placed: Hashable, Sendable {
    /// What is drawn there.
    package var glyph: Glyph
    /// Top left corner, dots.
    package var x: Int
    /// Rows below the base line; negative above it.
    package var y: Int
  }

  /// The glyphs that have ink, from left to right.
  package var placed: [Placed]
  /// The smallest area with all black dots; a right edge beyond it would be white.
  package var ink: Area
}

/// A font, open and ready; glyphs are kept once drawn.
///
/// It has one owner and is used by one thread at a time, which the compiler checks.
package struct FontFace: ~Copyable {
  /// Where Debian's fonts-wqy-microhei puts its file.
  package static let defaultPath = "/usr/share/fonts/truetype/wqy/wqy-microhei.ttc"

  private struct Key: Hashable {
    var glyph: UInt32
    var size: Int
    var strength: Int
  }

  private var handle: FontHandle
  private let path: String
  private var size = 0
  private var drawn: [Key: Glyph] = [:]
  /// A station prints a few hundred different glyphs; beyond this it starts again, below 1 MB.
  private let capacity = 1500

  /// Opens a font file.
  ///
  /// - Parameters:
  ///   - path: A TrueType, OpenType or collection file.
  ///   - index: The face in a collection, 0 for the first.
  /// - Throws: ``LabelError/font(path:cause:)``.
  package init(path: String = FontFace.defaultPath, index: Int = 0) throws(LabelError) {
    handle = try FontHandle(path: path, index: index)
    self.path = path
  }

  /// The first character that the font cannot draw.
  package func missing(in text: String) -> Unicode.Scalar? {
    text.unicodeScalars.first { !handle.hasGlyph($0) }
  }

  /// Sets a text in one line.
  ///
  /// - Parameters:
  ///   - text: The characters, all of which the font has.
  ///   - size: The em in dots.
  ///   - bold: Whether strokes are thickened.
  /// - Returns: The glyphs in the order of the line.
  /// - Throws: ``LabelError/font(path:cause:)`` where the font is broken.
  package mutating func run(_ text: String, size: Int, bold: Bool) throws(LabelError) -> GlyphRun {
    if size != self.size {
      guard handle.resize(size) else {
        throw .font(path: path, cause: "it has no size of \(size) dots")
      }
      self.size = size
    }
    let strength = bold ? max(1, (size + 18) / 36) : 0
    var run = GlyphRun(placed: [], ink: Area(x: 0, y: 0, width: 0, height: 0))
    var pen = 0
    for shaped in handle.shape(text) {
      let glyph = try glyph(shaped.glyph, strength)
      let x = (pen + shaped.x + 32) >> 6 + glyph.left
      let y = -((shaped.y + 32) >> 6) - glyph.top
      if glyph.width > 0, glyph.height > 0 {
        run.placed.append(.init(glyph: glyph, x: x, y: y))
        run.ink = run.ink.union(Area(x: x, y: y, width: glyph.width, height: glyph.height))
      }
      pen += shaped.advance + strength * 64
    }
    return run
  }

  private mutating func glyph(_ number: UInt32, _ strength: Int) throws(LabelError) -> Glyph {
    let key = Key(glyph: number, size: size, strength: strength)
    if let glyph = drawn[key] { return glyph }
    guard let glyph = handle.draw(number, strength: strength) else {
      throw .font(path: path, cause: "glyph \(number) is broken")
    }
    if drawn.count >= capacity { drawn.removeAll(keepingCapacity: true) }
    drawn[key] = glyph
    return glyph
  }
}
