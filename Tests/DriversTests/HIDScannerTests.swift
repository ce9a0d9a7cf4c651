import Domain
import Drivers
import TestSupport
import Testing

/// Report descriptors of scanners.
enum ScannerDescriptors {
  /// Honeywell: 64 bytes with id 2; the trigger's report behind it.
  static let honeywell = Scanning.hex(
    """
    05 8C 09 02 A1 01
    09 12 A1 02 85 02 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02
    95 03 05 8C 09 FB 09 FC 09 FD 81 02 95 38 09 FE 82 02 01
    06 66 FF 95 02 09 04 09 00 81 02 05 8C 25 01 75 01 95 08 09 FF 81 02 C0
    09 14 A1 02 85 04 15 00 25 01 75 01 95 04 09 5F 09 60 09 85 09 86 91 02 95 04 91 03 C0
    C0
    """
  )

  /// 62 bytes: nothing of the maker's own, one bit and seven of padding.
  static let simplified = Scanning.hex(
    """
    05 8C 09 02 A1 01 09 12 A1 02 85 02 15 00 26 FF 00 75 08
    95 01 05 01 09 3B 81 02 95 03 05 8C 09 FB 09 FC 09 FD 81 02 95 38 09 FE 82 02 01
    25 01 75 01 95 01 09 FF 81 02 75 07 81 03 C0 C0
    """
  )

  /// No report ids; the flag first, then eight bytes of data, the AIM id and a count of 16 bits.
  static let reversed = Scanning.hex(
    """
    05 8C 09 02 A1 01 15 00 25 01 75 01 95 01 09 FF 81 02 75 07 81 03
    26 FF 00 75 08 95 08 09 FE 82 02 01 95 03 09 FB 09 FC 09 FD 81 02
    05 01 27 FF FF 00 00 75 10 95 01 09 3B 81 02 C0
    """
  )

  /// Data and nothing else: no count, no AIM id, no flag.
  static let bare = Scanning.hex(
    "05 8C 09 02 A1 01 85 09 15 00 26 FF 00 75 08 95 14 09 FE 82 02 01 C0"
  )
}

struct HIDScannerReportTests {
  /// A report in Honeywell's layout.
  static func report(
    _ text: String,
    _ symbology: String = "]C0",
    length: Int? = nil,
    isContinued: Bool = false
  ) -> [UInt8] {
    let bytes = Array(text.utf8)
    return [0x02, UInt8(length ?? bytes.count)] + Array(symbology.utf8) + bytes
      + [UInt8](repeating: 0, count: 56 - bytes.count) + [0x6A, 0, isContinued ? 1 : 0]
  }

  static let letters = String(repeating: "A", count: 56)

  private static func scanning(_ prefix: [UInt8] = []) throws -> Scanning {
    try Scanning(
      HIDScanner.self,
      ScannerSettings(prefix: prefix, descriptor: ScannerDescriptors.honeywell)
    )
  }

  private static func words(_ reports: [[UInt8]], _ descriptor: [UInt8]) throws -> [String] {
    try Scanning.words(of: reports, HIDScanner.self, ScannerSettings(descriptor: descriptor))
  }

  @Test func `a report is read as its maker lays it out`() throws {
    let zeros = String(repeating: "00 ", count: 41)
    let bytes = Scanning.hex(
      "02 0F 5D 43 30 59 54 31 32 33 34 35 36 37 38 39 30 31 32 33 " + zeros + "6A 00 00"
    )
    #expect(bytes.count == 64)
    #expect(bytes == Self.report("YT1234567890123"))
    #expect(try Self.words([bytes], ScannerDescriptors.honeywell) == ["]C0 YT1234567890123"])
  }

  @Test func `a code of sixty characters comes in two reports`() throws {
    let reports = [Self.report(Self.letters, "]Q1", isContinued: true), Self.report("BBBB", "]Q1")]
    let words = try Self.words(reports, ScannerDescriptors.honeywell)
    #expect(words == ["]Q1 " + Self.letters + "BBBB"])
  }

