import Dispatch
import Glibc

/// A server that gives every connection the same answer whatever it asks, or none at all.
final class OneShotServer: Sendable {
  let port: Int
  private let descriptor: Int32

  init(_ answer: String?) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    descriptor = listener
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafeMutablePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe bind(listener, $0, size) + listen(listener, 8)
          + getsockname(listener, $0, &size)
      }
    }
    guard result == 0 else { throw Missing() }
    port = Int(UInt16(bigEndian: address.sin_port))
    DispatchQueue.global().async { Self.serve(listener, answer) }
  }

  deinit {
    shutdown(descriptor, Int32(SHUT_RDWR))
    close(descriptor)
  }

  private static func serve(_ listener: Int32, _ answer: String?) {
    var silent: [Int32] = []
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      guard let answer else {
        silent.append(connection)
        continue
      }
      var request = [UInt8](repeating: 0, count: 65_536)
      _ = unsafe request.withUnsafeMutableBytes {
        unsafe recv(connection, $0.baseAddress, $0.count, 0)
      }
      var rest = Array(answer.utf8)[...]
      while !rest.isEmpty {
        let sent = unsafe rest.withUnsafeBytes {
          unsafe send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
        }
        if sent <= 0 { break }
        rest = rest.dropFirst(sent)
      }
      close(connection)
    }
    for connection in silent { close(connection) }
  }
}
