/// What a master asks of a device.
package enum ModbusRequest: Hashable, Sendable {
  case read(ModbusTable, start: UInt16, count: Int)
  /// FF00 is on and 0000 off; boards know further values.
  case writeCoil(at: UInt16, value: UInt16)
  case writeRegister(at: UInt16, value: UInt16)
  case writeCoils(start: UInt16, [Bool])
  case writeRegisters(start: UInt16, [UInt16])

  package var function: ModbusFunction {
    switch self {
    case .read(let table, _, _): table.reading
    case .writeCoil: .writeCoil
    case .writeRegister: .writeRegister
    case .writeCoils: .writeCoils
    case .writeRegisters: .writeRegisters
    }
  }

  package var start: UInt16 {
    switch self {
    case .read(_, let start, _), .writeCoils(let start, _), .writeRegisters(let start, _): start
    case .writeCoil(let start, _), .writeRegister(let start, _): start
    }
  }

  package var count: Int {
    switch self {
    case .read(_, _, let count): count
    case .writeCoil, .writeRegister: 1
    case .writeCoils(_, let bits): bits.count
    case .writeRegisters(_, let values): values.count
    }
  }

  /// Whether a device repeats the request as its answer, byte by byte.
  package var isEchoed: Bool { function == .writeCoil || function == .writeRegister }

  /// The whole frame.
  ///
  /// - Throws: `ModbusError.tooMany` or `.beyondEnd` where the request names what none may ask for.
  package func frame(to address: UInt8) throws(ModbusError) -> [UInt8] {
    guard (1...function.most).contains(count) else { throw .tooMany(count, function) }
    guard Int(start) + count <= 0x1_0000 else { throw .beyondEnd(start: start, count: count) }
    // Whoever would answer to everybody has nobody to answer to.
    if address == 0, !function.isWrite { throw .readOfAll }
    return ModbusCRC.sealed([address, function.rawValue] + Self.pair(start) + rest)
  }

  private var rest: [UInt8] {
    switch self {
    case .read(_, _, let count): return Self.pair(UInt16(count))
    case .writeCoil(_, let value), .writeRegister(_, let value): return Self.pair(value)
    case .writeCoils(_, let bits):
      let packed = Self.packed(bits)
      return Self.pair(UInt16(bits.count)) + [UInt8(packed.count)] + packed
    case .writeRegisters(_, let values):
      return Self.pair(UInt16(values.count)) + [UInt8(values.count * 2)]
        + values.flatMap(Self.pair)
    }
  }

  /// Reads a request; the checksum is not looked at.
  ///
  /// - Returns: `nil` where the bytes are no request of a function that we know, or not all of it.
  package init?(frame: ArraySlice<UInt8>) {
    let bytes = Array(frame)
    guard bytes.count >= 8, let function = ModbusFunction(rawValue: bytes[1]),
      ModbusShape.request(bytes[...]) == .whole(bytes.count)
    else { return nil }
    let (start, second) = (Self.word(bytes, 2), Self.word(bytes, 4))
    let count = Int(second)
    switch function {
    case .readCoils, .readInputs, .readHolding, .readInputRegisters:
      guard let table = ModbusTable(function) else { return nil }
      self = .read(table, start: start, count: count)
    case .writeCoil: self = .writeCoil(at: start, value: second)
    case .writeRegister: self = .writeRegister(at: start, value: second)
    case .writeCoils:
      guard Int(bytes[6]) == (count + 7) / 8 else { return nil }
      self = .writeCoils(start: start, Self.bits(bytes[7..<bytes.count - 2], count: count))
    case .writeRegisters:
      guard Int(bytes[6]) == count * 2 else { return nil }
      self = .writeRegisters(start: start, Self.words(bytes[7..<bytes.count - 2]))
    }
    guard (1...function.most).contains(self.count), Int(start) + self.count <= 0x1_0000 else {
      return nil
    }
  }

  static func pair(_ word: UInt16) -> [UInt8] { [UInt8(word >> 8), UInt8(word & 0xFF)] }

  static func word(_ bytes: [UInt8], _ index: Int) -> UInt16 {
    UInt16(bytes[index]) << 8 | UInt16(bytes[index + 1])
  }

  static func words(_ bytes: ArraySlice<UInt8>) -> [UInt16] {
    stride(from: bytes.startIndex, to: bytes.endIndex - 1, by: 2)
      .map { UInt16(bytes[$0]) << 8 | UInt16(bytes[$0 + 1]) }
  }

  /// Bits as they travel: the first is the lowest of the first byte.
  static func packed(_ bits: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
    for (index, bit) in bits.enumerated() where bit { bytes[index / 8] |= 1 << UInt8(index % 8) }
    return bytes
  }

  static func bits(_ bytes: some Collection<UInt8>, count: Int) -> [Bool] {
    Array(bytes.flatMap { byte in (0..<8).map { byte >> UInt8($0) & 1 == 1 } }.prefix(count))
  }
}

