import Domain
import Drivers
import TestSupport
import Testing

/// What scanners send, as text for tests.
enum ScannerBytes {
  /// Honeywell's layout: length, AIM id, 56 bytes, code id, continued (devices.md §8.1).
  static let descriptor = Descriptors.hex(
    """
    05 8C 09 02 A1 01
    09 12 A1 02 85 02 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02
    95 03 05 8C 09 FB 09 FC 09 FD 81 02 95 38 09 FE 82 02 01
    06 66 FF 95 02 09 04 09 00 81 02 05 8C 25 01 75 01 95 08 09 FF 81 02 C0
    C0
    """
  )

  static func report(
    _ text: String,
    _ aim: String = "]C0",
    continued: Bool = false,
    length: Int? = nil
  )
    -> [UInt8]
  {
    let data = Array(text.utf8)
    return [2, UInt8(length ?? data.count)] + Array(aim.utf8) + data
      + [UInt8](repeating: 0, count: 56 - data.count) + [0x6A, 0, continued ? 1 : 0]
  }

  /// An input event of a 64-bit kernel.
  static func event(_ type: UInt16, _ code: UInt16, _ value: Int32, at microseconds: Int) -> [UInt8]
  {
    let bytes = { (value: Int64, count: Int) in
      (0..<count).map { UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
    }
    return bytes(Int64(microseconds / 1_000_000), 8) + bytes(Int64(microseconds % 1_000_000), 8)
      + bytes(Int64(type), 2) + bytes(Int64(code), 2) + bytes(Int64(value), 4)
  }

  /// Keys as `42d 21d 21u`, so many milliseconds apart, each with its report.
  static func keys(_ text: String, every pace: Int = 5) -> [UInt8] {
    text.split(separator: " ").enumerated().flatMap { index, word in
      let value: Int32 = word.last == "d" ? 1 : word.last == "r" ? 2 : 0
      let time = index * pace * 1000
      return event(1, UInt16(word.dropLast()) ?? 0, value, at: time) + event(0, 0, 0, at: time)
    }
  }
}

private func scans(_ outputs: [ScannerOutput]) -> [String] {
  outputs.map { output in
    switch output {
    case .scan(let scan):
      String(decoding: scan.bytes, as: UTF8.self) + (scan.symbology.map { " \($0)" } ?? "")
    case .dropped(let reason): "dropped: \(reason)"
    }
  }
}

struct HIDScannerTests {
  private static func scanner(_ descriptor: [UInt8] = ScannerBytes.descriptor) throws -> HIDScanner
  {
    try HIDScanner(ScannerSettings(descriptor: descriptor))
  }

  @Test func `a report is a scan with its symbology`() throws {
    var scanner = try Self.scanner()
    let report = ScannerBytes.report("YT1234567890123")
    #expect(report.count == 64)
    #expect(scans(scanner.receive(report, at: .zero)) == ["YT1234567890123 ]C0"])
    #expect(scanner.deadline == nil)
  }

  @Test func `a long code comes in parts and is one scan`() throws {
    var scanner = try Self.scanner()
    let first = ScannerBytes.report(String(repeating: "A", count: 56), "]Q1", continued: true)
    #expect(scanner.receive(first, at: .zero) == [])
    let rest = scanner.receive(ScannerBytes.report("BBBB", "]Q1"), at: .zero + .milliseconds(299))
    #expect(scans(rest) == [String(repeating: "A", count: 56) + "BBBB ]Q1"])
  }

  @Test func `a part whose rest never comes is dropped, and the next scan is whole`() throws {
    var scanner = try Self.scanner()
    _ = scanner.receive(ScannerBytes.report("AAAA", continued: true), at: .zero)
    #expect(scanner.deadline == .zero + .milliseconds(300))
    let late = scans(scanner.receive([], at: .zero + .milliseconds(300)))
    #expect(late.count == 1 && late[0].hasPrefix("dropped"))
    #expect(scans(scanner.receive(ScannerBytes.report("NEXT1234"), at: .zero)) == ["NEXT1234 ]C0"])
  }

  @Test func `a length beyond the field is dropped, and so is a report cut short`() throws {
    var scanner = try Self.scanner()
    for report in [
      ScannerBytes.report("YT", length: 57),
      Array(ScannerBytes.report("YT1234567890123").prefix(12)),
    ] {
      #expect(scans(scanner.receive(report, at: .zero)).first?.hasPrefix("dropped") == true)
    }
    // The triggers' report and an empty one carry no code.
    #expect(scanner.receive([4, 1, 0], at: .zero) == [])
    #expect(scanner.receive(ScannerBytes.report(""), at: .zero) == [])
  }

