/// How many dots a print head has in a millimetre, as a fraction so that no length drifts.
///
/// Lengths of templates are whole micrometres. An edge goes to the nearest dot, and from the middle
/// between two dots to the later one; a width is the distance of its two rounded edges, so that
/// what touches in millimetres touches in dots.
package struct DotDensity: Hashable, Sendable {
  /// Dots in ``millimetres`` millimetres.
  package let dots: Int
  /// The length that has ``dots`` dots.
  package let millimetres: Int

  /// Makes a density of `dots` dots in `millimetres` millimetres, both 1 and up.
  package init(dots: Int, millimetres: Int) {
    precondition(dots > 0 && millimetres > 0, "a density is positive")
    self.dots = dots
    self.millimetres = millimetres
  }

  /// The heads sold as 203 dpi have exactly 8 dots in a millimetre.
  package static let dpi203 = DotDensity(dots: 8, millimetres: 1)
  /// 300 dots in 25.4 mm.
  package static let dpi300 = DotDensity(dots: 1500, millimetres: 127)

  /// The dot at which an edge lies, by the rule above.
  package func edge(_ micrometres: Int) -> Int {
    let scale = millimetres * 1000
    return (2 * micrometres * dots + scale) / (2 * scale)
  }

  /// The dots of a stroke or a font size: the nearest number, but at least one.
  package func size(_ micrometres: Int) -> Int { max(1, edge(micrometres)) }

  /// The dots of a code's module: rounded up, so that no module is narrower than was asked for.
  package func module(_ micrometres: Int) -> Int {
    let scale = millimetres * 1000
    return max(1, (micrometres * dots + scale - 1) / scale)
  }

  /// The area in dots of an area in micrometres.
  package func area(_ area: Area) -> Area {
    Area(
      left: edge(area.left),
      top: edge(area.top),
      right: edge(area.right),
      bottom: edge(area.bottom)
    )
  }

  /// The micrometres of a number of dots, rounded up; for messages.
  package func micrometres(_ dots: Int) -> Int {
    (dots * millimetres * 1000 + self.dots - 1) / self.dots
  }
}
