// The frames as makers' manuals lay them out; where a format has no word for something, there is
// no frame: such an indicator falls silent.

/// What stands in a frame, ready to be set into its fields.
struct FrameFields {
  let display: SimulatedScale.Display
  /// The decimals of a kilogram.
  let decimals: Int
  /// Whether the display's own text stands where digits belong.
  var isText = false

  /// Whether there is a weight to tell.
  var hasNumber: Bool {
    switch display.status {
    case .zero, .moving, .stable, .underZero: true
    case .fault, .overLimit, .underLimit, .needsCalibration, .needsZero: false
    }
  }

  var isMoving: Bool { display.status == .moving }
  var isNegative: Bool { display.grams < 0 || display.status == .underLimit }
  var isNet: Bool { display.tare != 0 }
  /// `+` or `-`.
  var sign: UInt8 { isNegative ? 0x2D : 0x2B }

  /// The digits without sign and point, with zeros on the left.
  func digits(_ count: Int, of grams: Int? = nil) -> [UInt8] {
    if isText { return Self.pad(Array("OL".utf8), count, 0x20) }
    let unit = decimals == 2 ? 10 : 1
    let number = (abs(grams ?? display.grams) + unit / 2) / unit
    return Self.pad(Array(String(number).utf8), count, 0x30)
  }

  /// Digits with their point and without a sign, filled up on the left.
  func number(_ width: Int, fill: UInt8 = 0x30, of grams: Int? = nil) -> [UInt8] {
    if isText { return Self.pad(Array("OL".utf8), width, 0x20) }
    var digits = digits(decimals + 1, of: grams)
    digits.insert(0x2E, at: digits.count - decimals)
    return Self.pad(digits, width, fill)
  }

  /// The same with a minus directly before the first digit where it is needed.
  func signed(_ width: Int) -> [UInt8] {
    let number = number(0)
    return Self.pad(isNegative ? [0x2D] + number : number, width, 0x20)
  }

  private static func pad(_ text: [UInt8], _ width: Int, _ fill: UInt8) -> [UInt8] {
    [UInt8](repeating: fill, count: max(0, width - text.count)) + text
  }
}

extension SimulatedScale.Model {
  /// The frame that tells a display.
  ///
  /// - Parameters:
  ///   - display: What the scale shows.
  ///   - isText: Whether text stands where digits belong.
  /// - Returns: `nil` where the format has no word for it.
  func frame(_ display: SimulatedScale.Display, isText: Bool = false) -> [UInt8]? {
    let fields = FrameFields(display: display, decimals: decimals, isText: isText)
    switch wire {
    case .hid: return report(display)
    case .mtSICS: return sicsWeight("S", fields)
    case .toledo8217: return toledo8217(fields)
    case .nciSCP01: return nci(fields)
    case .toledoContinuous: return toledoContinuous(fields)
    case .cas22, .cas18, .cas10: return cas(fields)
    case .casPOS: return casPOS(fields)
    case .and: return and(fields)
    case .stGS: return stGS(fields)
    case .ohaus: return ohaus(fields)
    case .sbi16: return sbi(fields)
    case .sbi22: return sbi22(fields)
    case .shuangjie: return shuangjie(fields)
    case .kern: return kern(fields)
    case .adam: return fields.hasNumber ? line("", fields.signed(9), then: "kg") : nil
    case .bcdFF: return bcd(fields)
    case .xk3190Continuous: return fields.hasNumber ? xk3190Frame(xk3190Data(fields)) : nil
    case .xk3190EqualsA, .xk3190EqualsB, .xk3190EqualsC: return xk3190Equals(fields)
    case .xk3190Command: return fields.hasNumber ? xk3190Reply("D", xk3190Data(fields)) : nil
    case .xk3190A12: return xk3190A12(fields)
    case .xk3190A12E: return xk3190A12E(fields)
    }
  }

  // MARK: Lines of text

  /// Mettler Toledo MT-SICS: id, status, ten characters, unit.
  func sicsWeight(_ id: String, _ fields: FrameFields) -> [UInt8] {
    let status: String =
      switch fields.display.status {
      case .overLimit: "+"
      case .underLimit: "-"
      case .fault, .needsCalibration, .needsZero: "I"
      case .moving: "D"
      case .zero, .stable, .underZero: "S"
      }
    guard fields.hasNumber else { return line("\(id) \(status)") }
    return line("\(id) \(status) ", fields.signed(10), then: " kg")
  }

