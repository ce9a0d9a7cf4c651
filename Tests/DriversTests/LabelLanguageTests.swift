import Domain
import Drivers
import TestSupport
import Testing

struct TSPLTests {
  static let media = Media(width: 76_000, height: 130_000, gap: 2000)

  private static func head(_ bytes: [UInt8]) -> String {
    String(decoding: bytes, as: UTF8.self).components(until: "CLS")
  }

  @Test func `a job is this text, with the bitmap inverted`() {
    var frame = Page(width: 16, height: 4)
    for x in 0..<16 {
      for y in 0..<4 where x == 0 || x == 15 || y == 0 || y == 3 { frame[x, y] = true }
    }
    let job = TSPL.job(frame, on: Self.media, settings: PrinterSettings())
    let head =
      "\r\nSIZE 76 mm,130 mm\r\nGAP 2 mm,0 mm\r\nDIRECTION 0,0\r\nREFERENCE 0,0\r\nDENSITY 8\r\n"
      + "SPEED 4\r\nCLS\r\n"
    let bitmap = Descriptors.hex(
      "42 49 54 4D 41 50 20 30 2C 30 2C 32 2C 34 2C 30 2C 00 00 7F FE 7F FE 00 00 0D 0A"
    )
    #expect(job == Array(head.utf8) + bitmap + Array("PRINT 1,1\r\n".utf8))
  }

  @Test func `settings and stock stand in the job`() {
    let settings = PrinterSettings(density: 15, speed: 2, upsideDown: true)
    let job = TSPL.job(
      Page(width: 8, height: 1),
      on: Media(width: 40_000, height: 30_000, gap: 0),
      settings: settings
    )
    let lines = Self.head(job).split(separator: "\r\n")
    #expect(
      lines == [
        "SIZE 40 mm,30 mm", "GAP 0,0", "DIRECTION 1,0", "REFERENCE 0,0", "DENSITY 15", "SPEED 2",
      ]
    )
  }

  @Test func `rows are padded with white`() {
    var page = Page(width: 9, height: 2)
    page[8, 0] = true
    page[0, 1] = true
    let job = TSPL.job(page, on: Self.media, settings: PrinterSettings())
    let tail = Array("BITMAP 0,0,2,2,0,".utf8) + [0xFF, 0x7F, 0x7F, 0xFF]
    #expect(job.suffix(tail.count + 13).prefix(tail.count) == tail[...])
  }

  static let lengths: [(Int, String)] = [
    (76_000, "76"), (76_500, "76.5"), (76_050, "76.05"), (76_005, "76.005"), (100, "0.1"),
    (1, "0.001"), (1000, "1"), (1010, "1.01"), (25_400, "25.4"), (999, "0.999"),
  ]

  @Test(arguments: lengths)
  func `millimetres are written without needless zeros`(_ micrometres: Int, _ text: String) {
    let media = Media(width: micrometres, height: micrometres, gap: micrometres)
    let job = TSPL.job(Page(width: 1, height: 1), on: media, settings: PrinterSettings())
    #expect(Self.head(job).contains("SIZE \(text) mm,\(text) mm\r\nGAP \(text) mm,0 mm\r\n"))
  }

  static let statuses: [(UInt8, Set<PrinterStatus.Complaint>, Bool)] = [
    (0x00, [], false), (0x01, [.headOpen], false), (0x02, [.paperJam], false),
    (0x03, [.headOpen, .paperJam], false), (0x04, [.paperOut], false),
    (0x05, [.headOpen, .paperOut], false), (0x08, [.ribbonOut], false),
    (0x09, [.headOpen, .ribbonOut], false), (0x0A, [.paperJam, .ribbonOut], false),
    (0x0B, [.headOpen, .paperJam, .ribbonOut], false), (0x0C, [.paperOut, .ribbonOut], false),
    (0x0D, [.headOpen, .paperOut, .ribbonOut], false), (0x10, [.paused], false), (0x20, [], true),
    (0x24, [.paperOut], true), (0x40, [.headOpen], false), (0x80, [.other], false),
    (0xFF, Set(PrinterStatus.Complaint.allCases), true),
  ]

  @Test(arguments: statuses)
  func `the status byte is a set of bits`(
    _ byte: UInt8,
    _ complaints: Set<PrinterStatus.Complaint>,
    _ printing: Bool
  ) throws {
    let status = try #require(TSPL.status([byte]))
    #expect(status == PrinterStatus(complaints: complaints, printing: printing))
    #expect(status.isReady == (byte == 0))
  }

  @Test func `every byte but zero and printing is a complaint`() throws {
    for byte in 0...255 as ClosedRange<UInt8> {
      #expect(try #require(TSPL.status([byte])).complaints.isEmpty == [0x00, 0x20].contains(byte))
    }
    #expect(TSPL.status([]) == nil)
    #expect(TSPL.status([0, 0]) == nil)
    #expect(TSPL.statusQuery == [0x1B, 0x21, 0x3F])
  }
}

