import Glibc
import Logging

/// Writes one line a message with the priority in front, as journald reads it (sd-daemon(3)).
struct JournaldLogHandler: LogHandler {
  var metadata: Logger.Metadata = [:]
  var logLevel = Logger.Level.info

  subscript(metadataKey key: String) -> Logger.Metadata.Value? {
    get { metadata[key] }
    set { metadata[key] = newValue }
  }

  func log(event: LogEvent) {
    var line = "<\(Self.priority(event.level))>\(event.message)"
    let fields = metadata.merging(event.metadata ?? [:]) { $1 }
    for (key, value) in fields.sorted(by: { $0.key < $1.key }) where !"\(value)".isEmpty {
      line += " \(key)=\(value)"
    }
    // A message of several lines would lose its priority from the second on.
    line = line.split(separator: "\n").joined(separator: " | ") + "\n"
    _ = unsafe write(STDERR_FILENO, line, line.utf8.count)
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
}
