import Drivers
import LinuxIO
import Testing

struct InputPortTests {
  private let tree: FakeTree

  init() throws {
    tree = try FakeTree()
  }

  /// As kernels write the keys of a keyboard, of its media keys, and of a mouse.
  private static let keyboard =
    "1000000000007 ff9f207ac14057ff febeffdfffefffff fffffffffffffffe"
  private static let media = "3f000301ff 0 0 483ffff17aff32d bfd4444600000000 1 130c730b17c000"
  private static let mouse = "1f0000 0 0 0 0"

  private func opener(_ matches: [USBMatch]) -> InputOpener {
    InputOpener(role: "scanner", matching: matches, root: tree.root)
  }

  /// Two scanners of a kind, the first with a mouse and media keys; and a keyboard for people.
  private func fillBox() throws {
    let people = try tree.addUSB(port: "1-1.1", code: ("046d", "c31c"))
    try tree.addInput("event0", on: people, code: ("046d", "c31c"), keys: Self.keyboard)
    let first = try tree.addUSB(port: "1-1.2", code: ("1eab", "0103"))
    try tree.addInput("event2", on: first, code: ("1eab", "0103"), keys: Self.mouse)
    try tree.addInput("event3", on: first, code: ("1eab", "0103"), keys: Self.media)
    try tree.addInput("event10", on: first, code: ("1eab", "0103"), keys: Self.keyboard)
    let second = try tree.addUSB(port: "1-1.3", code: ("1eab", "0103"), serial: "S2")
    try tree.addInput("event11", on: second, code: ("1eab", "0103"), keys: Self.keyboard)
  }

  @Test func `of a scanner's nodes the one that types is taken`() throws {
    try fillBox()
    let node = try opener([USBMatch(vendor: 0x1EAB)]).find()
    #expect(node.name == "event10")
    #expect(node.usb.port == "1-1.2")
    #expect(node.usb.code == "1eab:0103")
  }

  @Test func `port and serial number choose, and a wrong one finds nothing`() throws {
    try fillBox()
    #expect(try opener([USBMatch(port: "1-1.3")]).find().name == "event11")
    #expect(try opener([USBMatch(serialNumber: "S2")]).find().name == "event11")
    #expect(throws: PortError.absent) { try opener([USBMatch(port: "1-1.9")]).find() }
  }

  @Test(arguments: [[], [USBMatch()], [USBMatch(vendor: 0x1EAB), USBMatch()]])
  func `no keyboard is taken that was not named`(matches: [USBMatch]) throws {
    try fillBox()
    let error = #expect(throws: PortError.self) { try opener(matches).find() }
    guard case .unsuitable(let reason) = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(reason.contains("named by its USB id or port"))
  }

  @Test func `a device that cannot type is refused by name`() throws {
    let mouse = try tree.addUSB(port: "1-1", code: ("04d9", "8010"))
    try tree.addInput("event0", on: mouse, code: ("04d9", "8010"), keys: Self.mouse)
    let reason = "04d9:8010 is no scanner in keyboard mode: it cannot type"
    #expect(throws: PortError.unsuitable(reason: reason)) {
      try opener([USBMatch(vendor: 0x04D9)]).find()
    }
  }

  @Test(arguments: [
    (keyboard, true), (media, false), (mouse, false), ("", false), ("0", false), ("zz", false),
    ("fffffffffffffffe", true),
    // Without Enter (28), without A (30), without 0 (11), without M (50).
    ("ffffffffeffffffe", false), ("ffffffffbffffffe", false), ("fffffffffffff7fe", false),
    ("fffbfffffffffffe", false),
  ])
  func `letters, digits and Enter make a keyboard`(keys: String, isKeyboard: Bool) {
    #expect(InputNode.canType(keys) == isKeyboard)
  }

  @Test func `the inventory lists what can type, and nothing else`() throws {
    try fillBox()
    let inputs = DeviceInventory.devices(root: tree.root).filter { $0.kind == .input }
    #expect(inputs.map(\.usb?.port) == ["1-1.1", "1-1.2", "1-1.3"])
    #expect(inputs.allSatisfy { $0.hint.contains("may be a barcode scanner") })
  }

  @Test(.timeLimit(.minutes(1)))
  func `opening an absent scanner says so`() async throws {
    await #expect(throws: PortError.absent) {
      _ = try await opener([USBMatch(vendor: 0x1EAB)]).open()
    }
  }
}
