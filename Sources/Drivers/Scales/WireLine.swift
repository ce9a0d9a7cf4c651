/// A line of text at the head of what a scale has sent.
///
/// It ends in CR LF or LF; a CR alone ends it once it is clear that no LF follows.
package struct WireLine: Hashable, Sendable {
  /// How many bytes stand before the terminator; may be 0.
  package let content: Int
  /// How many bytes it is long with its terminator.
  package let total: Int

  package init(content: Int, total: Int) {
    self.content = content
    self.total = total
  }

  /// What a search came to.
  package enum Search: Hashable, Sendable {
    case line(WireLine)
    /// Its end may still come.
    case incomplete
    /// It is too long, or its end never comes.
    case none
  }

  /// Looks for the end of the line that begins with the first byte.
  ///
  /// - Parameters:
  ///   - bytes: What has been received.
  ///   - longest: How many bytes may stand before the terminator.
  ///   - place: What is known of the surroundings.
  /// - Returns: The line; `incomplete` never where nothing more is coming.
  package static func find(in bytes: Span<UInt8>, longest: Int, _ place: FramePlace) -> Search {
    var index = 0
    while index < bytes.count, index <= longest {
      switch bytes[index] {
      case 0x0A: return .line(WireLine(content: index, total: index + 1))
      case 0x0D where index + 1 < bytes.count:
        let isPair = bytes[index + 1] == 0x0A
        return .line(WireLine(content: index, total: index + (isPair ? 2 : 1)))
      case 0x0D:
        return place.isLast ? .line(WireLine(content: index, total: index + 1)) : .incomplete
      default: index += 1
      }
    }
    return index > longest || place.isLast ? .none : .incomplete
  }
}

/// A number with the name of its unit behind it, as `  100.00 g`.
package struct WireQuantity: Hashable, Sendable {
  /// What stands behind the number.
  package enum Unit: Hashable, Sendable {
    case named(WeightUnit)
    case none
    /// Not a unit of mass, or not a certain one: `pcs`, `%`, `tl`.
    case unknown
  }

  package let number: WireNumber
  package let unit: Unit

  /// Reads a number as ``WireNumber`` does, then the unit up to the end.
  ///
  /// - Returns: `nil` where it does not begin with a number, or more than one word follows.
  package init?(ascii bytes: Span<UInt8>) {
    var end = 0
    scan: while end < bytes.count {
      switch bytes[end] {
      case 0x20, 0x2B, 0x2D, 0x2E, 0x30...0x39: end += 1
      default: break scan
      }
    }
    guard let number = WireNumber(ascii: bytes.extracting(0..<end)) else { return nil }
    self.number = number
    if end == bytes.count {
      unit = .none
    } else {
      let name = bytes.extracting(end..<bytes.count)
      guard Self.isWord(name) else { return nil }
      unit = WeightUnit(wire: name).map(Unit.named) ?? .unknown
    }
  }

  /// One word without digits; more than that is the start of another frame.
  private static func isWord(_ name: Span<UInt8>) -> Bool {
    var isOver = false
    for index in name.indices {
      if name[index] == 0x20 {
        isOver = true
      } else if isOver || !(0x21...0x7E).contains(name[index])
        || (0x30...0x39).contains(name[index])
      {
        return false
      }
    }
    return true
  }

  /// What it means as a weight.
  ///
  /// - Parameters:
  ///   - fallback: The unit where none is named, as the profile says it.
  ///   - motion: Whether the load is at rest.
  ///   - isZero: Whether the scale says that it is at the centre of zero.
  /// - Returns: A weight, or a fault where the unit is none that can be trusted.
  package func weighing(
    unit fallback: WeightUnit?,
    _ motion: Weighing.Motion,
    isZero: Bool = false
  ) -> Weighing {
    switch unit {
    case .named(let unit): return .weight(number, unit, motion, isZero: isZero)
    case .unknown:
      return .fault(reason: "its unit is unknown or ambiguous; set the scale to kg")
    case .none:
      guard let fallback else {
        return .fault(reason: "it names no unit; set `unit` in its profile")
      }
      return .weight(number, fallback, motion, isZero: isZero)
    }
  }
}
