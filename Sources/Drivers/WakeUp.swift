import Glibc

/// A descriptor that becomes readable when another thread wants to be heard.
package struct WakeUp: ~Copyable, Sendable {
  /// The end to poll.
  package let descriptor: Int32
  private let writer: Int32

  package init() {
    var ends: [Int32] = [-1, -1]
    // Without two descriptors at start-up nothing of the daemon could work.
    precondition(unsafe pipe(&ends) == 0, "no file descriptor left for a wake-up")
    descriptor = ends[0]
    writer = ends[1]
    for end in ends {
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
    }
  }

  deinit {
    close(descriptor)
    close(writer)
  }

  /// Makes the descriptor readable; a full pipe is readable already.
  package func signal() {
    var byte: UInt8 = 1
    _ = unsafe write(writer, &byte, 1)
  }

  /// Takes all signals that wait.
  ///
  /// - Returns: Whether there was one.
  @discardableResult
  package func drain() -> Bool {
    var bytes: (UInt64, UInt64) = (0, 0)
    let size = MemoryLayout.size(ofValue: bytes)
    var wasSignalled = false
    while unsafe read(descriptor, &bytes, size) > 0 { wasSignalled = true }
    return wasSignalled
  }
}
