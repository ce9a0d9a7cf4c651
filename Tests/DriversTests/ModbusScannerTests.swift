import Drivers
import TestSupport
import Testing

struct ModbusScannerTests {
  private static func scan(_ pieces: [[UInt8]]) -> [ModbusScanner.Item] {
    var scanner = ModbusScanner()
    return pieces.flatMap { scanner.take($0) } + scanner.finish()
  }

  private static var frames: [[UInt8]] {
    ModbusVectors.pairs.flatMap { pair in
      [Decoding.hex(pair.asked)] + (pair.answered.isEmpty ? [] : [Decoding.hex(pair.answered)])
    } + ModbusVectors.exceptions.map { Decoding.hex($0.hex) }
  }

  @Test func `every known frame is found, one behind the other`() {
    #expect(Self.scan([Self.frames.flatMap(\.self)]) == Self.frames.map { .frame($0) })
  }

  @Test func `each flipped bit makes a frame a broken one, never a good one`() {
    for frame in Self.frames {
      for bit in 0..<frame.count * 8 {
        var bytes = frame
        bytes[bit / 8] ^= 1 << UInt8(bit % 8)
        let items = Self.scan([bytes])
        let isGood = items.contains { if case .frame = $0 { true } else { false } }
        #expect(!isGood, "\(bytes)")
        #expect(items.flatMap(\.bytes) == bytes, "every byte is told")
      }
    }
  }

  @Test func `the cutting of the bytes changes nothing, and none is lost`() {
    var dice = Dice(seed: 5)
    for _ in 0..<200 {
      var bytes: [UInt8] = []
      for frame in Self.frames.shuffled(using: &dice).prefix(4) {
        bytes += dice.bytes(dice.roll(0...9)) + frame
      }
      bytes += dice.bytes(dice.roll(0...600))
      var pieces: [[UInt8]] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        pieces.append(Array(rest.prefix(dice.roll(1...40))))
        rest = rest.dropFirst(pieces.last?.count ?? 1)
      }
      let whole = Self.scan([bytes])
      #expect(Self.scan(pieces) == whole)
      #expect(whole.flatMap(\.bytes) == bytes)
    }
  }

  @Test func `after any noise both of the next two frames are found`() {
    var dice = Dice(seed: 6)
    for _ in 0..<300 {
      let two = Array(Self.frames.shuffled(using: &dice).prefix(2))
      var scanner = ModbusScanner()
      _ = scanner.take(dice.bytes(dice.roll(0...700)))
      let found = two.flatMap { scanner.take($0) }
      #expect(two.allSatisfy { found.contains(.frame($0)) })
      #expect(scanner.count == 0)
    }
  }

  @Test func `a broken frame is one wherever a good one would be`() {
    for frame in Self.frames where frame.count != 8 {
      let broken = Array(frame.dropLast()) + [frame[frame.count - 1] ^ 0x55]
      #expect(Self.scan([broken]) == [.broken(broken)])
    }
  }

  @Test func `what waits is bounded`() {
    var scanner = ModbusScanner()
    for _ in 0..<5000 {
      _ = scanner.take([0x01])
      #expect(scanner.count < 2 * ModbusShape.longest)
    }
  }

  @Test func `a frame of a function that nobody knows is one by its checksum`() {
    let frame = ModbusCRC.sealed([0x01, 0x2B, 0x0E, 0x01, 0x00])
    #expect(Self.scan([frame]) == [.frame(frame)])
    #expect(ModbusReading(frame).request == nil && ModbusReading(frame).reply == nil)
  }

  @Test func `a reply is known by the request before it`() throws {
    let pair = ModbusVectors.pairs[4]
    let frame = Decoding.hex(pair.answered)
    let alone = ModbusReading(frame)
    #expect(alone.request != nil && alone.reply != nil)
    let after = ModbusReading(frame, after: pair.request)
    #expect(after.request == nil && after.reply == pair.reply)
  }
}

struct AIBUSTests {
  private static let read = Decoding.hex("81 81 52 00 00 00 53 00")
  private static let write = Decoding.hex("81 81 43 00 DC 05 20 06")
  private static let reply = Decoding.hex("CA 05 DC 05 2D 00 DC 05 B0 11")

  @Test func `the known frames are made and read`() throws {
    #expect(AIBUSRequest.read(0, of: 1).frame == Self.read)
    #expect(AIBUSRequest.write(1500, to: 0, of: 1).frame == Self.write)
    #expect(AIBUSRequest(frame: Self.write[...]) == .write(1500, to: 0, of: 1))
    let reply = try #require(AIBUSReply(frame: Self.reply[...], from: 1))
    #expect(reply == AIBUSReply(pv: 1482, sv: 1500, mv: 45, alarm: 0, value: 1500))
    #expect(reply.frame(from: 1) == Self.reply)
    #expect(AIBUSReply(frame: Self.reply[...], from: 2) == nil)
    #expect(reply.reading(decimals: 1).words == "PV 148.2 °C, SV 150 °C, status 0")
  }

  @Test func `every single flipped bit is refused`() {
    for bit in 0..<80 {
      var bytes = Self.reply
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(AIBUSReply(frame: bytes[...], from: 1) == nil)
      var exchange = AIBUSExchange(.read(0, of: 1))
      #expect(exchange.take(bytes) == nil)
      #expect(exchange.failure == .wrongChecksum(bytes))
    }
    for bit in 0..<64 {
      var bytes = Self.read
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(AIBUSRequest(frame: bytes[...]) == nil)
    }
  }

  @Test func `an echo and a byte of noise do no harm`() {
    var exchange = AIBUSExchange(.read(0, of: 1))
    #expect(exchange.take(Self.read + [0x00]) == nil)
    #expect(exchange.take(Self.reply)?.pv == 1482)
  }

  @Test func `an answer to a write that tells another value is none`() {
    var exchange = AIBUSExchange(.write(1400, to: 0, of: 1))
    #expect(exchange.take(Self.reply) == nil)
    #expect(exchange.failure == .otherAnswer(Self.reply))
  }

  @Test func `frames are found in what went over a line, in any pieces`() {
    var dice = Dice(seed: 8)
    let bytes = [0x33] + Self.read + Self.reply + Self.write + [0x11, 0x12] + Self.reply
    for _ in 0..<50 {
      var scanner = AIBUSScanner()
      var items: [AIBUSScanner.Item] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(dice.roll(1...9))
        rest = rest.dropFirst(piece.count)
        items += scanner.take(Array(piece))
      }
      items += scanner.finish()
      let kinds = items.map { item in
        switch item {
        case .request: "request"
        case .reply: "reply"
        case .broken: "broken"
        case .stray: "stray"
        }
      }
      #expect(kinds == ["stray", "request", "reply", "request", "stray", "reply"])
    }
  }
}