  @Test func `fields are found by their usage, wherever they stand`() throws {
    let code = Array("]C0YT12".utf8)
    let simple = [0x02, 0x04] + code + [UInt8](repeating: 0, count: 52)
    #expect(try Self.words([simple + [0]], ScannerDescriptors.simplified) == ["]C0 YT12"])
    // Seven bits of padding say nothing.
    #expect(try Self.words([simple + [0xFE]], ScannerDescriptors.simplified) == ["]C0 YT12"])

    let first = [0x01] + Array("SF123456]E0".utf8) + [0x08, 0x00]
    let second =
      [0x00] + Array("7".utf8) + [UInt8](repeating: 0, count: 7)
      + Array("]E0".utf8) + [0x01, 0x00]
    #expect(try Self.words([first, second], ScannerDescriptors.reversed) == ["]E0 SF1234567"])

    let bare = [0x09] + Array("]I0462598779470531".utf8) + [0, 0]
    #expect(try Self.words([bare], ScannerDescriptors.bare) == ["]I0 462598779470531"])
  }

  @Test(arguments: [57, 58, 255])
  func `a length beyond its field is dropped`(length: Int) throws {
    var scanning = try Self.scanning()
    scanning.receive(Self.report("YT1234567890123", length: length))
    scanning.receive(Self.report("YT1234567890124"))
    #expect(
      scanning.words == [
        "dropped: a report that is cut short, or claims more bytes than it has room for",
        "]C0 YT1234567890124",
      ]
    )
  }

  @Test func `the rest of a code that is spoilt is no code of its own`() throws {
    var scanning = try Self.scanning()
    scanning.receive(Self.report(Self.letters, length: 57, isContinued: true))
    scanning.receive(Self.report(Self.letters, isContinued: true))
    scanning.receive(Self.report("YT1234567890123"))
    #expect(scanning.words.count == 1)
    #expect(scanning.words[0].hasPrefix("dropped: a report"))
    scanning.receive(Self.report("YT1234567890124"))
    #expect(scanning.words.last == "]C0 YT1234567890124")
  }

  @Test func `a rest that never comes is dropped after 300 ms, and harms no other`() throws {
    var scanning = try Self.scanning()
    scanning.receive(Self.report(Self.letters, isContinued: true))
    scanning.wait(.milliseconds(299))
    #expect(scanning.words.isEmpty)
    #expect(scanning.isWaiting)
    scanning.wait(.milliseconds(1))
    #expect(scanning.words == ["dropped: the rest of a code did not come within 300 ms"])
    #expect(!scanning.isWaiting)
    scanning.receive(Self.report("BBBB"))
    #expect(scanning.words.last == "]C0 BBBB")
  }

  @Test func `each part may take its time`() throws {
    var scanning = try Self.scanning()
    for _ in 0..<3 {
      scanning.receive(Self.report("12345", isContinued: true), after: .milliseconds(290))
      scanning.wait(.zero)
    }
    scanning.receive(Self.report("6"), after: .milliseconds(290))
    #expect(scanning.words == ["]C0 1234512345123456"])
  }

  @Test func `a code of more than 4096 bytes is dropped to its end`() throws {
    var scanning = try Self.scanning()
    for _ in 0..<80 { scanning.receive(Self.report(Self.letters, "]Q1", isContinued: true)) }
    scanning.receive(Self.report("YT1234567890123", "]Q1"))
    #expect(scanning.words == ["dropped: a code of more than 4096 bytes"])
    scanning.receive(Self.report("YT1234567890123"))
    #expect(scanning.words.last == "]C0 YT1234567890123")
  }

  @Test func `a report that is cut short never gives half a code`() throws {
    let whole = Self.report("YT1234567890123")
    for count in 1..<whole.count {
      let words = try Self.words([Array(whole[..<count])], ScannerDescriptors.honeywell)
      #expect(words.allSatisfy { $0.hasPrefix("dropped") }, "\(count) bytes: \(words)")
    }
  }

  @Test(arguments: ["01", "04 0F", "00", "FE 02 0F 5D 43 30"])
  func `other reports are passed over`(hex: String) throws {
    var scanning = try Self.scanning()
    scanning.receive(Self.report(Self.letters, isContinued: true))
    scanning.receive(Scanning.hex(hex))
    scanning.receive(Self.report("B"))
    #expect(scanning.words == ["]C0 " + Self.letters + "B"])
  }

  @Test func `empty codes are none, and a mute scanner may put the AIM id into the data`() throws {
    var scanning = try Self.scanning()
    scanning.receive(Self.report(""))
    #expect(scanning.words.isEmpty)
    scanning.receive(Self.report("YT12", "\0\0\0"))
    scanning.receive(Self.report("]C0YT12", "\0\0\0"))
    scanning.receive(Self.report("]C0YT12", "]Q1"))
    #expect(scanning.words == ["YT12", "]C0 YT12", "]Q1 ]C0YT12"])
  }

  @Test func `a configured prefix is taken off`() throws {
    var scanning = try Self.scanning(Array("~".utf8))
    for text in ["~YT12", "YT12", "~"] { scanning.receive(Self.report(text)) }
    #expect(scanning.words == ["]C0 YT12", "]C0 YT12"])
  }

  @Test func `two scanners at once stay apart`() throws {
    var left = try Self.scanning()
    var right = try Self.scanning()
    left.receive(Self.report(Self.letters, isContinued: true))
    right.receive(Self.report(Self.letters, "]Q1", isContinued: true))
    left.receive(Self.report("L"))
    right.receive(Self.report("R", "]Q1"))
    #expect(left.words == ["]C0 " + Self.letters + "L"])
    #expect(right.words == ["]Q1 " + Self.letters + "R"])
  }

  @Test(arguments: [
    ("05 8C 09 02 A1 01 85 02 75 08 95 01 05 01 09 3B 81 02 C0", "no decoded data"),
    // The second interface of Honeywell's scanners, of a page of their own.
    ("06 8C FF 09 02 A1 01 85 FD 75 08 95 3F 09 FE 82 02 01 C0", "usage page 0x8C"),
    ("05 01 09 06 A1 01 75 01 95 08 05 07 19 E0 29 E7 81 02 C0", "usage page 0x8C"),
    ("05 8D 09 20 A1 01 85 03 75 08 95 01 09 FE 81 02 C0", "usage page 0x8C"),
    ("05 8C 09 02 A1 01 85 02 75 08 95 38 09 FE 92 02 01 C0", "no decoded data"),
    ("05 8C 09", "usage page 0x8C"), ("", "usage page 0x8C"),
  ])
  func `another interface is refused`(hex: String, cause: String) {
    let error = #expect(throws: PortError.self) {
      try HIDScanner(ScannerSettings(descriptor: Scanning.hex(hex)))
    }
    guard case .unsuitable(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains(cause))
  }

  @Test func `nothing that comes makes it stumble`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    let descriptors = [
      ScannerDescriptors.honeywell, ScannerDescriptors.simplified, ScannerDescriptors.reversed,
      ScannerDescriptors.bare,
    ]
    for round in 0..<400 {
      var descriptor = descriptors[round % descriptors.count]
      for _ in 0..<dice.roll(0...3) {
        descriptor[dice.roll(0...descriptor.count - 1)] = UInt8(dice.roll(0...255))
      }
      guard var scanning = try? Scanning(HIDScanner.self, ScannerSettings(descriptor: descriptor))
      else { continue }
      for _ in 0..<8 {
        var report = dice.bytes(dice.roll(0...70))
        if dice.roll(0...2) > 0, !report.isEmpty { report[0] = [2, 2, 9, 0][round % 4] }
        scanning.receive(report, after: .milliseconds(dice.roll(0...200)))
      }
      #expect(scanning.words.allSatisfy { $0.utf8.count < 20_000 }, "seed \(seed)")
      scanning.pause()
    }
    var scanning = try Self.scanning()
    for _ in 0..<1600 { scanning.receive([0x02] + dice.bytes(63)) }
    scanning.pause()
    scanning.receive(Self.report("YT1234567890123"))
    #expect(scanning.words.last == "]C0 YT1234567890123", "seed \(seed)")
  }
}
