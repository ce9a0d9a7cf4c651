/// Large digits of three rows, as on the display of a scale.
enum SegmentDigits {
  private static let shapes: [Character: [String]] = [
    "0": ["┏━┓", "┃ ┃", "┗━┛"], "1": ["  ╻", "  ┃", "  ╹"], "2": ["╺━┓", "┏━┛", "┗━╸"],
    "3": ["╺━┓", "╺━┫", "╺━┛"], "4": ["╻ ╻", "┗━┫", "  ╹"], "5": ["┏━╸", "┗━┓", "╺━┛"],
    "6": ["┏━╸", "┣━┓", "┗━┛"], "7": ["╺━┓", "  ┃", "  ╹"], "8": ["┏━┓", "┣━┫", "┗━┛"],
    "9": ["┏━┓", "┗━┫", "╺━┛"], "-": ["   ", "╺━╸", "   "], ".": [" ", " ", "▖"],
    "E": ["┏━╸", "┣━╸", "┗━╸"], "r": ["   ", "┏━╸", "╹  "], "o": ["   ", "┏━┓", "┗━┛"],
    "L": ["╻  ", "┃  ", "┗━╸"], " ": ["   ", "   ", "   "],
  ]

  /// The three rows of a text; characters without a shape are left out.
  static func rows(_ text: String) -> [String] {
    (0..<3).map { row in
      text.compactMap { shapes[$0]?[row] }.joined(separator: " ")
    }
  }
}
