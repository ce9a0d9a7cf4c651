/// A label as the print head burns it: one bit a dot, 1 is black.
package struct Page: Hashable, Sendable {
  /// Dots across the head.
  package let width: Int
  /// Dots in the direction of feed.
  package let height: Int
  /// Rows from the top, each padded with white to whole bytes; the leftmost dot is bit 7.
  package private(set) var bytes: [UInt8]

  /// Makes a white page.
  ///
  /// - Parameters:
  ///   - width: Dots across, 1 and up.
  ///   - height: Dots down, 1 and up.
  package init(width: Int, height: Int) {
    precondition(width > 0 && height > 0, "a page has at least one dot")
    self.width = width
    self.height = height
    bytes = Array(repeating: 0, count: (width + 7) / 8 * height)
  }

  /// Bytes of one row.
  package var stride: Int { (width + 7) / 8 }

  /// The bytes of one row, leftmost dot first.
  package func row(_ y: Int) -> ArraySlice<UInt8> { bytes[y * stride..<(y + 1) * stride] }

  /// Whether a dot is black; dots outside the page are white, and writing them does nothing.
  package subscript(x: Int, y: Int) -> Bool {
    get {
      guard contains(x, y) else { return false }
      return bytes[y * stride + x / 8] & Self.mask(x) != 0
    }
    set {
      guard contains(x, y) else { return }
      if newValue {
        bytes[y * stride + x / 8] |= Self.mask(x)
      } else {
        bytes[y * stride + x / 8] &= ~Self.mask(x)
      }
    }
  }

  private static func mask(_ x: Int) -> UInt8 { 0x80 >> UInt8(x % 8) }

  private func contains(_ x: Int, _ y: Int) -> Bool {
    x >= 0 && x < width && y >= 0 && y < height
  }
}
