import Domain
import Drivers
import Glibc

/// The descriptors that the reactor's thread waits for, and the wait.
///
/// It is `pselect` and not `poll` for its nanoseconds: a debounced press counts, and a start
/// contact ends, when it is due and not up to a millisecond later. Both calls allocate nothing.
struct WaitList {
  private let descriptors: [Int32]
  private let highest: Int32
  private var ready = fd_set()

  /// Takes the descriptors to wait for.
  ///
  /// - Throws: `PortError.io` for a descriptor beyond what the call can take: the process has
  ///   opened a thousand files, and something else is badly wrong.
  init(_ descriptors: [Int32]) throws(PortError) {
    let limit = Int32(MemoryLayout<fd_set>.size * 8)
    guard descriptors.allSatisfy({ (0..<limit).contains($0) }) else {
      throw .io(operation: "pselect", errno: EMFILE)
    }
    self.descriptors = descriptors
    highest = descriptors.max() ?? -1
  }

  /// Waits until something can be read, or it is time; a signal ends the wait as well.
  mutating func wait(until deadline: Instant?) throws(PortError) {
    ready = fd_set()
    for descriptor in descriptors { mark(descriptor) }
    let code: Int32
    if let deadline {
      let left = max(0, (deadline - MonotonicClock.now()).nanoseconds)
      var time = timespec(
        tv_sec: Int(left / 1_000_000_000),
        tv_nsec: Int(left % 1_000_000_000)
      )
      code = unsafe pselect(highest + 1, &ready, nil, nil, &time, nil)
    } else {
      code = unsafe pselect(highest + 1, &ready, nil, nil, nil, nil)
    }
    if code < 0 {
      let reason = errno
      ready = fd_set()
      guard reason == EINTR else { throw .io(operation: "pselect", errno: reason) }
    }
  }

  /// Whether there is something to read, an end or an error included.
  func isReady(_ descriptor: Int32) -> Bool {
    unsafe withUnsafeBytes(of: ready) { words in
      let (byte, bit) = Int(descriptor).quotientAndRemainder(dividingBy: 8)
      return unsafe words[Self.place(byte)] & (1 << UInt8(bit)) != 0
    }
  }

  private mutating func mark(_ descriptor: Int32) {
    unsafe withUnsafeMutableBytes(of: &ready) { words in
      let (byte, bit) = Int(descriptor).quotientAndRemainder(dividingBy: 8)
      unsafe words[Self.place(byte)] |= 1 << UInt8(bit)
    }
  }

  /// Where the eight bits are: the kernel counts in words of the machine's byte order.
  private static func place(_ byte: Int) -> Int {
    #if _endian(little)
      byte
    #else
      byte ^ (MemoryLayout<Int>.size - 1)
    #endif
  }
}
