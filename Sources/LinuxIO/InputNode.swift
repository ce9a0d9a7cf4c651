internal import Drivers

/// An event device (`evdev`) of this box, as sysfs describes it.
package struct InputNode: Hashable, Sendable {
  /// The kernel's name, as `event3`; it changes from plug to plug.
  package var name: String
  package var usb: USBIdentity
  /// Whether it can type a barcode: letters, digits and Enter.
  package var isKeyboard: Bool

  /// The device node, relative to the root.
  package var node: String { "dev/input/\(name)" }

  /// All event devices.
  package static func all(_ sysfs: Sysfs) -> [InputNode] {
    sysfs.names(in: "sys/class/input").compactMap { InputNode(name: $0, sysfs) }
  }

  /// Reads what the kernel says of one event device.
  ///
  /// - Returns: `nil` where there is none of that name.
  package init?(name: String, _ sysfs: Sysfs) {
    let folder = "sys/class/input/\(name)/device"
    guard name.hasPrefix("event"), let target = sysfs.target(folder) else { return nil }
    let code = { (file: String) in
      sysfs.text("\(folder)/id/\(file)").flatMap { UInt16($0, radix: 16) }
    }
    let found = USBTree.identity(ofTarget: target, sysfs)
    guard let vendor = code("vendor") ?? found?.vendor else { return nil }
    guard let product = code("product") ?? found?.product else { return nil }
    self.name = name
    usb = USBIdentity(
      vendor: vendor,
      product: product,
      serialNumber: sysfs.text("\(folder)/uniq") ?? "",
      port: found?.port ?? "",
      name: sysfs.text("\(folder)/name") ?? ""
    )
    if usb.serialNumber.isEmpty { usb.serialNumber = found?.serialNumber ?? "" }
    isKeyboard = Self.canType(sysfs.text("\(folder)/capabilities/key") ?? "")
  }

  /// Whether a bitmap of keys has what barcodes are typed with.
  ///
  /// As sysfs writes it: words in hexadecimal, the highest first, without leading zeros.
  package static func canType(_ keys: String) -> Bool {
    let words = keys.split(separator: " ").reversed().map { UInt($0, radix: 16) ?? 0 }
    // Digits, Q to P, A to L, Z to M, Enter (linux/input-event-codes.h).
    let needed = [2...11, 16...25, 30...38, 44...50, 28...28].joined()
    return needed.allSatisfy { key in
      let index = key / UInt.bitWidth
      return index < words.count && words[index] >> (key % UInt.bitWidth) & 1 == 1
    }
  }
}
