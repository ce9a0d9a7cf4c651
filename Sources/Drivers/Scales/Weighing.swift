package import Domain

/// A unit of mass as scales report it.
package enum WeightUnit: String, Hashable, Sendable, CaseIterable {
  case milligram = "mg"
  case gram = "g"
  case kilogram = "kg"
  case tonne = "t"
  case carat = "ct"
  case grain = "gr"
  case pennyweight = "dwt"
  case troyOunce = "ozt"
  case ounce = "oz"
  case pound = "lb"
  case shortTon = "ton"

  /// Its exact size (GB/T 17295-2008; for avoirdupois and troy, NIST Handbook 44, Appendix C).
  ///
  /// Tael is no unit here: three different ones are in use, and the law knows none (计量法).
  package var nanograms: Int {
    switch self {
    case .milligram: 1_000_000
    case .gram: 1_000_000_000
    case .kilogram: 1_000_000_000_000
    case .tonne: 1_000_000_000_000_000
    case .carat: 200_000_000
    case .grain: 64_798_910
    case .pennyweight: 1_555_173_840
    case .troyOunce: 31_103_476_800
    case .ounce: 28_349_523_125
    case .pound: 453_592_370_000
    case .shortTon: 907_184_740_000_000
    }
  }

  /// Reads a unit as frames spell it, in capitals or not, with spaces around it.
  ///
  /// - Returns: `nil` for anything that is not certain, as tael.
  package init?(wire bytes: Span<UInt8>) {
    // Up to four letters as one number: no text is made for each of many frames.
    var word: UInt32 = 0
    var isOver = false
    for index in bytes.indices {
      let byte = bytes[index]
      if byte == 0x20 {
        isOver = word != 0
        continue
      }
      guard !isOver, word >> 24 == 0, (0x41...0x5A).contains(byte & 0xDF) else { return nil }
      word = word << 8 | UInt32(byte | 0x20)
    }
    switch word {
    case 0x6D67: self = .milligram
    case 0x67: self = .gram
    case 0x6B67: self = .kilogram
    case 0x74: self = .tonne
    case 0x6374: self = .carat
    case 0x6772, 0x676E: self = .grain
    case 0x647774: self = .pennyweight
    case 0x6F7A74: self = .troyOunce
    case 0x6F7A: self = .ounce
    case 0x6C62: self = .pound
    default: return nil
    }
  }
}

/// A decimal number as a frame spells it.
package struct WireNumber: Hashable, Sendable {
  /// All digits without the point, with their sign.
  package var digits: Int
  /// How many of them stand behind the point; below zero for a power of ten.
  package var decimals: Int
  /// Whether a minus stands before it, even before a zero.
  package var isNegative: Bool

  package init(digits: Int, decimals: Int) {
    self.digits = digits
    self.decimals = decimals
    isNegative = digits < 0
  }

  /// Reads spaces, a sign, spaces, up to twelve digits with at most one point among them, spaces.
  ///
  /// - Returns: `nil` for anything else: what only looks like a number, as `9999999E+19`, is none.
  package init?(ascii bytes: Span<UInt8>) {
    var (digits, decimals, count) = (0, 0, 0)
    var (isNegative, hasSign, hasPoint, isOver) = (false, false, false, false)
    for index in bytes.indices {
      let byte = bytes[index]
      switch byte {
      case 0x20: isOver = count > 0 || hasPoint
      case 0x2B, 0x2D:
        guard !hasSign, count == 0, !hasPoint else { return nil }
        hasSign = true
        isNegative = byte == 0x2D
      case 0x2E:
        guard !hasPoint, !isOver else { return nil }
        hasPoint = true
      case 0x30...0x39:
        guard !isOver, count < 12 else { return nil }
        digits = digits * 10 + Int(byte - 0x30)
        count += 1
        if hasPoint { decimals += 1 }
      default: return nil
      }
    }
    guard count > 0 else { return nil }
    self.digits = isNegative ? -digits : digits
    self.decimals = decimals
    self.isNegative = isNegative
  }

  /// The mass, rounded to whole grams, halves to the even neighbour (GB/T 8170-2008, 3.2).
  ///
  /// - Returns: `nil` where it does not fit.
  package func mass(in unit: WeightUnit) -> Mass? {
    guard abs(decimals) <= 12 else { return nil }
    let power = (0..<abs(decimals)).reduce(1) { product, _ in product * 10 }
    let (scaled, overflow) = digits.multipliedReportingOverflow(by: unit.nanograms)
    // Nearly every frame takes this way: no more than nine decimals below the gram in 64 bits.
    if !overflow, (0...9).contains(decimals) {
      return Mass(grams: Rounding.halfToEven(scaled, 1_000_000_000 * power))
    }
    let (total, isTooLarge) = (Int128(digits) * Int128(unit.nanograms))
      .multipliedReportingOverflow(by: Int128(decimals < 0 ? power : 1))
    guard !isTooLarge else { return nil }
    let divisor = 1_000_000_000 * Int128(decimals < 0 ? 1 : power)
    return Rounding.halfToEven(total, divisor).map { Mass(grams: $0) }
  }
}

/// What a frame says of the weight, before it is judged.
package enum Weighing: Hashable, Sendable {
  /// Whether the load is at rest.
  package enum Motion: Hashable, Sendable {
    case stable
    case moving
    /// The protocol cannot say: see ``StabilityRule``.
    case unknown
  }

  /// A weight; `isZero` where the scale says of itself that it is at the centre of zero.
  case weight(WireNumber, WeightUnit, Motion, isZero: Bool)
  /// At rest at the centre of zero, without a number.
  case zero
  /// In motion, without a number.
  case moving
  case over
  case under
  /// It does not weigh, or not in a unit that can be trusted.
  case fault(reason: String)

  package static func weight(_ number: WireNumber, _ unit: WeightUnit, _ motion: Motion) -> Self {
    .weight(number, unit, motion, isZero: false)
  }
}

/// Rounding of measured values (GB/T 8170-2008, 3.2: 四舍六入五成双).
package enum Rounding {
  /// Divides and rounds to the nearest whole number, halves to the even neighbour.
  ///
  /// - Parameters:
  ///   - value: The dividend.
  ///   - divisor: Above zero.
  /// - Returns: `nil` where the result does not fit.
  package static func halfToEven(_ value: Int128, _ divisor: Int128) -> Int? {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return Int(exactly: quotient + correction(quotient % 2 != 0, rest, divisor))
  }

  /// Divides and rounds in 64 bits.
  ///
  /// - Parameters:
  ///   - value: The dividend.
  ///   - divisor: Above zero.
  /// - Returns: The nearest whole number, of two the even one.
  package static func halfToEven(_ value: Int, _ divisor: Int) -> Int {
    let (quotient, rest) = value.quotientAndRemainder(dividingBy: divisor)
    return quotient + correction(quotient % 2 != 0, rest, divisor)
  }

  private static func correction<Number: FixedWidthInteger & SignedInteger>(
    _ isOdd: Bool,
    _ rest: Number,
    _ divisor: Number
  ) -> Number {
    // Compared without doubling, which could overflow.
    let magnitude = rest < 0 ? -rest : rest
    let other = divisor - magnitude
    guard magnitude > other || (magnitude == other && isOdd) else { return 0 }
    return rest < 0 ? -1 : 1
  }
}
