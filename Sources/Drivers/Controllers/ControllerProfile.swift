/// A temperature as controllers count it, in thousandths of a degree.
package struct Temperature: Hashable, Comparable, Sendable, CustomStringConvertible {
  package var thousandths: Int

  package init(thousandths: Int) {
    self.thousandths = thousandths
  }

  /// What a register with so many decimals means.
  package init(raw: Int16, decimals: Int) {
    thousandths = Int(raw) * Self.scale(decimals)
  }

  /// The register for it; `nil` where it has more decimals than the register, or does not fit.
  package func raw(decimals: Int) -> Int16? {
    let scale = Self.scale(decimals)
    return thousandths % scale == 0 ? Int16(exactly: thousandths / scale) : nil
  }

  package static func < (left: Self, right: Self) -> Bool { left.thousandths < right.thousandths }

  /// As `148.2 °C`.
  package var description: String {
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    var decimals = String(String(1000 + rest).dropFirst())
    while decimals.hasSuffix("0") { decimals.removeLast() }
    let sign = thousandths < 0 ? "-" : ""
    return sign + "\(whole)" + (decimals.isEmpty ? "" : ".\(decimals)") + " °C"
  }

  private static func scale(_ decimals: Int) -> Int {
    [1000, 100, 10, 1][max(0, min(3, decimals))]
  }
}

/// What a controller tells.
package struct ControllerReading: Hashable, Sendable {
  /// The measured value.
  package var pv: Temperature?
  /// The set value.
  package var sv: Temperature?
  /// The maker's word of alarms and modes.
  package var status: Int?

  package init(pv: Temperature? = nil, sv: Temperature? = nil, status: Int? = nil) {
    self.pv = pv
    self.sv = sv
    self.status = status
  }
}

/// A model of temperature controller on RS-485 (`Devices/controllers/*.yaml`).
package struct ControllerProfile: Hashable, Sendable {
  package enum Speech: String, Hashable, Sendable, CaseIterable {
    case modbus
    case aibus
  }

  /// Registers that stand together, and which of them is what, from 0.
  package struct Block: Hashable, Sendable {
    package var table: ModbusTable
    package var first: UInt16
    package var count: Int
    package var pv: Int?
    package var sv: Int?
    package var status: Int?
    /// Where the controller itself tells its decimal point.
    package var decimals: Int?

    package var request: ModbusRequest { .read(table, start: first, count: count) }
  }

  /// How the set value is written.
  package struct Write: Hashable, Sendable {
    package enum Function: String, Hashable, Sendable, CaseIterable {
      case writeRegister = "write-register"
      case writeRegisters = "write-registers"
    }

    package var function: Function
    package var at: UInt16

    package func request(_ raw: Int16) -> ModbusRequest {
      let word = UInt16(bitPattern: raw)
      return switch function {
      case .writeRegister: .writeRegister(at: at, value: word)
      case .writeRegisters: .writeRegisters(start: at, [word])
      }
    }
  }

  package var id: String
  package var maker: String
  package var model: String
  package var usb: [USBMatch]
  /// Whether its registers were never proven on a device.
  package var isUnconfirmed: Bool
  package var speech: Speech
  package var line: SerialLine
  package var address: UInt8
  package var replyWithin: Duration
  /// Decimals of its values where it does not tell them.
  package var decimals: Int
  /// Empty for AIBUS, where every answer tells all.
  package var blocks: [Block]
  /// `nil` where set values are not written.
  package var write: Write?
  package var samples: [ControllerSample] = []
}

/// Frames of a controller and what they must mean.
package struct ControllerSample: Hashable, Sendable {
  package enum Order: Hashable, Sendable {
    /// A block by its number, from 1; of AIBUS the set value.
    case read(Int)
    case write(Temperature)
  }

  package var order: Order
  package var request: [UInt8]
  package var reply: [UInt8]
  package var reading: ControllerReading
}

extension ControllerProfile.Block {
  /// The decimals that the controller tells; `nil` where it does not, or makes no sense.
  package func decimals(_ words: [UInt16]) -> Int? {
    guard let decimals, words.indices.contains(decimals), words[decimals] <= 3 else { return nil }
    return Int(words[decimals])
  }

  /// What the registers tell.
  package func reading(_ words: [UInt16], decimals usual: Int) -> ControllerReading {
    let word = { (index: Int?) -> Int16? in
      guard let index, words.indices.contains(index) else { return nil }
      return Int16(bitPattern: words[index])
    }
    let places = decimals(words) ?? usual
    return ControllerReading(
      pv: word(pv).map { Temperature(raw: $0, decimals: places) },
      sv: word(sv).map { Temperature(raw: $0, decimals: places) },
      status: word(status).map { Int(UInt16(bitPattern: $0)) }
    )
  }
}

extension AIBUSReply {
  /// What the answer tells.
  package func reading(decimals: Int) -> ControllerReading {
    ControllerReading(
      pv: Temperature(raw: pv, decimals: decimals),
      sv: Temperature(raw: sv, decimals: decimals),
      status: Int(alarm)
    )
  }
}
