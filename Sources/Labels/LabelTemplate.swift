/// How a kind of label looks: its size, and the elements on it, in micrometres from the top left.
///
/// A template is data: it can place, repeat nothing and compute nothing.
package struct LabelTemplate: Hashable, Sendable {
  /// The name by which a station's configuration calls it.
  package var name: String
  /// Micrometres across the print head.
  package var width: Int
  /// Micrometres in the direction of feed.
  package var height: Int
  /// Micrometres at each edge that stay white.
  package var margin: Int
  /// In the order of drawing.
  package var elements: [Element]

  /// The whole label, in micrometres.
  package var sheet: Area { Area(x: 0, y: 0, width: width, height: height) }

  /// When an element is drawn.
  package enum Condition: String, Hashable, Sendable, CaseIterable {
    case always
    /// On copy 2 and later.
    case reprint
    /// On copy 1.
    case original
    /// Where the content has a time.
    case timed
    /// Where it has none.
    case untimed

    func holds(for content: LabelContent) -> Bool {
      switch self {
      case .always: true
      case .reprint: content.copy > 1
      case .original: content.copy <= 1
      case .timed: content.time != nil
      case .untimed: content.time == nil
      }
    }

    /// Whether the two never hold together.
    func excludes(_ other: Condition) -> Bool {
      switch (self, other) {
      case (.reprint, .original), (.original, .reprint), (.timed, .untimed), (.untimed, .timed):
        true
      default:
        false
      }
    }
  }

  /// One thing on the label.
  package struct Element: Hashable, Sendable {
    /// Its place in the file, as `elements[3]`.
    package var path: String
    /// When it is drawn.
    package var condition: Condition
    /// Where all its black dots lie, and for a code also its quiet zone; micrometres.
    package var area: Area
    /// What is drawn.
    package var shape: Shape
  }

  /// What an element is, without its place.
  package enum Shape: Hashable, Sendable {
    case text(TextBlock)
    case code128(Code128)
    case qr(QR)
    /// A stroke or a filled box; the whole area is black.
    case fill
    /// A frame inside its area; the thickness in micrometres.
    case frame(thickness: Int)

    var isCode: Bool {
      switch self {
      case .code128, .qr: true
      case .text, .fill, .frame: false
      }
    }
  }

  /// Text in one or several lines.
  package struct TextBlock: Hashable, Sendable {
    /// To which edge the ink of a line goes.
    package enum Alignment: String, Hashable, Sendable, CaseIterable {
      case left
      case centre
      case right
    }

    /// What happens to a text that is wider than its element.
    package enum Overflow: Hashable, Sendable {
      /// It is set smaller on the same base line, down to a font size in micrometres; below that
      /// it is an error.
      case shrink(minimum: Int)
      /// It is cut, and ends in an ellipsis.
      case ellipsis
      /// It goes on in the next line; what needs more lines is an error.
      case wrap(lines: Int)
    }

    /// The words.
    package var pattern: Pattern
    /// The font's em in micrometres: a Chinese character is one em wide and high, a Latin
    /// capital 0.71 em high.
    package var size: Int
    /// Where a line stands in the width.
    package var alignment: Alignment
    /// What happens to a text that is too wide.
    package var overflow: Overflow
    /// Strokes are thickened by 1/36 em, whole dots, at least one.
    package var bold: Bool
    /// White on what was drawn before.
    package var white: Bool

    /// The height of one line in micrometres, 1.3 em; the base line lies 1 em below its top.
    ///
    /// That holds every accent above and every tail below that the font has.
    package var lineHeight: Int { Self.lineHeight(size) }

    static func lineHeight(_ size: Int) -> Int { size * 13 / 10 }
  }

  /// A Code 128 (ISO/IEC 15417), centred in its area, with its quiet zones inside.
  package struct Code128: Hashable, Sendable {
    /// The words.
    package var pattern: Pattern
    /// The least width of the narrowest bar, micrometres; it takes the most dots that fit.
    package var module: Int
    /// The bars' height, micrometres.
    package var height: Int
    /// The em of the line below the bars that people read, micrometres; `nil` for none.
    package var readable: Int?

    /// The micrometres of that line.
    package var readableHeight: Int { readable.map(TextBlock.lineHeight) ?? 0 }

    /// White on both sides, in modules (ISO/IEC 15417).
    package static let quietModules = 10
  }

  /// A QR code (ISO/IEC 18004), centred in its square area, with its quiet zone inside.
  package struct QR: Hashable, Sendable {
    /// The error correction levels of ISO/IEC 18004.
    package enum Level: String, Hashable, Sendable, CaseIterable {
      case low = "L"
      case medium = "M"
      case quartile = "Q"
      case high = "H"
    }

    /// The words.
    package var pattern: Pattern
    /// The least width of one square, micrometres; it takes the most dots that fit.
    package var module: Int
    /// How much damage the code survives: 7, 15, 25 or 30 %.
    package var level: Level

    /// White on all sides, in modules (ISO/IEC 18004).
    package static let quietModules = 4
  }
}
