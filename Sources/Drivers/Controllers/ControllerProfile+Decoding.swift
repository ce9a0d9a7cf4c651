package import StrictYAML

extension ControllerProfile {
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
    isUnconfirmed = root.bool("unconfirmed", default: false)
    speech = root.choice("protocol") ?? .modbus
    line = root.modbusLine()
    address = root.modbusAddress(default: nil)
    replyWithin = root.replyWithin()
    decimals = root.int("decimals", in: 0...3)
    blocks = []
    write = nil
    if speech == .modbus {
      blocks = root.list("reads").map { Block($0) }
      write = root.optionalFields("write").map { Write($0) }
      if blocks.count(where: { $0.pv != nil }) != 1 || blocks.count(where: { $0.sv != nil }) != 1 {
        root.report(
          at: "reads",
          "`reads` does not tell where PV and SV are, each once",
          remedy: "write blocks as { table: holding, first: 0x2000, count: 1, pv: 0 }"
        )
      }
    }
    let controller = self
    samples = root.list("samples").map { ControllerSample($0, of: controller) }
    root.finish()
    try document.check()
  }

  /// What is wrong with a sample, if anything.
  package func mismatch(_ sample: ControllerSample) -> String? {
    guard let (frame, reading) = play(sample) else { return "the profile cannot do that" }
    guard frame == sample.request else { return "the request is \(frame.pairs)" }
    guard !sample.reply.isEmpty else { return nil }
    guard let reading else { return "the reply is none to this request" }
    return reading == sample.reading ? nil : "the reply reads as \(reading.words)"
  }

  /// The request that a sample must become, and what its reply means.
  private func play(_ sample: ControllerSample) -> ([UInt8], ControllerReading?)? {
    guard speech == .modbus else {
      guard let request = aibus(sample.order) else { return nil }
      var exchange = AIBUSExchange(request)
      return (request.frame, exchange.take(sample.reply)?.reading(decimals: decimals))
    }
    guard let request = request(sample.order), let frame = try? request.frame(to: address),
      var exchange = try? ModbusExchange(request, to: address, hasEcho: false)
    else { return nil }
    switch (exchange.take(sample.reply), sample.order) {
    case (.registers(let words)?, .read(let number)):
      return (frame, blocks[number - 1].reading(words, decimals: decimals))
    case (.wrote?, .write): return (frame, ControllerReading())
    default: return (frame, nil)
    }
  }

  private func request(_ order: ControllerSample.Order) -> ModbusRequest? {
    switch order {
    case .read(let number):
      blocks.indices.contains(number - 1) ? blocks[number - 1].request : nil
    case .write(let value): value.raw(decimals: decimals).flatMap { write?.request($0) }
    }
  }

  private func aibus(_ order: ControllerSample.Order) -> AIBUSRequest? {
    switch order {
    case .read: .read(0, of: address)
    case .write(let value): value.raw(decimals: decimals).map { .write($0, to: 0, of: address) }
    }
  }
}

extension ControllerProfile.Block {
  fileprivate init(_ fields: Fields) {
    table = fields.choice("table") ?? .holding
    first = fields.word("first")
    count = fields.int("count", in: 1...16)
    let place = 0...count - 1
    pv = fields.optionalInt("pv", in: place)
    sv = fields.optionalInt("sv", in: place)
    status = fields.optionalInt("status", in: place)
    decimals = fields.optionalInt("decimals", in: place)
    fields.finish()
    if table.hasBits {
      fields.report(
        at: "table",
        "temperatures are registers",
        remedy: "write `holding` or `input-registers`"
      )
    }
    if Int(first) + count > 0x1_0000 {
      fields.report(at: "first", "the last lies beyond address 65535", remedy: "correct it")
    }
  }
}

extension ControllerProfile.Write {
  fileprivate init(_ fields: Fields) {
    function = fields.choice("function") ?? .writeRegister
    at = fields.word("at")
    fields.finish()
  }
}

extension ControllerSample {
  fileprivate init(_ fields: Fields, of controller: ControllerProfile) {
    let isWrite = fields.has("write")
    order =
      isWrite
      ? .write(Temperature(thousandths: fields.thousandths("write", in: -999_000...3_000_000)))
      : .read(fields.int("read", in: 1...16))
    request = fields.hexadecimal("bytes")
    reply = fields.has("reply") ? fields.hexadecimal("reply") : []
    let value = { (key: String) in
      fields.has(key)
        ? Temperature(thousandths: fields.thousandths(key, in: -999_000...3_000_000)) : nil
    }
    reading = ControllerReading(
      pv: value("pv"),
      sv: value("sv"),
      status: fields.optionalInt("status", in: 0...0xFFFF)
    )
    fields.finish()
    if let mismatch = controller.mismatch(self) {
      fields.report(at: "bytes", mismatch, remedy: "correct the sample, or the profile")
    }
  }
}

extension ControllerReading {
  /// As `PV 148.2 °C, SV 150 °C`.
  package var words: String {
    let parts = [
      pv.map { "PV \($0)" }, sv.map { "SV \($0)" }, status.map { "status \($0)" },
    ]
    return parts.compactMap(\.self).joined(separator: ", ")
  }
}
