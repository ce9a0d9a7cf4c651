import Glibc
package import Logging
import Synchronization

/// Writes one line a message with the priority in front, as journald reads it (sd-daemon(3)).
///
/// It never waits: the thread of the reflexes logs, too, and a journal that hangs must not keep it
/// from an emergency stop. A line that is not taken at once is dropped, and the next one that is
/// taken tells how many were.
package struct JournaldLogHandler: LogHandler {
  package var metadata: Logger.Metadata = [:]
  package var logLevel = Logger.Level.info
  private let way: Way

  /// Writes to an open file, socket or terminal, which is not closed; one at a time may do so.
  package init(descriptor: Int32 = STDERR_FILENO) {
    way = Way(descriptor)
  }

  package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  package func log(event: LogEvent) {
    var line = "<\(Self.priority(event.level))>\(event.message)"
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !"\(value)".isEmpty {
      line += " \(key)=\(value)"
    }
    // A message of several lines would lose its priority from the second on.
    way.write(line.split(separator: "\n").joined(separator: " | ") + "\n")
  }

  private static func priority(_ level: Logger.Level) -> Int {
    switch level {
    case .trace, .debug: 7
    case .info: 6
    case .notice: 5
    case .warning: 4
    case .error: 3
    case .critical: 2
    }
  }

  /// The way to whoever reads the lines.
  private final class Way: Sendable {
    private let descriptor: Int32
    private let lost = Atomic(0)

    init(_ descriptor: Int32) {
      self.descriptor = descriptor
    }

    func write(_ line: String) {
      let missing = lost.exchange(0, ordering: .relaxed)
      if missing > 0, !put("<4>the log could not be written for a while: \(missing) lines lost\n") {
        lost.add(missing + 1, ordering: .relaxed)
      } else if !put(line) {
        lost.add(1, ordering: .relaxed)
      }
    }

    /// Whether the line was taken at once.
    private func put(_ line: String) -> Bool {
      let bytes = Array(line.utf8)
      // journald's end is a stream socket (systemd.exec(5), StandardError=).
      let flags = Int32(MSG_DONTWAIT | MSG_NOSIGNAL)
      if unsafe send(descriptor, bytes, bytes.count, flags) >= 0 { return true }
      guard errno == ENOTSOCK else { return false }
      var watched = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
      guard unsafe poll(&watched, 1, 0) > 0 else { return false }
      return unsafe Glibc.write(descriptor, bytes, bytes.count) >= 0
    }
  }
}
