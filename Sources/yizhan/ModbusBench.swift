import Agent
import ArgumentParser
package import Domain
package import Drivers
import LinuxIO

/// An address or a value of 16 bits, as `8192` or `0x2000`.
package struct ModbusNumber: Hashable, Sendable, ExpressibleByArgument {
  package let word: UInt16

  package init?(argument: String) {
    let text = argument.lowercased()
    let word = text.hasPrefix("0x") ? UInt16(text.dropFirst(2), radix: 16) : UInt16(text)
    guard let word, !text.contains("+") else { return nil }
    self.word = word
  }
}

/// What `yizhan modbus` does with a line.
enum ModbusBench {
  /// The request that some words of the command line ask for.
  static func request(_ table: ModbusTable, _ start: UInt16, _ values: [String]) throws(Failure)
    -> ModbusRequest
  {
    switch table {
    case .coils:
      let words = try values.map { (text) throws(Failure) in try coil(text) }
      guard words.count > 1 else { return .writeCoil(at: start, value: words[0]) }
      guard words.allSatisfy({ $0 == 0xFF00 || $0 == 0 }) else {
        throw .usage(
          say("几个线圈一起写时只能是 on 或 off", "of several coils each is on or off"),
          hint: say("特殊的值一个一个写", "write special values one by one")
        )
      }
      return .writeCoils(start: start, words.map { $0 != 0 })
    case .holding:
      let words = try values.map { (text) throws(Failure) in try register(text) }
      return words.count > 1
        ? .writeRegisters(start: start, words) : .writeRegister(at: start, value: words[0])
    case .inputs, .inputRegisters:
      throw .usage(
        say("输入只能读", "inputs can only be read"),
        hint: say("写 coils 或 holding", "write coils or holding")
      )
    }
  }

  private static func coil(_ text: String) throws(Failure) -> UInt16 {
    switch text.lowercased() {
    case "on", "1", "开": return 0xFF00
    case "off", "0", "关": return 0
    default: break
    }
    if text.lowercased().hasPrefix("0x"), let number = ModbusNumber(argument: text) {
      return number.word
    }
    throw .usage(
      say("\(Terminal.plain(text)) 不是线圈的值", "\(Terminal.plain(text)) is no value of a coil"),
      hint: say("写 on、off，或 0x0007 这样的数", "write on, off, or a number as 0x0007")
    )
  }

  private static func register(_ text: String) throws(Failure) -> UInt16 {
    if let number = ModbusNumber(argument: text) { return number.word }
    if let negative = Int16(text), negative < 0 { return UInt16(bitPattern: negative) }
    throw .usage(
      say("\(Terminal.plain(text)) 不是寄存器的值", "\(Terminal.plain(text)) is no value of a register"),
      hint: say("写 0 到 65535、-1 到 -32768，或 0x0100", "write 0 to 65535, -1 to -32768, or 0x0100")
    )
  }

  static func temperature(_ text: String) throws(Failure) -> Temperature {
    if let degrees = Double(text), (-50...500).contains(degrees) {
      let thousandths = (degrees * 1000).rounded()
      if abs(thousandths - degrees * 1000) < 0.001 {
        return Temperature(thousandths: Int(thousandths))
      }
    }
    throw .usage(
      say("\(Terminal.plain(text)) 不是温度", "\(Terminal.plain(text)) is no temperature"),
      hint: say("写摄氏度，例如 150 或 148.5", "write degrees Celsius, as 150 or 148.5")
    )
  }

  static func read(
    _ table: ModbusTable,
    _ start: UInt16,
    _ count: Int,
    of target: ModbusTarget,
    _ master: inout ModbusMaster
  ) throws(Failure) -> [UInt16] {
    do throws(ModbusError) {
      guard table.hasBits else {
        return try master.registers(
          of: target.address,
          table,
          from: start,
          count: count,
          within: target.limit
        )
      }
      let bits = try master.bits(
        of: target.address,
        table,
        from: start,
        count: count,
        within: target.limit
      )
      return bits.map { $0 ? 1 : 0 }
    } catch {
      throw Failure(error, on: target.opener.label, say)
    }
  }

  /// Writes once; what is in doubt is read back.
  static func write(
    _ request: ModbusRequest,
    to target: ModbusTarget,
    _ master: inout ModbusMaster
  ) throws(Failure) -> ModbusOutcome {
    let table: ModbusTable =
      [.writeCoil, .writeCoils].contains(request.function) ? .coils : .holding
    if request.isEchoed, target.address != 0, master.hasEcho == nil {
      // Whatever comes of it, it teaches whether the adaptor hears itself: an echo of a write would
      // look like its answer.
      let probe = ModbusRequest.read(table, start: request.start, count: 1)
      _ = try? master.ask(probe, of: target.address, within: target.limit, tries: 1)
    }
    do throws(ModbusError) {
      _ = try master.ask(request, of: target.address, within: target.limit, tries: 1)
      return target.address == 0 ? .broadcast : .written
    } catch {
      guard error.leavesDoubt else { throw Failure(error, on: target.opener.label, say) }
      if case .port = error { return .unknown(error, has: nil) }
      let has = try? read(table, request.start, request.count, of: target, &master)
      return .unknown(error, has: has)
    }
  }
}

