/// Cells of a terminal to draw on; the text that comes of it is always exactly as wide as the grid.
struct Grid {
  /// Colours and weight of a cell.
  struct Style: Hashable {
    /// SGR codes (ECMA-48, 8.3.117) of the letters and the ground; `nil` for the terminal's own.
    var ink: UInt8?
    var ground: UInt8?
    var isBold = false

    static let plain = Style()

    fileprivate var sequence: String {
      let codes = [isBold ? "1" : nil, ink.map(String.init), ground.map(String.init)]
      return "\u{1B}[" + (["0"] + codes.compactMap(\.self)).joined(separator: ";") + "m"
    }
  }

  private struct Cell {
    /// `nil` in the right half of a wide character.
    var character: Character? = " "
    var style = Style.plain
  }

  let columns: Int
  let rows: Int
  private var cells: [Cell]

  init(columns: Int, rows: Int) {
    self.columns = max(1, columns)
    self.rows = max(1, rows)
    cells = Array(repeating: Cell(), count: self.columns * self.rows)
  }

  /// Writes text from a place on, at most so many columns of it.
  ///
  /// Control characters come from the outside world too and are shown as `·`.
  ///
  /// - Returns: The column after it.
  @discardableResult
  mutating func put(
    _ text: String,
    x: Int,
    y: Int,
    _ style: Style = .plain,
    upTo limit: Int = .max
  ) -> Int {
    guard y >= 0, y < rows, x >= 0 else { return x }
    let end = min(columns, limit < columns - x ? x + max(0, limit) : columns)
    var column = x
    for character in TextWidth.clip(text, to: end - x) {
      let isControl = character.unicodeScalars.contains { $0.value < 0x20 || $0.value == 0x7F }
      let width = isControl ? 1 : TextWidth.of(character)
      guard width > 0 else { continue }
      guard column + width <= end else { break }
      set(isControl ? "·" : character, x: column, y: y, style, width: width)
      column += width
    }
    return column
  }

  private mutating func set(_ character: Character, x: Int, y: Int, _ style: Style, width: Int) {
    let place = y * columns + x
    // Half a wide character must not stay behind.
    if cells[place].character == nil, x > 0 { cells[place - 1].character = " " }
    let next = place + width
    if x + width < columns, cells[next].character == nil { cells[next].character = " " }
    cells[place] = Cell(character: character, style: style)
    if width == 2 { cells[place + 1] = Cell(character: nil, style: style) }
  }

  /// Draws a horizontal rule with a title.
  mutating func rule(
    y: Int,
    from left: Int,
    to right: Int,
    ends: (String, String),
    title: String = "",
    _ style: Style = .plain,
    titleStyle: Style = .plain
  ) {
    guard right > left else { return }
    put(ends.0, x: left, y: y, style)
    for x in left + 1..<right { put("─", x: x, y: y, style) }
    put(ends.1, x: right, y: y, style)
    guard !title.isEmpty else { return }
    put(" \(title) ", x: left + 2, y: y, titleStyle, upTo: right - left - 3)
  }

  /// One row with its colours, without an end of line.
  func line(_ y: Int) -> String {
    var text = ""
    var style: Style?
    for cell in cells[y * columns..<(y + 1) * columns] {
      guard let character = cell.character else { continue }
      if cell.style != style {
        text += cell.style.sequence
        style = cell.style
      }
      text.append(character)
    }
    return text + "\u{1B}[0m"
  }
}
