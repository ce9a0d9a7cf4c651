import Simulator

/// Waybills (运单) of made-up parcels, numbered as couriers do.
struct WaybillSource: Sendable {
  /// The card of a courier, for numbers that several might have.
  static let card = "YZ:CARRIER:YTO"

  /// Those that have been handed out, oldest first.
  private(set) var issued: [String] = []
  private var random: SeededRandom

  init(seed: UInt64) {
    random = SeededRandom(seed: seed)
  }

  /// The waybill of the next parcel; every fourth fits the rules of several couriers.
  mutating func next() -> String {
    issued.count % 4 == 3 ? issue("46", 13) : clear()
  }

  /// A waybill that only one courier can have given.
  mutating func clear() -> String {
    switch issued.count % 3 {
    case 0: issue("YT", 13)
    case 1: issue("JDVA", 11)
    default: issue("DPK", 11)
    }
  }

  private mutating func issue(_ start: String, _ digits: Int) -> String {
    let number = (0..<digits).map { _ in String(Int.random(in: 0...9, using: &random)) }
    issued.append(start + number.joined())
    return issued[issued.count - 1]
  }
}
