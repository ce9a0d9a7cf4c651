import Domain
import StrictYAML

extension Fields {
  /// A weight as `20 g` or `1.5 kg`.
  func mass(_ key: String, in bounds: ClosedRange<Int>, default value: Int) -> Mass {
    let read = measure(key, "a weight from \(bounds.lowerBound) g to \(bounds.upperBound) g") {
      let grams: Int? =
        switch $1 {
        case "g": $0 % 1000 == 0 ? $0 / 1000 : nil
        case "kg": $0
        default: nil
        }
      return grams.flatMap { bounds.contains($0) ? $0 : nil }
    }
    return Mass(grams: read ?? value)
  }

  /// A weight that must be there.
  func mass(_ key: String, in bounds: ClosedRange<Int>) -> Mass {
    if !has(key) { _ = string(key) }
    return mass(key, in: bounds, default: bounds.lowerBound)
  }

  /// A length as `2.5 mm`, in micrometres.
  func micrometres(_ key: String, in bounds: ClosedRange<Int>, default value: Int) -> Int {
    let kind = "a length from \(bounds.lowerBound / 1000) mm to \(bounds.upperBound / 1000) mm"
    let read = measure(key, kind) { number, unit in
      unit == "mm" && bounds.contains(number) ? number : nil
    }
    return read ?? value
  }

  /// A rate as `2 Hz` or `2.5 Hz`, as its period.
  func period(_ key: String, in bounds: ClosedRange<Int>, default value: Int) -> Duration {
    let kind = "a rate from \(bounds.lowerBound) Hz to \(bounds.upperBound) Hz"
    let millihertz = measure(key, kind) { number, unit in
      unit == "Hz" && (bounds.lowerBound * 1000...bounds.upperBound * 1000).contains(number)
        ? number : nil
    }
    return .nanoseconds(1_000_000_000_000 / Int64(millihertz ?? value * 1000))
  }

  /// A path from the root.
  func path(_ key: String, default value: String) -> String { optionalPath(key) ?? value }

  func optionalPath(_ key: String) -> String? {
    guard let path = optionalString(key) else { return nil }
    guard path.hasPrefix("/"), !path.contains("\0") else {
      report(at: key, "`\(key)` is not a path from the root", remedy: "begin it with `/`")
      return nil
    }
    return path
  }

  private func measure(_ key: String, _ kind: String, _ read: (Int, Substring) -> Int?) -> Int? {
    guard let text = optionalString(key) else { return nil }
    let parts = text.split(separator: " ")
    if parts.count == 2, let number = Self.thousandths(parts[0]),
      let value = read(number, parts[1])
    {
      return value
    }
    report(
      at: key,
      "`\(text)` is not \(kind)",
      remedy: "write number and unit, as `20 g`, `2 mm` or `2 Hz`"
    )
    return nil
  }

  /// A number of at most seven digits before and three behind the point, times a thousand.
  private static func thousandths(_ text: Substring) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard parts.count <= 2, let whole = parts.first, (1...7).contains(whole.utf8.count) else {
      return nil
    }
    let decimals = parts.count == 2 ? parts[1] : "0"
    guard (1...3).contains(decimals.utf8.count) else { return nil }
    let digits = whole + decimals + String(repeating: "0", count: 3 - decimals.utf8.count)
    guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int(digits)
  }
}
