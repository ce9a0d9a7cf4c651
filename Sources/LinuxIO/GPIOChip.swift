internal import CGPIO
package import Drivers
internal import Glibc

/// A line of a chip, as the kernel tells without it being requested.
package struct GPIOLine: Hashable, Sendable {
  package var offset: Int
  /// The board's name, which need not be unique; empty where it has none.
  package var name: String
  /// Who holds it; empty where nobody does or the holder gave no name.
  package var consumer: String
  package var isUsed: Bool
  package var isOutput: Bool
  package var isActiveLow: Bool

  package init(
    offset: Int,
    name: String,
    consumer: String = "",
    isUsed: Bool = false,
    isOutput: Bool = false,
    isActiveLow: Bool = false
  ) {
    self.offset = offset
    self.name = name
    self.consumer = consumer
    self.isUsed = isUsed
    self.isOutput = isOutput
    self.isActiveLow = isActiveLow
  }
}

/// A GPIO chip of this box.
package struct GPIOChip: Hashable, Sendable {
  /// The kernel's name, as `gpiochip0`; it may change from boot to boot.
  package var name: String
  /// The device node.
  package var path: String
  /// The driver's name for it, which stays; empty where the chip cannot be opened.
  package var label: String
  package var lines: [GPIOLine]
  /// Why label and lines are missing; `nil` where they are not.
  package var problem: PortError?

  package init(
    name: String,
    path: String,
    label: String,
    lines: [GPIOLine],
    problem: PortError? = nil
  ) {
    self.name = name
    self.path = path
    self.label = label
    self.lines = lines
    self.problem = problem
  }
}

/// What the box has of GPIO; looking changes no line.
package enum GPIOInventory {
  /// The major version of libgpiod this program was built with.
  package static let libraryMajor = Int(YZ_GPIO_MAJOR)

  /// All chips with their lines, also those that this process may not open.
  ///
  /// Chips come from the kernel's list and not from names in `/dev`, where links of some boards
  /// show one chip twice.
  package static func chips(root: String = "/") -> [GPIOChip] {
    let sysfs = Sysfs(root: root)
    let names = sysfs.names(in: "sys/bus/gpio/devices").filter { $0.hasPrefix("gpiochip") }
    return names.map { chip(named: $0, path: sysfs.path("dev/\($0)")) }
  }

  static func chip(named name: String, path: String) -> GPIOChip {
    var found = GPIOChip(name: name, path: path, label: "", lines: [])
    do throws(PortError) {
      let chip = try OpenChip(path: path)
      let info = try chip.info()
      found.label = info.label
      for offset in 0..<info.lines { found.lines.append(try chip.line(offset)) }
    } catch {
      found.problem = error
    }
    return found
  }
}

/// A chip that is open for looking at it.
@safe private struct OpenChip: ~Copyable {
  private let raw: OpaquePointer
  private let path: String

  init(path: String) throws(PortError) {
    guard let raw = unsafe gpiod_chip_open(path) else {
      throw PortError(operation: "gpiod_chip_open", errno: errno, path: path)
    }
    unsafe self.raw = raw
    self.path = path
  }

  deinit {
    unsafe gpiod_chip_close(raw)
  }

  func info() throws(PortError) -> (label: String, lines: Int) {
    var info = yz_chip_info()
    let code = unsafe yz_chip_describe(raw, &info)
    guard code == 0 else {
      throw PortError(operation: "GPIO_GET_CHIPINFO", errno: -code, path: path)
    }
    return (unsafe withUnsafeBytes(of: &info.label) { unsafe Sysfs.text($0) }, Int(info.lines))
  }

  func line(_ offset: Int) throws(PortError) -> GPIOLine {
    var info = yz_line_info()
    let code = unsafe yz_line_describe(raw, UInt32(offset), &info)
    guard code == 0 else {
      throw PortError(operation: "GPIO_GET_LINEINFO", errno: -code, path: path)
    }
    return GPIOLine(
      offset: offset,
      name: unsafe withUnsafeBytes(of: &info.name) { unsafe Sysfs.text($0) },
      consumer: unsafe withUnsafeBytes(of: &info.consumer) { unsafe Sysfs.text($0) },
      isUsed: info.used,
      isOutput: info.output,
      isActiveLow: info.active_low
    )
  }
}
