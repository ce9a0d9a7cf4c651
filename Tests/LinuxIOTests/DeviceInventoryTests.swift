import Drivers
import LinuxIO
import Testing

struct DeviceInventoryTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  private func fillBox() throws {
    let scale = try tree.addUSB(port: "1-1.2", code: ("0922", "8003"), serial: "77")
    try tree.addHID("hidraw0", on: scale, code: ("0922", "8003"), descriptor: Vector.scale)
    let printer = try tree.addUSB(
      port: "1-1.3",
      code: ("1203", "0140"),
      descriptors: PrinterInterfaceTests.printer,
      address: 6
    )
    try tree.write("\(printer)/if0/x", "")
    try tree.write("sys/bus/usb/devices/1-1.3:1.0/ieee1284_id", "MFG:TSC;MDL:TE244;")
    try tree.write("dev/bus/usb/001/006", "")
    let adapter = try tree.addUSB(port: "1-1.4", code: ("1a86", "7523"), address: 8)
    try tree.write("\(adapter)/1-1.4:1.0/ttyUSB0/x", "")
    try tree.link("sys/class/tty/ttyUSB0/device", to: "\(adapter)/1-1.4:1.0/ttyUSB0")
    try tree.write("sys/class/tty/ttyS0/type", "0")
    try tree.write("sys/devices/platform/serial8250/x", "")
    try tree.link("sys/class/tty/ttyS0/device", to: "sys/devices/platform/serial8250")
    try tree.write("sys/class/tty/tty1/dev", "4:1")
    try tree.write("sys/bus/gpio/devices/gpiochip0/dev", "254:0")
  }

  @Test func `everything that is plugged in is listed, and nothing that is not`() throws {
    try fillBox()
    let devices = DeviceInventory.devices(root: tree.root)
    #expect(devices.map(\.kind) == [.hid, .printer, .serial, .gpio])
    #expect(devices.map(\.usb?.port) == ["1-1.2", "1-1.3", "1-1.4", nil])
    #expect(devices.map(\.usb?.code) == ["0922:8003", "1203:0140", "1a86:7523", nil])
  }

  @Test func `a device says what it is and what to do`() throws {
    try fillBox()
    let devices = DeviceInventory.devices(root: tree.root)
    #expect(devices[0].hint == "a scale: protocol hid-pos")
    #expect(devices[0].usb?.serialNumber == "77")
    #expect(devices[1].printerID == "MFG:TSC;MDL:TE244;")
    #expect(devices[1].node == "\(tree.root)/dev/bus/usb/001/006")
    #expect(devices[2].hint.contains("name it by port 1-1.4"))
  }

  @Test func `a port is named so that it is found again`() throws {
    let adaptor = try tree.addUSB(port: "1-1.4", code: ("0403", "6011"), serial: "FT1")
    for number in 0..<2 {
      let node = "ttyUSB\(number)"
      try tree.addTTY(node, on: "\(adaptor)/1-1.4:1.\(number)/\(node)")
      try tree.write("dev/\(node)", [])
      try tree.link("dev/serial/by-path/usb-1.4:1.\(number)-port0", to: "dev/\(node)")
    }
    try tree.addTTY("ttyS1", on: "sys/devices/pnp0/00:05")
    try tree.write("sys/class/tty/ttyS1/type", "4")
    try tree.write("dev/ttyS1", [])
    let hints = DeviceInventory.devices(root: tree.root).filter { $0.kind == .serial }.map(\.hint)
    #expect(
      hints == [
        "name it by path \(tree.root)/dev/ttyS1",
        "one of 2 lines of its adaptor: name it by path /dev/serial/by-path/usb-1.4:1.0-port0",
        "one of 2 lines of its adaptor: name it by path /dev/serial/by-path/usb-1.4:1.1-port0",
      ]
    )
  }

  @Test func `a device without permission is listed and says so`() throws {
    try fillBox()
    let devices = DeviceInventory.devices(root: tree.root)
    // Its node is not there, which is as good as closed.
    let chip = try #require(devices.last)
    #expect(!chip.isAccessible)
    #expect(chip.hint.contains("no permission"))
    #expect(devices[0].isAccessible)
  }

  @Test(arguments: [
    ("1-1", true), ("1-1.3", true), ("12-1.3.10", true), ("usb1", false), ("1-1:1.0", false),
    ("1-", false), ("-1", false), ("1-1.", false), ("", false), ("1-1-1", false), ("1-a", false),
    ("1-1234", false),
  ])
  func `only a bus with a chain of ports is a port`(name: String, isPort: Bool) {
    #expect(USBMatch.isPort(name) == isPort)
  }
}
