/// A serial port of this box, as sysfs describes it.
package struct TTYNode: Hashable, Sendable {
  /// The kernel's name, as `ttyUSB0`; it changes from plug to plug.
  package var name: String
  /// The adaptor or device that it belongs to; `nil` for a port of the board.
  package var usb: USBIdentity?

  /// The device node, relative to the root.
  package var node: String { "dev/\(name)" }

  /// All ports that have hardware behind them.
  package static func all(_ sysfs: Sysfs) -> [TTYNode] {
    sysfs.names(in: "sys/class/tty").compactMap { TTYNode(name: $0, sysfs) }
  }

  /// Reads what the kernel says of one port.
  ///
  /// - Returns: `nil` where there is none of that name, or no hardware behind it.
  package init?(name: String, _ sysfs: Sysfs) {
    let folder = "sys/class/tty/\(name)"
    // ttyGS: the box itself is the device of another one there.
    guard let target = sysfs.target("\(folder)/device"), !name.hasPrefix("ttyGS") else {
      return nil
    }
    // Type 0: a place for a port of the PC that is not fitted.
    guard sysfs.text("\(folder)/type") != "0" else { return nil }
    self.name = name
    usb = USBTree.identity(ofTarget: target, sysfs)
  }

  /// The link that names the socket and not the device, as udev makes them.
  package func pathLink(_ sysfs: Sysfs) -> String? {
    let folder = "dev/serial/by-path"
    return sysfs.names(in: folder).first { sysfs.target("\(folder)/\($0)") == node }
      .map { "/\(folder)/\($0)" }
  }
}
