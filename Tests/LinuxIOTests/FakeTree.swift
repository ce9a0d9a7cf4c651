import Foundation
import LinuxIO

/// A made-up `sys` and `dev` in a folder of its own, gone with the value's last user.
final class FakeTree {
  let root: String

  init() throws {
    // The real path: the kernel's own links are resolved against it.
    let folder = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    root = folder.appendingPathComponent("yizhan-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: root, withIntermediateDirectories: true)
  }

  deinit {
    try? FileManager.default.removeItem(atPath: root)
  }

  var sysfs: Sysfs { Sysfs(root: root) }

  func write(_ path: String, _ bytes: [UInt8]) throws {
    let url = URL(fileURLWithPath: "\(root)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try Data(bytes).write(to: url)
  }

  func write(_ path: String, _ text: String) throws {
    try write(path, Array("\(text)\n".utf8))
  }

  func link(_ path: String, to target: String) throws {
    let url = URL(fileURLWithPath: "\(root)/\(path)")
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try FileManager.default.createSymbolicLink(
      atPath: url.path,
      withDestinationPath: "\(root)/\(target)"
    )
  }

  /// A link to somewhere outside of the tree, in place of one that was there.
  func point(_ path: String, to outside: String) throws {
    let url = URL(fileURLWithPath: "\(root)/\(path)")
    try? FileManager.default.removeItem(at: url)
    try FileManager.default.createDirectory(
      at: url.deletingLastPathComponent(),
      withIntermediateDirectories: true
    )
    try FileManager.default.createSymbolicLink(
      atPath: url.path,
      withDestinationPath: outside
    )
  }

  /// A USB device at a port, as the kernel lays it out; returns its folder.
  @discardableResult
  func addUSB(
    port: String,
    code: (String, String),
    serial: String? = nil,
    descriptors: [UInt8] = [],
    address: Int = 4
  ) throws -> String {
    let folder = "sys/devices/pci0000:00/usb1/\(port)"
    try write("\(folder)/idVendor", code.0)
    try write("\(folder)/idProduct", code.1)
    try write("\(folder)/manufacturer", "Maker")
    try write("\(folder)/product", "Thing")
    if let serial { try write("\(folder)/serial", serial) }
    try write("\(folder)/busnum", "1")
    try write("\(folder)/devnum", "\(address)")
    try write("\(folder)/bConfigurationValue", "1")
    try write("\(folder)/descriptors", descriptors)
    try link("sys/bus/usb/devices/\(port)", to: folder)
    return folder
  }

  /// A hidraw node on the first interface of a USB device's folder.
  func addHID(_ name: String, on usb: String, code: (String, String), descriptor: [UInt8]) throws {
    let folder = "\(usb)/if0/0003.0001"
    try write(
      "\(folder)/uevent",
      "DRIVER=hid-generic\nHID_ID=0003:0000\(code.0):0000\(code.1)\nHID_NAME=Maker Thing\nHID_UNIQ="
    )
    try write("\(folder)/report_descriptor", descriptor)
    try link("sys/class/hidraw/\(name)/device", to: folder)
    try write("dev/\(name)", [])
  }
}

extension FakeTree {
  /// A serial port in a folder of its own below a device's.
  func addTTY(_ name: String, on folder: String) throws {
    try write("\(folder)/uevent", "")
    try link("sys/class/tty/\(name)/device", to: folder)
  }

  /// An event device of a USB device's folder, with the keys as sysfs writes them.
  func addInput(_ name: String, on usb: String, code: (String, String), keys: String) throws {
    let folder = "\(usb)/if0/0003:0001/input/input-\(name)"
    try write("\(folder)/id/vendor", code.0)
    try write("\(folder)/id/product", code.1)
    try write("\(folder)/name", "Maker Thing")
    try write("\(folder)/uniq", "")
    try write("\(folder)/capabilities/key", keys)
    try link("sys/class/input/\(name)/device", to: folder)
    try write("dev/input/\(name)", [])
  }
}

/// Bytes as they stand in descriptors.
enum Vector {
  /// devices.md §1.4.
  static let scale: [UInt8] = [
    0x05, 0x8D, 0x09, 0x20, 0xA1, 0x01, 0x09, 0x31, 0xA1, 0x02, 0x85, 0x02, 0x15, 0x00, 0x25, 0x01,
    0x75, 0x01, 0x95, 0x02, 0x09, 0x81, 0x09, 0x80, 0x91, 0x02, 0xC0, 0xC0,
  ]
  static let keyboard: [UInt8] = [0x05, 0x01, 0x09, 0x06, 0xA1, 0x01, 0x05, 0x07, 0xC0]

  static let device: [UInt8] =
    [18, 1, 0, 2, 2, 0, 0, 64, 0x03, 0x12, 0x40, 0x01, 0, 1, 1, 2, 3, 1]

  static func configuration(value: UInt8) -> [UInt8] {
    [9, 2, 0, 0, 1, value, 0, 0xC0, 50]
  }

  static func interface(
    _ number: UInt8,
    alternate: UInt8 = 0,
    class code: UInt8 = 7,
    protocol kind: UInt8
  ) -> [UInt8] {
    [9, 4, number, alternate, 2, code, 1, kind, 0]
  }

  static func bulk(_ address: UInt8, packet: Int = 64) -> [UInt8] {
    [7, 5, address, 2, UInt8(packet & 0xFF), UInt8(packet >> 8), 0]
  }
}
