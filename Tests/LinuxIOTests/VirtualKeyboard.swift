import Glibc
import Testing

/// A keyboard that the test types on (linux/uinput.h).
final class VirtualKeyboard {
  static let letterA: UInt16 = 30
  /// `YT12` and Enter with shift where letters are capitals (linux/input-event-codes.h).
  static let scan: [(code: UInt16, value: Int32)] = [
    (42, 1), (21, 1), (21, 0), (20, 1), (20, 0), (42, 0), (2, 1), (2, 0), (3, 1), (3, 0), (28, 1),
    (28, 0),
  ]

  private let descriptor: Int32

  /// Plugs it in.
  init(vendor: UInt16, product: UInt16, name: String) throws {
    descriptor = try Rig.open("/dev/uinput")
    // EV_KEY, and all keys of a keyboard.
    try call(0x4004_5564, 1)
    for key in Int32(1)..<128 { try call(0x4004_5565, key) }
    // struct uinput_setup: bus (3 is USB), vendor, product, version, 80 bytes of name, a number.
    var setup = [UInt8](repeating: 0, count: 92)
    for (index, word) in [3, vendor, product, 1].enumerated() {
      setup[2 * index] = UInt8(word & 0xFF)
      setup[2 * index + 1] = UInt8(word >> 8)
    }
    setup.replaceSubrange(8..<8 + name.utf8.count, with: name.utf8)
    try #require(unsafe ioctl(descriptor, 0x405C_5503, &setup) == 0, "errno \(errno)")
    try call(0x5501, 0)
    try Rig.run("udevadm settle --timeout=30")
  }

  deinit {
    close(descriptor)
  }

  func unplug() throws {
    try call(0x5502, 0)
  }

  /// Presses a key (1) or lets it go (0).
  func key(_ code: UInt16, _ value: Int32) throws {
    // The second event ends the packet.
    for (kind, code, value) in [(UInt8(1), code, value), (0, 0, 0)] {
      var event = [UInt8](repeating: 0, count: 24)
      event[16] = kind
      event[18] = UInt8(code)
      event[20] = UInt8(value)
      try #require(unsafe write(descriptor, event, 24) == 24, "errno \(errno)")
    }
  }

  func type(_ keys: [(code: UInt16, value: Int32)]) throws {
    for key in keys { try self.key(key.code, key.value) }
  }

  private func call(_ request: UInt, _ value: Int32) throws {
    try #require(ioctl(descriptor, request, value) == 0, "errno \(errno)")
  }
}

/// One `struct input_event` of a 64-bit kernel.
struct KeyEvent: Equatable {
  var microseconds: Int64
  var kind: UInt16
  var code: UInt16
  var value: Int32

  static func all(of bytes: [UInt8]) -> [KeyEvent] {
    stride(from: 0, to: bytes.count - bytes.count % 24, by: 24).map { start in
      let number = { (offset: Int, size: Int) in
        (0..<size).reduce(Int64(0)) { $0 | Int64(bytes[start + offset + $1]) << (8 * $1) }
      }
      return KeyEvent(
        microseconds: number(0, 8) * 1_000_000 + number(8, 8),
        kind: UInt16(number(16, 2)),
        code: UInt16(number(18, 2)),
        value: Int32(truncatingIfNeeded: number(20, 4))
      )
    }
  }

  /// Keys that went down or up, without repeats.
  static func keys(of bytes: [UInt8]) -> [[Int]] {
    all(of: bytes).filter { $0.kind == 1 && $0.value < 2 }.map { [Int($0.code), Int($0.value)] }
  }
}