extension String {
  fileprivate func components(until end: String) -> String {
    split(separator: end, maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init)
      ?? ""
  }
}

struct DeviceIDTests {
  static let text = "MFG:TSC;CMD:TSPL;MDL:TE244;CLS:PRINTER;"

  struct Expected: Hashable, Sendable {
    var maker: String
    var model: String
    var commands: [String]
    var language: String?
  }

  static let vectors: [([UInt8], Expected)] = [
    (
      [0x00, 0x29] + Array(text.utf8),
      Expected(maker: "TSC", model: "TE244", commands: ["TSPL"], language: "tspl")
    ),
    (
      [0x29, 0x00] + Array(text.utf8),
      Expected(maker: "TSC", model: "TE244", commands: ["TSPL"], language: "tspl")
    ),
    (
      [0xFF, 0xFF] + Array(text.utf8),
      Expected(maker: "TSC", model: "TE244", commands: ["TSPL"], language: "tspl")
    ),
    (
      framed("MFG:MARKLIFE ;CMD:XPP,XL;MDL:X4;CLS:PRINTER;DES:LABEL PRINTER;"),
      Expected(maker: "MARKLIFE", model: "X4", commands: ["XPP", "XL"], language: "tspl")
    ),
    (
      framed("MFG: ;CMD:XPP,XL;MDL:PM-241-BT;"),
      Expected(maker: "", model: "PM-241-BT", commands: ["XPP", "XL"], language: "tspl")
    ),
    (
      framed("MFG:4BARCODE;CMD:CEZD;MDL:4B-2054A;"),
      Expected(maker: "4BARCODE", model: "4B-2054A", commands: ["CEZD"], language: nil)
    ),
    (
      framed("manufacturer:A b;Command Set: tspl2 , zpl ;model:C:D"),
      Expected(maker: "A b", model: "C:D", commands: ["TSPL2", "ZPL"], language: "tspl")
    ),
    (
      framed("MFG:A;MDL:B;SN:1;\u{0}\u{0}"),
      Expected(maker: "A", model: "B", commands: [], language: nil)
    ),
  ]

  private static func framed(_ text: String) -> [UInt8] {
    let count = text.utf8.count + 2
    return [UInt8(count >> 8), UInt8(count & 0xFF)] + Array(text.utf8)
  }

  @Test(arguments: vectors)
  func `a device id is read as makers write it`(_ bytes: [UInt8], _ expected: Expected) throws {
    let id = try #require(DeviceID(bytes))
    #expect(
      Expected(
        maker: id.manufacturer,
        model: id.model,
        commands: id.commandSets,
        language: id.language?.identifier
      ) == expected
    )
  }

  @Test(arguments: ["SN", "SERN", "serialnumber"])
  func `a serial number is read under its three names`(_ key: String) throws {
    #expect(try #require(DeviceID(Self.framed("MFG:A;\(key): 0042 ;"))).serialNumber == "0042")
  }

  @Test func `what stands behind the length does not count`() throws {
    let bytes = Self.framed("MFG:TSC;MDL:TE244;") + Array("CMD:TSPL;".utf8)
    #expect(try #require(DeviceID(bytes)).commandSets.isEmpty)
  }

  @Test(
    arguments: [[], [0], [0, 2], [0, 40], Array("\0\u{10}no pairs in here".utf8)] as [[UInt8]]
  )
  func `without a pair there is no id`(_ bytes: [UInt8]) {
    #expect(DeviceID(bytes) == nil)
  }

  @Test func `no bytes trap, and foreign bytes are kept out of the keys`() {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    var readable = 0
    for _ in 0..<5000 {
      var bytes = Self.framed(Self.text)
      for _ in 0..<dice.roll(0...6) {
        bytes[dice.roll(0...bytes.count - 1)] = UInt8(dice.roll(0...255))
      }
      bytes.removeLast(dice.roll(0...bytes.count))
      if DeviceID(bytes) != nil { readable += 1 }
      _ = DeviceID(dice.bytes(dice.roll(0...20)))
    }
    #expect(readable > 1000, "seed \(seed)")
    #expect(
      DeviceID([0, 16] + Array("MFG:".utf8) + [0xB9, 0xA4] + Array(";MDL:X;".utf8))?.model == "X"
    )
  }
}
