package import Drivers

extension DeviceOpener {
  /// Finds a device by what it is connected by.
  ///
  /// - Parameters:
  ///   - role: The station's word for it, as `scale`.
  ///   - transport: What it is connected by.
  ///   - models: The USB identities of its model.
  ///   - own: What is known of this one, as the port of its cable.
  package init(
    role: String,
    by transport: DeviceTransport,
    models: [USBMatch],
    own: USBMatch = USBMatch()
  ) {
    let matches = models.narrowed(by: own)
    switch transport {
    case .hid(let page):
      self.init(HIDRawOpener(role: role, matching: matches, usagePage: page))
    case .serial(let line, let node):
      let address = node.map { SerialAddress.path($0) } ?? .usb(matches)
      self.init(SerialOpener(role: role, at: address, line: line))
    case .keyboard:
      self.init(InputOpener(role: role, matching: matches))
    }
  }
}

/// What a device is connected by, as the openers of this box understand it.
package enum DeviceTransport: Hashable, Sendable {
  /// HID reports of a usage page.
  case hid(page: UInt16)
  /// A serial line: that of the node, or that of the USB device.
  case serial(SerialLine, node: String?)
  /// Key presses, taken from everybody else.
  case keyboard
}

extension [USBMatch] {
  /// What is said of models, narrowed by what is said of one device.
  package func narrowed(by own: USBMatch) -> [USBMatch] {
    let models = isEmpty ? [USBMatch()] : self
    return models.map { model in
      USBMatch(
        vendor: own.vendor ?? model.vendor,
        product: own.product ?? model.product,
        serialNumber: own.serialNumber ?? model.serialNumber,
        port: own.port ?? model.port
      )
    }
  }
}
