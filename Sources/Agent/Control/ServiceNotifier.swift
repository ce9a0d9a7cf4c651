import Glibc

/// Tells the service manager how the daemon fares (sd_notify(3), by hand).
///
/// Without `NOTIFY_SOCKET`, as when started from a shell, every call does nothing. No call waits:
/// a manager that is behind simply does not hear this one.
package struct ServiceNotifier: Sendable {
  private let path: String?
  /// How often ``alive()`` must be said; `nil` where nobody watches.
  package let watchdog: Duration?

  /// Takes the values that the service manager puts into the environment.
  ///
  /// - Parameters:
  ///   - socket: `NOTIFY_SOCKET`; a leading `@` is the abstract name space.
  ///   - watchdogMicroseconds: `WATCHDOG_USEC`.
  ///   - watchdogProcess: `WATCHDOG_PID`; where it is another process, nobody watches this one.
  ///   - process: The id of this process.
  package init(
    socket: String?,
    watchdogMicroseconds: String? = nil,
    watchdogProcess: String? = nil,
    process: Int32 = getpid()
  ) {
    path = socket.flatMap { $0.hasPrefix("/") || $0.hasPrefix("@") ? $0 : nil }
    let isMeant = watchdogProcess == nil || watchdogProcess == String(process)
    let limit = watchdogMicroseconds.flatMap { Int64($0) } ?? 0
    watchdog = isMeant && limit > 0 && path != nil ? .microseconds(limit) : nil
  }

  /// Reads the environment of this process.
  package static func ofEnvironment() -> ServiceNotifier {
    let value = { (name: String) in unsafe getenv(name).map { unsafe String(cString: $0) } }
    return ServiceNotifier(
      socket: value("NOTIFY_SOCKET"),
      watchdogMicroseconds: value("WATCHDOG_USEC"),
      watchdogProcess: value("WATCHDOG_PID")
    )
  }

  /// The station works.
  @discardableResult
  package func ready() -> Bool { send(["READY=1"]) }

  /// What `systemctl status` shows, in one line.
  @discardableResult
  package func status(_ text: String) -> Bool {
    send(["STATUS=" + String(text.map { $0.isNewline ? " " : $0 })])
  }

  /// The daemon is alive; to be said at least once in every half of ``watchdog``.
  @discardableResult
  package func alive() -> Bool { send(["WATCHDOG=1"]) }

  /// The daemon has begun to stop.
  @discardableResult
  package func stopping() -> Bool { send(["STOPPING=1"]) }

  private func send(_ lines: [String]) -> Bool {
    guard let path else { return false }
    let socket = UnixSocket.open(SOCK_DGRAM)
    guard socket >= 0 else { return false }
    defer { close(socket) }
    return UnixSocket.send(Array(lines.joined(separator: "\n").utf8), on: socket, to: path) == 0
  }
}