  /// CAS: 22 characters with device and lamps, 18 without them, 8 digits and nothing else.
  private func cas(_ fields: FrameFields) -> [UInt8]? {
    let isOut = !fields.hasNumber
    guard fields.display.status != .fault else { return nil }
    if wire == .cas10 {
      let text = FrameFields(display: fields.display, decimals: decimals, isText: true)
      return line(
        "",
        isOut
          ? text.number(8)
          : fields.isNegative
            ? [0x2D] + fields.number(7)
            : fields.number(8)
      )
    }
    let header = isOut ? "OL," : fields.isMoving ? "US," : "ST,"
    let mode = fields.isNet ? "NT," : "GS,"
    let data = isOut ? [UInt8](repeating: 0x20, count: 8) : [fields.sign] + fields.number(7)
    guard wire == .cas22 else { return line(header + mode, data, then: "kg") }
    var lamps: UInt8 = 0xA0
    if fields.hasNumber, !fields.isMoving { lamps |= 0x40 }
    lamps |= fields.isNet ? 0x02 : 0x04
    if fields.display.status == .zero { lamps |= 0x01 }
    return line(header + mode, [0x31, lamps, 0x2C], data, then: " kg")
  }

  /// A&D: header of two letters, sign and number in nine characters, unit in three.
  private func and(_ fields: FrameFields) -> [UInt8]? {
    switch fields.display.status {
    case .overLimit: return line("OL,+9999999E+19")
    case .underLimit: return line("OL,-9999999E+19")
    case .fault, .needsCalibration, .needsZero: return nil
    case .zero, .moving, .stable, .underZero: break
    }
    return line(fields.isMoving ? "US," : "ST,", [fields.sign], fields.number(8), then: " kg")
  }

  /// The counter scales' `ST,GS,`.
  private func stGS(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return nil }
    let mode = fields.isNet ? "NT," : "GS,"
    guard fields.hasNumber else { return line("OL," + mode, [fields.sign]) }
    let header = fields.isMoving ? "US," : "ST,"
    return line(header + mode, [fields.sign], fields.number(7, fill: 0x20), then: "kg")
  }

  /// Ohaus Defender: polarity, seven characters, unit in five, `?` for motion, legend in three.
  private func ohaus(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return line("Err 8.1") }
    let polarity: UInt8 = fields.isNegative ? 0x2D : 0x20
    let text = FrameFields(display: fields.display, decimals: decimals, isText: true)
    let number = (fields.hasNumber ? fields : text).number(7, fill: 0x20)
    let legend = fields.isNet ? "NET" : "G  "
    return line(
      "",
      [polarity, 0x20],
      number,
      then: " kg   " + (fields.isMoving ? "?" : " ") + legend
    )
  }

  /// Sartorius SBI in 16 characters; the unit is blank while it moves.
  private func sbi(_ fields: FrameFields) -> [UInt8] {
    switch fields.display.status {
    case .overLimit: return line("      H       ")
    case .underLimit: return line("      L       ")
    case .fault, .needsCalibration, .needsZero: return line("   Err 054    ")
    case .zero, .moving, .stable, .underZero: break
    }
    let unit = fields.isMoving ? "   " : "kg "
    return line("", [fields.sign, 0x20], fields.number(8, fill: 0x20), then: " " + unit)
  }

  /// The same with an id of six characters before it.
  private func sbi22(_ fields: FrameFields) -> [UInt8] {
    let id = fields.hasNumber ? (fields.isNet ? "N     " : "G     ") : "Stat  "
    return Array(id.utf8) + sbi(fields)
  }

  /// Shuangjie: sign, eight characters, unit in three.
  private func shuangjie(_ fields: FrameFields) -> [UInt8]? {
    guard fields.hasNumber else { return nil }
    let sign: UInt8 = fields.isNegative ? 0x2D : 0x20
    return line("", [sign], fields.number(8, fill: 0x20), then: " kg")
  }

  /// Kern: twelve characters, unit in four; while it moves there is no unit.
  private func kern(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return line("      Error     ") }
    guard fields.hasNumber else { return nil }
    return line("", fields.signed(12), then: fields.isMoving ? "    " : " kg ")
  }

  /// A line of text with CR LF.
  func line(_ start: String, _ parts: [UInt8]..., then end: String = "") -> [UInt8] {
    Array(start.utf8) + parts.flatMap(\.self) + Array(end.utf8) + [0x0D, 0x0A]
  }
}