  @Test func `other sizes and ids are read from the descriptor`() throws {
    // 5C data bytes, no report ids, no symbology.
    let descriptor = Descriptors.hex(
      """
      05 8C 09 02 A1 01 15 00 26 FF 00 75 08 95 01 05 01 09 3B 81 02
      05 8C 95 5C 09 FE 82 02 01 25 01 75 01 95 01 09 FF 81 02 75 07 95 01 81 03 C0
      """
    )
    var scanner = try Self.scanner(descriptor)
    let text = Array("JT0006968326954".utf8)
    let report = [UInt8(text.count)] + text + [UInt8](repeating: 0, count: 0x5C - text.count) + [0]
    #expect(scans(scanner.receive(report, at: .zero)) == ["JT0006968326954"])
  }

  @Test func `the second interface of a scanner, and a scale, are refused`() {
    for descriptor in ["06 8C FF 09 02 A1 01 09 12 81 02 C0", "05 8D 09 20 A1 01 C0", "", "05"] {
      #expect(throws: PortError.self) { try Self.scanner(Descriptors.hex(descriptor)) }
    }
  }
}

struct KeyboardWedgeTests {
  private static func wedge() -> KeyboardWedge { KeyboardWedge(ScannerSettings()) }

  private static func read(_ bytes: [UInt8]) -> [String] {
    var wedge = wedge()
    return scans(wedge.receive(bytes, at: .zero))
  }

  static let scan = "42d 21d 21u 20d 20u 42u 2d 2u 3d 3u 28d 28u"

  @Test func `keys become text, whatever pieces they come in`() {
    let bytes = ScannerBytes.keys(Self.scan)
    #expect(Self.read(bytes) == ["YT12"])
    for cut in 0...bytes.count {
      var wedge = Self.wedge()
      let outputs =
        wedge.receive(Array(bytes[..<cut]), at: .zero)
        + wedge.receive(Array(bytes[cut...]), at: .zero)
      // An empty piece is the news that nothing came, and ends nothing before its time.
      #expect(scans(outputs) == ["YT12"], "cut at \(cut)")
    }
  }

  @Test func `every printable character has its key`() {
    let plain = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./ "
    let codes: [Int] =
      Array(2...13) + Array(16...27) + Array(30...41) + Array(43...53) + [57]
    let typed = codes.map { "\($0)d \($0)u" }.joined(separator: " ")
    #expect(Self.read(ScannerBytes.keys(typed + " 28d")) == [plain])
    let shifted = "!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:\"~|ZXCVBNM<>? "
    #expect(Self.read(ScannerBytes.keys("54d " + typed + " 54u 96d")) == [shifted])
  }

  @Test func `the keypad types digits, and with Alt the code of a character`() {
    #expect(Self.read(ScannerBytes.keys("79d 79u 82d 82u 83d 83u 74d 15d")) == ["10.-"])
    // Alt + 0 6 5 is A, as scanners do it that must not depend on the layout.
    let alt = "56d 82d 82u 77d 77u 76d 76u 56u"
    #expect(Self.read(ScannerBytes.keys(alt + " 2d 2u 28d")) == ["A1"])
    let tooMuch = "56d 79d 79u 79d 79u 79d 79u 79d 79u 79d 79u 56u 28d"
    #expect(Self.read(ScannerBytes.keys(tooMuch)).first?.hasPrefix("dropped") == true)
  }

  @Test func `repeats of the kernel and other events do not count`() {
    #expect(Self.read(ScannerBytes.keys("2d 2r 2r 2u 28d")) == ["1"])
    let led = ScannerBytes.event(17, 1, 1, at: 0) + ScannerBytes.event(4, 4, 458_756, at: 0)
    #expect(Self.read(led + ScannerBytes.keys("2d 2u 28d")) == ["1"])
  }

  @Test func `lost events spoil the scan that they were lost from, and no other`() {
    let lost = ScannerBytes.event(0, 3, 0, at: 0)
    let bytes =
      ScannerBytes.keys("2d 2u") + lost + ScannerBytes.keys("3d 3u 28d 28u")
      + ScannerBytes.keys(Self.scan)
    let read = Self.read(bytes)
    #expect(read.count == 2 && read[0].hasPrefix("dropped") && read[1] == "YT12", "\(read)")
  }

  @Test func `what is typed by hand is no scan`() {
    let read = Self.read(ScannerBytes.keys("2d 2u 3d 3u 4d 4u 5d 5u 28d", every: 60))
    #expect(read == ["dropped: typed by hand, not scanned"])
    // Three keys say nothing about the pace.
    #expect(Self.read(ScannerBytes.keys("2d 2u 3d 3u 28d", every: 60)) == ["12"])
  }

