internal import Domain
package import Drivers
internal import Glibc

/// Opens one barcode scanner that types (键盘模式扫码枪), through its event device.
///
/// The station has it for itself: what it types reaches no console and no desktop. An opened
/// scanner gives whole `struct input_event`s, stamped by the monotonic clock.
package struct InputOpener: PortOpener {
  package let label: String
  private let matches: [USBMatch]
  private let sysfs: Sysfs

  /// Chooses a scanner.
  ///
  /// - Parameters:
  ///   - role: The station's word for it, as `scanner`.
  ///   - matches: Which devices will do, by id or port; the lowest node that can type is taken.
  ///   - root: Where `sys` and `dev` are.
  package init(role: String, matching matches: [USBMatch], root: String = "/") {
    label = matches.label(role)
    self.matches = matches
    sysfs = Sysfs(root: root)
  }

  /// Opens the scanner and takes it away from everybody else.
  ///
  /// - Throws: `PortError.busy` where another program has taken it, and `PortError.unsuitable`
  ///   where no scanner is named, or the one that is cannot type.
  package func open() async throws(PortError) -> StreamDevice {
    let opener = self
    return try await StreamDevice.open(thread: "yz-input") { () throws(PortError) in
      try opener.connect(opener.find())
    }
  }

  private func connect(_ node: InputNode) throws(PortError) -> OpenKeyboard {
    let open = try OpenKeyboard(path: sysfs.path(node.node))
    // While it is open its number is not given to another device; before, it may have been.
    guard InputNode(name: node.name, sysfs) == node else { throw .absent }
    try open.take()
    return open
  }

  /// The node that is meant.
  package func find() throws(PortError) -> InputNode {
    // The first keyboard of the box may be the one that people type on.
    guard matches.nameOne else {
      throw .unsuitable(reason: "a scanner that types must be named by its USB id or port")
    }
    let known = InputNode.all(sysfs).filter { matches.accept($0.usb) }
    if let keyboard = known.first(where: \.isKeyboard) { return keyboard }
    guard let first = known.first else { throw .absent }
    throw .unsuitable(reason: "\(first.usb.code) is no scanner in keyboard mode: it cannot type")
  }
}

/// An event device that is open, and taken from all other readers before it is read.
private struct OpenKeyboard: OpenNode, ~Copyable {
  // What the kernel keeps for a reader: 64 events of 24 bytes (linux/input.h), and it hands out
  // whole ones only.
  static let longestRead = 64 * 24

  private let handle: Handle
  private let path: String

  init(path: String) throws(PortError) {
    handle = try Handle(opening: path, O_RDONLY | O_NONBLOCK)
    self.path = path
  }

  var descriptor: Int32 { handle.descriptor }

  func write(_ bytes: ArraySlice<UInt8>) throws(PortError) -> Int { throw .stalled }

  /// Takes the device, until it is closed.
  func take() throws(PortError) {
    // Others would never see a key that is down now go up: it would repeat for ever there.
    let end = Instant.after(.seconds(1))
    while try isAnyKeyDown(), Instant.now() < end { usleep(5000) }
    _ = try System.call("EVIOCGRAB", path: path) {
      ioctl(handle.descriptor, 0x4004_4590, 1)
    }
    // EVIOCSCLOCKID. A new clock empties the queue of what was typed before and seen by others.
    var clock = UInt32(CLOCK_MONOTONIC)
    _ = try System.call("EVIOCSCLOCKID", path: path) {
      unsafe ioctl(handle.descriptor, 0x4004_45A0, &clock)
    }
  }

  private func isAnyKeyDown() throws(PortError) -> Bool {
    // EVIOCGKEY(96): a bit for each key.
    var keys = [UInt8](repeating: 0, count: 96)
    _ = try System.call("EVIOCGKEY", path: path) {
      unsafe ioctl(handle.descriptor, 0x8060_4518, &keys)
    }
    return keys.contains { $0 != 0 }
  }
}
