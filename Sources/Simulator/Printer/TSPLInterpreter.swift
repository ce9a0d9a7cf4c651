import Domain

/// The printer's side of TSPL: bytes in, whatever their portions; an image and print orders out.
///
/// Source: TSC, TSPL/TSPL2 Programming Language. It never holds more than one line and one image.
struct TSPLInterpreter: Sendable {
  /// Something that the printer has to act on.
  enum Order: Hashable {
    /// `ESC !` with this letter: answered at once.
    case immediate(UInt8)
    /// Print the image so often.
    case print(copies: Int)
    /// A line that this printer does not know, or whose values it does not take.
    case unknown(String)
  }

  /// A bitmap that is being received.
  private struct Bitmap {
    var x: Int
    var y: Int
    var widthBytes: Int
    var rows: Int
    var mode: Canvas.Mode
    var column = 0
    var row = 0
  }

  /// Bytes of a line kept at most; a longer one is unknown.
  static let longestLine = 4096
  /// Commands of the language that are taken without drawing anything.
  static let undrawn: Set<String> = [
    "TEXT", "BLOCK", "BARCODE", "QRCODE", "DMATRIX", "PDF417", "BOX", "BAR", "ERASE", "REVERSE",
    "SET", "OFFSET", "SHIFT", "CODEPAGE", "COUNTRY", "FEED", "BACKFEED", "FORMFEED", "HOME",
    "GAPDETECT", "CUT", "SELFTEST", "INITIALPRINTER", "BLINE", "OUT",
  ]

  private let dotsPerMillimetre: Int
  private let limit: (width: Int, height: Int)
  private var line: [UInt8] = []
  private var isOverlong = false
  private var escape = 0
  private var commas = 0
  private var bitmap: Bitmap?
  private var canvas: Canvas
  private var size: (width: Int, height: Int)
  private var reference = (x: 0, y: 0)
  private var isMirrored = false

  /// Inches a second, as `SPEED` set it.
  private(set) var speed = 4.0
  private(set) var density = 8
  private(set) var isUpsideDown = false
  /// Dots between two labels.
  private(set) var gap = 0
  /// Commands that a real printer would have drawn and this one does not.
  private(set) var undrawnCommands = 0

  init(dotsPerMillimetre: Int, widest: Int, longest: Int) {
    self.dotsPerMillimetre = dotsPerMillimetre
    limit = (widest, longest)
    size = (widest, min(longest, 100 * dotsPerMillimetre))
    canvas = Canvas(width: size.width, height: size.height)
  }

  /// Whether it stands between two commands.
  var isAtRest: Bool { line.isEmpty && bitmap == nil && escape == 0 }

  /// The image as it stands.
  var page: Page { canvas.page(mirrored: isMirrored) }

  /// Forgets half a command, as after a reset of the bus.
  mutating func forgetHalfCommand() {
    line = []
    isOverlong = false
    commas = 0
    escape = 0
    bitmap = nil
  }

  /// Takes one byte.
  mutating func consume(_ byte: UInt8) -> Order? {
    if bitmap != nil {
      draw(byte)
      return nil
    }
    switch (escape, byte) {
    case (0, 0x1B):
      escape = 1
    case (1, 0x21):
      escape = 2
    case (1, _):
      // ESC without `!` means nothing; the byte after it counts as any other.
      escape = 0
      return consume(byte)
    case (2, _):
      escape = 0
      return .immediate(byte)
    case (_, 0x0A), (_, 0x0D):
      return endLine()
    case (_, 0x00) where line.isEmpty:
      break
    default:
      return append(byte)
    }
    return nil
  }
}

extension TSPLInterpreter {
  private mutating func append(_ byte: UInt8) -> Order? {
    guard line.count < Self.longestLine else {
      isOverlong = true
      return nil
    }
    line.append(byte)
    guard byte == UInt8(ascii: ","), line.starts(with: "BITMAP ".utf8) else { return nil }
    commas += 1
    guard commas == 5 else { return nil }
    // The raw data follow at once, without an end of line.
    let head = Self.text(line)
    forgetHalfCommand()
    return startBitmap(head)
  }

  private mutating func endLine() -> Order? {
    defer { forgetHalfCommand() }
    guard !isOverlong else { return .unknown(String(Self.text(line).prefix(40))) }
    guard !line.isEmpty else { return nil }
    let text = Self.text(line)
    let parts = text.split(separator: " ", maxSplits: 1)
    guard let name = parts.first else { return nil }
    let arguments = (parts.count > 1 ? String(parts[1]) : "")
      .split(separator: ",", omittingEmptySubsequences: false)
      .map { Self.trimmed($0) }
    return perform(String(name), arguments)
  }

