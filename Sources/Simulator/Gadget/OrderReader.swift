import Domain
import Glibc

/// Lines from a pipe or a terminal, without blocking longer than asked for.
struct OrderReader {
  /// Bytes of a line kept at most.
  private static let longest = 1024

  private var descriptor: Int32?
  private var rest: [UInt8] = []

  init(descriptor: Int32?) {
    self.descriptor = descriptor
  }

  /// Waits for lines; it always uses up the time when there is nothing to read from.
  mutating func lines(within limit: Duration) -> [String] {
    var watched = [pollfd(fd: descriptor ?? -1, events: Int16(POLLIN), revents: 0)]
    let milliseconds = Int32(clamping: limit.milliseconds)
    guard unsafe poll(&watched, 1, milliseconds) > 0, let descriptor else { return [] }
    var bytes = [UInt8](repeating: 0, count: 4096)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    guard count > 0 else {
      if count == 0 || errno != EINTR { self.descriptor = nil }
      return []
    }
    return split(bytes.prefix(count))
  }

  private mutating func split(_ bytes: ArraySlice<UInt8>) -> [String] {
    var lines: [String] = []
    for byte in bytes {
      guard byte == 0x0A else {
        if rest.count < Self.longest { rest.append(byte) }
        continue
      }
      lines.append(String(decoding: rest, as: UTF8.self))
      rest = []
    }
    return lines.filter { !$0.isEmpty }
  }
}
