/// A text with placeholders, as `重量 {weight} kg`; `{{` and `}}` stand for single braces.
package struct Pattern: Hashable, Sendable {
  /// A stretch of fixed words, or a value.
  package enum Piece: Hashable, Sendable {
    case literal(String)
    case value(Placeholder)
  }

  /// What is wrong with a text, with its remedy.
  struct Fault: Error {
    var cause: String
    var remedy: String
  }

  /// In the order of the text, at least one.
  package let pieces: [Piece]

  /// Reads a text of a template.
  ///
  /// - Throws: ``Fault`` for an unknown placeholder, a lone brace, a control character or nothing.
  init(_ text: String) throws(Fault) {
    if text.unicodeScalars.contains(where: { $0.value < 0x20 || $0.value == 0x7F }) {
      throw Fault(
        cause: "the text holds a line end or another control character",
        remedy: "write one element for each line"
      )
    }
    var pieces: [Piece] = []
    var literal = ""
    var rest = text[...]
    while let character = rest.popFirst() {
      guard character == "{" || character == "}" else {
        literal.append(character)
        continue
      }
      if rest.first == character {
        rest.removeFirst()
        literal.append(character)
        continue
      }
      let value = try Self.value(character, &rest)
      if !literal.isEmpty { pieces.append(.literal(literal)) }
      literal = ""
      pieces.append(.value(value))
    }
    if !literal.isEmpty { pieces.append(.literal(literal)) }
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw Fault(cause: "the text is empty", remedy: "write what to print, or remove the element")
    }
    self.pieces = pieces
  }

  /// The placeholders, in the order of the text.
  package var placeholders: [Placeholder] {
    pieces.compactMap { piece in
      guard case .value(let placeholder) = piece else { return nil }
      return placeholder
    }
  }

  /// What in it is no ASCII text; `nil` where all is.
  var notASCII: String? {
    for piece in pieces {
      switch piece {
      case .literal(let text):
        if let scalar = text.unicodeScalars.first(where: { !$0.isASCII }) {
          return "the text holds “\(scalar)”"
        }
      case .value(let placeholder):
        if !placeholder.isASCII { return "`{\(placeholder.rawValue)}` is not ASCII" }
      }
    }
    return nil
  }

  /// Stands in where a file's text is wrong and the problem has been reported.
  static let nothing = Pattern(pieces: [])

  /// Words that are printed as they are.
  init(literal: String) {
    self.init(pieces: [.literal(literal)])
  }

  private init(pieces: [Piece]) {
    self.pieces = pieces
  }

  private static func value(
    _ brace: Character,
    _ rest: inout Substring
  ) throws(Fault) -> Placeholder {
    guard brace == "{", let end = rest.firstIndex(of: "}") else {
      throw Fault(cause: "a lone `\(brace)`", remedy: "write `\(brace)\(brace)` for a brace")
    }
    let name = String(rest[..<end])
    rest = rest[rest.index(after: end)...]
    guard let placeholder = Placeholder(rawValue: name) else {
      let known = Placeholder.allCases.map { "{\($0.rawValue)}" }.joined(separator: ", ")
      throw Fault(cause: "unknown placeholder `{\(name)}`", remedy: "use one of: \(known)")
    }
    return placeholder
  }
}
