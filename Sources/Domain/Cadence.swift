/// On and off times of a lamp or a beeper, said in a small notation.
///
/// Milliseconds on and off by turns, on first; `xN` behind them says them N times over, `x` alone
/// for ever, nothing once. So `80 80 x3` is three short beeps, `500 500 x` an even blinking and
/// `400` one long beep; `on` and `off` never change.
package struct Cadence: Hashable, Sendable {
  /// On and off times in milliseconds, starting with on; empty for `off`.
  package let steps: [Int64]
  /// How often the steps are gone through; `nil` for ever.
  package let rounds: Int?
  private let period: Int64

  /// Never on.
  package static let off = Cadence(checked: [], rounds: nil)
  /// Never off.
  package static let on = Cadence(checked: [1], rounds: nil)

  /// Takes steps that make a cadence.
  ///
  /// - Returns: `nil` where they make none: without a step, with one of less than a millisecond,
  ///   or with steps whose end would run into their beginning.
  package init?(_ steps: [Int64], rounds: Int? = 1) {
    let isRepeated = rounds != 1
    guard !steps.isEmpty, steps.allSatisfy({ (1...60_000).contains($0) }), steps.count <= 32,
      rounds.map({ (1...100).contains($0) }) ?? true, !isRepeated || steps.count % 2 == 0
    else { return nil }
    self.init(checked: steps, rounds: rounds)
  }

  /// Reads the notation.
  package init?(_ notation: String) {
    switch notation {
    case "on": self = .on
    case "off": self = .off
    default:
      var words = notation.split(separator: " ", omittingEmptySubsequences: false)
      var rounds: Int? = 1
      if let last = words.last, last.first == "x" {
        words.removeLast()
        rounds = last.count == 1 ? nil : Self.number(last.dropFirst()).map(Int.init) ?? 0
      }
      let steps = words.compactMap { Self.number($0) }
      guard steps.count == words.count else { return nil }
      self.init(steps, rounds: rounds)
    }
  }

  private init(checked steps: [Int64], rounds: Int?) {
    self.steps = steps
    self.rounds = rounds
    period = steps.reduce(0, +)
  }

  private static func number(_ text: Substring) -> Int64? {
    guard text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text)
  }

  /// The notation that reads as this.
  package var notation: String {
    if self == .off { return "off" }
    if self == .on { return "on" }
    let times = steps.map { "\($0)" }.joined(separator: " ")
    return switch rounds {
    case nil: "\(times) x"
    case 1: times
    case .some(let rounds): "\(times) x\(rounds)"
    }
  }

  /// How long all of it takes, in milliseconds; `nil` for ever.
  package var length: Int64? { rounds.map { Int64($0) * period } }

  /// All steps from the beginning to the end, without a silence there; empty if there is no end.
  package var sequence: [Int64] {
    let all = (0..<(rounds ?? 0)).flatMap { _ in steps }
    return all.count % 2 == 0 ? all.dropLast() : all
  }

  /// What there is at a time after the beginning, and until when; `nil` for good.
  package func state(at elapsed: Int64) -> (isOn: Bool, until: Int64?) {
    guard steps.count > 1 || rounds != nil else { return (!steps.isEmpty, nil) }
    if let length, elapsed >= length { return (false, nil) }
    var end = elapsed - elapsed % period
    for (index, step) in steps.enumerated() {
      end += step
      if elapsed < end { return (index % 2 == 0, end) }
    }
    return (false, nil)
  }
}
