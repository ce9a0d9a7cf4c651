/// A device of the box that a station might use.
package struct FoundDevice: Hashable, Sendable {
  package enum Kind: String, Hashable, Sendable, CaseIterable {
    case hid, printer, serial, input, gpio
  }

  package var kind: Kind
  /// The device node.
  package var node: String
  package var name: String
  /// What identifies it; `nil` where it is not behind USB.
  package var usb: USBIdentity?
  /// The IEEE 1284 device id; empty where usblp is not there to tell it.
  package var printerID: String
  /// Whether this process may use it.
  package var isAccessible: Bool
  /// What a technician should know or do; empty where there is nothing to say.
  package var hint: String
}

/// What is plugged in, read from sysfs: nothing is opened and nothing is sent to any device.
package enum DeviceInventory {
  private static let denied =
    "no permission: install the udev rules and join group yizhan; an unlisted maker needs a line of "
    + "its own, see 60-yizhan.rules"
  // The rules open no keyboard that people type on.
  private static let deniedInput =
    "no permission: the udev rules open known scanners only; one of another maker needs a line of "
    + "its own, see 60-yizhan.rules"

  /// All devices, those without permission too, by kind.
  package static func devices(root: String = "/") -> [FoundDevice] {
    let sysfs = Sysfs(root: root)
    let all = [hid(sysfs), printers(sysfs), serial(sysfs), input(sysfs), gpio(sysfs)].joined()
    return all.map { device in
      guard !device.isAccessible else { return device }
      var device = device
      let refusal = device.kind == .input ? deniedInput : denied
      device.hint = device.hint.isEmpty ? refusal : "\(device.hint); \(refusal)"
      return device
    }
  }

  private static func hid(_ sysfs: Sysfs) -> [FoundDevice] {
    HIDNode.all(sysfs).map { node in
      let hint =
        switch HIDNode.usagePage(of: node.descriptor) {
        case 0x8D: "a scale: protocol hid-pos"
        case 0x8C: "a barcode scanner in HID-POS mode"
        case nil: "its report descriptor is empty or broken"
        default: ""
        }
      return device(.hid, node.node, name: node.title, usb: node.usb, hint: hint, sysfs)
    }
  }

  private static func printers(_ sysfs: Sysfs) -> [FoundDevice] {
    USBTree.devices(sysfs).compactMap { found in
      let interface = PrinterInterface(
        descriptors: found.descriptors,
        configuration: found.configuration
      )
      guard let interface else { return nil }
      // usblp keeps what the printer answered to GET_DEVICE_ID.
      let folder =
        "sys/bus/usb/devices/\(found.identity.port):\(found.configuration).\(interface.number)"
      let identity = sysfs.text("\(folder)/ieee1284_id")
      let hint = identity == nil ? "" : "held by usblp until the station opens it"
      var device = device(
        .printer,
        found.node,
        name: found.identity.name,
        usb: found.identity,
        hint: hint,
        sysfs
      )
      device.printerID = identity ?? ""
      return device
    }
  }

  private static func serial(_ sysfs: Sysfs) -> [FoundDevice] {
    let ports = TTYNode.all(sysfs)
    return ports.map { port in
      let lines = port.usb.map { usb in ports.count { $0.usb == usb } } ?? 1
      return device(
        .serial,
        port.node,
        name: port.usb?.name ?? port.name,
        usb: port.usb,
        hint: hint(port, of: lines, sysfs),
        sysfs
      )
    }
  }

  /// How a port is named in station.yaml so that it is found again.
  private static func hint(_ port: TTYNode, of lines: Int, _ sysfs: Sysfs) -> String {
    guard let usb = port.usb else { return "name it by path \(sysfs.path(port.node))" }
    if lines > 1, let path = port.pathLink(sysfs) {
      return "one of \(lines) lines of its adaptor: name it by path \(path)"
    }
    return usb.serialNumber.isEmpty ? "no serial number: name it by port \(usb.port)" : ""
  }

  private static func input(_ sysfs: Sysfs) -> [FoundDevice] {
    let keyboards = InputNode.all(sysfs).filter { $0.isKeyboard && !$0.usb.port.isEmpty }
    return keyboards.map { node in
      device(
        .input,
        node.node,
        name: node.usb.name,
        usb: node.usb,
        hint: "may be a barcode scanner in keyboard mode, or a keyboard",
        sysfs
      )
    }
  }

  private static func gpio(_ sysfs: Sysfs) -> [FoundDevice] {
    sysfs.names(in: "sys/bus/gpio/devices").filter { $0.hasPrefix("gpiochip") }.map { name in
      let target = sysfs.target("sys/bus/gpio/devices/\(name)")
      let usb = target.flatMap { USBTree.identity(ofTarget: $0, sysfs) }
      return device(.gpio, "dev/\(name)", name: usb?.name ?? name, usb: usb, hint: "", sysfs)
    }
  }

  private static func device(
    _ kind: FoundDevice.Kind,
    _ node: String,
    name: String,
    usb: USBIdentity?,
    hint: String,
    _ sysfs: Sysfs
  ) -> FoundDevice {
    FoundDevice(
      kind: kind,
      node: sysfs.path(node),
      name: name,
      usb: usb,
      printerID: "",
      isAccessible: sysfs.isAccessible(node),
      hint: hint
    )
  }
}
