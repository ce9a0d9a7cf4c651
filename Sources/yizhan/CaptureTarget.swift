package import Drivers
package import LinuxIO

/// What DEVICE of `yizhan capture` names.
package enum DeviceName: Hashable, Sendable {
  /// The scale of station.yaml.
  case scale
  /// A scanner of station.yaml, counted from 0.
  case scanner(Int)
  /// A node, as `/dev/ttyUSB0`.
  case node(String)
  /// A socket, as `1-1.3`.
  case port(String)
  /// A model by its USB identity.
  case code(USBMatch)

  /// Reads a word of the command line.
  package init?(_ text: String) {
    let words = text.split(whereSeparator: { $0 == " " || $0 == "-" })
    switch words.first {
    case "scale" where words.count == 1: self = .scale
    case "scanner" where words.count == 1: self = .scanner(0)
    case "scanner" where words.count == 2:
      guard let number = Int(words[1]), (1...99).contains(number) else { return nil }
      self = .scanner(number - 1)
    default:
      if text.hasPrefix("/") {
        self = .node(text)
      } else if let match = USBMatch(code: text) {
        self = .code(match)
      } else if USBMatch.isPort(text) {
        self = .port(text)
      } else {
        return nil
      }
    }
  }
}

/// A device that is plugged in, as far as a capture must know it.
package struct PluggedDevice: Hashable, Sendable {
  package var kind: FoundDevice.Kind
  /// The device node.
  package var node: String
  /// `nil` where it is not behind USB.
  package var usb: USBIdentity?
  /// The HID usage page, where it has one.
  package var page: UInt16?

  package init(
    kind: FoundDevice.Kind,
    node: String,
    usb: USBIdentity? = nil,
    page: UInt16? = nil
  ) {
    self.kind = kind
    self.node = node
    self.usb = usb
    self.page = page
  }

  /// All of this box.
  static func all() -> [PluggedDevice] {
    DeviceInventory.devices().map { device in
      let name = device.node.split(separator: "/").last.map(String.init) ?? ""
      let hid = device.kind == .hid ? HIDNode(name: name, Sysfs()) : nil
      return PluggedDevice(
        kind: device.kind,
        node: device.node,
        usb: device.usb,
        page: hid.flatMap { HIDNode.usagePage(of: $0.descriptor) }
      )
    }
  }
}

/// How a device is reached that somebody named.
package enum CaptureRoute: Hashable, Sendable {
  case serial(node: String)
  case serialUSB(USBMatch)
  case hid(USBMatch, page: UInt16?)
  case keyboard(USBMatch)

  /// Finds a device among those that are plugged in; `nil` where nothing matches that sends bytes.
  ///
  /// - Parameters:
  ///   - name: A node, a socket or a model.
  ///   - devices: What is plugged in.
  ///   - prefersHID: Whether HID reports are wanted where the device is also something else.
  package init?(_ name: DeviceName, among devices: [PluggedDevice], prefersHID: Bool) {
    let found: [PluggedDevice]
    switch name {
    case .scale, .scanner: return nil
    case .node(let node):
      found = devices.filter { $0.node == node }
      // Links, and the ends of pseudo terminals, are in no list.
      guard !found.isEmpty else {
        guard !node.hasPrefix("/dev/hidraw"), !node.hasPrefix("/dev/input/") else { return nil }
        self = .serial(node: node)
        return
      }
    case .port(let port): found = devices.filter { $0.usb?.port == port }
    case .code(let match): found = devices.filter { $0.usb.map(match.accepts) ?? false }
    }
    let candidates = found.compactMap { Self(name, $0) }
    let best = candidates.max { $0.rank(prefersHID) < $1.rank(prefersHID) }
    guard let best else { return nil }
    self = best
  }

  private init?(_ name: DeviceName, _ device: PluggedDevice) {
    var match = USBMatch()
    if let usb = device.usb {
      match = USBMatch(vendor: usb.vendor, product: usb.product)
      if !usb.port.isEmpty { match.port = usb.port }
    }
    switch device.kind {
    case .serial:
      if case .node = name { self = .serial(node: device.node) } else { self = .serialUSB(match) }
    case .hid: self = .hid(match, page: device.page)
    case .input: self = .keyboard(match)
    case .printer, .gpio: return nil
    }
  }

  /// A device may be several things: a scale or scanner by its usage page before a keyboard.
  private func rank(_ prefersHID: Bool) -> Int {
    switch self {
    case .serial, .serialUSB: 3
    case .hid(_, let page): prefersHID ? 4 : page == 0x8D || page == 0x8C ? 3 : 1
    case .keyboard: 2
    }
  }
}

extension DeviceOpener {
  /// An opener for a device that somebody named.
  init(_ route: CaptureRoute, line: SerialLine) {
    switch route {
    case .serial(let node):
      self.init(SerialOpener(role: "capture", at: .path(node), line: line))
    case .serialUSB(let match):
      self.init(SerialOpener(role: "capture", at: .usb([match]), line: line))
    case .hid(let match, let page):
      self.init(HIDRawOpener(role: "capture", matching: [match], usagePage: page))
    case .keyboard(let match): self.init(InputOpener(role: "capture", matching: [match]))
    }
  }
}
