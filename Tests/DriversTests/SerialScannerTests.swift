import Domain
import Drivers
import TestSupport
import Testing

struct SerialScannerTextTests {
  private static func scanning(_ settings: ScannerSettings = ScannerSettings()) throws -> Scanning {
    try Scanning(SerialScanner.self, settings)
  }

  @Test(arguments: [
    ("YT1234567890123\r", ["YT1234567890123"]), ("YT1234567890123\n", ["YT1234567890123"]),
    ("YT1234567890123\r\n", ["YT1234567890123"]), ("YT1234567890123\t", ["YT1234567890123"]),
    ("YT1\r\nYT2\r\n\r\nYT3\r", ["YT1", "YT2", "YT3"]), ("YT1\rYT2\nYT3", ["YT1", "YT2", "YT3"]),
    ("\r\n\t\r", []), ("]C0YT12\r\n", ["]C0 YT12"]), ("]d2YT12\r", ["]d2 YT12"]),
    ("]zAYT12\r", ["]zA YT12"]), ("]C0\r", ["]C0"]), ("]C-12\r", ["]C-12"]), ("]1212\r", ["]1212"]),
    // GS1's separator belongs to the code.
    ("]C101\u{1D}21\r", ["]C1 01\u{1D}21"]), ("运单 12\r", ["运单 12"]), (" 12 \r", [" 12 "]),
    ("\0\0\0YT12\r", ["YT12"]),
  ])
  func `a code ends with its suffix, however it is cut up`(text: String, words: [String]) throws {
    try Scanning.expect(Array(text.utf8), SerialScanner.self, gives: words)
  }

  @Test func `without a suffix a pause of 50 ms ends a code`() throws {
    var scanning = try Self.scanning()
    scanning.receive("YT12345")
    scanning.receive("67890123", after: .milliseconds(49))
    scanning.wait(.milliseconds(49))
    #expect(scanning.words.isEmpty)
    scanning.wait(.milliseconds(1))
    #expect(scanning.words == ["YT1234567890123"])
    #expect(!scanning.isWaiting)
    scanning.wait(.seconds(9))
    #expect(scanning.words.count == 1)
    scanning.receive("YT1234567890124", after: .seconds(1))
    scanning.pause()
    #expect(scanning.words.last == "YT1234567890124")
  }

  @Test func `nothing is waited for between codes`() throws {
    var scanning = try Self.scanning()
    #expect(!scanning.isWaiting)
    for text in ["YT12\r\n", "YT12\r", "\n", "\0\0"] {
      scanning.receive(text)
      #expect(!scanning.isWaiting, "\(text)")
    }
  }

  @Test func `where the suffix is known, a code without it has lost its end`() throws {
    let settings = ScannerSettings(suffixes: [[0x03]])
    var scanning = try Self.scanning(settings)
    scanning.receive("YT12345")
    scanning.pause()
    #expect(scanning.words == ["dropped: a code without its suffix: its end was lost"])
    scanning.receive("YT1234567890123\u{3}")
    #expect(scanning.words.last == "YT1234567890123")
    try Scanning.expect(
      Array("YT1\u{3}YT2\u{3}".utf8),
      SerialScanner.self,
      settings,
      gives: ["YT1", "YT2"]
    )
    let double = ScannerSettings(suffixes: [Array("##".utf8)])
    try Scanning.expect(Array("A#1##B##".utf8), SerialScanner.self, double, gives: ["A#1", "B"])
  }

  @Test func `of two suffixes that fit the longer is taken off`() throws {
    let settings = ScannerSettings(suffixes: [[0x0A], [0x0D, 0x0A]])
    try Scanning.expect(
      Array("YT1\r\nYT2\n".utf8),
      SerialScanner.self,
      settings,
      gives: ["YT1", "YT2"]
    )
  }

  @Test func `the pause may be set`() throws {
    var scanning = try Self.scanning(ScannerSettings(gap: .milliseconds(200)))
    scanning.receive("YT12")
    scanning.receive("34", after: .milliseconds(150))
    scanning.wait(.milliseconds(199))
    #expect(scanning.words.isEmpty)
    scanning.wait(.milliseconds(1))
    #expect(scanning.words == ["YT1234"])
  }

  @Test func `a configured prefix is taken off, also before an AIM id`() throws {
    let settings = ScannerSettings(prefix: [0x02])
    let text = "\u{2}YT1\r\u{2}]C0YT2\rYT3\r\u{2}\r"
    try Scanning.expect(
      Array(text.utf8),
      SerialScanner.self,
      settings,
      gives: ["YT1", "]C0 YT2", "YT3"]
    )
  }

  @Test(arguments: ["\u{2}YT12\r", "YT\u{0}12\r", "YT12\u{3}\r", "\u{7F}12\r", "1\u{1B}2\r"])
  func `control bytes in a code are noise`(text: String) throws {
    let words = try Scanning.words(of: [Array(text.utf8)], SerialScanner.self)
    #expect(words.count == 1)
    #expect(words[0].hasPrefix("dropped: control byte "))
    let digits = text.utf8.first { $0 < 0x20 || $0 == 0x7F }.map { String($0, radix: 16) } ?? ""
    #expect(words[0].contains(" \(digits.uppercased())h "))
  }

  @Test func `a code of 4096 bytes is read, one more is dropped to its end`() throws {
    var scanning = try Self.scanning()
    let long = String(repeating: "7", count: 4096)
    scanning.receive(long + "\r")
    #expect(scanning.words == [long])
    scanning.receive(long + "7\r")
    #expect(scanning.words.last == "dropped: a code of more than 4096 bytes")
    scanning.receive(long + "7" + long + "\r\nYT1234567890123\r\n")
    #expect(
      scanning.words.dropFirst(2) == ["dropped: a code of more than 4096 bytes", "YT1234567890123"]
    )
  }

  @Test func `two scanners at once stay apart`() throws {
    var left = try Self.scanning()
    var right = try Self.scanning()
    for (first, second) in zip("YT1111111111111\r", "SF2222222222222\r") {
      left.receive(String(first), after: .milliseconds(1))
      right.receive(String(second), after: .milliseconds(1))
    }
    #expect(left.words == ["YT1111111111111"])
    #expect(right.words == ["SF2222222222222"])
  }

  @Test func `nothing that comes makes it stumble`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    for suffixes in [ScannerSettings.usualSuffixes, [[0x03]], [[]], []] {
      var scanning = try Self.scanning(ScannerSettings(prefix: [0x02], suffixes: suffixes))
      for _ in 0..<400 {
        scanning.receive(dice.bytes(dice.roll(0...500)), after: .milliseconds(dice.roll(0...40)))
        if dice.roll(0...4) == 0 { scanning.wait(.milliseconds(60)) }
      }
      scanning.wait(.seconds(1))
      #expect(!scanning.isWaiting)
      #expect(scanning.words.allSatisfy { $0.utf8.count <= 3 * 4096 }, "seed \(seed)")
      scanning.receive("YT1234567890123")
      scanning.receive(suffixes.first ?? [])
      scanning.pause()
      let isReadable = suffixes.contains { !$0.isEmpty }
      #expect((scanning.words.last == "YT1234567890123") == isReadable, "seed \(seed)")
    }
  }
}
