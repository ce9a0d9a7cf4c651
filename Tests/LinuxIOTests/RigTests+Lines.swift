import Domain
import Drivers
import Glibc
import LinuxIO
import Testing

// Serial lines, and scanners in their three modes.

extension RigTests {
  /// So many bytes of a device, or what came before it fell silent.
  private static func receive(_ count: Int, from device: StreamDevice) async throws -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count, let bytes = try await device.receive(within: .seconds(10)) {
      all += bytes
    }
    return all
  }

  /// The keys that come, until there are enough.
  private static func keys(_ count: Int, from device: StreamDevice) async throws -> [[Int]] {
    var all: [[Int]] = []
    while all.count < count, let bytes = try await device.receive(within: .seconds(10)) {
      try #require(bytes.count % 24 == 0)
      all += KeyEvent.keys(of: bytes)
    }
    return all
  }

  /// Who may open a node, as `yizhan 660`.
  private static func access(_ node: String) throws -> String {
    try Rig.run("udevadm settle --timeout=30; stat -c '%G %a' '\(node)'")
  }

  /// The device's end of a serial gadget; it has to be opened anew after each unplugging.
  static func openGadget(_ node: String) throws -> Int32 {
    try Rig.run("stty -F \(node) raw -echo")
    return try Rig.open(node)
  }

  @Test func `a serial line carries every byte both ways, and comes back`() async throws {
    let node = try Rig.run("acm_up rigacm")
    var gadget = try Self.openGadget(node)
    let opener = SerialOpener(
      role: "scale",
      at: .usb([USBMatch(serialNumber: "RIG-rigacm")]),
      line: SerialLine(baud: 19_200, dataBits: 7, parity: .even)
    )
    let events = try DeviceEvents()
    var nudges = events.events(of: ["tty"]).makeAsyncIterator()
    let found = try opener.find()
    #expect(try Self.access("/dev/\(found.name)") == "yizhan 660")
    let port = try await opener.open()
    await #expect(throws: PortError.busy(path: "/dev/\(found.name)")) {
      _ = try await opener.open()
    }

    let all = (0...255).map { UInt8($0) }
    try await port.send(all)
    #expect(try await Rig.read(gadget, upTo: all.count) == all)
    try await Rig.write(gadget, all)
    #expect(try await Self.receive(all.count, from: port) == all)

    let waiting = Task { try await port.receive(within: .seconds(30)) }
    try await Task.sleep(for: .milliseconds(100))
    try Rig.run("unplug rigacm")
    await #expect(throws: PortError.vanished) { try await waiting.value }
    await #expect(throws: PortError.vanished) { try await port.send([1]) }
    await port.close()
    #expect(await nudges.next()?.action == "remove")
    await #expect(throws: PortError.absent) { _ = try await opener.open() }

    close(gadget)
    try Rig.run("plug rigacm")
    #expect(await nudges.next()?.subsystem == "tty")
    gadget = try Self.openGadget(node)
    defer { close(gadget) }
    // Its node was closed, so that the number was free.
    #expect(try opener.find() == found)
    let again = try await opener.open()
    try await Rig.write(gadget, [0x57])
    #expect(try await Self.receive(1, from: again) == [0x57])
    await again.close()
    try Rig.run("unplug rigacm")
  }

  @Test func `a link by path leads to the socket, and a frozen device is let go`() async throws {
    try Rig.run("acm_up rigpath")
    defer { _ = try? Rig.run("unplug rigpath") }
    let found = DeviceInventory.devices().filter { $0.usb?.serialNumber == "RIG-rigpath" }
    #expect(found.map(\.kind) == [.serial])
    let tty = try #require(found.first).node
    let link = try Rig.run("find /dev/serial/by-path -lname '*/\(tty.dropFirst(5))'")
    let opener = SerialOpener(role: "scale", at: .path(link), line: SerialLine(baud: 9600))
    let port = try await opener.open()
    // Nobody reads at the other end, and the kernel would wait 30 s for that.
    try await port.send([1, 2, 3])
    let start = ContinuousClock.now
    await port.close()
    #expect(ContinuousClock.now - start < .seconds(20))
  }

  @Test func `a place where no port is fitted is absent`() async throws {
    // A serial port of the PC that QEMU has not got.
    let line = SerialLine(baud: 9600)
    let opener = SerialOpener(role: "scale", at: .path("/dev/ttyS3"), line: line)
    await #expect(throws: PortError.absent) { _ = try await opener.open() }
  }

  @Test func `a scanner's reports come whole, and it takes orders without an endpoint`()
    async throws
  {
    let node = try Rig.run("scanner_up rigscanner")
    let gadget = try Rig.open(node)
    defer { close(gadget) }
    let opener = HIDRawOpener(
      role: "scanner",
      matching: [USBMatch(vendor: 0x0C2E)],
      usagePage: 0x8C
    )
    #expect(try Self.access("/dev/\(opener.find().name)") == "yizhan 660")
    let scanner = try await opener.open()
    #expect(try await scanner.receive(within: .milliseconds(50)) == nil)

    let text = Array("YT1234567890123".utf8)
    let head: [UInt8] = [2, UInt8(text.count)] + Array("]C0".utf8)
    let report = head + text + [UInt8](repeating: 0, count: 56 - text.count) + [0x6A, 0, 0]
    for _ in 0..<3 { try await Rig.write(gadget, report) }
    for _ in 0..<3 { #expect(try await scanner.receive(within: .seconds(2)) == report) }

    try await scanner.send([4, 2])
    #expect(try await Rig.read(gadget, upTo: 2) == [4, 2])
    try await scanner.sendFeature([4, 8])
    #expect(try await Rig.read(gadget, upTo: 2) == [4, 8])

    let waiting = Task { try await scanner.receive(within: .seconds(30)) }
    try await Task.sleep(for: .milliseconds(100))
    try Rig.run("unplug rigscanner")
    await #expect(throws: PortError.vanished) { try await waiting.value }
    await scanner.close()
  }

  @Test func `a keyboard scanner types for the station alone`() async throws {
    let keyboard = try VirtualKeyboard(vendor: 0x1EAB, product: 0x0C03, name: "Rig wedge")
    let opener = InputOpener(
      role: "scanner",
      matching: [USBMatch(vendor: 0x1EAB, product: 0x0C03)]
    )
    let path = "/dev/\(try opener.find().node.dropFirst(4))"
    #expect(try Self.access(path) == "yizhan 660")
    // Somebody else who listens, as a console does.
    let other = try Rig.open(path)
    defer { close(other) }

    // A key is down: it is taken only once that is up, which the other still sees.
    try keyboard.key(VirtualKeyboard.letterA, 1)
    let opening = Task { try await opener.open() }
    try await Task.sleep(for: .milliseconds(200))
    try keyboard.key(VirtualKeyboard.letterA, 0)
    let scanner = try await opening.value
    let seen = KeyEvent.keys(of: try await Rig.read(other, upTo: 4 * 24))
    #expect(seen == [[30, 1], [30, 0]])
    await #expect(throws: PortError.busy(path: path)) { _ = try await opener.open() }

    let before = Self.microseconds()
    try keyboard.type(VirtualKeyboard.scan)
    let scan = VirtualKeyboard.scan.map { [Int($0.code), Int($0.value)] }
    #expect(try await Self.keys(scan.count, from: scanner) == scan)
    try keyboard.key(VirtualKeyboard.letterA, 1)
    let bytes = try #require(try await scanner.receive(within: .seconds(2)))
    let event = try #require(KeyEvent.all(of: bytes).first)
    #expect((before...Self.microseconds()).contains(event.microseconds))
    try keyboard.key(VirtualKeyboard.letterA, 0)
    await #expect(throws: PortError.stalled) { try await scanner.send([1]) }
    await scanner.close()

    // The other heard none of it, and hears again now.
    try keyboard.type([(3, 1), (3, 0)])
    #expect(KeyEvent.keys(of: try await Rig.read(other, upTo: 4 * 24)) == [[3, 1], [3, 0]])

    let again = try await opener.open()
    let waiting = Task { try await again.receive(within: .seconds(30)) }
    try await Task.sleep(for: .milliseconds(100))
    try keyboard.unplug()
    await #expect(throws: PortError.vanished) { try await waiting.value }
    await again.close()
    await #expect(throws: PortError.absent) { _ = try await opener.open() }
  }

  @Test func `a keyboard that is no scanner's is not opened to the station`() throws {
    let keyboard = try VirtualKeyboard(vendor: 0x046D, product: 0xC31C, name: "Rig keyboard")
    let match = USBMatch(vendor: 0x046D, product: 0xC31C)
    let node = try InputOpener(role: "scanner", matching: [match]).find()
    #expect(try Self.access("/\(node.node)") == "input 660")
    try keyboard.unplug()
  }

  @Test func `a keyboard scanner on USB is found by its port, and comes back`() async throws {
    let node = try Rig.run("wedge_up rigwedge")
    let gadget = try Rig.open(node)
    defer { close(gadget) }
    let device = try #require(
      DeviceInventory.devices().first {
        $0.usb?.serialNumber == "RIG-rigwedge" && $0.kind == .input
      }
    )
    let opener = InputOpener(role: "scanner", matching: [USBMatch(port: device.usb?.port)])
    for isLast in [false, true] {
      #expect(try Self.access(device.node) == "yizhan 660")
      let scanner = try await opener.open()
      // y, with shift; everything up.
      try await Rig.write(gadget, [2, 0, 0x1C, 0, 0, 0, 0, 0])
      try await Rig.write(gadget, [UInt8](repeating: 0, count: 8))
      let keys = try await Self.keys(4, from: scanner)
      #expect(Set(keys) == [[42, 1], [21, 1], [21, 0], [42, 0]])
      try Rig.run("unplug rigwedge")
      await #expect(throws: PortError.vanished) { try await scanner.receive(within: .seconds(30)) }
      await scanner.close()
      if !isLast { try Rig.run("plug rigwedge") }
    }
  }

  private static func microseconds() -> Int64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
  }
}
