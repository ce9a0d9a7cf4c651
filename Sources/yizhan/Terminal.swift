import Glibc

/// Text for terminals: width, columns, and nothing in it that commands the terminal.
package enum Terminal {
  /// How many columns a text takes; Chinese characters take two.
  package static func width(of text: String) -> Int {
    text.unicodeScalars.reduce(0) { $0 + width(of: $1) }
  }

  private static func width(of scalar: Unicode.Scalar) -> Int {
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format, .control: return 0
    default: return wide.contains { $0.contains(scalar.value) } ? 2 : 1
    }
  }

  /// The wide and full-width blocks of Unicode's East Asian Width (UAX 11).
  private static let wide: [ClosedRange<UInt32>] = [
    0x1100...0x115F, 0x2E80...0x303E, 0x3041...0x33FF, 0x3400...0x4DBF, 0x4E00...0xA4CF,
    0xA960...0xA97C, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF01...0xFF60,
    0xFFE0...0xFFE6, 0x1F300...0x1F64F, 0x1F680...0x1F6FF, 0x1F900...0x1F9FF, 0x20000...0x3FFFD,
  ]

  /// A text from outside, on one line and without control characters.
  package static func plain(_ text: String) -> String {
    var scalars = String.UnicodeScalarView()
    for scalar in text.unicodeScalars {
      let isControl = scalar.properties.generalCategory == .control
      scalars.append(isControl ? "\u{FFFD}" : scalar)
    }
    return String(scalars)
  }

  /// Rows under a heading, each column as wide as its widest text; the last is not filled up.
  package static func table(_ heading: [String], _ rows: [[String]]) -> String {
    let rows = ([heading] + rows).map { $0.map(plain) }
    let widths = heading.indices.map { column in
      rows.map { $0.indices.contains(column) ? width(of: $0[column]) : 0 }.max() ?? 0
    }
    return rows.map { row in
      var line = ""
      for (column, text) in row.enumerated() {
        let isLast = column == row.count - 1
        line += text
        guard !isLast else { break }
        line += String(repeating: " ", count: widths[column] - width(of: text) + 2)
      }
      return trimmed(line)
    }.joined(separator: "\n")
  }

  /// Names and values below each other.
  package static func list(_ pairs: [(String, String)]) -> String {
    let widest = pairs.map { width(of: $0.0) }.max() ?? 0
    return pairs.map { name, value in
      trimmed(name + String(repeating: " ", count: widest - width(of: name) + 2) + plain(value))
    }.joined(separator: "\n")
  }

  private static func trimmed(_ line: String) -> String {
    var line = line[...]
    while line.last == " " { line.removeLast() }
    return String(line)
  }

  /// Writes a line, at once: what is watched through a pipe must not wait in a buffer.
  static func line(_ text: String) { write(text, to: STDOUT_FILENO) }

  /// Writes a line for people beside the output.
  static func complain(_ text: String) { write(text, to: STDERR_FILENO) }

  /// Shows a word on a line of its own that the next one replaces.
  static func status(_ text: String) {
    write("\r\u{1B}[K" + text, to: STDERR_FILENO, isLine: false)
  }

  /// How wide the terminal is: as it says, else `COLUMNS`, else 80.
  static var columns: Int {
    var size = winsize()
    if unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 {
      return Int(size.ws_col)
    }
    return unsafe getenv("COLUMNS").flatMap { Int(unsafe String(cString: $0)) } ?? 80
  }

  /// Asks back; whatever is not a yes, also the end of input, is a no.
  static func agrees(_ question: String, _ say: Speech) -> Bool {
    complain("\(question) [y/N]")
    let answer = readLine()?.lowercased() ?? ""
    return ["y", "yes", "是"].contains(answer)
  }

  private static func write(_ text: String, to descriptor: Int32, isLine: Bool = true) {
    var rest = Array((text + (isLine ? "\n" : "")).utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      guard count > 0 else {
        if count < 0, errno == EINTR { continue }
        return
      }
      rest = rest.dropFirst(count)
    }
  }
}
