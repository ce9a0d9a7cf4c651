import Drivers
import LinuxIO
import Testing

struct PrinterInterfaceTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  private func choose(_ parts: [[UInt8]], configuration: Int = 1) -> PrinterInterface? {
    let descriptors = Vector.device + Vector.configuration(value: 1) + parts.flatMap(\.self)
    return PrinterInterface(descriptors: descriptors, configuration: configuration)
  }

  @Test func `both ways are preferred to one way, and one way to IEEE 1284·4`() {
    let found = choose([
      Vector.interface(0, alternate: 0, protocol: 3), Vector.bulk(0x01), Vector.bulk(0x81),
      Vector.interface(0, alternate: 1, protocol: 1), Vector.bulk(0x02),
      Vector.interface(0, alternate: 2, protocol: 2), Vector.bulk(0x03),
      Vector.bulk(0x84, packet: 512),
    ])
    #expect(found?.alternate == 2)
    #expect(found?.hasAlternates == true)
    #expect(found?.output == 3)
    #expect(found?.input == 0x84)
    #expect(found?.inputPacket == 512)

    let oneWay = choose([
      Vector.interface(0, alternate: 0, protocol: 3), Vector.bulk(0x01),
      Vector.interface(0, alternate: 1, protocol: 1), Vector.bulk(0x02),
    ])
    #expect(oneWay?.alternate == 1)
    #expect(oneWay?.input == nil)
  }

  @Test func `a composite device prints on its printer interface, by the first bulk endpoints`() {
    let interruptEndpoint: [UInt8] = [7, 5, 0x82, 3, 8, 0, 10]
    let found = choose([
      Vector.interface(0, class: 3, protocol: 0), interruptEndpoint,
      Vector.interface(1, protocol: 2), interruptEndpoint, Vector.bulk(0x83), Vector.bulk(0x03),
      Vector.bulk(0x84), Vector.bulk(0x04),
    ])
    #expect(found?.number == 1)
    #expect(found?.hasAlternates == false)
    #expect(found?.output == 3)
    #expect(found?.input == 0x83)
  }

  @Test func `only the configuration that is set counts`() {
    let other =
      Vector.configuration(value: 2) + Vector.interface(0, protocol: 2)
      + Vector.bulk(0x05)
    let parts = [Vector.interface(0, class: 255, protocol: 0), Vector.bulk(0x01), other]
    #expect(choose(parts) == nil)
    #expect(choose(parts, configuration: 2)?.output == 5)
    #expect(choose(parts, configuration: 2)?.configurationIndex == 1)
  }

  @Test func `without an endpoint to print to there is no printer`() {
    #expect(choose([Vector.interface(0, protocol: 2), Vector.bulk(0x81)]) == nil)
    #expect(choose([]) == nil)
  }

  @Test func `descriptors that are cut off or lie about their length do no harm`() {
    let whole =
      Vector.device + Vector.configuration(value: 1)
      + Vector.interface(0, protocol: 2) + Vector.bulk(0x01) + Vector.bulk(0x81, packet: 0)
    for count in 0..<whole.count {
      let part = Array(whole[..<count])
      _ = PrinterInterface(descriptors: part, configuration: 1)
      _ = PrinterInterface(descriptors: part + [0, 0, 0], configuration: 1)
      _ = PrinterInterface(descriptors: part + [255, 4], configuration: 1)
      _ = PrinterInterface(descriptors: part + [3, 4, 1], configuration: 0)
    }
    // A way back without room for a byte is none.
    #expect(PrinterInterface(descriptors: whole, configuration: 1)?.input == nil)
  }

  static let printer =
    Vector.device + Vector.configuration(value: 1) + Vector.interface(0, protocol: 2)
    + Vector.bulk(0x01) + Vector.bulk(0x81)

  @Test func `a printer is found by port, with the node of its bus and address`() throws {
    try tree.addUSB(port: "1-1", code: ("0483", "5743"), descriptors: Self.printer, address: 7)
    try tree.addUSB(port: "1-1.4", code: ("0483", "5743"), descriptors: Self.printer, address: 12)
    let find = { (match: USBMatch) in
      try USBPrinterOpener(role: "printer", matching: [match], root: tree.root).find().0.node
    }
    #expect(try find(USBMatch(port: "1-1.4")) == "dev/bus/usb/001/012")
    #expect(try find(USBMatch()) == "dev/bus/usb/001/007")
    #expect(throws: PortError.absent) { try find(USBMatch(vendor: 0x1203)) }
  }

  @Test func `a device that is named and does not print is unsuitable, not absent`() throws {
    try tree.addUSB(port: "1-2", code: ("0922", "8003"), descriptors: Vector.device)
    let find = { (match: USBMatch) in
      try USBPrinterOpener(role: "printer", matching: [match], root: tree.root).find()
    }
    #expect(throws: PortError.absent) { try find(USBMatch()) }
    #expect(
      throws: PortError.unsuitable(reason: "0922:8003 at 1-2 has no printer interface")
    ) { try find(USBMatch(port: "1-2")) }
  }

  @Test(.timeLimit(.minutes(5)))
  func `opening a node that is no USB device fails with its cause`() async throws {
    try tree.addUSB(port: "1-1", code: ("0483", "5743"), descriptors: Self.printer)
    let opener = USBPrinterOpener(role: "printer", matching: [], root: tree.root)
    await #expect(throws: PortError.absent) { _ = try await opener.open() }
    try tree.write("dev/bus/usb/001/004", "no device")
    await #expect(throws: PortError.self) { _ = try await opener.open() }
  }
}
