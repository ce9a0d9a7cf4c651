import Domain

/// A word of the trade that is kept as a small number: rows of few bytes dirty fewer pages.
///
/// The order of ``codes`` is part of the file format: append, never reorder.
protocol Coded: Equatable, Sendable {
  static var codes: [Self] { get }
}

extension Coded {
  /// The number under which the value is kept.
  var code: Int {
    guard let code = Self.codes.firstIndex(of: self) else {
      preconditionFailure("\(self) has no place in \(Self.self).codes")
    }
    return code
  }

  /// The value kept under a number; `nil` where no version so far has written it.
  init?(code: Int) {
    guard Self.codes.indices.contains(code) else { return nil }
    self = Self.codes[code]
  }
}

extension Outcome: Coded {
  static let codes: [Outcome] = [.done, .failed, .withdrawn, .repeated, .voided]
}

extension Evidence: Coded {
  static let codes: [Evidence] = [
    .scanBack, .counter, .statusSequence, .worker, .accepted, .none, .elapsed,
  ]
}

extension ClockQuality: Coded {
  static let codes: [ClockQuality] = [.none, .rtc, .ntp, .hub]
}

extension ParcelState: Coded {
  static let codes: [ParcelState] = [.open, .done, .voided]
}

extension PhysicalAction: Coded {
  static let codes: [PhysicalAction] = [.label, .seal, .strap]

  /// The kind of a row of `state`; 0 is the parcel itself.
  var kind: Int { code + 1 }

  init?(kind: Int) { self.init(code: kind - 1) }
}

/// What a row of `tally` counts.
enum TallyKind: Int {
  case parcelsUp, parcelsDown, labels, seals, voids, straps
  /// Cycles of the machine that did not end well.
  case badCycles
  /// The cycles that the machine had done in all when it was last serviced.
  case serviced

  init(_ direction: Direction) {
    self = direction == .up ? .parcelsUp : .parcelsDown
  }
}

extension ParcelNumber {
  /// The tag of the epoch and the serial number inside it.
  var parts: (tag: Substring, serial: Int)? {
    let parts = text.split(separator: "-")
    guard parts.count == 4, let serial = Int(parts[2]) else { return nil }
    return (parts[1], serial)
  }
}
