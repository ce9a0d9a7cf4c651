import Glibc

/// Why the control socket cannot be offered.
package enum ControlServerError: Error, Hashable, Sendable, CustomStringConvertible {
  /// Another process listens there.
  case inUse(path: String)
  /// Something that is no socket stands there.
  case notASocket(path: String)
  /// The system call of this name failed.
  case failed(operation: String, path: String, errno: Int32)

  package var description: String {
    switch self {
    case .inUse(let path):
      "another yizhand listens on \(path); stop it first: `systemctl stop yizhand`"
    case .notASocket(let path):
      "\(path) is not a socket; move it away, or change `paths: socket` in station.yaml"
    case .failed(let operation, let path, let code):
      "\(operation) of \(path) failed: \(unsafe String(cString: strerror(code))); "
        + "check that its folder exists and belongs to user yizhan"
    }
  }
}

/// The socket on which the station can be asked, from bind to removal.
struct ControlListener: ~Copyable {
  let descriptor: Int32
  private let path: String
  private let inode: ino_t

  /// Begins to listen; a socket that nobody listens on any more is replaced.
  init(path: String) throws(ControlServerError) {
    try Self.clear(path)
    let descriptor = UnixSocket.open(SOCK_STREAM, flags: Int32(SOCK_NONBLOCK.rawValue))
    guard descriptor >= 0 else {
      throw .failed(operation: "socket", path: path, errno: errno)
    }
    // The mode of the descriptor is what bind gives the file, so that it never stands open wider.
    var failure = fchmod(descriptor, Self.mode) == 0 ? nil : ("fchmod", errno)
    if failure == nil {
      let code = UnixSocket.bind(descriptor, to: path)
      if code != 0 { failure = ("bind", code) }
    }
    if failure == nil, unsafe chmod(path, Self.mode) != 0 { failure = ("chmod", errno) }
    if failure == nil, listen(descriptor, 16) != 0 { failure = ("listen", errno) }
    if let (operation, code) = failure {
      close(descriptor)
      throw .failed(operation: operation, path: path, errno: code)
    }
    self.descriptor = descriptor
    self.path = path
    inode = Self.inode(of: path) ?? 0
  }

  deinit {
    close(descriptor)
    // Only what is still ours: a newer daemon may have taken the place.
    if Self.inode(of: path) == inode { unsafe _ = unlink(path) }
  }

  private static let mode: mode_t = 0o660

  private static func clear(_ path: String) throws(ControlServerError) {
    var status = stat()
    guard unsafe lstat(path, &status) == 0 else { return }
    guard status.st_mode & S_IFMT == S_IFSOCK else { throw .notASocket(path: path) }
    let probe = UnixSocket.open(SOCK_STREAM, flags: Int32(SOCK_NONBLOCK.rawValue))
    guard probe >= 0 else { throw .failed(operation: "socket", path: path, errno: errno) }
    defer { close(probe) }
    switch UnixSocket.connect(probe, to: path) {
    case ECONNREFUSED: break
    case ENOENT: return
    default: throw .inUse(path: path)
    }
    guard unsafe unlink(path) == 0 || errno == ENOENT else {
      throw .failed(operation: "unlink", path: path, errno: errno)
    }
  }

  private static func inode(of path: String) -> ino_t? {
    var status = stat()
    return unsafe lstat(path, &status) == 0 ? status.st_ino : nil
  }
}
