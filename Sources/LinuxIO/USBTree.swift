package import Drivers

/// What tells one USB device from another.
///
/// Serial numbers are often absent or equal, vendor ids shared: the port path is what a technician
/// can rely on, because it names the socket.
package struct USBIdentity: Hashable, Sendable {
  package var vendor: UInt16
  package var product: UInt16
  /// Empty where the device has none.
  package var serialNumber: String
  /// Bus and ports, as `1-1.3`.
  package var port: String
  /// The maker's and the device's own words, as `TSC TE244`.
  package var name: String

  package init(
    vendor: UInt16,
    product: UInt16,
    serialNumber: String,
    port: String,
    name: String
  ) {
    self.vendor = vendor
    self.product = product
    self.serialNumber = serialNumber
    self.port = port
    self.name = name
  }

  /// Vendor and product as they are written, `0922:8003`.
  package var code: String { "\(USBMatch.hex(vendor)):\(USBMatch.hex(product))" }
}

extension USBMatch {
  package func accepts(_ identity: USBIdentity) -> Bool {
    (vendor ?? identity.vendor) == identity.vendor
      && (product ?? identity.product) == identity.product
      && (serialNumber ?? identity.serialNumber) == identity.serialNumber
      && (port ?? identity.port) == identity.port
  }

  /// The match for messages, as `USB 0922:8003 at 1-1.3`.
  package var text: String {
    var words = ["USB"]
    if vendor != nil || product != nil {
      words.append("\(vendor.map(Self.hex) ?? "*"):\(product.map(Self.hex) ?? "*")")
    }
    if let serialNumber { words.append("serial \(serialNumber)") }
    if let port { words.append("at \(port)") }
    return words.joined(separator: " ")
  }

  /// Whether it accepts whatever there is.
  var isAny: Bool { self == USBMatch() }

  static func hex(_ value: UInt16) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}

extension [USBMatch] {
  /// Whether one of them accepts; none at all accept everything.
  func accept(_ identity: USBIdentity) -> Bool {
    isEmpty || contains { $0.accepts(identity) }
  }

  /// Whether a device that is accepted was meant, and not only the first of its kind.
  var nameOne: Bool { !isEmpty && allSatisfy { !$0.isAny } }

  /// A device for messages, as `scale (USB 0922:8003)`.
  func label(_ role: String) -> String {
    nameOne ? "\(role) (\(map(\.text).joined(separator: " or ")))" : "\(role) (USB)"
  }
}

/// A device on a bus of this box.
package struct USBDevice: Hashable, Sendable {
  package var identity: USBIdentity
  /// The usbfs node, relative to the root, as `dev/bus/usb/001/004`.
  package var node: String
  /// The value of the configuration that is set; 0 where none is.
  package var configuration: Int
  /// The device descriptor and all configurations, as the device gave them.
  package var descriptors: [UInt8]
}

/// The USB devices that the kernel knows, read from sysfs: nothing is sent to any device.
package enum USBTree {
  private static let folder = "sys/bus/usb/devices"

  /// All devices but the root hubs.
  package static func devices(_ sysfs: Sysfs) -> [USBDevice] {
    sysfs.names(in: folder).filter(USBMatch.isPort).compactMap { device(port: $0, sysfs) }
  }

  /// The device that a path in sysfs belongs to; `nil` for what is not behind USB.
  package static func identity(ofTarget target: String, _ sysfs: Sysfs) -> USBIdentity? {
    let parts = target.split(separator: "/").map(String.init)
    guard let index = parts.lastIndex(where: USBMatch.isPort) else { return nil }
    return identity(port: parts[index], folder: parts[...index].joined(separator: "/"), sysfs)
  }

  private static func device(port: String, _ sysfs: Sysfs) -> USBDevice? {
    let base = "\(folder)/\(port)"
    guard let identity = identity(port: port, folder: base, sysfs) else { return nil }
    guard let bus = number(sysfs.text("\(base)/busnum")) else { return nil }
    guard let address = number(sysfs.text("\(base)/devnum")) else { return nil }
    return USBDevice(
      identity: identity,
      node: "dev/bus/usb/\(threeDigits(bus))/\(threeDigits(address))",
      configuration: number(sysfs.text("\(base)/bConfigurationValue")) ?? 0,
      descriptors: sysfs.bytes("\(base)/descriptors") ?? []
    )
  }

  private static func identity(port: String, folder: String, _ sysfs: Sysfs) -> USBIdentity? {
    let code = { (file: String) in sysfs.text("\(folder)/\(file)").flatMap { UInt16($0, radix: 16) }
    }
    guard let vendor = code("idVendor"), let product = code("idProduct") else { return nil }
    let words = ["manufacturer", "product"].compactMap { sysfs.text("\(folder)/\($0)") }
    return USBIdentity(
      vendor: vendor,
      product: product,
      serialNumber: sysfs.text("\(folder)/serial") ?? "",
      port: port,
      name: words.filter { !$0.isEmpty }.joined(separator: " ")
    )
  }

  private static func number(_ text: String?) -> Int? { text.flatMap { Int($0) } }

  private static func threeDigits(_ value: Int) -> String {
    let digits = String(value)
    return String(repeating: "0", count: max(0, 3 - digits.count)) + digits
  }
}
