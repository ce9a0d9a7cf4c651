import Domain
import Glibc

/// A device node or sysfs file of the kernel's device side, which may go away and come back.
///
/// A pseudo terminal of the simulator's own is there while a station has the other end open.
final class GadgetNode {
  /// How an attempt to write ended.
  enum Written: Hashable {
    case taken(Int)
    /// The kernel has no room; what was written before stands.
    case later
    case gone
  }

  /// How an attempt to read ended.
  enum Got: Hashable {
    case bytes([UInt8])
    case nothing
    case gone
  }

  private let path: String
  private let flags: Int32
  private let pair: TerminalPair?
  private var descriptor: Int32 = -1
  /// Of a terminal in raw mode, an end is a hang-up.
  private var isTerminal = false
  private var nextTry = Instant.zero

  /// Sets a node up; `flags` are those of open(2).
  init(_ path: DevicePath, flags: Int32) {
    (self.path, pair) =
      switch path {
      case .node(let path): (path, nil)
      case .link(let link): (link, TerminalPair(link: link))
      }
    self.flags = flags | O_NONBLOCK | O_CLOEXEC | O_NOCTTY
  }

  convenience init(path: String, flags: Int32) {
    self.init(.node(path), flags: flags)
  }

  deinit { close() }

  var isOpen: Bool { descriptor >= 0 }

  /// Opens it where it is closed; a tenth of a second passes between two tries.
  ///
  /// - Returns: Whether it has just been opened.
  func reopen(at now: Instant) -> Bool {
    guard descriptor < 0, now >= nextTry else { return false }
    nextTry = now + .milliseconds(100)
    if let pair {
      descriptor = pair.isConnected ? pair.far : -1
    } else {
      descriptor = unsafe open(path, flags)
    }
    return descriptor >= 0
  }

  func close() {
    guard descriptor >= 0 else { return }
    if pair == nil { _ = Glibc.close(descriptor) }
    descriptor = -1
  }

  /// Makes a terminal pass all bytes on as they are (termios(3), raw mode); of others, nothing.
  func makeRaw() {
    var settings = termios()
    guard unsafe tcgetattr(descriptor, &settings) == 0 else { return }
    unsafe cfmakeraw(&settings)
    isTerminal = unsafe tcsetattr(descriptor, TCSANOW, &settings) == 0
  }

  /// How many bytes of a terminal wait in the kernel for the host to take them.
  var unsent: Int {
    var count: Int32 = 0
    // TIOCOUTQ (asm-generic/ioctls.h).
    return unsafe ioctl(descriptor, 0x5411, &count) == 0 ? Int(count) : 0
  }

  /// Makes an ioctl with a number.
  func control(_ request: UInt, _ value: Int32) -> Bool {
    ioctl(descriptor, request, value) == 0
  }

  /// Makes an ioctl with a structure.
  func control(_ request: UInt, _ bytes: inout [UInt8]) -> Bool {
    unsafe ioctl(descriptor, request, &bytes) == 0
  }

  func write(_ bytes: ArraySlice<UInt8>) -> Written {
    guard descriptor >= 0 else { return .gone }
    let count = unsafe bytes.withUnsafeBytes { buffer in
      unsafe Glibc.write(descriptor, buffer.baseAddress, buffer.count)
    }
    if count >= 0 { return .taken(count) }
    guard !isPassing(errno) else { return .later }
    // Anything else, as ESHUTDOWN and ENODEV, means that the cable was pulled.
    close()
    return .gone
  }

  func read(upTo count: Int) -> Got {
    guard descriptor >= 0 else { return .gone }
    var bytes = [UInt8](repeating: 0, count: count)
    let got = unsafe Glibc.read(descriptor, &bytes, count)
    if got > 0 { return .bytes(Array(bytes.prefix(got))) }
    guard got < 0 ? !isPassing(errno) : isTerminal else { return .nothing }
    close()
    return .gone
  }

  /// Reads a sysfs attribute from its start.
  func attribute() -> Got {
    guard descriptor >= 0 else { return .gone }
    var bytes = [UInt8](repeating: 0, count: 16)
    let got = unsafe pread(descriptor, &bytes, bytes.count, 0)
    if got > 0 { return .bytes(Array(bytes.prefix(got))) }
    guard got < 0, !isPassing(errno) else { return .nothing }
    close()
    return .gone
  }

  /// Whether an error only means that the host has not come around yet.
  private func isPassing(_ code: Int32) -> Bool { code == EAGAIN || code == EINTR }
}
