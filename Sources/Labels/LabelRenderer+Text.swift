extension LabelRenderer {
  /// Sets a block's text within a width in dots, as its overflow rule says.
  mutating func set(
    _ block: LabelTemplate.TextBlock,
    _ text: String,
    width: Int,
    field: String
  ) throws(LabelError) -> [GlyphRun] {
    let size = density.size(block.size)
    switch block.overflow {
    case .shrink(let minimum):
      let smallest = density.size(minimum)
      let line = try shrunk(text, size, smallest, bold: block.bold, width: width)
      guard let line else { throw .tooLong(text: text, field: field) }
      return [line]
    case .ellipsis:
      return [try cut(text, size, bold: block.bold, width: width)]
    case .wrap(let most):
      let lines = try wrapped(text, size, bold: block.bold, width: width)
      guard let lines, lines.count <= most else { throw .tooLong(text: text, field: field) }
      return lines
    }
  }

  /// Places set lines in a block's area; a shrunk line stays on the base line.
  func place(
    _ lines: [GlyphRun],
    _ block: LabelTemplate.TextBlock,
    in area: Area,
    _ layout: inout LabelLayout
  ) {
    for (index, run) in lines.enumerated() {
      // Each line's top is rounded for itself, so that the last is as exact as the first.
      let top = area.top + density.edge(block.lineHeight * index)
      let x = Self.x(of: run, block.alignment, in: area)
      let y = top + density.size(block.size)
      layout.marks.append(.text(run, x: x, y: y, white: block.white))
    }
  }

  static func x(
    of run: GlyphRun,
    _ alignment: LabelTemplate.TextBlock.Alignment,
    in area: Area
  ) -> Int {
    let slack = area.width - run.ink.width
    let indent =
      switch alignment {
      case .left: 0
      case .centre: slack / 2
      case .right: slack
      }
    return area.left + indent - run.ink.left
  }

  /// The largest size, from `size` down to `smallest`, at which the text fits.
  mutating func shrunk(
    _ text: String,
    _ size: Int,
    _ smallest: Int,
    bold: Bool,
    width: Int
  ) throws(LabelError) -> GlyphRun? {
    var size = size
    while size >= smallest {
      let run = try font.run(text, size: size, bold: bold)
      if run.ink.width <= width { return run }
      // Widths grow almost in proportion; start one above the estimate, and never stand still.
      size = min(size - 1, size * width / run.ink.width + 1)
    }
    return nil
  }

  private mutating func cut(
    _ text: String,
    _ size: Int,
    bold: Bool,
    width: Int
  ) throws(LabelError) -> GlyphRun {
    var kept = text[...]
    var run = try font.run(text, size: size, bold: bold)
    while run.ink.width > width, !kept.isEmpty {
      kept.removeLast()
      run = try font.run(kept + "…", size: size, bold: bold)
    }
    return run
  }

  private mutating func wrapped(
    _ text: String,
    _ size: Int,
    bold: Bool,
    width: Int
  ) throws(LabelError) -> [GlyphRun]? {
    var lines: [GlyphRun] = []
    var line = ""
    var run = GlyphRun(placed: [], ink: Area(x: 0, y: 0, width: 0, height: 0))
    for word in LineBreak.words(of: text) {
      let longer = try font.run(line + word, size: size, bold: bold)
      if longer.ink.width <= width {
        (line, run) = (line + word, longer)
        continue
      }
      if !line.isEmpty { lines.append(run) }
      line = String(word.drop(while: \.isWhitespace))
      run = try font.run(line, size: size, bold: bold)
      guard run.ink.width <= width else { return nil }
    }
    if !run.placed.isEmpty { lines.append(run) }
    return lines
  }
}

/// Where a Chinese or Latin text may go on in the next line.
package enum LineBreak {
  private static let closing = Set("，。、；：！？）】》」』〉〕｝”’…·％,.;:!?)]}%")
  private static let opening = Set("（【《「『〈〔｛“‘([{")

  /// Cuts a text into pieces that stay together; a Latin word carries the spaces before it.
  ///
  /// A line never starts with a closing mark nor ends with an opening one (避头尾, as GB/T 15834
  /// demands of punctuation).
  package static func words(of text: String) -> [String] {
    var words: [String] = []
    var previous: Character?
    for character in text {
      if let previous, joins(previous, character) {
        words[words.count - 1].append(character)
      } else {
        words.append(String(character))
      }
      previous = character
    }
    return words
  }

  private static func joins(_ left: Character, _ right: Character) -> Bool {
    if closing.contains(right) || opening.contains(left) { return true }
    if left.isWhitespace { return !isIdeograph(right) || right.isWhitespace }
    if right.isWhitespace { return false }
    return !isIdeograph(left) && !isIdeograph(right)
  }

  private static func isIdeograph(_ character: Character) -> Bool {
    character.unicodeScalars.contains { $0.value >= 0x2E80 }
  }
}
