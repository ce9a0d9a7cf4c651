import Domain
import LinuxIO

/// One thing that is plugged into the box, whether this user may open it or not.
package struct InventoryItem: Hashable, Sendable {
  /// What it seems to be, as `scale`, `printer`, `gpio`.
  package var kind: String
  /// Vendor and product as `0922:8003`, or a chip's name.
  package var code: String
  /// The socket it sits in, as `1-1.3`, or a node.
  package var port: String
  /// The maker's and the device's own words.
  package var name: String
  package var isAccessible: Bool
  /// What to do where it cannot be used.
  package var hint: String

  package init(
    kind: String,
    code: String,
    port: String,
    name: String,
    isAccessible: Bool = true,
    hint: String = ""
  ) {
    self.kind = kind
    self.code = code
    self.port = port
    self.name = name
    self.isAccessible = isAccessible
    self.hint = hint
  }

  var json: JSON {
    .object([
      "kind": .string(kind), "code": .string(code), "port": .string(port), "name": .string(name),
      "accessible": .bool(isAccessible), "hint": .string(hint),
    ])
  }
}

/// Finds out what is plugged in, without the daemon.
package enum Inventory {
  /// Lists the devices of this box.
  static func read() -> [InventoryItem]? {
    DeviceInventory.devices().map { device in
      InventoryItem(
        kind: device.kind.rawValue,
        code: device.usb.map { "\($0.vendor.hex):\($0.product.hex)" } ?? device.node,
        port: device.usb?.port ?? device.node,
        name: device.name,
        isAccessible: device.isAccessible,
        hint: device.hint
      )
    }
  }
}

extension UInt16 {
  /// Four small digits, as `lsusb` writes vendors and products.
  var hex: String {
    let digits = String(self, radix: 16)
    return String(repeating: "0", count: 4 - digits.count) + digits
  }
}
