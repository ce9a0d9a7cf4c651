import Domain
import Drivers
import TestSupport
import Testing
import yizhan

/// What `yizhan decode modbus` and `aibus` make of a line, and how `yizhan modbus` speaks.
struct BusCaptureTests {
  private static func explain(_ bus: BusProtocol, _ hex: String) throws
    -> (frames: [JSON], tally: CaptureReader.Tally)
  {
    var capture = BusCapture(bus)
    let frames = capture.take(try HexReader.bytes(hex)) + capture.finish()
    return (frames, capture.tally)
  }

  @Test func `a request and its reply are told with their contents`() throws {
    let (frames, tally) = try Self.explain(
      .modbus,
      "01 01 00 00 00 0A BC 0D 01 01 02 CD 01 2C AC"
    )
    #expect(
      frames.map(\.text) == [
        #"{"address":1,"code":1,"crc":"ok","direction":"request","function":"read-coils","#
          + #""quantity":10,"raw":"01 01 00 00 00 0A BC 0D","start":0}"#,
        #"{"address":1,"bits":[1,0,1,1,0,0,1,1,1,0],"code":1,"crc":"ok","direction":"reply","#
          + #""function":"read-coils","raw":"01 01 02 CD 01 2C AC"}"#,
      ]
    )
    #expect(tally.frames == 2 && tally.strays == 0)
  }

  @Test func `a wrong checksum is told beside the right one`() throws {
    let frame = try #require(try Self.explain(.modbus, "01 06 00 01 02 58 D8 91").frames.first)
    #expect(frame["crc"]?.string == "wrong")
    #expect(frame["is"]?.string == "D8 91")
    #expect(frame["shouldBe"]?.string == "D8 90")
    #expect(frame["value"]?.int == 600)
    #expect(frame["direction"]?.string == "either")
  }

  @Test func `a frame that may be both is read both ways`() throws {
    // 24 coils from 0x0355 on, or a reply of 24 coils.
    let bytes = ModbusCRC.sealed([0x01, 0x01, 0x03, 0x55, 0x00, 0x18])
    let frame = try #require(try Self.explain(.modbus, bytes.hex).frames.first)
    #expect(frame["direction"]?.string == "either")
    #expect(frame["asRequest"]?["start"]?.int == 0x0355)
    #expect(frame["asRequest"]?["quantity"]?.int == 24)
    #expect(frame["asReply"]?["bits"]?.array?.count == 24)
  }

  @Test func `an exception is told in words of both languages`() throws {
    let frame = try #require(try Self.explain(.modbus, "01 83 02 C0 F1").frames.first)
    #expect(frame["function"]?.string == "read-holding")
    #expect(frame["exception"]?["code"]?.int == 2)
    #expect(frame["exception"]?["remedyEn"]?.string?.contains("no such channel") == true)
    #expect(frame["exception"]?["zh"]?.string?.contains("通道") == true)
  }

  @Test(arguments: [
    ("01 05 00 00 FF 00 8C 3A", "on", JSON.bool(true)),
    ("01 05 02 00 00 07 8D B0", "value", .int(7)),
    ("01 0F 00 00 00 0A 02 CD 01 70 68", "quantity", .int(10)),
    ("01 10 00 00 00 02 04 00 64 01 2C B2 3D", "values", .array([.int(100), .int(300)])),
    ("01 10 00 00 00 02 41 C8", "quantity", .int(2)),
    ("00 06 40 00 00 01 5C 1B", "broadcast", .bool(true)),
  ])
  func `the fields of each function are named`(hex: String, field: String, value: JSON) throws {
    #expect(try Self.explain(.modbus, hex).frames.first?[field] == value)
  }

  @Test func `noise is counted and passed over`() throws {
    let (frames, tally) = try Self.explain(.modbus, "55 AA 01 02 01 05 61 8B 77")
    #expect(frames.count == 1)
    #expect(tally.strays == 3 && tally.firstStray == 0 && tally.bytes == 9)
  }

  @Test func `the cutting of the bytes changes nothing`() throws {
    var dice = Dice(seed: 3)
    let bytes = try HexReader.bytes(
      "01 01 00 00 00 0A BC 0D 01 01 02 CD 01 2C AC 33 01 83 02 C0 F1 01 06 00 01 02 58 D8 91"
    )
    let whole = try Self.explain(.modbus, bytes.hex).frames
    for _ in 0..<50 {
      var capture = BusCapture(.modbus)
      var frames: [JSON] = []
      var rest = bytes[...]
      while !rest.isEmpty {
        let piece = rest.prefix(dice.roll(1...9))
        rest = rest.dropFirst(piece.count)
        frames += capture.take(Array(piece))
      }
      #expect(frames + capture.finish() == whole)
    }
  }

  @Test func `AIBUS is explained too`() throws {
    let (frames, _) = try Self.explain(
      .aibus,
      "81 81 52 00 00 00 53 00 CA 05 DC 05 2D 00 DC 05 B0 11 81 81 43 00 DC 05 20 07"
    )
    #expect(frames.map { $0["direction"]?.string } == ["request", "reply", "request"])
    #expect(frames[1]["pv"]?.int == 1482 && frames[1]["mv"]?.int == 45)
    #expect(frames[2]["checksum"]?.string == "wrong")
    #expect(frames[2]["shouldBe"]?.string == "20 06")
  }

  @Test func `both are in the list of protocols`() {
    for bus in BusProtocol.allCases {
      #expect(ProtocolList.json.contains("\"name\":\"\(bus.rawValue)\""))
      #expect(ProtocolList.table(Speech(locale: "zh")).contains(bus.rawValue))
    }
  }

  @Test func `what is about to be written is said with its bytes`() throws {
    let request = ModbusRequest.writeCoil(at: 0, value: 0xFF00)
    let plan = ModbusPlan(request: request, address: 1, frame: try request.frame(to: 1))
    let words = plan.words(Speech(locale: "en"))
    #expect(words.contains("the device of address 1") && words.contains("= on"))
    #expect(words.contains("01 05 00 00 FF 00 8C 3A"))
    let all = ModbusPlan(request: request, address: 0, frame: try request.frame(to: 0))
    #expect(all.words(Speech(locale: "zh")).contains("广播"))
  }

  @Test func `a write in doubt is never called written`() throws {
    let request = ModbusRequest.writeCoil(at: 0, value: 0xFF00)
    let plan = ModbusPlan(request: request, address: 1, frame: try request.frame(to: 1))
    let outcome = ModbusOutcome.unknown(.silence(hasEcho: false), has: [1])
    #expect(!outcome.isCertain)
    #expect(outcome.text(Speech(locale: "en")).contains("was not sent again"))
    #expect(outcome.json(plan)["outcome"]?.string == "unknown")
    #expect(outcome.json(plan)["readBack"] == .array([.int(1)]))
    #expect(ModbusOutcome.written.isCertain)
  }

  @Test func `numbers are read as people write addresses`() {
    #expect(ModbusNumber(argument: "0x2000")?.word == 0x2000)
    #expect(ModbusNumber(argument: "8192")?.word == 8192)
    for text in ["", "0x", "-1", "65536", "0x10000", "+5", "a"] {
      #expect(ModbusNumber(argument: text) == nil, "\(text)")
    }
  }

  @Test func `values are shown as bits or numbers`() {
    let bits = ModbusValues(table: .inputs, start: 0, values: [1, 0])
    #expect(bits.text(Speech(locale: "en")).contains("off"))
    #expect(
      bits.json(address: 1).text
        == #"{"address":1,"function":"read-inputs","start":0,"values":[1,0]}"#
    )
    let words = ModbusValues(table: .holding, start: 0x2000, values: [1482])
    #expect(words.text(Speech(locale: "zh")).contains("0x5CA"))
  }
}
