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
}

/// The rhythm in which a lamp lights.
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

  /// On and off times in milliseconds, starting with on; empty where the lamp does not change.
  package var cycle: [Int64] {
    switch self {
    case .off, .on: []
    case .wink: [60, 1940]
    case .slow: [500, 500]
    case .fast: [125, 125]
    case .double: [150, 150, 150, 850]
    }
  }
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

  /// On and off times in milliseconds, starting with on.
  package var sequence: [Int64] {
    switch self {
    case .none: []
    case .short: [80]
    case .long: [400]
    case .double: [120, 120, 120]
    case .triple: [80, 80, 80, 80, 80]
    }
  }
}

/// A button of the panel (按钮).
package enum Button: String, Hashable, Sendable, CaseIterable {
  /// 确认: do the next step; of a question: it is fine, go on.
  case go
  /// 再来: print or seal once more.
  case again
  /// 取消: give the parcel up; after an emergency stop: reset.
  case cancel
}
