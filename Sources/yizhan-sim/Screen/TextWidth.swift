/// How many columns of a terminal text takes (Unicode Standard Annex 11: wide and full width are 2).
package enum TextWidth {
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF,
    0xFE30...0xFE6F, 0xFF00...0xFF60, 0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF,
    0x1F900...0x1FAFF, 0x20000...0x3FFFD,
  ]
  private static let empty: [ClosedRange<UInt32>] = [
    0x0300...0x036F, 0x200B...0x200F, 0x20D0...0x20FF, 0xFE00...0xFE0F,
  ]

  /// The columns of one character: 0, 1 or 2.
  package static func of(_ character: Character) -> Int {
    character.unicodeScalars.map { scalar in
      if empty.contains(where: { $0.contains(scalar.value) }) { return 0 }
      return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }.max() ?? 0
  }

  /// The columns of a text.
  package static func of(_ text: some StringProtocol) -> Int { text.reduce(0) { $0 + of($1) } }

  /// As much of a text as fits, with an ellipsis where something had to go.
  package static func clip(_ text: String, to columns: Int) -> String {
    guard of(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var clipped = ""
    var used = 0
    for character in text {
      guard used + of(character) <= columns - 1 else { break }
      clipped.append(character)
      used += of(character)
    }
    return clipped + "…"
  }
}
