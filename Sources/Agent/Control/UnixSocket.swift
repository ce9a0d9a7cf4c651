import Glibc

/// The few calls on UNIX sockets that server, client and notifier share.
///
/// Each returns 0 or the `errno` of what went wrong.
enum UnixSocket {
  static var wouldBlock: Int32 { EAGAIN }

  /// Opens a socket that a child process does not inherit.
  static func open(_ kind: __socket_type, flags: Int32 = 0) -> Int32 {
    socket(AF_UNIX, Int32(kind.rawValue) | Int32(SOCK_CLOEXEC.rawValue) | flags, 0)
  }

  static func connect(_ socket: Int32, to path: String) -> Int32 {
    unsafe withAddress(path) { address, length in
      unsafe Glibc.connect(socket, address, length) == 0 ? 0 : errno
    }
  }

  static func bind(_ socket: Int32, to path: String) -> Int32 {
    unsafe withAddress(path) { address, length in
      unsafe Glibc.bind(socket, address, length) == 0 ? 0 : errno
    }
  }

  /// Sends one datagram, without waiting for a receiver that is behind.
  static func send(_ bytes: [UInt8], on socket: Int32, to path: String) -> Int32 {
    unsafe withAddress(path) { address, length in
      let flags = Int32(MSG_NOSIGNAL) | Int32(MSG_DONTWAIT)
      let sent = unsafe sendto(socket, bytes, bytes.count, flags, address, length)
      return sent == bytes.count ? 0 : errno
    }
  }

  /// Writes as much as the socket takes at once.
  ///
  /// - Returns: The number of bytes, or a negative `errno`.
  static func write(_ bytes: ArraySlice<UInt8>, to socket: Int32) -> Int {
    while true {
      let count = unsafe bytes.withUnsafeBytes { buffer in
        unsafe Glibc.send(socket, buffer.baseAddress, buffer.count, Int32(MSG_NOSIGNAL))
      }
      if count >= 0 { return count }
      if errno != EINTR { return -Int(errno) }
    }
  }

  /// Reads what is there, up to a buffer's size.
  ///
  /// - Returns: The number of bytes, 0 at the end, or a negative `errno`.
  static func read(_ socket: Int32, into buffer: inout [UInt8]) -> Int {
    while true {
      let count = unsafe Glibc.read(socket, &buffer, buffer.count)
      if count >= 0 { return count }
      if errno != EINTR { return -Int(errno) }
    }
  }

  /// Makes the C form of a path; one that starts with `@` is in the abstract name space.
  private static func withAddress(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var bytes = Array(path.utf8)
    let isAbstract = bytes.first == UInt8(ascii: "@")
    if isAbstract { bytes[0] = 0 } else { bytes.append(0) }
    var address = sockaddr_un()
    guard bytes.count > 1, bytes.count <= MemoryLayout.size(ofValue: address.sun_path) else {
      return ENAMETOOLONG
    }
    address.sun_family = sa_family_t(AF_UNIX)
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    return unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
        unsafe body(address, length)
      }
    }
  }
}
