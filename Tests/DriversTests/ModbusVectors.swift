import Drivers

/// Frames of the makers' manuals and of the standard, with what they mean.
enum ModbusVectors {
  /// A request and its reply, empty where none is known.
  struct Pair: Sendable {
    var address: UInt8
    var request: ModbusRequest
    var asked: String
    var reply: ModbusReply?
    var answered: String

    init(
      _ request: ModbusRequest,
      _ asked: String,
      _ reply: ModbusReply? = nil,
      _ answered: String = "",
      to address: UInt8 = 1
    ) {
      self.address = address
      self.request = request
      self.asked = asked
      self.reply = reply
      self.answered = answered
    }
  }

  private static let ten = [true, false, true, true, false, false, true, true, true, false]

  static let pairs: [Pair] = [
    Pair(
      .read(.coils, start: 0, count: 10),
      "01 01 00 00 00 0A BC 0D",
      .bits([0xCD, 0x01]),
      "01 01 02 CD 01 2C AC"
    ),
    Pair(
      .read(.inputs, start: 0, count: 8),
      "01 02 00 00 00 08 79 CC",
      .bits([0x05]),
      "01 02 01 05 61 8B"
    ),
    Pair(
      .read(.holding, start: 0, count: 2),
      "01 03 00 00 00 02 C4 0B",
      .registers([0x0258, 1]),
      "01 03 04 02 58 00 01 BB 98"
    ),
    Pair(
      .read(.inputRegisters, start: 1, count: 1),
      "01 04 00 01 00 01 60 0A",
      .registers([0x0113]),
      "01 04 02 01 13 F9 6D"
    ),
    Pair(
      .writeCoil(at: 0, value: 0xFF00),
      "01 05 00 00 FF 00 8C 3A",
      .wrote(at: 0, 0xFF00),
      "01 05 00 00 FF 00 8C 3A"
    ),
    Pair(
      .writeCoil(at: 0, value: 0),
      "01 05 00 00 00 00 CD CA",
      .wrote(at: 0, 0),
      "01 05 00 00 00 00 CD CA"
    ),
    Pair(
      .writeRegister(at: 1, value: 600),
      "01 06 00 01 02 58 D8 90",
      .wrote(at: 1, 600),
      "01 06 00 01 02 58 D8 90"
    ),
    Pair(
      .writeCoils(start: 0, ten),
      "01 0F 00 00 00 0A 02 CD 01 70 68",
      .wrote(at: 0, 10),
      "01 0F 00 00 00 0A D5 CC"
    ),
    Pair(
      .writeRegisters(start: 0, [100, 300]),
      "01 10 00 00 00 02 04 00 64 01 2C B2 3D",
      .wrote(at: 0, 2),
      "01 10 00 00 00 02 41 C8"
    ),
    Pair(
      .read(.holding, start: 0x2000, count: 2),
      "01 03 20 00 00 02 CF CB",
      .registers([0x05CA, 0]),
      "01 03 04 05 CA 00 00 DA C1"
    ),
    Pair(
      .writeRegisters(start: 0x2103, [1500]),
      "01 10 21 03 00 01 02 05 DC 95 A8",
      .wrote(at: 0x2103, 1),
      "01 10 21 03 00 01 FB F5"
    ),
    Pair(
      .writeRegisters(start: 0x2105, [1000, 0xFC18]),
      "01 10 21 05 00 02 04 03 E8 FC 18 66 BB",
      .wrote(at: 0x2105, 2),
      "01 10 21 05 00 02 5B F5"
    ),
    Pair(.read(.inputRegisters, start: 0x03E8, count: 2), "01 04 03 E8 00 02 F1 BB"),
    Pair(.writeCoil(at: 0, value: 0xFF00), "FF 05 00 00 FF 00 99 E4", to: 0xFF),
    Pair(.writeCoil(at: 0, value: 0), "FF 05 00 00 00 00 D8 14", to: 0xFF),
    Pair(
      .writeCoils(start: 0, [Bool](repeating: true, count: 8)),
      "FF 0F 00 00 00 08 01 FF 30 1D",
      .wrote(at: 0, 8),
      "FF 0F 00 00 00 08 41 D3",
      to: 0xFF
    ),
    Pair(
      .read(.inputs, start: 0, count: 8),
      "FF 02 00 00 00 08 6C 12",
      .bits([0x01]),
      "FF 02 01 01 51 A0",
      to: 0xFF
    ),
    Pair(.writeCoil(at: 0x0200, value: 7), "01 05 02 00 00 07 8D B0"),
    Pair(.writeRegister(at: 1, value: 0x0100), "01 06 00 01 01 00 D9 9A"),
    Pair(.writeRegister(at: 0x4000, value: 1), "00 06 40 00 00 01 5C 1B", to: 0),
  ]

  /// Exceptions, with the function and the code that they are about.
  static let exceptions: [(hex: String, function: ModbusFunction, code: UInt8)] = [
    ("01 83 02 C0 F1", .readHolding, 2), ("01 86 04 43 A3", .writeRegister, 4),
    ("01 82 02 C1 61", .readInputs, 2), ("01 85 03 02 91", .writeCoil, 3),
    ("01 90 03 0C 01", .writeRegisters, 3),
  ]
}
