/// What a device answers.
package enum ModbusReply: Hashable, Sendable {
  /// Bits, eight a byte; how many of them count, only the request knows.
  case bits([UInt8])
  case registers([UInt16])
  /// A write was done: from where, and the value (05, 06) or how many (0F, 10).
  case wrote(at: UInt16, UInt16)
  case exception(ModbusException)

  /// Reads a reply; the checksum is not looked at.
  ///
  /// - Returns: `nil` where the bytes are no reply to a function that we know, or not all of it.
  package init?(frame: ArraySlice<UInt8>) {
    let bytes = Array(frame)
    guard bytes.count >= 5, ModbusShape.reply(bytes[...]) == .whole(bytes.count) else {
      return nil
    }
    guard bytes[1] & ModbusFunction.exceptionBit == 0 else {
      self = .exception(ModbusException(code: bytes[2]))
      return
    }
    switch ModbusFunction(rawValue: bytes[1]) {
    case .readCoils, .readInputs: self = .bits(Array(bytes[3..<bytes.count - 2]))
    case .readHolding, .readInputRegisters:
      guard bytes[2] % 2 == 0 else { return nil }
      self = .registers(ModbusRequest.words(bytes[3..<bytes.count - 2]))
    case .writeCoil, .writeRegister, .writeCoils, .writeRegisters:
      self = .wrote(at: ModbusRequest.word(bytes, 2), ModbusRequest.word(bytes, 4))
    case nil: return nil
    }
  }

  /// Whether it can be the answer to a request.
  package func answers(_ request: ModbusRequest) -> Bool {
    switch (self, request) {
    case (.exception, _): true
    case (.bits(let bytes), .read(let table, _, let count)):
      table.hasBits && bytes.count == (count + 7) / 8
    case (.registers(let words), .read(let table, _, let count)):
      !table.hasBits && words.count == count
    case (.wrote(let start, let value), .writeCoil(let at, let asked)),
      (.wrote(let start, let value), .writeRegister(let at, let asked)):
      start == at && value == asked
    case (.wrote(let start, let count), .writeCoils(let at, let bits)):
      start == at && Int(count) == bits.count
    case (.wrote(let start, let count), .writeRegisters(let at, let values)):
      start == at && Int(count) == values.count
    case (.bits, _), (.registers, _), (.wrote, _): false
    }
  }

  /// The frame in which it travels, for a device's side of the wire.
  package func frame(from address: UInt8, to function: ModbusFunction) -> [UInt8] {
    var bytes = [address, function.rawValue]
    switch self {
    case .bits(let packed): bytes += [UInt8(packed.count)] + packed
    case .registers(let words):
      bytes += [UInt8(words.count * 2)] + words.flatMap(ModbusRequest.pair)
    case .wrote(let start, let value):
      bytes += ModbusRequest.pair(start) + ModbusRequest.pair(value)
    case .exception(let exception):
      bytes = [address, function.rawValue | ModbusFunction.exceptionBit, exception.code]
    }
    return ModbusCRC.sealed(bytes)
  }
}