/// How long a frame is, by its first bytes.
package enum ModbusShape: Hashable, Sendable {
  /// That many bytes with the checksum.
  case whole(Int)
  /// More bytes are needed to tell.
  case open
  /// It is none.
  case none

  /// The longest frame that there is.
  package static let longest = 256

  /// As a request.
  package static func request(_ bytes: ArraySlice<UInt8>) -> ModbusShape {
    guard bytes.count >= 2 else { return .open }
    switch ModbusFunction(rawValue: bytes[bytes.startIndex + 1]) {
    case .readCoils, .readInputs, .readHolding, .readInputRegisters, .writeCoil, .writeRegister:
      return .whole(8)
    case .writeCoils, .writeRegisters:
      guard bytes.count >= 7 else { return .open }
      let length = 9 + Int(bytes[bytes.startIndex + 6])
      return length <= longest ? .whole(length) : .none
    case nil: return .none
    }
  }

  /// As a reply.
  package static func reply(_ bytes: ArraySlice<UInt8>) -> ModbusShape {
    guard bytes.count >= 2 else { return .open }
    let function = bytes[bytes.startIndex + 1]
    if function & ModbusFunction.exceptionBit != 0 {
      let isKnown = ModbusFunction(rawValue: function & ~ModbusFunction.exceptionBit) != nil
      return isKnown ? .whole(5) : .none
    }
    switch ModbusFunction(rawValue: function) {
    case .readCoils, .readInputs, .readHolding, .readInputRegisters:
      guard bytes.count >= 3 else { return .open }
      let length = 5 + Int(bytes[bytes.startIndex + 2])
      return length > 5 && length <= longest ? .whole(length) : .none
    case .writeCoil, .writeRegister, .writeCoils, .writeRegisters: return .whole(8)
    case nil: return .none
    }
  }

  /// Whether bytes from a place to their end are as long as a reply that begins so.
  ///
  /// The same as ``reply(_:)``, for those who ask it of every place at every byte.
  static func isReply(_ bytes: [UInt8], from start: Int) -> Bool {
    let length = bytes.count - start
    guard length >= 5 else { return false }
    switch bytes[start + 1] {
    case 0x01...0x04: return length > 5 && Int(bytes[start + 2]) + 5 == length
    case 0x05, 0x06, 0x0F, 0x10: return length == 8
    case 0x81...0x86, 0x8F, 0x90: return length == 5
    default: return false
    }
  }

  /// The same of a request; see ``request(_:)``.
  static func isRequest(_ bytes: [UInt8], from start: Int) -> Bool {
    let length = bytes.count - start
    guard length >= 8 else { return false }
    switch bytes[start + 1] {
    case 0x01...0x06: return length == 8
    case 0x0F, 0x10: return Int(bytes[start + 6]) + 9 == length
    default: return false
    }
  }
}
