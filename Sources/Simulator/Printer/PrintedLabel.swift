package import Domain

/// A label that came out of the printer.
package struct PrintedLabel: Hashable, Sendable {
  /// What is on it; below the place where the head stopped it is white.
  package var page: Page
  /// When it was out.
  package var at: Instant
  /// 1 for the first label of this printer's life.
  package var serialNumber: Int
  /// Whether the whole label was printed.
  package var isComplete: Bool
  /// Whether it left the printer bottom first.
  package var isUpsideDown: Bool
}
