/// What the kernel tells about a device that came, changed or went.
package struct DeviceEvent: Hashable, Sendable {
  /// `add`, `remove`, `bind`, `change` …; `overflow` where events were lost, so that anything may
  /// have happened.
  package var action: String
  /// As `hidraw`, `usb`, `tty` or `gpio`.
  package var subsystem: String
  /// The path below `/sys`.
  package var devicePath: String
  /// The node below `/dev`; empty where there is none.
  package var deviceName: String

  /// Stands for events that were lost.
  package static let overflow = DeviceEvent(
    action: "overflow",
    subsystem: "",
    devicePath: "",
    deviceName: ""
  )

  package init(action: String, subsystem: String, devicePath: String, deviceName: String) {
    self.action = action
    self.subsystem = subsystem
    self.devicePath = devicePath
    self.deviceName = deviceName
  }

  /// Reads a message of the kernel or of udev; both end in `KEY=VALUE` strings, each with its NUL.
  ///
  /// The kernel's starts with `ACTION@DEVPATH`; udev's with `libudev`, NUL, the number 0xFEEDCAFE
  /// in network order, and where in the message the strings start and how long they are, in the
  /// order of the machine (libudev's monitor_netlink_header).
  ///
  /// - Returns: `nil` for anything else, and where the message is cut off.
  package init?(message: [UInt8]) {
    guard let strings = Self.strings(of: message), strings.last == 0 else { return nil }
    var fields: [String: String] = [:]
    for string in strings.split(separator: 0) {
      guard let equals = string.firstIndex(of: UInt8(ascii: "=")) else { continue }
      let key = String(decoding: string[..<equals], as: UTF8.self)
      fields[key] = String(decoding: string[(equals + 1)...], as: UTF8.self)
    }
    guard let action = fields["ACTION"], let path = fields["DEVPATH"] else { return nil }
    guard let subsystem = fields["SUBSYSTEM"], path.hasPrefix("/") else { return nil }
    self.init(
      action: action,
      subsystem: subsystem,
      devicePath: path,
      deviceName: fields["DEVNAME"] ?? ""
    )
  }

  private static func strings(of message: [UInt8]) -> ArraySlice<UInt8>? {
    guard message.starts(with: Array("libudev\0".utf8)) else {
      guard let end = message.firstIndex(of: 0) else { return nil }
      guard message[..<end].contains(UInt8(ascii: "@")) else { return nil }
      return message[(end + 1)...]
    }
    guard message.count >= 24, message[8..<12].elementsEqual([0xFE, 0xED, 0xCA, 0xFE]) else {
      return nil
    }
    let word = { (at: Int) in
      (0..<4).reduce(0) { $0 | Int(message[at + $1]) << (8 * $1) }
    }
    let (offset, length) = (word(16), word(20))
    guard (24...message.count).contains(offset), length <= message.count - offset else {
      return nil
    }
    return message[offset..<offset + length]
  }
}