  /// Carries out one line.
  private mutating func perform(_ name: String, _ arguments: [String]) -> Order? {
    let numbers = arguments.map { Int($0) }
    switch name {
    case "SIZE": return set(size: arguments) ? nil : .unknown(name)
    case "GAP": return set(gap: arguments) ? nil : .unknown(name)
    case "DIRECTION":
      guard let first = numbers.first, let turn = first, (0...1).contains(turn) else { break }
      isUpsideDown = turn == 1
      isMirrored = numbers.count > 1 && numbers[1] == 1
      return nil
    case "REFERENCE":
      guard numbers.count == 2, let x = numbers[0], let y = numbers[1] else { break }
      guard (0...65_535).contains(x), (0...65_535).contains(y) else { break }
      reference = (x, y)
      return nil
    case "DENSITY":
      guard let first = numbers.first, let value = first, (0...15).contains(value) else { break }
      density = value
      return nil
    case "SPEED":
      guard let first = arguments.first, let value = Double(first) else { break }
      guard (0.5...20).contains(value) else { break }
      speed = value
      return nil
    case "CLS":
      canvas = Canvas(width: size.width, height: size.height)
      return nil
    case "PRINT": return printOrder(numbers)
    default:
      guard Self.undrawn.contains(name) || name.hasPrefix("~!") else { break }
      undrawnCommands += 1
      return nil
    }
    return .unknown(String(name.prefix(40)))
  }

  private func printOrder(_ numbers: [Int?]) -> Order {
    let counts = numbers.compactMap { $0 }.filter { (1...999_999_999).contains($0) }
    guard counts.count == numbers.count, (1...2).contains(counts.count) else {
      return .unknown("PRINT")
    }
    return .print(copies: counts.reduce(1, *))
  }

  /// A new size counts from the next `CLS` on, which is why `CLS` must follow it.
  private mutating func set(size arguments: [String]) -> Bool {
    guard (1...2).contains(arguments.count), let width = dots(arguments[0]), width > 0 else {
      return false
    }
    guard let height = arguments.count == 2 ? dots(arguments[1]) : size.height, height > 0 else {
      return false
    }
    size = (min(width, limit.width), min(height, limit.height))
    return true
  }

  private mutating func set(gap arguments: [String]) -> Bool {
    guard (1...2).contains(arguments.count), let first = dots(arguments[0]) else { return false }
    gap = first
    return true
  }

  /// A length as `76 mm`, `608 dot`, or in inches without a unit.
  private func dots(_ text: String) -> Int? {
    let parts = text.split(separator: " ")
    guard let first = parts.first, parts.count <= 2, let value = Double(first) else { return nil }
    guard value.isFinite, value >= 0, value < 100_000 else { return nil }
    let unit = parts.count == 2 ? parts[1] : "inch"
    switch unit {
    case "mm": return Int((value * Double(dotsPerMillimetre)).rounded())
    case "dot": return Int(value.rounded())
    case "inch": return Int((value * 25.4 * Double(dotsPerMillimetre)).rounded())
    default: return nil
    }
  }

  private mutating func startBitmap(_ head: String) -> Order? {
    let fields = head.dropFirst("BITMAP ".count).split(separator: ",").map { Int(Self.trimmed($0)) }
    let values = fields.compactMap { $0 }.filter { (0...65_535).contains($0) }
    guard fields.count == 5, values.count == 5, let mode = Canvas.Mode(rawValue: values[4]) else {
      return .unknown("BITMAP")
    }
    guard values[2] > 0, values[3] > 0 else { return nil }
    bitmap = Bitmap(
      x: values[0] + reference.x,
      y: values[1] + reference.y,
      widthBytes: values[2],
      rows: values[3],
      mode: mode
    )
    return nil
  }

  /// Draws eight dots of the bitmap: here 0 is black.
  private mutating func draw(_ byte: UInt8) {
    guard var current = bitmap else { return }
    canvas.draw(
      ~byte,
      x: current.x + current.column * 8,
      y: current.y + current.row,
      mode: current.mode
    )
    current.column += 1
    if current.column == current.widthBytes {
      current.column = 0
      current.row += 1
    }
    bitmap = current.row == current.rows ? nil : current
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }

  private static func trimmed(_ text: some StringProtocol) -> String {
    String(text.drop { $0 == " " }.reversed().drop { $0 == " " }.reversed())
  }
}