/// What was read, for people and programs.
package struct ModbusValues: Hashable, Sendable {
  package var table: ModbusTable
  package var start: UInt16
  /// Bits as 0 and 1.
  package var values: [UInt16]

  package init(table: ModbusTable, start: UInt16, values: [UInt16]) {
    self.table = table
    self.start = start
    self.values = values
  }

  package func text(_ say: Speech) -> String {
    let rows = values.enumerated().map { offset, value in
      let place = Int(start) + offset
      let hex = "0x" + String(place, radix: 16, uppercase: true)
      return table.hasBits
        ? ["\(place)", hex, value == 1 ? say("开", "on") : say("关", "off")]
        : ["\(place)", hex, "\(value)", "0x" + String(value, radix: 16, uppercase: true)]
    }
    let heading = [say("地址", "ADDRESS"), "HEX", say("值", "VALUE")]
    return Terminal.table(table.hasBits ? heading : heading + ["HEX"], rows)
  }

  package func json(address: UInt8) -> JSON {
    .object([
      "address": .int(Int(address)), "function": .string(table.reading.name),
      "start": .int(Int(start)), "values": .array(values.map { .int(Int($0)) }),
    ])
  }
}

/// What is about to be written.
package struct ModbusPlan: Hashable, Sendable {
  package var request: ModbusRequest
  package var address: UInt8
  package var frame: [UInt8]

  package init(request: ModbusRequest, address: UInt8, frame: [UInt8]) {
    self.request = request
    self.address = address
    self.frame = frame
  }

  /// In one line, with the bytes.
  package func words(_ say: Speech) -> String {
    let whom =
      address == 0
      ? say("线上所有设备（广播）", "all devices of the line (broadcast)")
      : say("地址 \(address) 的设备", "the device of address \(address)")
    let what = say(request.function.title)
    return say(
      "要对\(whom)：\(what)，从 \(request.start) 起 = \(value(say))\n  字节：\(frame.hex)",
      "to \(whom): \(what), from \(request.start) on = \(value(say))\n  bytes: \(frame.hex)"
    )
  }

  private func value(_ say: Speech) -> String {
    let word = { (value: UInt16) in "0x" + String(value, radix: 16, uppercase: true) }
    switch request {
    case .read: return ""
    case .writeCoil(_, 0xFF00): return say("开", "on")
    case .writeCoil(_, 0): return say("关", "off")
    case .writeCoil(_, let value): return word(value)
    case .writeRegister(_, let value): return "\(value) (\(word(value)))"
    case .writeCoils(_, let bits):
      return bits.map { $0 ? say("开", "on") : say("关", "off") }.joined(separator: " ")
    case .writeRegisters(_, let values): return values.map { "\($0)" }.joined(separator: " ")
    }
  }
}

/// What became of a write.
package enum ModbusOutcome: Hashable, Sendable {
  case written
  /// Sent to all; nobody answers that.
  case broadcast
  /// No good answer came; `has` is what was read back after it.
  case unknown(ModbusError, has: [UInt16]?)

  package var isCertain: Bool { self == .written }

  package func text(_ say: Speech) -> String {
    switch self {
    case .written: say("已写入，设备已确认", "written, and the device confirms it")
    case .broadcast: say("已发出；广播没有回答", "sent; a broadcast has no answer")
    case .unknown(let error, let has):
      say(
        "不知道执行了没有：\(error.words.cause.zh)。没有重发。",
        "whether it was done is unknown: \(error.words.cause.en). It was not sent again."
      )
        + (has.map { values in
          let list = values.map { "\($0)" }.joined(separator: " ")
          return say("读回现在是：\(list)", " Read back: \(list)")
        }
          ?? say(
            "也读不回来。\(error.words.remedy.zh)",
            " It cannot be read back: \(error.words.remedy.en)"
          ))
    }
  }

  package func json(_ plan: ModbusPlan) -> JSON {
    var fields: [String: JSON] = [
      "address": .int(Int(plan.address)), "function": .string(plan.request.function.name),
      "bytes": .string(plan.frame.hex),
    ]
    switch self {
    case .written: fields["outcome"] = .string("written")
    case .broadcast: fields["outcome"] = .string("broadcast")
    case .unknown(let error, let has):
      fields["outcome"] = .string("unknown")
      fields["cause"] = .string(error.words.cause.en)
      fields["readBack"] = has.map { .array($0.map { .int(Int($0)) }) } ?? .null
    }
    return .object(fields)
  }
}

extension ControllerReading {
  /// As one JSON document; temperatures in thousandths of a degree.
  package func json(_ id: String) -> JSON {
    .object([
      "id": .string(id), "pvMilliCelsius": .optional(pv?.thousandths),
      "svMilliCelsius": .optional(sv?.thousandths), "status": .optional(status),
    ])
  }
}
