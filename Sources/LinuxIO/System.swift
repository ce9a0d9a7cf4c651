// Their headers define timespec and pollfd once more, and whose they are is a matter of order.
internal import CGPIO
internal import CUSB
internal import Domain
package import Drivers
internal import Glibc

/// The one place where system calls fail.
package enum System {
  /// Makes a system call, again where a signal interrupted it.
  ///
  /// The call answers below zero and sets `errno` where it fails. Operation (as `open`) and path
  /// are for messages.
  package static func call<Value: SignedInteger>(
    _ operation: String,
    path: String = "",
    _ body: () -> Value
  ) throws(PortError) -> Value {
    while true {
      let value = body()
      if value >= 0 { return value }
      let code = errno
      if code != EINTR { throw PortError(operation: operation, errno: code, path: path) }
    }
  }

  /// Waits for one of the descriptors, at most until the deadline.
  static func wait(_ watches: inout [Watch], until deadline: Instant?) throws(PortError) {
    let left = deadline.map { max(0, ($0 - .now()).nanoseconds) }
    // Rounded up: an early return would only mean another turn.
    let milliseconds = left.map { $0 == 0 ? 0 : min($0 / 1_000_000 + 1, 3_600_000) } ?? -1
    var polls = watches.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    let count = nfds_t(polls.count)
    _ = try call("poll") { unsafe poll(&polls, count, Int32(milliseconds)) }
    for (index, poll) in polls.enumerated() { watches[index].happened = poll.revents }
  }
}

/// A descriptor to wait for.
struct Watch {
  let descriptor: Int32
  /// What to wait for, as `poll` has it; that the other side is gone always counts.
  let events: Int16
  fileprivate(set) var happened: Int16 = 0

  init(_ descriptor: Int32, events: Int16) {
    self.descriptor = descriptor
    self.events = events
  }

  /// Waits for something to read.
  init(reading descriptor: Int32) {
    self.init(descriptor, events: Int16(POLLIN))
  }

  var isReadable: Bool { happened & Int16(POLLIN) != 0 }
  var isWritable: Bool { happened & Int16(POLLOUT) != 0 }
  var isGone: Bool { happened & Int16(POLLHUP | POLLERR | POLLNVAL) != 0 }
}

extension PortError {
  /// Sorts an `errno` into what a session distinguishes.
  package init(operation: String, errno code: Int32, path: String) {
    switch code {
    case EACCES, EPERM: self = .denied(path: path)
    case EBUSY: self = .busy(path: path)
    case ENODEV, ENXIO: self = .vanished
    case ENOENT: self = .absent
    case EPIPE: self = .stalled
    default: self = .io(operation: operation, errno: code)
    }
  }
}

extension Instant {
  /// The monotonic clock, now.
  static func now() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  /// The instant that lies so far ahead; the end of time where that overflows.
  static func after(_ limit: Duration) -> Instant {
    let (sum, overflow) = now().nanoseconds.addingReportingOverflow(limit.nanoseconds)
    return Instant(nanoseconds: overflow ? .max : sum)
  }
}

/// A file descriptor with one owner, closed when the owner is gone.
struct Handle: ~Copyable, Sendable {
  let descriptor: Int32

  init(owning descriptor: Int32) {
    self.descriptor = descriptor
  }

  init(opening path: String, _ flags: Int32) throws(PortError) {
    descriptor = try System.call("open", path: path) {
      unsafe Glibc.open(path, flags | O_CLOEXEC)
    }
  }

  deinit {
    _ = Glibc.close(descriptor)
  }

  /// Writes in one call.
  ///
  /// - Returns: How many bytes were taken.
  func write(_ bytes: ArraySlice<UInt8>) throws(PortError) -> Int {
    try System.call("write") { [descriptor] in
      unsafe bytes.withUnsafeBytes { raw in
        unsafe Glibc.write(descriptor, raw.baseAddress, raw.count)
      }
    }
  }
}
