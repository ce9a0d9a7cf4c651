/// A lamp of the panel (指示灯), named by its place; colour helps but never carries the meaning alone.
package enum Lamp: String, Hashable, Sendable, CaseIterable {
  /// First lamp: your turn, or done (绿灯).
  case green
  /// Second lamp: wait, or look here (黄灯).
  case amber
  /// Third lamp: stop (红灯).
  case red
  /// Fourth lamp: the link to the county (链路灯).
  case link

  /// Its place in the row, from 1.
  package var position: Int {
    switch self {
    case .green: 1
    case .amber: 2
    case .red: 3
    case .link: 4
    }
  }
}

/// The rhythm in which a lamp lights.
///
/// The rhythms are the same at every point: a worker who helps out in the next village, and the
/// card on the wall, must find them again.
package enum Rhythm: String, Hashable, Sendable, CaseIterable {
  case off
  case on
  /// A wink every two seconds: alive and waiting.
  case wink
  /// Once a second, half on (慢闪).
  case slow
  /// Four times a second, half on (快闪).
  case fast
  /// Two short flashes, then a pause (双闪).
  case double

  private static let cadences: [Rhythm: Cadence] = notations.compactMapValues { Cadence($0) }

  /// Each rhythm in the notation of ``Cadence``.
  package static let notations: [Rhythm: String] = [
    .off: "off", .on: "on", .wink: "60 1940 x", .slow: "500 500 x", .fast: "125 125 x",
    .double: "150 150 150 850 x",
  ]

  /// How it goes.
  package var cadence: Cadence { Self.cadences[self] ?? .off }

  /// On and off times in milliseconds, starting with on; empty where the lamp does not change.
  package var cycle: [Int64] { cadence.steps.count > 1 ? cadence.steps : [] }
}

/// A sound of the beeper (蜂鸣器).
package enum Beep: String, Hashable, Sendable, CaseIterable {
  case none
  /// One short: understood, go on.
  case short
  /// One long: done.
  case long
  /// Two short: look here, a question.
  case double
  /// Three short: refused, or something is wrong.
  case triple

  private static let cadences: [Beep: Cadence] = notations.compactMapValues { Cadence($0) }

  /// Each sound in the notation of ``Cadence``, unless station.yaml has another for its buzzer.
  package static let notations: [Beep: String] = [
    .none: "off", .short: "80", .long: "400", .double: "120 120 x2", .triple: "80 80 x3",
  ]

  /// How it goes.
  package var cadence: Cadence { Self.cadences[self] ?? .off }

  /// On and off times in milliseconds, starting with on.
  package var sequence: [Int64] { cadence.sequence }
}
