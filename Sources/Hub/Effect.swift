import Domain

/// What an event changes in the hub's picture of a site.
enum Effect: Hashable, Sendable {
  /// Nothing, or a type that only a newer hub understands; the event is kept either way.
  case none
  case dispatched(Parcel)
  case voided(ParcelNumber)

  /// Reads the body of an event; `nil` where a known type lacks what it must have.
  init?(_ event: Event) {
    guard event.type.hasPrefix("parcel.") else {
      self = .none
      return
    }
    guard let body = try? JSON(parsing: event.body) else { return nil }
    switch event.type {
    case "parcel.dispatched":
      guard let parcel = Parcel(body) else { return nil }
      self = .dispatched(parcel)
    case "parcel.voided":
      guard let number = body["parcel"]?.string.flatMap({ ParcelNumber($0) }) else { return nil }
      self = .voided(number)
    default: self = .none
    }
  }
}

extension Parcel {
  /// Bounded so that sums over many years stay inside 64 bits.
  private static let mostGrams = 1_000_000_000

  fileprivate init?(_ body: JSON) {
    guard let number = body["parcel"]?.string.flatMap({ ParcelNumber($0) }),
      let grams = body["grams"]?.int, abs(grams) <= Self.mostGrams,
      let direction = body["direction"]?.string.flatMap({ Direction(rawValue: $0) }),
      let stage = body["stage"]?.string.flatMap({ Stage(rawValue: $0) }),
      let labelCopy = body["labelCopy"]?.int, let sealed = body["sealed"]?.bool
    else { return nil }
    self.init(
      number: number,
      mass: Mass(grams: grams),
      direction: direction,
      stage: stage,
      labelCopy: labelCopy,
      sealed: sealed
    )
  }
}
