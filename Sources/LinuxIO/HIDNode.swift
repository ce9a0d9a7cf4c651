/// A `hidraw` node of this box, as sysfs describes it.
package struct HIDNode: Hashable, Sendable {
  /// The kernel's name, as `hidraw0`; it changes from plug to plug.
  package var name: String
  /// `HID_NAME`.
  package var title: String
  package var usb: USBIdentity
  /// The report descriptor (HID 1.11, 6.2.2).
  package var descriptor: [UInt8]

  /// The device node, relative to the root.
  package var node: String { "dev/\(name)" }

  /// All nodes.
  package static func all(_ sysfs: Sysfs) -> [HIDNode] {
    sysfs.names(in: "sys/class/hidraw").compactMap { HIDNode(name: $0, sysfs) }
  }

  /// Reads what the kernel says of one node.
  ///
  /// - Returns: `nil` where there is none of that name.
  package init?(name: String, _ sysfs: Sysfs) {
    let base = "sys/class/hidraw/\(name)/device"
    let facts = sysfs.pairs("\(base)/uevent")
    // HID_ID=0003:00000922:00008003, the bus first.
    let codes = (facts["HID_ID"] ?? "").split(separator: ":").compactMap { UInt32($0, radix: 16) }
    guard codes.count == 3, let descriptor = sysfs.bytes("\(base)/report_descriptor") else {
      return nil
    }
    self.name = name
    self.descriptor = descriptor
    title = facts["HID_NAME"] ?? ""
    let found = sysfs.target(base).flatMap { USBTree.identity(ofTarget: $0, sysfs) }
    usb = USBIdentity(
      vendor: UInt16(truncatingIfNeeded: codes[1]),
      product: UInt16(truncatingIfNeeded: codes[2]),
      serialNumber: facts["HID_UNIQ"] ?? "",
      port: found?.port ?? "",
      name: title
    )
    if usb.serialNumber.isEmpty { usb.serialNumber = found?.serialNumber ?? "" }
  }

  /// The usage page of the first top-level collection; `nil` where the descriptor has none.
  ///
  /// Items are walked as HID 1.11, 6.2.2.4 says; a descriptor that ends within an item ends here.
  package static func usagePage(of descriptor: [UInt8]) -> UInt16? {
    var page: UInt16?
    var usage: UInt32?
    var index = 0
    while index < descriptor.count {
      let prefix = descriptor[index]
      if prefix == 0xFE {
        guard index + 1 < descriptor.count else { return nil }
        index += 3 + Int(descriptor[index + 1])
        continue
      }
      let size = [0, 1, 2, 4][Int(prefix & 3)]
      guard index + size < descriptor.count else { return nil }
      let value = (0..<size).reduce(UInt32(0)) { value, place in
        value | UInt32(descriptor[index + 1 + place]) << (8 * place)
      }
      switch prefix & 0xFC {
      case 0x04: page = UInt16(truncatingIfNeeded: value)
      // A usage of four bytes brings its own page.
      case 0x08 where usage == nil: usage = size == 4 ? value : nil
      case 0xA0: return usage.map { UInt16($0 >> 16) } ?? page
      default: break
      }
      index += 1 + size
    }
    return nil
  }
}
