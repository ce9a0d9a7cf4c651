package import Domain
import Glibc

/// Why a question to the daemon brought no answer.
package enum ControlClientError: Error, Hashable, Sendable {
  /// Nobody listens there.
  case unreachable(path: String, errno: Int32)
  /// This user may not open the socket.
  case denied(path: String)
  /// The daemon ended the connection, or has too many.
  case closed
  /// No answer within the time.
  case silent
  /// What came is no answer.
  case garbled
  /// The daemon answered with an error.
  case refused(VarlinkError)
}

/// Asks the daemon over its control socket; every call blocks the calling thread.
package struct ControlClient: ~Copyable {
  private let socket: Int32
  private var reader = FrameReader(longest: 4 << 20)
  private let patience: Int

  /// Connects.
  ///
  /// - Parameters:
  ///   - path: The daemon's socket.
  ///   - patienceSeconds: How long an answer may take.
  /// - Throws: Why nobody could be asked.
  package init(path: String, patienceSeconds: Int = 10) throws(ControlClientError) {
    patience = patienceSeconds
    socket = UnixSocket.open(SOCK_STREAM)
    guard socket >= 0 else { throw .unreachable(path: path, errno: errno) }
    switch UnixSocket.connect(socket, to: path) {
    case 0: break
    case EACCES, EPERM: throw .denied(path: path)
    case let code: throw .unreachable(path: path, errno: code)
    }
  }

  deinit {
    close(socket)
  }

  /// Calls a method of the station, by its short name, and waits for the answer.
  package mutating func call(_ method: String, _ parameters: [String: JSON] = [:])
    throws(ControlClientError) -> [String: JSON]
  {
    waitAtMost(seconds: patience)
    try send(method, parameters, more: false)
    return try answer().parameters
  }

  /// Calls a method that answers many times, until the closure returns `false`.
  package mutating func stream(
    _ method: String,
    _ parameters: [String: JSON] = [:],
    _ take: ([String: JSON]) -> Bool
  ) throws(ControlClientError) {
    waitAtMost(seconds: 0)
    try send(method, parameters, more: true)
    while true {
      let (parameters, continues) = try answer()
      guard take(parameters), continues else { return }
    }
  }

  private func waitAtMost(seconds: Int) {
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe _ = setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
  }

  private func send(_ method: String, _ parameters: [String: JSON], more: Bool)
    throws(ControlClientError)
  {
    var fields: [String: JSON] = [
      "method": .string("\(ControlInterface.name).\(method)"), "parameters": .object(parameters),
    ]
    if more { fields["more"] = .bool(true) }
    var rest = (JSON.object(fields).canonical + [0])[...]
    while !rest.isEmpty {
      let count = UnixSocket.write(rest, to: socket)
      guard count > 0 else { throw .closed }
      rest = rest.dropFirst(count)
    }
  }

  private mutating func answer() throws(ControlClientError)
    -> (parameters: [String: JSON], continues: Bool)
  {
    let message = try message()
    guard let json = try? JSON(parsing: message), let fields = json.object else {
      throw .garbled
    }
    let parameters = fields["parameters"]?.object ?? [:]
    if let name = fields["error"]?.string { throw .refused(VarlinkError(name, parameters)) }
    return (parameters, fields["continues"]?.bool ?? false)
  }

  private mutating func message() throws(ControlClientError) -> [UInt8] {
    var buffer = [UInt8](repeating: 0, count: 16_384)
    while true {
      if let message = reader.next() { return message }
      guard !reader.isOverlong else { throw .garbled }
      let count = UnixSocket.read(socket, into: &buffer)
      guard count != -Int(UnixSocket.wouldBlock) else { throw .silent }
      guard count > 0 else { throw .closed }
      reader.append(buffer[..<count])
    }
  }
}
