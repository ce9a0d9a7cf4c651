/// A model of relay or input board on Modbus (`Devices/boards/*.yaml`).
///
/// Boards differ in the words they use for the same things; a profile names those words as
/// parameters. Channels and inputs count from 1, as they are printed on the boards.
package struct BoardProfile: Hashable, Sendable {
  /// A write that switches one channel: where channel 1 is, and what is written there.
  package struct Switch: Hashable, Sendable {
    package enum Function: String, Hashable, Sendable, CaseIterable {
      case writeCoil = "write-coil"
      case writeRegister = "write-register"
    }

    package var function: Function
    /// The address of channel 1 on the wire.
    package var first: UInt16
    package var on: UInt16
    package var off: UInt16
  }

  /// A pulse that the board ends by itself, whatever becomes of the line.
  package struct Pulse: Hashable, Sendable {
    package var function: Switch.Function
    package var first: UInt16
    /// What is written for a pulse of no length; the number of units is added.
    package var base: UInt16
    /// How long a unit is, in milliseconds.
    package var unit: Int
    /// The most units; 0 where every pulse has the length of `unit`.
    package var most: Int

    /// The value that makes a pulse of a length; `nil` where the board cannot make it.
    package func value(milliseconds: Int) -> UInt16? {
      guard most > 0 else { return milliseconds == unit ? base : nil }
      guard milliseconds % unit == 0, (1...most).contains(milliseconds / unit) else { return nil }
      return base + UInt16(milliseconds / unit)
    }

    /// The length of the pulses that hold a contact, in milliseconds: about a second, in which the
    /// contact falls off when nobody holds it; `nil` where the board has none like it.
    package var hold: Int? {
      let length = most > 0 ? unit * max(1, (1000 + unit - 1) / unit) : unit
      return (500...2000).contains(length) && value(milliseconds: length) != nil ? length : nil
    }

    /// The lengths that the board can make, for messages.
    package var lengths: String {
      most > 0
        ? "\(unit) ms to \(unit * most) ms in steps of \(unit) ms" : "\(unit) ms and no other"
    }
  }

  /// A table in which channels or inputs stand one after the other.
  package struct Reading: Hashable, Sendable {
    package var table: ModbusTable
    /// The address of the first on the wire.
    package var first: UInt16
    /// How many must be asked for in one request.
    package var count: Int
    /// What a register shows of a channel that is on; of bits always 1.
    package var on: UInt16

    /// The request that reads all.
    package var request: ModbusRequest { .read(table, start: first, count: count) }

    /// Whether each is on, as a reply tells.
    package func levels(_ reply: ModbusReply) -> [Bool]? {
      switch reply {
      case .bits(let packed) where table.hasBits: ModbusRequest.bits(packed, count: count)
      case .registers(let words) where !table.hasBits: words.map { $0 == on }
      case .bits, .registers, .wrote, .exception: nil
      }
    }

    /// Whether one is on, by its number from 1; `nil` where the reply does not tell.
    func isOn(_ number: Int, _ reply: ModbusReply) -> Bool? {
      guard let levels = levels(reply), levels.indices.contains(number - 1) else { return nil }
      return levels[number - 1]
    }
  }

  package struct Outputs: Hashable, Sendable {
    package var count: Int
    package var way: Switch
    /// `nil` where the board has none.
    package var pulse: Pulse?
    /// How their state is read back; `nil` where the board does not tell.
    package var reading: Reading?
    /// Where function 0F switches all at once; `nil` where the board does not know it.
    package var all: UInt16?

    /// The length of the pulses that hold a contact, in milliseconds; `nil` where no contact can be
    /// held safely: by pulses that end by themselves, on a board that tells which relays are on.
    package var hold: Int? { reading == nil ? nil : pulse?.hold }
  }

  package struct Inputs: Hashable, Sendable {
    package var count: Int
    package var reading: Reading
  }

  package var id: String
  package var maker: String
  package var model: String
  package var usb: [USBMatch]
  package var line: SerialLine
  /// The address that the maker sets.
  package var address: UInt8
  /// How long it may think before it answers.
  package var replyWithin: Duration
  package var outputs: Outputs?
  package var inputs: Inputs?
  package var samples: [BoardSample] = []
}

/// Something to do with a board, as samples name it.
package enum BoardOrder: Hashable, Sendable {
  case on(Int)
  case off(Int)
  case pulse(Int, milliseconds: Int)
  case allOn
  case allOff
  case readOutputs
  case readInputs
}

/// An order and the frames that it must become.
package struct BoardSample: Hashable, Sendable {
  package var order: BoardOrder
  package var address: UInt8
  package var request: [UInt8]
  /// Empty where the sample shows none.
  package var reply: [UInt8]
  /// The channels or inputs that the reply shows as on; `nil` where it shows none.
  package var active: [Int]?
}

// MARK: Orders as requests

extension BoardProfile {
  /// The requests that carry out an order, in their order; none where the board cannot do it.
  package func requests(_ order: BoardOrder) -> [ModbusRequest] {
    switch order {
    case .on(let channel): outputs.flatMap { $0.set(channel, true) }.map { [$0] } ?? []
    case .off(let channel): outputs.flatMap { $0.set(channel, false) }.map { [$0] } ?? []
    case .pulse(let channel, let milliseconds):
      outputs.flatMap { $0.pulsed(channel, milliseconds) }.map { [$0] } ?? []
    case .allOn: outputs?.all(true) ?? []
    case .allOff: outputs?.all(false) ?? []
    case .readOutputs: outputs?.reading.map { [$0.request] } ?? []
    case .readInputs: inputs.map { [$0.reading.request] } ?? []
    }
  }
}

extension BoardProfile.Outputs {
  func set(_ channel: Int, _ isOn: Bool) -> ModbusRequest? {
    write(way.function, way.first, channel, isOn ? way.on : way.off)
  }

  func pulsed(_ channel: Int, _ milliseconds: Int) -> ModbusRequest? {
    guard let pulse, let value = pulse.value(milliseconds: milliseconds) else { return nil }
    return write(pulse.function, pulse.first, channel, value)
  }

  func all(_ isOn: Bool) -> [ModbusRequest] {
    if let all { return [.writeCoils(start: all, [Bool](repeating: isOn, count: count))] }
    return (1...count).compactMap { set($0, isOn) }
  }

  private func write(
    _ function: BoardProfile.Switch.Function,
    _ first: UInt16,
    _ channel: Int,
    _ value: UInt16
  ) -> ModbusRequest? {
    guard (1...count).contains(channel) else { return nil }
    let place = first + UInt16(channel - 1)
    return switch function {
    case .writeCoil: .writeCoil(at: place, value: value)
    case .writeRegister: .writeRegister(at: place, value: value)
    }
  }
}
