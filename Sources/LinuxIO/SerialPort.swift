package import Drivers
internal import Glibc

/// Where a serial line is found.
package enum SerialAddress: Hashable, Sendable {
  /// A node, or a link to one, as `/dev/ttyS1` or one of `/dev/serial/by-path`.
  case path(String)
  /// A USB adaptor, or a device that is its own; any where there are none.
  ///
  /// Adaptors with a CH340 have no serial number: the port of the box tells two of them apart.
  case usb([USBMatch])
}

/// Opens one serial line (串口), whatever node it has got this time.
package struct SerialOpener: PortOpener {
  package let label: String
  private let address: SerialAddress
  private let line: SerialLine
  private let sysfs: Sysfs

  /// Chooses a line.
  ///
  /// - Parameters:
  ///   - role: The station's word for what is at its end, as `scale`.
  ///   - address: Where it is. A link is followed at each opening; of the USB ports that match the
  ///     lowest node is taken, the first line of an adaptor that has several.
  ///   - line: Speed and framing.
  ///   - root: Where `sys` and `dev` are.
  package init(role: String, at address: SerialAddress, line: SerialLine, root: String = "/") {
    label =
      switch address {
      case .path(let path): "\(role) (\(path))"
      case .usb(let matches): matches.label(role)
      }
    self.address = address
    self.line = line
    sysfs = Sysfs(root: root)
  }

  /// Opens the line for this process alone, sets it up, and drops what came before.
  ///
  /// - Throws: `PortError.busy` where another program has it, and `PortError.unsuitable` where it
  ///   is no serial port, or its driver cannot make the speed within 3 %, or the framing.
  package func open() async throws(PortError) -> StreamDevice {
    let opener = self
    return try await StreamDevice.open(thread: "yz-serial") { () throws(PortError) in
      try opener.connect()
    }
  }

  func connect() throws(PortError) -> OpenLine {
    let node: TTYNode?
    let path: String
    switch address {
    case .path(let name):
      node = nil
      path = sysfs.root + name
    case .usb:
      let found = try find()
      node = found
      path = sysfs.path(found.node)
    }
    let open = try OpenLine(claiming: path)
    // While it is open its number is not given to another device; before, it may have been.
    if let node, TTYNode(name: node.name, sysfs) != node { throw .absent }
    try open.apply(line)
    return open
  }

  /// The port that is meant.
  ///
  /// - Throws: `PortError.absent` where nothing matches, and for an address that is a path.
  package func find() throws(PortError) -> TTYNode {
    guard case .usb(let matches) = address else { throw .absent }
    let node = TTYNode.all(sysfs).first { $0.usb.map(matches.accept) ?? false }
    guard let node else { throw .absent }
    return node
  }
}

/// An open serial port that no other program has.
struct OpenLine: OpenNode, ~Copyable {
  // What a tty holds at most (N_TTY_BUF_SIZE).
  static let longestRead = 4096

  private let handle: Handle
  private let path: String

  init(claiming path: String) throws(PortError) {
    // Non-blocking, the opening does not wait for a carrier.
    let handle = try Handle(opening: path, O_RDWR | O_NOCTTY | O_NONBLOCK)
    // TIOCEXCL does not stop root, and a lock stops only those who ask: both.
    do throws(PortError) {
      _ = try System.call("flock") { flock(handle.descriptor, LOCK_EX | LOCK_NB) }
    } catch .io(_, EWOULDBLOCK) {
      throw .busy(path: path)
    }
    do throws(PortError) {
      _ = try System.call("TIOCEXCL") { ioctl(handle.descriptor, 0x540C, 0) }
    } catch .io(_, ENOTTY) {
      throw .unsuitable(reason: "\(path) is no serial port")
    } catch .io(_, EIO) {
      throw .absent
    }
    self.handle = handle
    self.path = path
  }

