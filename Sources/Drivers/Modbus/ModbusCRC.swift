/// The checksum of Modbus RTU: CRC-16, polynomial A001 reflected, begun with FFFF.
package enum ModbusCRC {
  /// The checksum of some bytes.
  package static func of(_ bytes: some Sequence<UInt8>) -> UInt16 {
    var crc: UInt16 = 0xFFFF
    for byte in bytes {
      crc ^= UInt16(byte)
      for _ in 0..<8 { crc = crc & 1 == 1 ? crc >> 1 ^ 0xA001 : crc >> 1 }
    }
    return crc
  }

  /// The two bytes of a checksum as they travel, the low one first.
  package static func bytes(_ crc: UInt16) -> [UInt8] { [UInt8(crc & 0xFF), UInt8(crc >> 8)] }

  /// Bytes with their checksum behind them.
  package static func sealed(_ bytes: [UInt8]) -> [UInt8] { bytes + self.bytes(of(bytes)) }

  /// Whether the last two bytes are the checksum of those before.
  package static func isRight(_ frame: some Collection<UInt8>) -> Bool {
    // Over a frame with its checksum the remainder is nothing.
    frame.count >= 4 && of(frame) == 0
  }
}
