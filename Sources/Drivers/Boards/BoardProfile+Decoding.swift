package import StrictYAML

// A board's samples are built anew when its profile is read: one that would switch the wrong relay
// is never used.

extension BoardProfile {
  /// Reads a profile and replays its samples.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the profile's id.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    let head = ProfileHead(root, file: file)
    id = head.id
    maker = head.maker
    model = head.model
    usb = head.usb
    line = root.modbusLine()
    address = root.modbusAddress(default: nil)
    replyWithin = root.replyWithin()
    outputs = root.optionalFields("outputs").map { Outputs($0) }
    inputs = root.optionalFields("inputs").map { Inputs($0) }
    if outputs == nil, inputs == nil {
      root.report(
        "the board has neither outputs nor inputs",
        remedy: "add `outputs:` or `inputs:` with their `count`"
      )
    }
    let board = self
    samples = root.list("samples").map { BoardSample($0, of: board) }
    root.finish()
    try document.check()
  }

  /// What is wrong with a sample, if anything.
  package func mismatch(_ sample: BoardSample) -> String? {
    let requests = requests(sample.order)
    guard let request = requests.first else { return "the board of this profile cannot do that" }
    guard requests.count == 1 else { return "it takes \(requests.count) requests" }
    guard let frame = try? request.frame(to: sample.address) else {
      return "it asks for more than one request can"
    }
    guard frame == sample.request else { return "the request is \(frame.pairs)" }
    guard !sample.reply.isEmpty else { return nil }
    guard var exchange = try? ModbusExchange(request, to: sample.address, hasEcho: false),
      let reply = exchange.take(sample.reply)
    else { return "the reply is none to this request" }
    let reading = sample.order == .readInputs ? inputs?.reading : outputs?.reading
    guard let active = sample.active else { return nil }
    guard let levels = reading?.levels(reply) else { return "the reply tells no levels" }
    let shown = levels.indices.filter { levels[$0] }.map { $0 + 1 }
    return shown == active ? nil : "the reply shows \(shown) as active"
  }
}

extension BoardProfile.Outputs {
  fileprivate init(_ fields: Fields) {
    count = fields.int("count", in: 1...64)
    way = BoardProfile.Switch(fields.fields("switch"))
    pulse = fields.optionalFields("pulse").map { BoardProfile.Pulse($0) }
    reading = fields.optionalFields("read").map { [count] in
      BoardProfile.Reading($0, least: count, level: "on")
    }
    all = fields.optionalInt("all-at", in: 0...0xFFFF).map { UInt16($0) }
    if all != nil, way.function == .writeRegister {
      fields.report(
        at: "all-at",
        "channels that are registers cannot be switched by function 0F",
        remedy: "remove `all-at`; they are switched one by one"
      )
    }
    fields.finish()
    let firsts = [(way.first, "switch"), (pulse?.first ?? 0, "pulse"), (all ?? 0, "all-at")]
    for (first, key) in firsts where Int(first) + count > 0x1_0000 {
      fields.report(at: key, "its last channel lies beyond address 65535", remedy: "correct it")
    }
  }
}

extension BoardProfile.Inputs {
  fileprivate init(_ fields: Fields) {
    count = fields.int("count", in: 1...64)
    reading = BoardProfile.Reading(fields.fields("read"), least: count, level: "active")
    fields.finish()
  }
}

extension BoardProfile.Switch {
  fileprivate init(_ fields: Fields) {
    function = fields.choice("function") ?? .writeCoil
    first = fields.word("first")
    on = fields.word("on")
    off = fields.word("off")
    fields.finish()
    if fields.has("off"), on == off {
      fields.report(at: "off", "`on` and `off` are the same value", remedy: "correct one of them")
    }
  }
}

extension BoardProfile.Pulse {
  fileprivate init(_ fields: Fields) {
    function = fields.choice("function") ?? .writeCoil
    first = fields.word("first")
    base = fields.word("value")
    unit = fields.milliseconds("unit", in: 10...60_000)
    most = fields.int("most", in: 0...0xFFFF)
    fields.finish()
    if Int(base) + most > 0xFFFF {
      fields.report(at: "most", "`value` and `most` pass FFFF", remedy: "lower `most`")
    }
  }
}

extension BoardProfile.Reading {
  fileprivate init(_ fields: Fields, least: Int, level: String) {
    table = fields.choice("table") ?? .coils
    first = fields.word("first")
    count = fields.int("count", in: 1...125, default: least)
    on = 1
    // Bits have but one way to be on.
    if !table.hasBits { on = UInt16(fields.int(level, in: 0...0xFFFF, default: 1)) }
    fields.finish()
    if count < least {
      fields.report(
        at: "count",
        "\(count) are asked for, and \(least) are there",
        remedy: "remove `count`, or make it at least \(least)"
      )
    }
    if Int(first) + count > 0x1_0000 {
      fields.report(at: "first", "the last lies beyond address 65535", remedy: "correct it")
    }
  }
}

extension BoardSample {
  private enum What: String, CaseIterable {
    case inputs
    case outputs
  }

  fileprivate init(_ fields: Fields, of board: BoardProfile) {
    let orders: [BoardOrder?] = [
      fields.optionalInt("on", in: 1...64).map { .on($0) },
      fields.optionalInt("off", in: 1...64).map { .off($0) },
      fields.optionalInt("pulse", in: 1...64).map {
        .pulse($0, milliseconds: fields.milliseconds("for", in: 10...10_000_000))
      },
      fields.optionalString("all").map { $0 == "on" ? .allOn : .allOff },
      fields.has("read")
        ? fields.choice("read").map { (what: What) in
          what == .inputs ? .readInputs : .readOutputs
        } : nil,
    ]
    let named = orders.compactMap(\.self)
    order = named.first ?? .allOff
    address = fields.modbusAddress(default: board.address)
    request = fields.hexadecimal("bytes")
    reply = fields.has("reply") ? fields.hexadecimal("reply") : []
    active =
      fields.has("active") ? fields.strings("active").map { Int($0) ?? 0 } : nil
    fields.finish()
    guard named.count == 1 else {
      fields.report(
        "the sample does not say what is done",
        remedy: "write one of: on: 1, off: 1, pulse: 1 and for: 700 ms, all: on, read: inputs"
      )
      return
    }
    if let mismatch = board.mismatch(self) {
      fields.report(at: "bytes", mismatch, remedy: "correct the sample, or the profile")
    }
  }
}

// MARK: What boards and controllers share

extension Fields {
  /// A word of 16 bits, as `0xFF00`.
  func word(_ key: String) -> UInt16 { UInt16(int(key, in: 0...0xFFFF)) }

  /// An address on the line; 255 is not of the standard, and cheap boards have it.
  package func modbusAddress(default usual: UInt8?) -> UInt8 {
    let address =
      usual.map { int("address", in: 1...255, default: Int($0)) } ?? int("address", in: 1...255)
    return UInt8(address)
  }

  func modbusLine() -> SerialLine {
    let usual = SerialLine(baud: 9600)
    return optionalFields("serial").map { SerialLine($0, usual: usual) } ?? usual
  }

  func replyWithin() -> Duration {
    .milliseconds(milliseconds("reply-within", in: 20...2000, default: 300))
  }
}

extension [UInt8] {
  /// Pairs of capital digits with spaces between them, `02 2B`.
  var pairs: String {
    map { ($0 < 16 ? "0" : "") + String($0, radix: 16, uppercase: true) }.joined(separator: " ")
  }
}
