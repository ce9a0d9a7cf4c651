import Domain
import Drivers
import TestSupport
import Testing

struct ModbusCodecTests {
  private typealias Pair = ModbusVectors.Pair

  /// Hears some bytes as the answer to a request.
  private static func hear(
    _ bytes: [UInt8],
    _ request: ModbusRequest,
    from address: UInt8 = 1,
    hasEcho: Bool? = false
  ) throws -> (reply: ModbusReply?, exchange: ModbusExchange) {
    var exchange = try ModbusExchange(request, to: address, hasEcho: hasEcho)
    let reply = exchange.take(bytes)
    return (reply, exchange)
  }

  @Test func `the checksum of the digits 1 to 9 is 4B37`() {
    #expect(ModbusCRC.of(Array("123456789".utf8)) == 0x4B37)
  }

  @Test(arguments: ModbusVectors.pairs)
  fileprivate func `every known frame is made and read`(_ pair: ModbusVectors.Pair) throws {
    let frame = Decoding.hex(pair.asked)
    #expect(try pair.request.frame(to: pair.address) == frame)
    #expect(ModbusRequest(frame: frame[...]) == pair.request)
    guard let reply = pair.reply else { return }
    let answer = Decoding.hex(pair.answered)
    #expect(ModbusReply(frame: answer[...]) == reply)
    #expect(reply.frame(from: pair.address, to: pair.request.function) == answer)
    #expect(try Self.hear(answer, pair.request, from: pair.address).reply == reply)
  }

