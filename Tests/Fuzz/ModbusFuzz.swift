import Drivers

/// Feeds noise and then good frames to the scanner of Modbus, and to the search for one answer.
struct ModbusFuzz: CodecFuzz {
  private let specimens: Specimens

  init(_ specimens: Specimens) {
    self.specimens = specimens
    for frame in specimens.frames {
      let bytes = frame.reports[0]
      var scanner = ModbusScanner()
      require(scanner.take(bytes) == [.frame(bytes)]) { "\(frame.meaning) is no frame" }
      let function = ModbusFunction(rawValue: bytes[1] & ~ModbusFunction.exceptionBit)
      require(function?.name == frame.meaning) { "\(frame.meaning) is another function" }
    }
  }

  func run(_ input: inout FuzzInput) {
    let choice = input.byte()
    let frames = specimens.three(input.byte()).map { $0.reports[0] }
    let pieces = input.pieces().map(\.bytes)
    scan(pieces, then: frames)
    answer(pieces, choice)
  }

  private func scan(_ pieces: [[UInt8]], then frames: [[UInt8]]) {
    let noise = pieces.flatMap(\.self)
    var scanner = ModbusScanner()
    var items: [ModbusScanner.Item] = []
    for piece in pieces {
      items += scanner.take(piece)
      require(scanner.count < 2 * ModbusShape.longest) { "\(scanner.count) bytes wait" }
    }
    var (cut, whole) = (scanner, ModbusScanner())
    let cutItems = items + cut.finish()
    let wholeItems = whole.take(noise) + whole.finish()
    require(cutItems == wholeItems) { "cut \(cutItems), whole \(wholeItems)" }
    require(cutItems.flatMap(\.bytes) == noise) { "bytes are lost, or told twice" }
    for case .frame(let frame) in cutItems { checkMeaning(frame) }
    var found: [ModbusScanner.Item] = []
    for frame in frames { found += scanner.take(frame) }
    // A chance checksum may swallow the first; the next two are found at once.
    for frame in frames.dropFirst() {
      require(found.contains(.frame(frame))) { "\(Specimens.hex(frame)) is not in \(found)" }
    }
  }

  /// A request that was read is made again with the same meaning.
  private func checkMeaning(_ frame: [UInt8]) {
    let reading = ModbusReading(frame)
    if let request = reading.request, frame[0] != 0 {
      guard let again = try? request.frame(to: frame[0]) else {
        violated("\(Specimens.hex(frame)) was read, and cannot be made")
      }
      require(ModbusRequest(frame: again[...]) == request) { "\(Specimens.hex(frame)) changes" }
    }
    guard let reply = reading.reply,
      let function = ModbusFunction(rawValue: frame[1] & ~ModbusFunction.exceptionBit)
    else { return }
    require(reply.frame(from: frame[0], to: function) == frame) {
      "\(Specimens.hex(frame)) is a reply, and is made otherwise"
    }
  }

  /// Whatever comes before the answer, it is heard; and not otherwise when it comes in pieces.
  private func answer(_ pieces: [[UInt8]], _ choice: UInt8) {
    let requests: [(ModbusRequest, ModbusReply)] = [
      (.read(.coils, start: 0, count: 10), .bits([0xCD, 0x01])),
      (.read(.holding, start: 0, count: 2), .registers([600, 1])),
      (.writeCoil(at: 0, value: 0xFF00), .wrote(at: 0, 0xFF00)),
      (.writeRegisters(start: 0, [100, 300]), .wrote(at: 0, 2)),
    ]
    let (request, reply) = requests[Int(choice & 3)]
    guard var cut = try? ModbusExchange(request, to: 1, hasEcho: false) else { return }
    var whole = cut
    let good = reply.frame(from: 1, to: request.function)
    var early: ModbusReply?
    for piece in pieces where early == nil { early = cut.take(piece) }
    require(early == whole.take(pieces.flatMap(\.self))) { "cut it is another answer" }
    if let early {
      require(early.answers(request)) { "\(early) answers no such request" }
    } else {
      _ = cut.failure.words
      let heard = cut.take(good)
      let isChance = heard.map { isAcross(pieces.flatMap(\.self), good, $0) } ?? false
      require(heard == reply || isChance) { "the answer is not heard behind the noise" }
    }
  }

  /// Whether the last bytes of the noise and the first of a frame are, by chance, an answer with a
  /// right checksum: nobody at the end of a wire could tell it from one that was sent.
  private func isAcross(_ noise: [UInt8], _ good: [UInt8], _ heard: ModbusReply) -> Bool {
    let all = noise + good
    return (max(0, noise.count - ModbusShape.longest)..<noise.count).contains { start in
      (noise.count + 1..<all.count).contains { end in
        let frame = Array(all[start..<end])
        guard frame.count >= 5, frame[0] == 1, ModbusCRC.isRight(frame) else { return false }
        return ModbusReading(frame).reply == heard
      }
    }
  }
}

/// Feeds noise and then good exchanges to the scanner of AIBUS.
struct AIBUSFuzz: CodecFuzz {
  private let specimens: Specimens

  init(_ specimens: Specimens) {
    self.specimens = specimens
    for frame in specimens.frames {
      var exchange = AIBUSRequest(frame: frame.reports[0][...]).map { AIBUSExchange($0) }
      let reply = exchange?.take(frame.reports[1])
      require(reply.map { "\($0.pv)" } == frame.meaning) {
        "\(frame.meaning) reads as \(reply as Any)"
      }
    }
  }

  func run(_ input: inout FuzzInput) {
    _ = input.byte()
    let frames = specimens.three(input.byte())
    let pieces = input.pieces().map(\.bytes)
    let noise = pieces.flatMap(\.self)
    var scanner = AIBUSScanner()
    var items: [AIBUSScanner.Item] = []
    for piece in pieces {
      items += scanner.take(piece)
      require(scanner.count < 4 * AIBUSReply.length) { "\(scanner.count) bytes wait" }
    }
    var (cut, whole) = (scanner, AIBUSScanner())
    let cutItems = items + cut.finish()
    require(cutItems == whole.take(noise) + whole.finish()) { "cut it means something else" }
    require(cutItems.flatMap(\.raw) == noise) { "bytes are lost, or told twice" }
    var found: [[UInt8]] = []
    for report in frames.flatMap(\.reports) {
      for item in scanner.take(report) {
        if case .stray = item { continue }
        found.append(item.raw)
      }
    }
    for report in frames.dropFirst().flatMap(\.reports) {
      require(found.contains(report)) { "\(Specimens.hex(report)) is not found" }
    }
  }
}

extension AIBUSScanner.Item {
  fileprivate var raw: [UInt8] {
    switch self {
    case .request(_, let bytes), .reply(_, _, let bytes), .broken(let bytes), .stray(let bytes):
      bytes
    }
  }
}
