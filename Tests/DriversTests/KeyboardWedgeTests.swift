import Domain
import Drivers
import TestSupport
import Testing

struct WedgeKeyTests {
  /// YT12 and Enter, as a scanner types it.
  static let vector = "42d 21d 21u 20d 20u 42u 2d 2u 3d 3u 28d 28u"

  private static func scanning(_ settings: ScannerSettings = ScannerSettings()) throws -> Scanning {
    try Scanning(KeyboardWedge.self, settings)
  }

  private static func words(_ keys: String, _ settings: ScannerSettings = ScannerSettings()) throws
    -> [String]
  {
    try Scanning.words(of: [Keys(keys).bytes], KeyboardWedge.self, settings)
  }

  /// The keys of digits one after the other.
  private static func type(_ digits: String, _ keys: inout Keys) {
    for digit in digits.utf8 { keys.press(digit == 0x30 ? 11 : UInt16(digit - 0x30) + 1) }
  }

  @Test func `keys and shift make a code, however the events are cut up`() throws {
    try Scanning.expect(Keys(Self.vector).bytes, KeyboardWedge.self, gives: ["YT12"])
  }

  /// What the keys of a US keyboard type, by their codes (linux/input-event-codes.h).
  static let keyboard: [(code: UInt16, plain: Character, shifted: Character)] = [
    (2, "1", "!"), (3, "2", "@"), (4, "3", "#"), (5, "4", "$"), (6, "5", "%"), (7, "6", "^"),
    (8, "7", "&"), (9, "8", "*"), (10, "9", "("), (11, "0", ")"), (12, "-", "_"), (13, "=", "+"),
    (16, "q", "Q"), (17, "w", "W"), (18, "e", "E"), (19, "r", "R"), (20, "t", "T"), (21, "y", "Y"),
    (22, "u", "U"), (23, "i", "I"), (24, "o", "O"), (25, "p", "P"), (26, "[", "{"), (27, "]", "}"),
    (30, "a", "A"), (31, "s", "S"), (32, "d", "D"), (33, "f", "F"), (34, "g", "G"), (35, "h", "H"),
    (36, "j", "J"), (37, "k", "K"), (38, "l", "L"), (39, ";", ":"), (40, "'", "\""), (41, "`", "~"),
    (43, "\\", "|"), (44, "z", "Z"), (45, "x", "X"), (46, "c", "C"), (47, "v", "V"), (48, "b", "B"),
    (49, "n", "N"), (50, "m", "M"), (51, ",", "<"), (52, ".", ">"), (53, "/", "?"), (57, " ", " "),
    (55, "*", "*"), (71, "7", "7"), (72, "8", "8"), (73, "9", "9"), (74, "-", "-"), (75, "4", "4"),
    (76, "5", "5"), (77, "6", "6"), (78, "+", "+"), (79, "1", "1"), (80, "2", "2"), (81, "3", "3"),
    (82, "0", "0"), (83, ".", "."), (98, "/", "/"),
  ]

  @Test(arguments: [UInt16(42), 54]) func `every key types its character`(shift: UInt16) throws {
    var plain = Keys()
    var shifted = Keys()
    shifted.key(shift, 1)
    for key in Self.keyboard {
      plain.press(key.code)
      shifted.press(key.code)
    }
    shifted.key(shift, 0)
    for (keys, text) in [
      (plain, String(Self.keyboard.map(\.plain))), (shifted, String(Self.keyboard.map(\.shifted))),
    ] {
      var keys = keys
      keys.press(28)
      let words = try Scanning.words(of: [keys.bytes], KeyboardWedge.self)
      #expect(words == [text])
    }
    let all = Set(Self.keyboard.flatMap { [$0.plain, $0.shifted] })
    #expect(all.count == 95, "all of printable ASCII")
  }

  @Test(arguments: ["28d 28u", "96d 96u", "15d 15u"])
  func `Enter, that of the keypad and Tab end a code`(end: String) throws {
    let digits = "2d 2u 3d 3u 4d 4u 5d 5u "
    #expect(try Self.words(digits + end + " " + digits + end) == ["1234", "1234"])
    #expect(try Self.words(end + " " + end) == [])
  }

  @Test func `both shifts count, and one let go late changes only what it holds`() throws {
    #expect(try Self.words("42d 54d 30d 30u 54u 30d 30u 42u 30d 30u 30d 28d") == ["AAaa"])
    #expect(try Self.words("42d 30d 42u 30u 30d 30u 30d 30d 28d") == ["Aaaa"])
  }