  @Test(arguments: ModbusVectors.exceptions)
  func `an exception is heard at once, in words`(
    hex: String,
    function: ModbusFunction,
    code: UInt8
  ) throws {
    let request = try #require(
      ModbusVectors.pairs.first { $0.request.function == function && $0.address == 1 }
    ).request
    let reply = try Self.hear(Decoding.hex(hex), request).reply
    let exception = ModbusException(code: code)
    #expect(reply == .exception(exception))
    #expect(!exception.title.zh.isEmpty && !exception.remedy.en.isEmpty)
  }

  @Test func `exception 2 says that the board has no such channel`() {
    let words = ModbusError.exception(ModbusException(code: 2)).words
    #expect(words.remedy.en.contains("the board has no such channel"))
    #expect(words.remedy.zh.contains("没有这个通道"))
    #expect(ModbusException(code: 77).title.en.contains("77"))
  }

  @Test(arguments: ModbusVectors.pairs.filter { $0.reply != nil })
  fileprivate func `every single flipped bit is refused`(_ pair: ModbusVectors.Pair) throws {
    let answer = Decoding.hex(pair.answered)
    for bit in 0..<answer.count * 8 {
      var bytes = answer
      bytes[bit / 8] ^= 1 << UInt8(bit % 8)
      #expect(!ModbusCRC.isRight(bytes))
      #expect(try Self.hear(bytes, pair.request, from: pair.address).reply == nil, "bit \(bit)")
    }
  }

  @Test(arguments: [
    (ModbusRequest.read(.coils, start: 0, count: 0), ModbusError.tooMany(0, .readCoils)),
    (.read(.inputs, start: 0, count: 2001), .tooMany(2001, .readInputs)),
    (.read(.holding, start: 0, count: 126), .tooMany(126, .readHolding)),
    (.writeCoils(start: 0, []), .tooMany(0, .writeCoils)),
    (.writeCoils(start: 0, .init(repeating: true, count: 1969)), .tooMany(1969, .writeCoils)),
    (.writeRegisters(start: 0, .init(repeating: 1, count: 124)), .tooMany(124, .writeRegisters)),
    (.read(.holding, start: 65535, count: 2), .beyondEnd(start: 65535, count: 2)),
  ])
  func `a request beyond the limits is not made`(_ request: ModbusRequest, _ error: ModbusError) {
    #expect(throws: error) { try request.frame(to: 1) }
    #expect(!error.leavesDoubt)
  }

  @Test func `the longest requests are made, and nobody is asked at address 0`() throws {
    let coils = ModbusRequest.writeCoils(start: 0, .init(repeating: true, count: 1968))
    #expect(try coils.frame(to: 1).count == 255)
    let registers = ModbusRequest.writeRegisters(start: 0, .init(repeating: 1, count: 123))
    #expect(try registers.frame(to: 247).count == 255)
    let longest = ModbusRequest.read(.holding, start: 65411, count: 125)
    #expect(try ModbusRequest(frame: longest.frame(to: 1)[...]) == longest)
    #expect(throws: ModbusError.readOfAll) {
      try ModbusRequest.read(.coils, start: 0, count: 1).frame(to: 0)
    }
    #expect(throws: Never.self) { try ModbusRequest.writeCoil(at: 0, value: 0).frame(to: 0) }
  }

  @Test func `the pause between frames follows the speed, and is fixed above 19200`() {
    #expect(ModbusPace(baud: 9600).silence.nanoseconds / 10_000 == 401)
    #expect(ModbusPace(baud: 19200).silence.nanoseconds / 10_000 == 200)
    #expect(ModbusPace(baud: 115_200).silence == .microseconds(1750))
  }

  @Test func `an echo in front of the answer is dropped, and taught`() throws {
    let pair = ModbusVectors.pairs[2]
    let bytes = Decoding.hex(pair.asked) + Decoding.hex(pair.answered)
    let (reply, exchange) = try Self.hear(bytes, pair.request, hasEcho: nil)
    #expect(reply == pair.reply)
    #expect(exchange.hasEcho == true)
    let plain = try Self.hear(Decoding.hex(pair.answered), pair.request, hasEcho: nil)
    #expect(plain.exchange.hasEcho == false)
  }

  @Test func `an echo of a write that looks like its answer is not taken for one`() throws {
    let write = ModbusRequest.writeRegister(at: 1, value: 600)
    let frame = Decoding.hex("01 06 00 01 02 58 D8 90")
    let once = try Self.hear(frame, write, hasEcho: nil)
    #expect(once.reply == nil && once.exchange.failure == .perhapsEcho)
    #expect(try Self.hear(frame + frame, write, hasEcho: nil).reply == .wrote(at: 1, 600))
    #expect(try Self.hear(frame + frame, write, hasEcho: nil).exchange.hasEcho == true)
    #expect(try Self.hear(frame, write, hasEcho: true).exchange.failure == .silence(hasEcho: true))
    #expect(try Self.hear(frame + frame, write, hasEcho: true).reply == .wrote(at: 1, 600))
    #expect(try Self.hear(frame, write, hasEcho: false).reply == .wrote(at: 1, 600))
  }

  @Test func `what went wrong is told apart`() throws {
    let pair = ModbusVectors.pairs[2]
    let answer = Decoding.hex(pair.answered)
    let cases: [([UInt8], ModbusError)] = [
      ([], .silence(hasEcho: false)), ([0], .cutShort([0])),
      (Array(answer.prefix(4)), .cutShort(Array(answer.prefix(4)))),
      (answer.dropLast() + [0], .wrongChecksum(answer.dropLast() + [0])),
      (ModbusReply.registers([1, 2]).frame(from: 2, to: .readHolding), .otherAddress(2)),
      (
        ModbusReply.registers([1]).frame(from: 1, to: .readHolding),
        .otherAnswer(ModbusReply.registers([1]).frame(from: 1, to: .readHolding))
      ),
    ]
    for (bytes, failure) in cases {
      let heard = try Self.hear(bytes, pair.request)
      #expect(heard.reply == nil)
      #expect(heard.exchange.failure == failure)
      #expect(failure.leavesDoubt)
    }
    #expect(ModbusError.wrongChecksum([1, 2]).words.remedy.en.contains("swap A and B"))
    #expect(ModbusError.wrongChecksum([1, 2]).words.remedy.zh.contains("A、B"))
  }

  @Test func `an answer is found behind noise, in any pieces, and at once`() throws {
    var dice = Dice(seed: 4)
    for round in 0..<500 {
      let pairs = ModbusVectors.pairs.filter { $0.reply != nil }
      let pair = try #require(pairs.randomElement(using: &dice))
      let answer = Decoding.hex(pair.answered)
      let bytes = dice.bytes(dice.roll(0...20)) + answer
      var exchange = try ModbusExchange(pair.request, to: pair.address, hasEcho: false)
      var rest = bytes[...]
      var reply: ModbusReply?
      while !rest.isEmpty {
        #expect(reply == nil, "round \(round)")
        let piece = rest.prefix(dice.roll(1...7))
        rest = rest.dropFirst(piece.count)
        reply = exchange.take(Array(piece))
      }
      #expect(reply == pair.reply, "round \(round)")
    }
  }

  @Test func `noise alone is never an answer`() throws {
    var dice = Dice(seed: 9)
    let pair = ModbusVectors.pairs[0]
    for _ in 0..<200 {
      let (reply, exchange) = try Self.hear(dice.bytes(300), pair.request)
      #expect(reply == nil)
      #expect(exchange.failure != .silence(hasEcho: false))
    }
  }
}
