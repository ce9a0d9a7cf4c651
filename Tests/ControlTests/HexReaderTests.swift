import TestSupport
import Testing
import yizhan

/// Bytes as people write them.
struct HexReaderTests {
  @Test(
    arguments: [
      ("02 2B 30", [0x02, 0x2B, 0x30]), ("022b30", [0x02, 0x2B, 0x30]),
      ("0x02, 0x2B,0X30", [0x02, 0x2B, 0x30]), ("02:2B:30", [0x02, 0x2B, 0x30]),
      ("  02\t2B\r\n30\n", [0x02, 0x2B, 0x30]), ("0x2 0xb", [0x02, 0x0B]),
      ("0x022B30", [0x02, 0x2B, 0x30]), ("02，2B：30\u{3000}31", [0x02, 0x2B, 0x30, 0x31]),
      ("", []), (" ,: ", []), ("00 0x00", [0, 0]), ("022B 30", [0x02, 0x2B, 0x30]),
    ] as [(String, [UInt8])]
  )
  func `the usual ways to write bytes are read`(text: String, bytes: [UInt8]) throws {
    #expect(try HexReader.bytes(text) == bytes)
  }

  @Test(arguments: [
    ("02 2G", HexReader.Mistake(kind: .stranger("G"), line: 1, column: 5)),
    ("02 2 30", HexReader.Mistake(kind: .half("2"), line: 1, column: 4)),
    ("02 2", HexReader.Mistake(kind: .half("2"), line: 1, column: 4)),
    ("02 0x", HexReader.Mistake(kind: .bare, line: 1, column: 4)),
    ("0x,02", HexReader.Mistake(kind: .bare, line: 1, column: 1)),
    ("02\n03\n 秤", HexReader.Mistake(kind: .stranger("秤"), line: 3, column: 2)),
    ("x2", HexReader.Mistake(kind: .stranger("x"), line: 1, column: 1)),
    ("0x0x2", HexReader.Mistake(kind: .stranger("x"), line: 1, column: 4)),
    ("1x2", HexReader.Mistake(kind: .stranger("x"), line: 1, column: 2)),
    ("０２", HexReader.Mistake(kind: .stranger("０"), line: 1, column: 1)),
  ])
  func `a mistake has its place`(text: String, mistake: HexReader.Mistake) {
    #expect(throws: mistake) { try HexReader.bytes(text) }
    let place = mistake.line == 1 ? "character \(mistake.column)" : "line \(mistake.line), "
    #expect(mistake.words(RenderingTests.en).contains(place))
    #expect(mistake.words(RenderingTests.zh).contains("第 \(mistake.column) 个字符"))
    let failure = Failure(mistake, in: "--hex", RenderingTests.en)
    #expect(failure.code == 64)
    #expect(failure.message.hasPrefix("--hex: "))
  }

  @Test
  func `bytes come out the same however they were written and cut`() throws {
    var dice = Dice(seed: 7)
    for round in 0..<200 {
      let bytes = dice.bytes(dice.roll(0...20))
      var text = ""
      for byte in bytes {
        let digits = String(byte, radix: 16, uppercase: dice.roll(0...1) == 0)
        let padded = digits.count == 1 ? "0" + digits : digits
        text += dice.roll(0...2) == 0 ? "0x\(padded)" : padded
        text += ["", " ", ", ", ":", "\n", "，"][dice.roll(0...5)]
      }
      var reader = HexReader()
      var read: [UInt8] = []
      var rest = Array(text.utf8)[...]
      while !rest.isEmpty {
        let piece = rest.prefix(dice.roll(1...4))
        read += try reader.take(Array(piece))
        rest = rest.dropFirst(piece.count)
      }
      read += try reader.finish()
      #expect(read == bytes, "seed 7, round \(round): \(text)")
      #expect(try HexReader.bytes(bytes.hex) == bytes)
    }
  }

  @Test
  func `text is only taken for bytes where it is nothing else`() {
    #expect(HexReader.isLikely(Array("02 2B 30 31\n".utf8)))
    #expect(HexReader.isLikely(Array("0x02,0x2b,0x30,0x31".utf8)))
    #expect(!HexReader.isLikely(Array("ST,GS,+  1.234kg\r\n".utf8)))
    #expect(!HexReader.isLikely([0x02, 0x2B, 0x30, 0x31]))
    #expect(!HexReader.isLikely(Array("02".utf8)))
    #expect(!HexReader.isLikely([]))
  }

  @Test
  func `a report is written in capitals with spaces`() {
    #expect([0x00, 0x0A, 0xFF].hex == "00 0A FF")
    #expect([UInt8]().hex.isEmpty)
  }
}
