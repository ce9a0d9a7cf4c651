// Frames with marks at their ends, status bits or checksums, as the makers' manuals lay them out.

extension SimulatedScale.Model {
  /// Mettler Toledo 8217: the weight where it is at rest, otherwise `?` and one status byte.
  func toledo8217(_ fields: FrameFields, extraDigit: Bool = false) -> [UInt8]? {
    guard fields.display.status == .stable || (fields.display.status == .zero && fields.isNet)
    else {
      return toledo8217Status(fields)
    }
    let number = fields.number(6) + (extraDigit ? [0x30] : [])
    return [0x02] + number + (fields.isNet ? [0x4E] : []) + [0x0D]
  }

  func toledo8217Status(_ fields: FrameFields) -> [UInt8]? {
    var status: UInt8 = 0x40
    switch fields.display.status {
    case .moving: status |= 0x01
    case .overLimit: status |= 0x02
    case .underZero, .underLimit: status |= 0x04
    case .zero: status |= 0x10
    case .stable: break
    case .fault, .needsCalibration, .needsZero: return nil
    }
    if fields.isNet { status |= 0x20 }
    return [0x02, 0x3F, status, 0x0D]
  }

  /// NCI SCP-01: weight and status bytes at rest, status bytes alone otherwise.
  func nci(_ fields: FrameFields, extraDigit: Bool = false) -> [UInt8]? {
    guard fields.display.status == .stable || fields.display.status == .zero else {
      return nciStatus(fields)
    }
    let number = fields.number(6) + (extraDigit ? [0x30] : [])
    return [0x0A] + number + Array("KG".utf8) + [0x0D, 0x0A] + nciBits(fields) + [0x0D, 0x03]
  }

  func nciStatus(_ fields: FrameFields) -> [UInt8] {
    [0x0A, 0x53] + nciBits(fields) + [0x0D, 0x03]
  }

  private func nciBits(_ fields: FrameFields) -> [UInt8] {
    var bytes: [UInt8] = [0x30, 0x30]
    switch fields.display.status {
    case .moving: bytes[0] |= 0x01
    case .zero: bytes[0] |= 0x02
    case .fault: bytes[0] |= 0x08
    case .underZero, .underLimit: bytes[1] |= 0x01
    case .overLimit: bytes[1] |= 0x02
    case .needsCalibration, .needsZero: bytes[1] |= 0x08
    case .stable: break
    }
    guard fields.isNet else { return bytes }
    // The second byte says that a third follows.
    return [bytes[0], bytes[1] | 0x40, 0x34]
  }

  /// Toledo continuous: three status bytes, six digits of weight, six of tare, perhaps a sum.
  func toledoContinuous(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return nil }
    let increment: UInt8 =
      switch String(Int(resolution)).first {
      case "2": 0x10
      case "5": 0x18
      default: 0x08
      }
    var status: UInt8 = 0x30
    if fields.isNet { status |= 0x01 }
    if fields.isNegative { status |= 0x02 }
    if !fields.hasNumber { status |= 0x04 }
    if fields.isMoving { status |= 0x08 }
    let point: UInt8 = decimals == 2 ? 4 : 5
    let tare = FrameFields(display: fields.display, decimals: decimals)
      .digits(6, of: fields.display.tare)
    let frame = [0x02, 0x20 | increment | point, status, 0x20] + fields.digits(6) + tare + [0x0D]
    guard hasChecksum else { return frame }
    let sum = frame.reduce(UInt8(0)) { $0 &+ ($1 & 0x7F) }
    return frame + [(0 &- sum) & 0x7F]
  }

  /// CAS at a till: state, sign, six characters, unit, XOR.
  func casPOS(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return nil }
    var body: [UInt8] = [fields.isMoving ? 0x55 : 0x53]
    if fields.hasNumber {
      body += [fields.isNegative ? 0x2D : 0x20] + fields.number(6, fill: 0x20)
    } else {
      body += [UInt8](repeating: 0x46, count: 7)
    }
    body += Array("KG".utf8)
    return [0x01, 0x02] + body + [body.reduce(0, ^), 0x03, 0x04]
  }

  /// A byte of flags, three of packed decimal digits with the lowest first, one of unit.
  func bcd(_ fields: FrameFields) -> [UInt8]? {
    guard fields.display.status != .fault else { return nil }
    var flags = UInt8(decimals)
    if fields.isNegative { flags |= 0x20 }
    if fields.hasNumber, !fields.isMoving { flags |= 0x40 }
    if !fields.hasNumber { flags |= 0x80 }
    let digits = fields.digits(6).map { $0 & 0x0F }
    let pairs = stride(from: 4, through: 0, by: -2).map { digits[$0] << 4 | digits[$0 + 1] }
    return [0xFF, flags] + pairs + [0x00]
  }

  // MARK: Yaohua XK3190

  /// The three formats that begin with `=`; A writes its eight characters backwards.
  func xk3190Equals(_ fields: FrameFields) -> [UInt8]? {
    guard fields.hasNumber else { return nil }
    let text = [fields.isNegative ? 0x2D : 0x30] + fields.number(7)
    guard wire != .xk3190EqualsA else { return [0x3D] + text.reversed() }
    guard wire == .xk3190EqualsC else { return [0x3D] + text }
    return [0x3D] + text + Array("kg;0001.00;0000.00".utf8)
  }

  /// A12: gross or net in a line.
  func xk3190A12(_ fields: FrameFields) -> [UInt8]? {
    guard fields.hasNumber else { return nil }
    return line(fields.isNet ? "wn" : "ww", xk3190Field(fields), then: "kg")
  }

  /// Sign, six digits and the number of decimals.
  func xk3190Data(_ fields: FrameFields) -> [UInt8] {
    [fields.sign] + fields.digits(6) + [0x30 + UInt8(decimals)]
  }

  /// An answer in command mode: the scale's letter, the order, data.
  func xk3190Reply(_ order: Unicode.Scalar, _ data: [UInt8]) -> [UInt8] {
    xk3190Frame([address, UInt8(ascii: order)] + data)
  }

  /// A body between STX and ETX with its XOR.
  func xk3190Frame(_ body: [UInt8]) -> [UInt8] {
    [0x02] + body + Self.nibbles(body.reduce(0, ^)) + [0x03]
  }

  /// Seven characters with the point; the first is the minus where there is one.
  private func xk3190Field(_ fields: FrameFields) -> [UInt8] {
    fields.isNegative ? [0x2D] + fields.number(6) : fields.number(7)
  }

  /// A12(E): fifteen characters with an XOR.
  func xk3190A12E(_ fields: FrameFields) -> [UInt8]? {
    var body = [UInt8](repeating: 0x20, count: 9)
    switch fields.display.status {
    case .overLimit: body += Array("OL".utf8)
    case .underLimit: body += Array("LO".utf8)
    case .fault, .needsCalibration, .needsZero: return nil
    case .zero, .moving, .stable, .underZero:
      body = Array(fields.isNet ? "WN".utf8 : "WG".utf8) + xk3190Field(fields) + Array("kg".utf8)
    }
    return line("", body, Self.nibbles(body.reduce(0, ^)))
  }

  /// The two halves of a checksum as hexadecimal digits.
  private static func nibbles(_ value: UInt8) -> [UInt8] {
    [value >> 4, value & 15].map { $0 < 10 ? $0 + 0x30 : $0 + 0x37 }
  }
}
