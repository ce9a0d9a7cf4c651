import Glibc
import Synchronization

/// The terminal of this process, taken over for drawing, and given back as it was.
package final class Terminal: Sendable {
  /// Why a terminal cannot be taken over.
  package enum Refusal: Error, Hashable, Sendable, CustomStringConvertible {
    case notATerminal(stream: String)
    case tooSimple(name: String)
    case taken
    case system(operation: String, errno: Int32)

    package var description: String {
      switch self {
      case .notATerminal(let stream):
        "\(stream) is not a terminal: run it in a terminal window, without a pipe or redirection"
      case .tooSimple(let name):
        "the terminal '\(name)' cannot place text: run it in another one, or set TERM to what it is"
      case .taken: "the terminal is in use by this program already"
      case .system(let operation, let code):
        "\(operation) of the terminal failed with errno \(code)"
      }
    }
  }

  /// What has come from outside since the last look.
  package struct Input: Hashable, Sendable {
    package var keys: [Key] = []
    /// The signal that asks the process to end.
    package var signal: Int32?
    /// Whether no more keys will come.
    package var hasEnded = false
  }

  /// The settings to put back; also what is done when the process exits while it is still taken.
  private static let saved = Mutex<termios?>(nil)
  private static let atExit: Void = { _ = atexit { Terminal.restore() } }()
  private static let caught = Atomic<Int32>(0)

  /// Takes the terminal over: raw keys, a screen of its own, no cursor.
  ///
  /// - Parameter catchingSignals: Whether signals that ask the process to end are to be told by
  ///   ``input()`` instead of ending it on the spot with the terminal in disorder.
  /// - Throws: ``Refusal`` where there is no terminal that could be drawn on.
  package init(catchingSignals: Bool = true) throws(Refusal) {
    guard isatty(STDIN_FILENO) == 1 else { throw .notATerminal(stream: "standard input") }
    guard isatty(STDOUT_FILENO) == 1 else { throw .notATerminal(stream: "standard output") }
    let name = unsafe getenv("TERM").map { unsafe String(cString: $0) } ?? ""
    guard !name.isEmpty, name != "dumb" else { throw .tooSimple(name: name) }
    try Self.makeRaw()
    _ = Self.atExit
    Self.caught.store(0, ordering: .sequentiallyConsistent)
    if catchingSignals {
      for number in [SIGINT, SIGTERM, SIGHUP, SIGQUIT] {
        // A handler may do no more than this: take a note.
        _ = signal(number) { Terminal.caught.store($0, ordering: .sequentiallyConsistent) }
      }
    }
    // Another screen, no cursor, no wrapping at the last column.
    Self.write("\u{1B}[?1049h\u{1B}[?25l\u{1B}[?7l\u{1B}[2J")
  }

  deinit {
    close()
  }

  /// Gives the terminal back; further calls do nothing.
  package func close() {
    Self.restore()
  }

  /// Draws; does nothing once the terminal has been given back.
  package func draw(_ text: String) {
    guard Self.saved.withLock({ $0 != nil }) else { return }
    Self.write(text)
  }

  /// The size of the window now; 80 by 24 where the terminal does not know.
  package var size: (columns: Int, rows: Int) {
    var size = winsize()
    guard unsafe ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else {
      return (80, 24)
    }
    return (Int(size.ws_col), Int(size.ws_row))
  }

  /// Takes what has come since the last look; it never waits.
  package func input() -> Input {
    var input = Input()
    let caught = Self.caught.exchange(0, ordering: .sequentiallyConsistent)
    if caught != 0 { input.signal = caught }
    var watched = [pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)]
    guard unsafe poll(&watched, 1, 0) > 0 else { return input }
    var bytes = [UInt8](repeating: 0, count: 256)
    let count = unsafe read(STDIN_FILENO, &bytes, bytes.count)
    if count > 0 { input.keys = Key.parse(Array(bytes.prefix(count))) }
    if count == 0 || (count < 0 && errno != EINTR && errno != EAGAIN) { input.hasEnded = true }
    return input
  }

  private static func makeRaw() throws(Refusal) {
    var settings = termios()
    guard unsafe tcgetattr(STDIN_FILENO, &settings) == 0 else {
      throw .system(operation: "reading the settings", errno: errno)
    }
    let before = settings
    let isFree = saved.withLock { saved in
      guard saved == nil else { return false }
      saved = before
      return true
    }
    guard isFree else { throw .taken }
    unsafe cfmakeraw(&settings)
    guard unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings) == 0 else {
      let code = errno
      saved.withLock { $0 = nil }
      throw .system(operation: "changing the settings", errno: code)
    }
  }

  private static func restore() {
    guard var settings = saved.withLock({ saved in saved.take() }) else { return }
    write("\u{1B}[0m\u{1B}[?7h\u{1B}[?25h\u{1B}[?1049l")
    _ = unsafe tcsetattr(STDIN_FILENO, TCSAFLUSH, &settings)
  }

  private static func write(_ text: String) {
    var rest = Array(text.utf8)[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { bytes in
        unsafe Glibc.write(STDOUT_FILENO, bytes.baseAddress, bytes.count)
      }
      guard count > 0 || errno == EINTR || errno == EAGAIN else { return }
      rest = rest.dropFirst(max(0, count))
    }
  }
}
