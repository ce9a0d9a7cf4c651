/// A weight (重量) in whole grams.
///
/// Weights are integers so that gross − tare = net holds exactly and no sum depends on its order.
package struct Mass: Hashable, Comparable, Sendable, CustomStringConvertible {
  /// The weight in grams; negative below zero.
  package var grams: Int

  package init(grams: Int) {
    self.grams = grams
  }

  package static let zero = Mass(grams: 0)

  package static func < (left: Mass, right: Mass) -> Bool { left.grams < right.grams }
  package static func + (left: Mass, right: Mass) -> Mass { Mass(grams: left.grams + right.grams) }
  package static func - (left: Mass, right: Mass) -> Mass { Mass(grams: left.grams - right.grams) }

  /// The distance from zero.
  package var magnitude: Mass { Mass(grams: abs(grams)) }

  /// The weight in grams with its unit, as `1234 g`.
  package var description: String { "\(grams) g" }

  /// The weight in kilograms with three decimals and no unit, as `1.234`.
  package var kilograms: String {
    let (whole, rest) = abs(grams).quotientAndRemainder(dividingBy: 1000)
    let digits = String(rest)
    let padded = String(repeating: "0", count: 3 - digits.count) + digits
    return (grams < 0 ? "-" : "") + "\(whole).\(padded)"
  }
}
