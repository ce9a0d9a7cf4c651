import Agent
package import Domain
import Drivers

/// What is spoken on lines that several devices share.
package enum BusProtocol: String, Hashable, Sendable, CaseIterable {
  case modbus
  case aibus

  /// As lists show it.
  package var entry: CaptureFormat.Entry {
    CaptureFormat.Entry(
      name: rawValue,
      kind: Text(zh: "总线", en: "bus"),
      wire: "9600 8N1",
      title: self == .modbus
        ? Text(zh: "Modbus RTU：继电器板、温控器", en: "Modbus RTU: relay boards, controllers")
        : Text(zh: "宇电 AIBUS：温控器", en: "Yudian AIBUS: temperature controllers")
    )
  }

  /// The protocols of buses, behind all others.
  package static let entries = CaptureFormat.protocols + allCases.map(\.entry)
}

/// Reads what went over a shared line, and explains each frame as one JSON document.
package struct BusCapture: Sendable {
  private enum Scanner: Sendable {
    case modbus(ModbusScanner)
    case aibus(AIBUSScanner)
  }

  package private(set) var tally = CaptureReader.Tally()
  private var scanner: Scanner
  /// The request that waits for its reply, and whom it was for.
  private var question: (address: UInt8, request: ModbusRequest)?
  private var place = 0

  /// Prepares to read from the first byte.
  package init(_ bus: BusProtocol) {
    scanner = bus == .modbus ? .modbus(ModbusScanner()) : .aibus(AIBUSScanner())
  }

  /// Takes the next bytes.
  ///
  /// - Returns: A JSON document for each frame.
  package mutating func take(_ bytes: [UInt8]) -> [JSON] {
    tally.bytes += bytes.count
    switch scanner {
    case .modbus(var modbus):
      let items = modbus.take(bytes)
      scanner = .modbus(modbus)
      return items.compactMap { explain($0) }
    case .aibus(var aibus):
      let items = aibus.take(bytes)
      scanner = .aibus(aibus)
      return items.compactMap { explain($0) }
    }
  }

  /// Ends the capture.
  package mutating func finish() -> [JSON] {
    switch scanner {
    case .modbus(var modbus):
      let items = modbus.finish()
      scanner = .modbus(modbus)
      return items.compactMap { explain($0) }
    case .aibus(var aibus):
      let items = aibus.finish()
      scanner = .aibus(aibus)
      return items.compactMap { explain($0) }
    }
  }

  private mutating func pass(_ strays: [UInt8]) {
    if tally.strays == 0, !strays.isEmpty { tally.firstStray = place }
    tally.strays += strays.count
    place += strays.count
  }

  // MARK: Modbus

  private mutating func explain(_ item: ModbusScanner.Item) -> JSON? {
    if case .stray(let bytes) = item {
      pass(bytes)
      return nil
    }
    let frame = item.bytes
    tally.frames += 1
    place += frame.count
    let isSame = question?.address == frame[0]
    let reading = ModbusReading(frame, after: isSame ? question?.request : nil)
    var fields = Self.head(frame)
    fields["direction"] = .string(Self.direction(reading))
    switch (reading.request, reading.reply) {
    case (let request?, let reply?):
      let (asked, answered) = (Self.fields(request), Self.fields(reply, frame[1], to: nil))
      if asked == answered {
        fields.merge(asked) { $1 }
      } else {
        fields["asRequest"] = .object(asked)
        fields["asReply"] = .object(answered)
      }
    case (let request?, nil): fields.merge(Self.fields(request)) { $1 }
    case (nil, let reply?):
      fields.merge(Self.fields(reply, frame[1], to: isSame ? question?.request : nil)) { $1 }
    case (nil, nil): break
    }
    question = nil
    if case .frame = item, let request = reading.request {
      question = (address: frame[0], request: request)
    }
    return .object(fields)
  }

  private static func direction(_ reading: ModbusReading) -> String {
    switch (reading.request != nil, reading.reply != nil) {
    case (true, true): "either"
    case (true, false): "request"
    case (false, true): "reply"
    case (false, false): "unknown"
    }
  }

  /// What every frame has: address, function, checksum and the bytes themselves.
  private static func head(_ frame: [UInt8]) -> [String: JSON] {
    let code = frame[1] & ~ModbusFunction.exceptionBit
    let function = ModbusFunction(rawValue: code)
    var fields: [String: JSON] = [
      "address": .int(Int(frame[0])), "code": .int(Int(frame[1])),
      "function": .optional(function?.name), "raw": .string(frame.hex),
    ]
    if frame[0] == 0 { fields["broadcast"] = .bool(true) }
    let body = frame.dropLast(2)
    let right = ModbusCRC.bytes(ModbusCRC.of(body))
    if Array(frame.suffix(2)) == right {
      fields["crc"] = .string("ok")
    } else {
      fields["crc"] = .string("wrong")
      fields["is"] = .string(Array(frame.suffix(2)).hex)
      fields["shouldBe"] = .string(right.hex)
    }
    return fields
  }

  private static func fields(_ request: ModbusRequest) -> [String: JSON] {
    var fields: [String: JSON] = ["start": .int(Int(request.start))]
    switch request {
    case .read(_, _, let count): fields["quantity"] = .int(count)
    case .writeCoil(_, let value): fields.merge(coil(value)) { $1 }
    case .writeRegister(_, let value): fields["value"] = .int(Int(value))
    case .writeCoils(_, let bits):
      fields["quantity"] = .int(bits.count)
      fields["bits"] = .array(bits.map { .int($0 ? 1 : 0) })
    case .writeRegisters(_, let values):
      fields["quantity"] = .int(values.count)
      fields["values"] = .array(values.map { .int(Int($0)) })
    }
    return fields
  }

  private static func fields(
    _ reply: ModbusReply,
    _ code: UInt8,
    to request: ModbusRequest?
  ) -> [String: JSON] {
    switch reply {
    case .bits(let packed):
      let bits = packed.flatMap { byte in (0..<8).map { byte >> UInt8($0) & 1 } }
      // How many of the last byte count, only the request says.
      let count = request?.count ?? bits.count
      return ["bits": .array(bits.prefix(count).map { .int(Int($0)) })]
    case .registers(let words): return ["values": .array(words.map { .int(Int($0)) })]
    case .wrote(let start, let value):
      var fields: [String: JSON] = ["start": .int(Int(start))]
      switch ModbusFunction(rawValue: code) {
      case .writeCoil: fields.merge(coil(value)) { $1 }
      case .writeCoils, .writeRegisters: fields["quantity"] = .int(Int(value))
      default: fields["value"] = .int(Int(value))
      }
      return fields
    case .exception(let exception):
      return [
        "exception": .object([
          "code": .int(Int(exception.code)), "zh": .string(exception.title.zh),
          "en": .string(exception.title.en), "remedyZh": .string(exception.remedy.zh),
          "remedyEn": .string(exception.remedy.en),
        ])
      ]
    }
  }

  private static func coil(_ value: UInt16) -> [String: JSON] {
    var fields: [String: JSON] = ["value": .int(Int(value))]
    // Other values are the words of one board or another.
    if value == 0xFF00 || value == 0 { fields["on"] = .bool(value != 0) }
    return fields
  }

  // MARK: AIBUS

  private mutating func explain(_ item: AIBUSScanner.Item) -> JSON? {
    switch item {
    case .stray(let bytes):
      pass(bytes)
      return nil
    case .request(let request, let bytes):
      count(bytes)
      var fields: [String: JSON] = [
        "address": .int(Int(request.address)), "direction": .string("request"),
        "function": .string(request.order == .read ? "read" : "write"),
        "parameter": .int(Int(request.parameter)), "checksum": .string("ok"),
        "raw": .string(bytes.hex),
      ]
      if request.order == .write { fields["value"] = .int(Int(request.value)) }
      return .object(fields)
    case .reply(let reply, let address, let bytes):
      count(bytes)
      return .object([
        "address": .int(Int(address)), "direction": .string("reply"), "pv": .int(Int(reply.pv)),
        "sv": .int(Int(reply.sv)), "mv": .int(Int(reply.mv)), "alarm": .int(Int(reply.alarm)),
        "value": .int(Int(reply.value)), "checksum": .string("ok"), "raw": .string(bytes.hex),
      ])
    case .broken(let bytes):
      count(bytes)
      return Self.broken(bytes)
    }
  }

  private mutating func count(_ bytes: [UInt8]) {
    tally.frames += 1
    place += bytes.count
  }

  private static func broken(_ bytes: [UInt8]) -> JSON {
    var fields: [String: JSON] = [
      "checksum": .string("wrong"), "is": .string(Array(bytes.suffix(2)).hex),
      "raw": .string(bytes.hex),
    ]
    if let (request, _) = AIBUSRequest.parse(bytes[...]) {
      fields["address"] = .int(Int(request.address))
      fields["direction"] = .string("request")
      fields["shouldBe"] = .string(Array(request.frame.suffix(2)).hex)
    } else {
      fields["direction"] = .string("reply")
    }
    return .object(fields)
  }
}
