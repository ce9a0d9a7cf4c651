import Glibc

/// Where the device side of something is.
package enum DevicePath: Hashable, Sendable {
  /// A node of the kernel's device side, as `/dev/hidg0` or `/dev/ttyGS0`.
  case node(String)
  /// A pseudo terminal of the simulator's own; the station's end is a link of this name.
  case link(String)

  /// Reads what a command line says: a node, or `pty:` and the name of a link.
  package init(_ text: String) {
    self = text.hasPrefix("pty:") ? .link(String(text.dropFirst(4))) : .node(text)
  }
}

/// The device's end of a pseudo terminal (pty(7)), with a link to the station's end.
final class TerminalPair {
  let far: Int32
  private let link: String

  /// Makes a pair; `nil` where the machine gives none or the link cannot be made.
  init?(link: String) {
    self.link = link
    far = unsafe open("/dev/ptmx", O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC)
    var (lock, number) = (Int32(0), Int32(0))
    // TIOCSPTLCK and TIOCGPTN (asm-generic/ioctls.h): unlock the station's end, and ask for its number.
    guard far >= 0, unsafe ioctl(far, 0x4004_5431, &lock) == 0,
      unsafe ioctl(far, 0x8004_5430, &number) == 0
    else { return nil }
    let near = "/dev/pts/\(number)"
    // The kernel reports a hang-up only where the near end has been open once.
    let first = unsafe open(near, O_RDWR | O_NOCTTY | O_CLOEXEC)
    guard first >= 0 else { return nil }
    var settings = termios()
    unsafe cfmakeraw(&settings)
    _ = unsafe tcsetattr(first, TCSANOW, &settings)
    close(first)
    unsafe unlink(link)
    guard unsafe symlink(near, link) == 0 else { return nil }
  }

  deinit {
    if far >= 0 { close(far) }
    unsafe unlink(link)
  }

  /// Whether somebody has the station's end open.
  var isConnected: Bool {
    var watched = pollfd(fd: far, events: 0, revents: 0)
    return unsafe poll(&watched, 1, 0) >= 0 && watched.revents & Int16(POLLHUP) == 0
  }
}