  @Test func `without a suffix a pause ends the scan`() {
    var wedge = Self.wedge()
    #expect(wedge.receive(ScannerBytes.keys("2d 2u 3d 3u 4d 4u 5d 5u"), at: .zero) == [])
    #expect(wedge.deadline == .zero + .milliseconds(100))
    #expect(wedge.receive([], at: .zero + .milliseconds(99)) == [])
    #expect(scans(wedge.receive([], at: .zero + .milliseconds(100))) == ["1234"])
    #expect(wedge.deadline == nil)
    // A finger on a key is no scan, and no trouble either.
    #expect(wedge.receive(ScannerBytes.keys("2d 2u"), at: .zero) == [])
    #expect(wedge.receive([], at: .zero + .milliseconds(100)) == [])
    #expect(scans(wedge.receive(ScannerBytes.keys(Self.scan), at: .zero)) == ["YT12"])
  }

  @Test func `a key that types nothing spoils the scan`() {
    #expect(Self.read(ScannerBytes.keys("2d 2u 59d 59u 28d")).first?.hasPrefix("dropped") == true)
  }

  @Test func `two scanners stay apart`() {
    var (one, other) = (Self.wedge(), Self.wedge())
    let first = ScannerBytes.keys("2d 2u 2d 2u 28d")
    let second = ScannerBytes.keys("3d 3u 3d 3u 28d")
    var read: [String] = []
    for start in stride(from: 0, to: first.count, by: 48) {
      read += scans(one.receive(Array(first[start..<start + 48]), at: .zero))
      read += scans(other.receive(Array(second[start..<start + 48]), at: .zero))
    }
    #expect(read == ["11", "22"])
  }
}

struct SerialScannerTests {
  private static func read(_ text: String, prefix: String = "") -> [String] {
    var scanner = SerialScanner(ScannerSettings(prefix: Array(prefix.utf8)))
    return scans(scanner.receive(Array(text.utf8), at: .zero))
  }

  @Test(arguments: ["\r", "\n", "\r\n"])
  func `a suffix ends a scan, however the text is cut`(_ suffix: String) {
    let bytes = Array("YT1234567890123\(suffix)JT0006968326954\(suffix)".utf8)
    for cut in 1..<bytes.count {
      var scanner = SerialScanner(ScannerSettings())
      let outputs =
        scanner.receive(Array(bytes[..<cut]), at: .zero)
        + scanner.receive(Array(bytes[cut...]), at: .zero)
      #expect(scans(outputs) == ["YT1234567890123", "JT0006968326954"], "cut at \(cut)")
    }
  }

  @Test func `without a suffix a pause of 50 ms ends the scan`() {
    var scanner = SerialScanner(ScannerSettings())
    #expect(scanner.receive(Array("YT1".utf8), at: .zero) == [])
    #expect(scanner.receive([], at: .zero + .milliseconds(49)) == [])
    #expect(scans(scanner.receive([], at: .zero + .milliseconds(50))) == ["YT1"])
  }

  @Test func `prefixes are taken off`() {
    #expect(Self.read("]C0YT1234567890123\r") == ["YT1234567890123 ]C0"])
    #expect(Self.read("#YT1234567890123\r", prefix: "#") == ["YT1234567890123"])
    #expect(Self.read("YT1234567890123\r", prefix: "#") == ["YT1234567890123"])
    #expect(Self.read("]\r]C\r") == ["]", "]C"])
  }

  @Test func `a stream without an end is dropped and takes no more room`() {
    var scanner = SerialScanner(ScannerSettings())
    for _ in 0..<100 { _ = scanner.receive([UInt8](repeating: 0x41, count: 1000), at: .zero) }
    #expect(scans(scanner.receive([0x0D], at: .zero)).first?.hasPrefix("dropped") == true)
    #expect(scans(scanner.receive(Array("OK123456\r".utf8), at: .zero)) == ["OK123456"])
  }
}

struct ScannerRobustnessTests {
  @Test func `random bytes trap nothing and every protocol goes on afterwards`() throws {
    let seed = UInt64.random(in: 0 ... .max)
    var dice = Dice(seed: seed)
    for kind in ScannerProtocols.all {
      var scanner = try kind.init(ScannerSettings(descriptor: ScannerBytes.descriptor))
      var now = Instant.zero
      for _ in 0..<2000 {
        _ = scanner.receive(dice.bytes(dice.roll(0...100)), at: now)
        now = now + .milliseconds(dice.roll(0...400))
      }
      #expect(scanner.deadline.map { $0 <= now + .seconds(1) } ?? true, "seed \(seed)")
    }
  }

  @Test func `each protocol is found by its name, and by no other`() {
    for kind in ScannerProtocols.all {
      #expect(ScannerProtocols.named(kind.identifier) == kind)
    }
    #expect(ScannerProtocols.named("wedge") == nil)
  }
}
