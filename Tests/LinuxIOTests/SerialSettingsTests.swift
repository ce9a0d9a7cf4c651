import Drivers
import LinuxIO
import Testing

struct SerialSettingsTests {
  static let framings = ["N", "E", "O", "M", "S"].flatMap { parity in
    ["7\(parity)1", "7\(parity)2", "8\(parity)1", "8\(parity)2"]
  }

  @Test(arguments: framings)
  func `a line reads back from its settings as it was`(framing: String) throws {
    let line = try #require(SerialLine(baud: 12_345, framing: framing))
    #expect(SerialSettings(line).line == line)
  }

  // CSIZE 0x30, CSTOPB 0x40, PARENB 0x100, PARODD 0x200, CMSPAR 0x40000000.
  @Test(arguments: [
    ("8N1", 0x30), ("7E1", 0x120), ("7O2", 0x360), ("8M1", 0x4000_0330), ("7S1", 0x4000_0120),
  ])
  func `framing has the bits that the kernel knows`(framing: String, bits: UInt32) throws {
    let line = try #require(SerialLine(baud: 9600, framing: framing))
    let words = SerialSettings(line).words
    // With CREAD, CLOCAL and BOTHER.
    #expect(words[2] == bits | 0x1880)
    #expect(words.count == 11)
    // VMIN 1, VTIME 0.
    #expect(words[5] == 0x0100_0000)
  }

  @Test(arguments: [(9600, true), (9888, true), (9312, true), (9889, false), (9311, false)])
  func `a speed may be three in a hundred off`(actual: Int, isNear: Bool) {
    #expect(SerialSettings(SerialLine(baud: actual)).isNear(9600) == isNear)
  }
}
