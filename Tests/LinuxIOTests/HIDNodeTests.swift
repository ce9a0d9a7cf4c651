import Drivers
import LinuxIO
import Testing

struct HIDNodeTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  static let descriptors: [(bytes: [UInt8], page: UInt16)] = [
    (Vector.scale, 0x8D),
    (Vector.keyboard, 1),
    // A long item before the page is stepped over.
    ([0xFE, 0x02, 0x10, 0xAA, 0xBB] + Vector.scale, 0x8D),
    // The page as two bytes, and within the usage.
    ([0x06, 0x8D, 0x00, 0x09, 0x20, 0xA1, 0x01], 0x8D),
    ([0x05, 0x01, 0x0B, 0x20, 0x00, 0x8D, 0x00, 0xA1, 0x01], 0x8D),
  ]

  @Test(arguments: descriptors)
  func `the page of the first collection is found`(descriptor: [UInt8], page: UInt16) {
    #expect(HIDNode.usagePage(of: descriptor) == page)
  }

  @Test func `a descriptor that is cut off has no page and does no harm`() {
    for count in 0..<6 {
      #expect(HIDNode.usagePage(of: Array(Vector.scale[..<count])) == nil)
    }
    for byte in UInt8.min...UInt8.max { #expect(HIDNode.usagePage(of: [byte]) == nil) }
    #expect(HIDNode.usagePage(of: [0xFE]) == nil)
    #expect(HIDNode.usagePage(of: [0xFE, 0xFF, 0x00]) == nil)
  }

  private func addTwoInterfaces() throws {
    let keyboard = try tree.addUSB(port: "1-1.2", code: ("0922", "8003"), serial: "A1")
    let scale = try tree.addUSB(port: "1-1.3", code: ("0922", "8003"), serial: "A2", address: 5)
    try tree.addHID(
      "hidraw0",
      on: keyboard,
      code: ("0922", "8003"),
      descriptor: Vector.keyboard
    )
    try tree.addHID("hidraw1", on: scale, code: ("0922", "8003"), descriptor: Vector.scale)
  }

  private func opener(_ match: USBMatch, page: UInt16?) -> HIDRawOpener {
    HIDRawOpener(role: "scale", matching: [match], usagePage: page, root: tree.root)
  }

  @Test func `a scale is chosen by its page where ids are equal`() throws {
    try addTwoInterfaces()
    #expect(try opener(USBMatch(vendor: 0x0922), page: 0x8D).find().name == "hidraw1")
    #expect(try opener(USBMatch(), page: nil).find().name == "hidraw0")
  }

  @Test func `port and serial number choose, and a wrong one finds nothing`() throws {
    try addTwoInterfaces()
    #expect(try opener(USBMatch(port: "1-1.3"), page: nil).find().name == "hidraw1")
    #expect(try opener(USBMatch(serialNumber: "A2"), page: nil).find().name == "hidraw1")
    #expect(throws: PortError.absent) {
      try opener(USBMatch(port: "1-1.4"), page: nil).find()
    }
    #expect(throws: PortError.absent) {
      try opener(USBMatch(product: 0x8004), page: 0x8D).find()
    }
  }

  @Test func `a device that is no scale is refused with its page`() throws {
    let usb = try tree.addUSB(port: "1-1", code: ("04d9", "8010"))
    try tree.addHID("hidraw0", on: usb, code: ("04d9", "8010"), descriptor: Vector.keyboard)
    #expect(
      throws: PortError.unsuitable(reason: "04d9:8010 speaks HID usage page 0001, not 008d")
    ) {
      try opener(USBMatch(vendor: 0x04D9), page: 0x8D).find()
    }
  }

  @Test(.timeLimit(.minutes(5)))
  func `opening an absent device says so and leaves no thread behind`() async throws {
    await #expect(throws: PortError.absent) {
      _ = try await opener(USBMatch(), page: 0x8D).open()
    }
  }
}
