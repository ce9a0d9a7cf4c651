import Domain

/// The image buffer of a label printer: one bit a dot, 1 is black, whatever the language says.
struct Canvas: Sendable {
  /// How a bitmap meets what is there already.
  enum Mode: Int {
    case overwrite = 0
    case or
    case xor
  }

  let width: Int
  let height: Int
  private let stride: Int
  private var bytes: [UInt8]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    stride = (width + 7) / 8
    bytes = Array(repeating: 0, count: stride * height)
  }

  /// Draws eight dots, the leftmost in bit 7, at any place; what falls outside is lost.
  mutating func draw(_ dots: UInt8, x: Int, y: Int, mode: Mode) {
    guard y >= 0, y < height, x > -8, x < width else { return }
    let column = x >> 3
    let shift = UInt8(x & 7)
    combine(dots >> shift, mask: 0xFF >> shift, column: column, y: y, mode: mode)
    if shift > 0 {
      combine(dots << (8 - shift), mask: 0xFF << (8 - shift), column: column + 1, y: y, mode: mode)
    }
  }

  private mutating func combine(_ dots: UInt8, mask: UInt8, column: Int, y: Int, mode: Mode) {
    guard column >= 0, column < stride else { return }
    let spare = column == stride - 1 ? UInt8(stride * 8 - width) : 0
    let mask = mask & (0xFF << spare)
    let place = y * stride + column
    switch mode {
    case .overwrite: bytes[place] = bytes[place] & ~mask | dots & mask
    case .or: bytes[place] |= dots & mask
    case .xor: bytes[place] ^= dots & mask
    }
  }

  /// The image as a page.
  func page(mirrored: Bool) -> Page {
    var page = Page(width: width, height: height)
    for (place, byte) in bytes.enumerated() where byte != 0 {
      let (y, column) = place.quotientAndRemainder(dividingBy: stride)
      for bit in 0..<8 where byte & 0x80 >> UInt8(bit) != 0 {
        let x = column * 8 + bit
        page[mirrored ? width - 1 - x : x, y] = true
      }
    }
    return page
  }
}

extension Page {
  /// How many dots are black.
  package var blackDots: Int { bytes.reduce(0) { $0 + $1.nonzeroBitCount } }

  /// The page as far as the head came before it stopped.
  func cut(after rows: Int) -> Page {
    var page = self
    for y in max(0, rows)..<max(max(0, rows), height) {
      for x in 0..<width where page[x, y] { page[x, y] = false }
    }
    return page
  }
}
