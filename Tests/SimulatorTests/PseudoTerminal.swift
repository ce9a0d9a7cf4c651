import Foundation
import Testing

/// Both ends of a terminal that is none: the test has one, what it tests opens the other.
final class PseudoTerminal {
  let master: Int32
  let path: String

  /// Opens both ends.
  ///
  /// - Parameter isRaw: Whether bytes pass as they are from the start; a new one echoes.
  /// - Throws: Where the machine gives none.
  init(isRaw: Bool = true) throws {
    master = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK)
    try #require(master >= 0)
    var (lock, number) = (Int32(0), Int32(0))
    // TIOCSPTLCK and TIOCGPTN: unlock the other end, and ask for its number.
    try #require(unsafe ioctl(master, 0x4004_5431, &lock) == 0)
    try #require(unsafe ioctl(master, 0x8004_5430, &number) == 0)
    // Through a link of its own, so that the pump never gets at somebody else's terminal that has
    // been given the same number later.
    path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    try FileManager.default.createSymbolicLink(
      atPath: path,
      withDestinationPath: "/dev/pts/\(number)"
    )
    guard isRaw else { return }
    var settings = termios()
    unsafe cfmakeraw(&settings)
    try #require(unsafe tcsetattr(master, TCSANOW, &settings) == 0)
  }

  func unplug() {
    _ = unsafe unlink(path)
    close(master)
  }

  func read() -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe Foundation.read(master, &bytes, bytes.count)
    return count > 0 ? Array(bytes.prefix(count)) : []
  }

  func write(_ bytes: [UInt8]) -> Int { unsafe Foundation.write(master, bytes, bytes.count) }
}