  deinit {
    // TIOCNXCL: who has it open besides, as root may, does not keep it locked.
    _ = ioctl(handle.descriptor, 0x540D, 0)
  }

  var descriptor: Int32 { handle.descriptor }

  func write(_ bytes: ArraySlice<UInt8>) throws(PortError) -> Int {
    do {
      return try handle.write(bytes)
    } catch .io(_, EIO) {
      throw .vanished
    }
  }

  /// Whether there is still something to send after half a second: without flow control that is a
  /// frozen device, and closing waits 30 s for it (cdc-acm).
  var isStuck: Bool {
    for _ in 0..<50 {
      var waiting: Int32 = 0
      // TIOCOUTQ; fails where the device is gone.
      guard unsafe ioctl(handle.descriptor, 0x5411, &waiting) == 0, waiting > 0 else {
        return false
      }
      usleep(10_000)
    }
    return true
  }

  func apply(_ line: SerialLine) throws(PortError) {
    var made = try exchange(SerialSettings(line))
    guard made.isNear(line.baud) else {
      throw .unsuitable(
        reason: "\(path) runs at \(made.line.baud) baud where \(line.baud) was asked for"
      )
    }
    if made.line.framing != line.framing, line.dataBits == 7, !isPseudo {
      // Its frames are as long, and the parity arrives as the eighth bit, which decoders drop.
      let eight = SerialLine(baud: line.baud, stopBits: line.stopBits)
      made = try exchange(SerialSettings(eight))
      guard made.line.framing == eight.framing else { throw refusal(of: line, made) }
    } else if made.line.framing != line.framing, !isPseudo {
      throw refusal(of: line, made)
    }
    if line.isRS485 { try switchDirection() }
    _ = try call("tcflush") { tcflush(handle.descriptor, TCIFLUSH) }
  }

  private func refusal(of line: SerialLine, _ made: SerialSettings) -> PortError {
    .unsuitable(reason: "\(path) does \(made.line.framing) where \(line.framing) was asked for")
  }

  /// Whether there is no wire, and so neither speed nor framing: a pseudo terminal.
  private var isPseudo: Bool {
    var facts = stat()
    guard unsafe fstat(handle.descriptor, &facts) == 0 else { return false }
    // The majors of their slave ends (linux/major.h).
    return (136...143).contains(facts.st_rdev >> 8 & 0xFFF)
  }

  /// Sets the port up; returns what the driver made of it.
  private func exchange(_ settings: SerialSettings) throws(PortError) -> SerialSettings {
    var words = settings.words
    // TCSETS2 and TCGETS2 of x86-64 and arm64.
    _ = try call("TCSETS2") { unsafe ioctl(handle.descriptor, 0x402C_542B, &words) }
    _ = try call("TCGETS2") { unsafe ioctl(handle.descriptor, 0x802C_542A, &words) }
    return SerialSettings(words: words)
  }

  private func switchDirection() throws(PortError) {
    // struct serial_rs485 (linux/serial.h), 32 bytes: SER_RS485_ENABLED, SER_RS485_RTS_ON_SEND.
    var words: [UInt32] = [1 | 2, 0, 0, 0, 0, 0, 0, 0]
    do throws(PortError) {
      _ = try call("TIOCSRS485") { unsafe ioctl(handle.descriptor, 0x542F, &words) }
    } catch .io(_, ENOTTY) {
      // Most USB adaptors: their hardware switches by itself.
      return
    }
    // The kernel gives back what it could do.
    guard words[0] & 1 == 1 else {
      throw .unsuitable(reason: "\(path) cannot switch the direction of an RS-485 line")
    }
  }

  private func call(_ operation: String, _ body: () -> Int32) throws(PortError) -> Int32 {
    do {
      return try System.call(operation, path: path, body)
    } catch .io(_, EIO) {
      // Unplugged meanwhile, or a place for a port of the PC that is not fitted.
      throw .absent
    }
  }
}
