package import Domain

/// What a request asks for; those functions that boards and controllers have.
package enum ModbusFunction: UInt8, Hashable, Sendable, CaseIterable {
  case readCoils = 0x01
  case readInputs = 0x02
  case readHolding = 0x03
  case readInputRegisters = 0x04
  case writeCoil = 0x05
  case writeRegister = 0x06
  case writeCoils = 0x0F
  case writeRegisters = 0x10

  /// The bit that an exception sets in the function that it answers.
  package static let exceptionBit: UInt8 = 0x80

  /// How many items one request may name (MODBUS Application Protocol 1.1b3, chapter 6).
  package var most: Int {
    switch self {
    case .readCoils, .readInputs: 2000
    case .readHolding, .readInputRegisters: 125
    case .writeCoil, .writeRegister: 1
    case .writeCoils: 1968
    case .writeRegisters: 123
    }
  }

  package var isWrite: Bool {
    switch self {
    case .readCoils, .readInputs, .readHolding, .readInputRegisters: false
    case .writeCoil, .writeRegister, .writeCoils, .writeRegisters: true
    }
  }

  /// In one word, as JSON and profiles have it.
  package var name: String {
    switch self {
    case .readCoils: "read-coils"
    case .readInputs: "read-inputs"
    case .readHolding: "read-holding"
    case .readInputRegisters: "read-input-registers"
    case .writeCoil: "write-coil"
    case .writeRegister: "write-register"
    case .writeCoils: "write-coils"
    case .writeRegisters: "write-registers"
    }
  }

  package var title: Text {
    switch self {
    case .readCoils: Text(zh: "读线圈", en: "read coils")
    case .readInputs: Text(zh: "读离散输入", en: "read inputs")
    case .readHolding: Text(zh: "读保持寄存器", en: "read holding registers")
    case .readInputRegisters: Text(zh: "读输入寄存器", en: "read input registers")
    case .writeCoil: Text(zh: "写一个线圈", en: "write a coil")
    case .writeRegister: Text(zh: "写一个寄存器", en: "write a register")
    case .writeCoils: Text(zh: "写多个线圈", en: "write coils")
    case .writeRegisters: Text(zh: "写多个寄存器", en: "write registers")
    }
  }
}

/// The four tables of a Modbus device.
package enum ModbusTable: String, Hashable, Sendable, CaseIterable {
  case coils
  case inputs
  case holding
  case inputRegisters = "input-registers"

  /// The function that reads it.
  package var reading: ModbusFunction {
    switch self {
    case .coils: .readCoils
    case .inputs: .readInputs
    case .holding: .readHolding
    case .inputRegisters: .readInputRegisters
    }
  }

  /// Whether it has bits, and not registers of 16 of them.
  package var hasBits: Bool { self == .coils || self == .inputs }

  init?(_ function: ModbusFunction) {
    guard let table = Self.allCases.first(where: { $0.reading == function }) else { return nil }
    self = table
  }
}

/// Why a device refuses a request: the code of an exception.
package struct ModbusException: Hashable, Sendable {
  package var code: UInt8

  package init(code: UInt8) {
    self.code = code
  }

  /// What the code means.
  package var title: Text {
    switch code {
    case 1: Text(zh: "没有这个功能", en: "it does not know this function")
    case 2: Text(zh: "没有这个地址（通道）", en: "it has no such address (channel)")
    case 3: Text(zh: "不接受这个数值或数量", en: "it does not take this value or this many")
    case 4: Text(zh: "设备自身故障", en: "it has failed by itself")
    case 5: Text(zh: "已收到，还在处理", en: "it has taken the request and still works on it")
    case 6: Text(zh: "正忙", en: "it is busy")
    case 8: Text(zh: "内部存储校验错", en: "its memory has a parity error")
    case 10: Text(zh: "网关没有通路", en: "the gateway has no way to it")
    case 11: Text(zh: "网关后面的设备没有回答", en: "the device behind the gateway does not answer")
    default: Text(zh: "未知的异常代码 \(code)", en: "an exception of the unknown code \(code)")
    }
  }

  /// What to do about it.
  package var remedy: Text {
    switch code {
    case 1:
      Text(zh: "换成与这块板相符的型号文件", en: "choose the profile that fits the board")
    case 2:
      Text(
        zh: "板上没有这个通道：核对通道号和型号文件",
        en: "the board has no such channel: check the channel's number and the profile"
      )
    case 3: Text(zh: "核对数值，或型号文件里的 on、off", en: "check the value, or the profile's on and off")
    case 5, 6: Text(zh: "稍等再试", en: "wait a moment, and try again")
    default:
      Text(zh: "断电再上电；还不行就换板", en: "switch it off and on; if it stays, replace the board")
    }
  }
}
