import Agent
import Domain
import Drivers
import Glibc
import Synchronization
import Testing

/// A station without a station: fixed answers, and events that the test publishes.
final class FakeStation: ControlBackend {
  struct Broken: Error, CustomStringConvertible {
    var description: String { "the disk is gone" }
  }

  let fan = EventFan(capacity: 4096)
  let breaks: Bool
  /// What the scale was asked for, and by whom.
  var asked: [(request: ScaleRequest, peer: ControlPeer)] { requests.withLock { $0 } }
  private let requests = Mutex<[(request: ScaleRequest, peer: ControlPeer)]>([])

  init(breaks: Bool = false) {
    self.breaks = breaks
  }

  func status() async -> JSON { .object(["site": "SM017"]) }
  func devices() async -> [JSON] { [.object(["role": "scale", "state": "ready"])] }
  func events() -> AsyncStream<JSON> { fan.listen() }
  func sync() async -> JSON { .object(["state": "online"]) }
  func enrolment() async throws -> JSON { .object(["site": "SM017"]) }

  func enrolmentLabel(by peer: ControlPeer) async throws -> JSON {
    guard !breaks else { throw VarlinkError("cn.yizhan.station.Unavailable", ["reason": "busy"]) }
    return .object(["answer": "refused", "reason": "paper-out"])
  }

  /// What the link was told.
  var syncOrders: [SyncOrder] { told.withLock { $0 } }
  private let told = Mutex<[SyncOrder]>([])

  func sync(_ order: SyncOrder) async throws -> JSON {
    told.withLock { $0.append(order) }
    return await sync()
  }

  func ledgerTail(limit: Int, lane: Lane?) async throws -> [JSON] {
    guard !breaks else { throw Broken() }
    return [.object(["limit": .int(limit), "lane": lane.map { .string($0.rawValue) } ?? .null])]
  }

  func scale(_ request: ScaleRequest, by peer: ControlPeer) async throws -> JSON {
    guard !breaks else { throw VarlinkError("cn.yizhan.station.Unavailable", ["reason": "busy"]) }
    requests.withLock { $0.append((request, peer)) }
    return .object(["answer": "refused", "reason": .string("\(request.rawValue) in motion")])
  }

  /// What the machine was asked for, and by whom.
  var ordered: [MachineRequest] { orders.withLock { $0 } }
  private let orders = Mutex<[MachineRequest]>([])

  func machine() async -> JSON { .object(["kind": "strapper"]) }

  func machine(_ request: MachineRequest, by peer: ControlPeer) async throws -> JSON {
    orders.withLock { $0.append(request) }
    return .object(["answer": "refused", "reason": "guard-open"])
  }

  /// What lights were to be lit.
  var lit: [LampTest.Request] { lights.withLock(\.self) }
  private let lights = Mutex<[LampTest.Request]>([])

  func test(_ request: LampTest.Request, by peer: ControlPeer) async throws -> JSON {
    guard !breaks else { throw VarlinkError("cn.yizhan.station.Unavailable", ["reason": "busy"]) }
    lights.withLock { $0.append(request) }
    return .object(["lights": .array(["green", "red", "beeper"])])
  }

  /// Waits until this many clients watch.
  func waitForWatchers(_ isThere: Bool) async throws {
    for _ in 0..<6000 where fan.isHeard != isThere { try await Task.sleep(for: .milliseconds(10)) }
    try #require(fan.isHeard == isThere)
  }
}

extension JSON: ExpressibleByStringLiteral {
  package init(stringLiteral value: String) { self = .string(value) }
}

/// A raw client: it sends and reads bytes, and knows nothing of the protocol.
final class RawClient {
  private let socket: Int32
  private var buffer: [UInt8] = []

  init(_ path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 1, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    unsafe setsockopt(socket, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    try #require(RawSocket.connect(socket, path) == 0, "errno \(errno)")
  }

  deinit { close(socket) }

  /// Sends bytes; whether they went out.
  @discardableResult
  func send(_ bytes: [UInt8]) -> Bool {
    unsafe Glibc.send(socket, bytes, bytes.count, Int32(MSG_NOSIGNAL)) == bytes.count
  }

  @discardableResult
  func send(_ text: String) -> Bool { send(Array(text.utf8)) }

  func shutdownWriting() { shutdown(socket, Int32(SHUT_WR)) }

  /// The next message as text; `nil` where the connection ended instead.
  ///
  /// It never blocks: a blocked thread of the small pool would be missing to the server.
  func message() async -> String? {
    var chunk = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<10_000 {
      if let end = buffer.firstIndex(of: 0) {
        defer { buffer.removeSubrange(...end) }
        return String(decoding: buffer[..<end], as: UTF8.self)
      }
      let count = unsafe recv(socket, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      if count < 0, errno == EAGAIN {
        try? await Task.sleep(for: .milliseconds(2))
        continue
      }
      guard count > 0 else { return nil }
      buffer.append(contentsOf: chunk[..<count])
    }
    Issue.record("neither a message nor the end came in 20 s")
    return nil
  }

  /// The next message as a value.
  func reply() async throws -> JSON {
    let message = await message()
    return try JSON(parsing: Array(try #require(message).utf8))
  }
}

/// Addresses of raw sockets.
enum RawSocket {
  static func connect(_ socket: Int32, _ path: String) -> Int32 {
    unsafe with(path) { unsafe Glibc.connect(socket, $0, $1) }
  }

  static func bind(_ socket: Int32, _ path: String) -> Int32 {
    unsafe with(path) { unsafe Glibc.bind(socket, $0, $1) }
  }

  private static func with(
    _ path: String,
    _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32
  ) -> Int32 {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    var bytes = Array(path.utf8)
    if bytes.first == UInt8(ascii: "@") { bytes[0] = 0 }
    unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: bytes) }
    let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count)
    return unsafe withUnsafePointer(to: &address) {
      unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, length) }
    }
  }
}

/// A path for a socket that nobody else uses.
enum Place {
  private static let counter = Atomic(0)

  static func fresh() -> String {
    let number = counter.wrappingAdd(1, ordering: .relaxed).newValue
    return "/tmp/yizhan-control-\(getpid())-\(number).sock"
  }
}

/// Runs a server for the time of a closure.
func withServer(
  _ station: FakeStation = FakeStation(),
  limit: Int = 16,
  mayDo: @escaping ControlAuthoriser = { _, right in right == .read },
  _ body: (String) async throws -> Void
) async throws {
  let path = Place.fresh()
  let server = ControlServer(
    path: path,
    version: "1.2.3",
    backend: station,
    limit: limit,
    mayDo: mayDo
  )
  try await withThrowingTaskGroup(of: Void.self) { group in
    group.addTask { try await server.run() }
    for _ in 0..<6000 where unsafe access(path, F_OK) != 0 {
      try await Task.sleep(for: .milliseconds(10))
    }
    try await body(path)
    group.cancelAll()
    try await group.waitForAll()
  }
  #expect(unsafe access(path, F_OK) != 0, "the socket is left behind")
}
