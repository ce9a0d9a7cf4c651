/// Why a label could not be made; the wording is for the technician who has to act on it.
package enum LabelError: Error, Hashable, Sendable, CustomStringConvertible {
  /// The font is missing or broken.
  case font(path: String, cause: String)
  /// The font cannot draw a character.
  case noGlyph(Unicode.Scalar, field: String)
  /// A value that should be printed is empty.
  case blank(field: String)
  /// A text does not fit its element in the way the template allows.
  case tooLong(text: String, field: String)
  /// Zint does not encode the text, and says why.
  case refused(text: String, field: String, cause: String)
  /// A code with its quiet zone is wider than its element; lengths in micrometres.
  case tooWide(text: String, field: String, needed: Int, available: Int)
  /// Ink would leave its element.
  case escapes(field: String)
  /// libpng does not read or write a picture, and says why.
  case picture(cause: String)

  /// What was being done.
  package var attempted: String {
    switch self {
    case .font(let path, _): "opening the font \(path)"
    case .noGlyph(_, let field), .blank(let field), .tooLong(_, let field),
      .refused(_, let field, _), .tooWide(_, let field, _, _), .escapes(let field):
      "setting \(field) of the label"
    case .picture: "converting the label's picture"
    }
  }

  /// Why it failed.
  package var cause: String {
    switch self {
    case .font(_, let cause), .picture(let cause):
      cause
    case .noGlyph(let scalar, _):
      "the font has no glyph for \(Self.name(scalar))"
    case .blank:
      "its value is empty"
    case .tooLong(let text, _):
      "`\(text)` does not fit"
    case .refused(let text, _, let cause):
      "`\(text)` cannot be encoded: \(cause)"
    case .tooWide(let text, _, let needed, let available):
      "the code of `\(text)` with its quiet zone is \(Self.millimetres(needed)) mm wide, "
        + "and there are \(Self.millimetres(available)) mm"
    case .escapes:
      "its ink would leave the element's area"
    }
  }

  /// What to do next.
  package var remedy: String {
    switch self {
    case .font: "apt install fonts-wqy-microhei"
    case .noGlyph: "write the name with other characters, or use a font that has this one"
    case .blank: "fill it in the station's configuration"
    case .tooLong: "shorten the text, or give the element more width in the template"
    case .refused: "use what the code can carry, or another kind of code"
    case .tooWide: "use a shorter site id, a wider label or a template with a QR code only"
    case .escapes: "use a smaller size in the template"
    case .picture: "print the label instead, and report this as a bug"
    }
  }

  /// All three in one line.
  package var description: String { "\(attempted): \(cause); next: \(remedy)" }

  private static func name(_ scalar: Unicode.Scalar) -> String {
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let code = "U+" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    return scalar.properties.generalCategory == .control ? code : "“\(scalar)” (\(code))"
  }

  private static func millimetres(_ micrometres: Int) -> String {
    let tenths = (micrometres + 50) / 100
    return "\(tenths / 10).\(tenths % 10)"
  }
}
