/// A rectangle, right and bottom not included: micrometres in a template, dots in a layout.
package struct Area: Hashable, Sendable {
  /// The first column inside.
  package var left: Int
  /// The first row inside.
  package var top: Int
  /// The first column behind.
  package var right: Int
  /// The first row below.
  package var bottom: Int

  /// Makes an area from its edges.
  package init(left: Int, top: Int, right: Int, bottom: Int) {
    self.left = left
    self.top = top
    self.right = right
    self.bottom = bottom
  }

  /// Makes an area from its top left corner and its size.
  package init(x: Int, y: Int, width: Int, height: Int) {
    self.init(left: x, top: y, right: x + width, bottom: y + height)
  }

  /// Columns inside; negative where the edges are swapped.
  package var width: Int { right - left }
  /// Rows inside; negative where the edges are swapped.
  package var height: Int { bottom - top }
  /// Whether it has no point.
  package var isEmpty: Bool { width <= 0 || height <= 0 }

  /// Whether the other area lies wholly inside this one; an empty area lies anywhere.
  package func contains(_ other: Area) -> Bool {
    other.isEmpty
      || (left <= other.left && top <= other.top && other.right <= right
        && other.bottom <= bottom)
  }

  /// Whether the two share a point.
  package func overlaps(_ other: Area) -> Bool {
    !isEmpty && !other.isEmpty && left < other.right && other.left < right && top < other.bottom
      && other.top < bottom
  }

  /// The area grown on all sides; shrunk where the amounts are negative.
  package func grown(x: Int, y: Int) -> Area {
    Area(left: left - x, top: top - y, right: right + x, bottom: bottom + y)
  }

  /// The area moved.
  package func moved(x: Int, y: Int) -> Area {
    Area(left: left + x, top: top + y, right: right + x, bottom: bottom + y)
  }

  /// The smallest area that holds both.
  package func union(_ other: Area) -> Area {
    if isEmpty { return other }
    if other.isEmpty { return self }
    return Area(
      left: min(left, other.left),
      top: min(top, other.top),
      right: max(right, other.right),
      bottom: max(bottom, other.bottom)
    )
  }
}
