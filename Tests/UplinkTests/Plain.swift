import Domain
import Foundation
import Glibc
import Uplink

/// An answer in the rough.
struct RawAnswer: Sendable {
  var status: Int
  var head: String
  var body: [UInt8]

  var json: JSON? { try? JSON(parsing: body) }
}

/// A bare TCP connection, for what no honest client would send.
final class RawConnection: Sendable {
  private let descriptor: Int32

  init(port: Int) throws {
    descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = in_port_t(port).bigEndian
    address.sin_addr.s_addr = unsafe inet_addr("127.0.0.1")
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = unsafe withUnsafePointer(to: &address) { pointer in
      unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        unsafe connect(descriptor, $0, size)
      }
    }
    guard result == 0 else { throw Missing() }
  }

  deinit { close(descriptor) }

  func write(_ bytes: [UInt8]) {
    _ = unsafe bytes.withUnsafeBytes {
      unsafe send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
    }
  }

  func post(
    _ path: String,
    _ body: [UInt8],
    type: String = "application/cloudevents-batch+json",
    encoding: String = "gzip",
    length: Int? = nil,
    method: String = "POST",
    key: StationKey = .test
  ) {
    write(
      Array(
        """
        \(method) \(path) HTTP/1.1\r
        Host: hub\r
        Content-Type: \(type)\r
        Content-Encoding: \(encoding)\r
        Content-Length: \(length ?? body.count)\r
        \(Self.proof(path, body, encoding, key))\r
        Connection: close\r
        \r\n
        """.utf8
      ) + body
    )
  }

  /// The header lines of a signature by a station that means what it sends.
  private static func proof(
    _ path: String,
    _ body: [UInt8],
    _ encoding: String,
    _ key: StationKey
  ) -> String {
    let parts = path.split(separator: "/")
    guard parts.count == 4, let site = SiteID(String(parts[2])) else { return "X-None: none" }
    let head = SignedBatch.Head(
      site: site,
      epoch: Epoch(0x1234_5678_9ABC_DEF0),
      lane: .records,
      isCompressed: encoding == "gzip"
    )
    // The first two lines are about the body, and the caller's to choose.
    return SignedBatch(head: head, body: body, by: key).headers.dropFirst(2)
      .joined(separator: "\r\n")
  }

  /// Everything until the server closes.
  func answer() throws -> RawAnswer {
    var (bytes, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
    while true {
      let count = unsafe chunk.withUnsafeMutableBytes {
        unsafe recv(descriptor, $0.baseAddress, $0.count, 0)
      }
      if count <= 0 { break }
      bytes += chunk[..<count]
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let end = text.range(of: "\r\n\r\n") else { throw Missing() }
    let status = text.split(separator: " ").dropFirst().first.flatMap { Int($0) }
    return RawAnswer(
      status: status ?? 0,
      head: String(text[..<end.lowerBound]),
      body: Array(text[end.upperBound...].utf8)
    )
  }
}

extension RawConnection {
  func answerOffThePool() async throws -> RawAnswer {
    try await withCheckedThrowingContinuation { continuation in
      DispatchQueue.global().async {
        continuation.resume(with: Result { try self.answer() })
      }
    }
  }
}

/// Sends one request off the pool and waits for its answer.
func exchange(
  _ port: Int,
  _ send: @escaping @Sendable (RawConnection) -> Void
) async throws -> RawAnswer {
  try await withCheckedThrowingContinuation { continuation in
    DispatchQueue.global().async {
      continuation.resume(
        with: Result {
          let connection = try RawConnection(port: port)
          send(connection)
          return try connection.answer()
        }
      )
    }
  }
}