  @Test func `what the kernel repeats and what only lights a lamp changes nothing`() throws {
    #expect(
      try Self.words("58d 58u 42d 21d 21r 21r 21u 20d 20u 42u 69d 69u 2d 2r 2u 70d 3d 3u 28d 28r")
        == ["YT12"]
    )
    // A shift that is held is repeated as well, and stays down; so does Alt.
    #expect(try Self.words("42d 42r 21d 42r 20d 42u 2d 3d 28d") == ["YT12"])
    #expect(try Self.words("56d 56r 82d 72d 56r 73d 56u 2d 28d") == ["Y1"])
    // MSC_SCAN and LED events of another type.
    let noise = Keys.event(.zero, 4, 4, 30) + Keys.event(.zero, 17, 1, 1)
    try Scanning.expect(noise + Keys(Self.vector).bytes, KeyboardWedge.self, gives: ["YT12"])
  }

  @Test(arguments: [
    ("56d 82d 82u 72d 72u 73d 73u 56u", "Y"), ("56d 82d 72d 75d 56u", "T"),
    ("56d 82d 82d 75d 72d 56u", "0"), ("56d 82d 80d 73d 56u", "\u{1D}"), ("56d 56u", ""),
  ])
  func `Alt and the keypad type a character by its code`(keys: String, text: String) throws {
    #expect(try Self.words(keys + " 2d 2u 3d 3u 4d 4u 5d 28d") == [text + "1234"])
  }

  @Test(arguments: [
    ("56d 81d 81d 56u", "2 digits"), ("56d 79d 80d 73d 56u", "3 digits"),
    ("56d 82d 82d 82d 75d 72d 56u", "5 digits"), ("56d 30d 30u 56u", "no digit of the keypad"),
    ("183d 183u", "key 183"), ("29d 46d 29u", "key 29"), ("100d", "key 100"), ("14d", "key 14"),
  ])
  func `a key that types no character spoils the code, and only that`(keys: String, cause: String)
    throws
  {
    let words = try Self.words("2d 2u \(keys) 3d 3u 28d 28u " + Self.vector)
    #expect(words.count == 2)
    #expect(words[0].hasPrefix("dropped: ") && words[0].contains(cause), "\(words)")
    #expect(words[1] == "YT12")
  }

  @Test func `an Alt that is held over the end of a code does not reach the next`() throws {
    for keys in ["56d 71d 75d", "56d 71d 75d 56u", "56d 71d 75d 28d", "56d 71d 75d 72d 28d"] {
      var scanning = try Self.scanning()
      scanning.receive(Keys(keys).bytes)
      scanning.pause()
      scanning.receive(Keys("56u").bytes, after: .seconds(1))
      scanning.pause()
      scanning.receive(Keys(Self.vector).bytes, after: .seconds(1))
      #expect(scanning.words.last == "YT12", "\(keys): \(scanning.words)")
    }
  }

  @Test func `events that the kernel lost spoil the code`() throws {
    var keys = Keys("42d 21d 21u")
    keys.lose()
    // An Enter before the end of the lost report is not to be believed.
    let enter = Keys.event(keys.now, 1, 28, 1)
    let rest = Keys("20d 20u 42u 2d 2u 3d 3u 28d 28u")
    let pieces = [keys.bytes + enter, Keys.event(keys.now, 0, 0, 0) + rest.bytes]
    let lost = "dropped: the kernel lost keys: scan again"
    #expect(try Scanning.words(of: pieces, KeyboardWedge.self) == [lost])
    try Scanning.expect(
      pieces.joined() + Keys(Self.vector).bytes,
      KeyboardWedge.self,
      gives: [lost, "YT12"]
    )
  }

  @Test func `lost events are told of also where nothing else came`() throws {
    var scanning = try Self.scanning()
    var keys = Keys()
    keys.lose()
    keys.endReport()
    scanning.receive(keys.bytes)
    #expect(scanning.isWaiting)
    scanning.wait(.milliseconds(100))
    #expect(scanning.words == ["dropped: the kernel lost keys: scan again"])
    // A key that types nothing does not hide it.
    var both = Keys()
    both.lose()
    both.endReport()
    both.press(183)
    scanning.receive(both.bytes, after: .seconds(1))
    scanning.pause()
    #expect(
      scanning.words == Array(repeating: "dropped: the kernel lost keys: scan again", count: 2)
    )
    // That shift came up may be among what was lost.
    var held = Keys("42d")
    held.lose()
    held.endReport()
    scanning.receive(held.bytes, after: .seconds(1))
    scanning.pause()
    scanning.receive(Keys("21d 20d 2d 3d 28d").bytes, after: .seconds(1))
    #expect(scanning.words.last == "yt12")
    scanning.receive(Keys(Self.vector).bytes, after: .seconds(1))
    #expect(scanning.words.last == "YT12")
  }

  @Test func `without a suffix a pause of 100 ms ends a code`() throws {
    var scanning = try Self.scanning()
    var keys = Keys()
    Self.type("462598779470531", &keys)
    scanning.receive(keys.bytes)
    scanning.wait(.milliseconds(99))
    #expect(scanning.words.isEmpty)
    scanning.wait(.milliseconds(1))
    #expect(scanning.words == ["462598779470531"])
    #expect(!scanning.isWaiting)
  }

  @Test func `two codes that are read at once are told apart by their stamps`() throws {
    let typed = "dropped: typed by hand, not scanned"
    for (gap, words) in [(501, ["4625", "9877"]), (500, [typed]), (99, ["46259877"])] {
      var keys = Keys()
      Self.type("4625", &keys)
      // The last key came up one pace ago.
      keys.now = keys.now + .milliseconds(gap - 10)
      Self.type("9877", &keys)
      #expect(try Scanning.words(of: [keys.bytes], KeyboardWedge.self) == words, "\(gap) ms")
    }
  }

  @Test(arguments: [(15, true), (16, false), (40, false)])
  func `what is typed by hand is no code`(pace: Int, isScan: Bool) throws {
    // Down and up: a key takes two paces.
    var keys = Keys(pace: .milliseconds(pace))
    Self.type("1234", &keys)
    keys.press(28)
    let typed = ["dropped: typed by hand, not scanned"]
    #expect(try Scanning.words(of: [keys.bytes], KeyboardWedge.self) == (isScan ? ["1234"] : typed))
  }

  @Test func `only the kernel's stamps tell how fast keys came`() throws {
    var late = try Self.scanning()
    let bytes = Keys(Self.vector).bytes
    for start in stride(from: 0, to: bytes.count, by: 48) {
      late.receive(Array(bytes[start..<start + 48]), after: .milliseconds(90))
    }
    #expect(late.words == ["YT12"])
  }

  @Test func `keys of somebody slow are no codes, and not worth a word`() throws {
    var scanning = try Self.scanning()
    for code: UInt16 in [21, 20, 2, 3, 4, 5, 6, 183, 8] {
      var keys = Keys()
      keys.press(code)
      scanning.receive(keys.bytes, after: .seconds(1))
      #expect(scanning.isWaiting)
      scanning.wait(.milliseconds(100))
    }
    #expect(scanning.words.isEmpty)
    // Nor are they without the pauses between them: the stamps say it.
    scanning.receive(Keys("2d 3d 4d 5d 6d 7d 8d 9d 28d", pace: .milliseconds(400)).bytes)
    #expect(scanning.words == ["dropped: typed by hand, not scanned"])
    var slower = try Self.scanning()
    slower.receive(Keys("2d 3d 4d 5d 6d 7d 8d 9d", pace: .milliseconds(501)).bytes)
    slower.pause()
    #expect(slower.words.isEmpty)
  }

  @Test func `prefix, suffix and AIM id are taken off`() throws {
    let tab = ScannerSettings(prefix: Array("1".utf8), suffixes: [[0x09]])
    let digits = "2d 2u 3d 3u 4d 4u 5d 5u 6d 6u"
    #expect(try Self.words(digits + " 15d", tab) == ["2345"])
    #expect(try Self.words(digits, tab) == ["dropped: a code without its suffix: its end was lost"])
    #expect(try Self.words("27d 27u 42d 46d 46u 42u 11d 11u \(digits) 28d") == ["]C0 12345"])
  }

  @Test func `two scanners at once stay apart`() throws {
    var left = try Self.scanning()
    var right = try Self.scanning()
    // Shift is held on one of them only.
    let one = Keys("42d 21d 21u 20d 20u 19d 19u 18d 18u 28d 28u").bytes
    let other = Keys("11d 11u 21d 21u 20d 20u 19d 19u 18d 28d 28u").bytes
    for start in stride(from: 0, to: one.count, by: 24) {
      left.receive(Array(one[start..<start + 24]), after: .milliseconds(1))
      right.receive(Array(other[start..<start + 24]), after: .milliseconds(1))
    }
    #expect(left.words == ["YTRE"])
    #expect(right.words == ["0ytre"])
  }

  @Test func `nothing that comes makes it stumble`() throws {
    let seed = UInt64.random(in: 0...UInt64.max)
    var dice = Dice(seed: seed)
    var wild = try Self.scanning()
    var tame = try Self.scanning()
    for _ in 0..<400 {
      wild.receive(dice.bytes(dice.roll(0...500)), after: .milliseconds(dice.roll(0...150)))
      wild.wait(.zero)
      // Real types, keys and values with stamps that make no sense.
      let stamp = Instant(nanoseconds: Int64.random(in: .min ... .max, using: &dice))
      let key = UInt16(dice.roll(0...120))
      tame.receive(
        Keys.event(
          stamp,
          UInt16(dice.roll(0...1)),
          key % 5 == 0 ? 56 : key,
          Int32(dice.roll(0...2))
        ),
        after: .milliseconds(dice.roll(0...150))
      )
      tame.wait(.zero)
    }
    for scanning in [wild, tame] {
      #expect(scanning.words.allSatisfy { $0.utf8.count <= 4096 + 100 }, "seed \(seed)")
    }
    tame.pause()
    tame.receive(Keys("42u 54u 56u").bytes)
    tame.pause()
    tame.receive(Keys(Self.vector).bytes, after: .seconds(1))
    #expect(tame.words.last == "YT12", "seed \(seed)")
  }
}
