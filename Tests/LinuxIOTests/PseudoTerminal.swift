import Glibc
import Testing

/// A pair of pseudo terminals: the station opens one end by its path, the test is the device.
final class PseudoTerminal {
  /// The end that the station opens.
  let path: String
  private let master: Int32
  /// The device's end, for whoever serves it without this object.
  var far: Int32 { master }
  private var isOpen = true

  init() throws {
    master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var lock: Int32 = 0
    var number: Int32 = 0
    // TIOCSPTLCK and TIOCGPTN (asm-generic/ioctls.h).
    let isReady = unsafe ioctl(master, 0x4004_5431, &lock) + ioctl(master, 0x8004_5430, &number)
    try #require(master >= 0 && isReady == 0, "errno \(errno)")
    path = "/dev/pts/\(number)"
  }

  deinit {
    hangUp()
  }

  func hangUp() {
    if isOpen { close(master) }
    isOpen = false
  }

  /// Sends what the device says.
  func write(_ bytes: [UInt8]) throws {
    try #require(unsafe Glibc.write(master, bytes, bytes.count) == bytes.count, "errno \(errno)")
  }

  /// What the device has heard: so many bytes, or what came within two seconds.
  func read(_ count: Int) async throws -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    for _ in 0..<200 where all.count < count {
      let taken = unsafe Glibc.read(master, &chunk, chunk.count)
      if taken > 0 {
        all += chunk[..<taken]
      } else {
        try await Task.sleep(for: .milliseconds(10))
      }
    }
    return all
  }

  /// The `struct termios2` that the station's end has.
  func settings() throws -> [UInt32] {
    var words = [UInt32](repeating: 0, count: 11)
    try #require(unsafe ioctl(master, 0x802C_542A, &words) == 0, "errno \(errno)")
    return words
  }
}
