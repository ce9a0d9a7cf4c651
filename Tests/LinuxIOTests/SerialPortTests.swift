import Domain
import Drivers
import Glibc
import LinuxIO
import Testing

/// Serial ports over pseudo terminals, which have neither speed nor framing of their own.
@Suite(.timeLimit(.minutes(2)))
struct SerialPortTests {
  private let device: PseudoTerminal
  private let tree: FakeTree

  init() throws {
    device = try PseudoTerminal()
    tree = try FakeTree()
  }

  private func opener(_ line: SerialLine = SerialLine(baud: 9600)) -> SerialOpener {
    SerialOpener(role: "scale", at: .path(device.path), line: line)
  }

  /// So many bytes of a port, or what came before it fell silent.
  private static func receive(_ count: Int, from port: StreamDevice) async throws -> [UInt8] {
    var all: [UInt8] = []
    while all.count < count, let bytes = try await port.receive(within: .seconds(10)) {
      all += bytes
    }
    return all
  }

  static let lines = [
    SerialLine(baud: 9600),
    SerialLine(baud: 9600, dataBits: 7, parity: .even),
    SerialLine(baud: 19_200, parity: .even),
    SerialLine(baud: 4800, dataBits: 7, stopBits: 2, isRS485: true),
  ]

  @Test(arguments: lines)
  func `every byte travels as it is, both ways`(line: SerialLine) async throws {
    let port = try await opener(line).open()
    #expect(port.descriptor.isEmpty)
    // Line ends, XON and XOFF, ESC, the keys of signals and 0xFF are bytes like others.
    let all = (0...255).map { UInt8($0) } + [0x0D, 0x0D, 0x0A, 0xFF, 0xFF, 0x00]
    try device.write(all)
    #expect(try await Self.receive(all.count, from: port) == all)
    try await port.send(all)
    #expect(try await device.read(all.count) == all)
    // Nothing was echoed.
    #expect(try await port.receive(within: .milliseconds(50)) == nil)
    await port.close()
  }

  @Test func `what has come is handed out together`() async throws {
    let port = try await opener().open()
    let all = [UInt8](repeating: 0x55, count: 2000)
    try device.write(all)
    var count = 0
    var pieces = 0
    while count < all.count, let bytes = try await port.receive(within: .seconds(10)) {
      count += bytes.count
      pieces += 1
    }
    #expect(count == all.count)
    #expect(pieces < 100)
    await port.close()
  }

  @Test func `what came before the opening is dropped`() async throws {
    try device.write(Array("old\n".utf8))
    let port = try await opener().open()
    try device.write(Array("new".utf8))
    #expect(try await Self.receive(3, from: port) == Array("new".utf8))
    await port.close()
  }

  @Test func `a port has one owner at a time`() async throws {
    let port = try await opener().open()
    await #expect(throws: PortError.busy(path: device.path)) { _ = try await opener().open() }
    // The refused one has not unlocked it.
    await #expect(throws: PortError.busy(path: device.path)) { _ = try await opener().open() }
    await port.close()
    let again = try await opener().open()
    await again.close()
    // What is closed stays so.
    await #expect(throws: PortError.vanished) { try await again.send([1]) }
    await again.close()
  }

  @Test func `a port that nobody holds any more is closed by itself`() async throws {
    do { _ = try await opener().open() }
    var again: StreamDevice?
    while again == nil {
      again = try? await opener().open()
      if again == nil { try await Task.sleep(for: .milliseconds(10)) }
    }
    await again?.close()
  }

  @Test func `a hang-up ends the wait and frees the port`() async throws {
    let port = try await opener().open()
    let waiting = Task { try await port.receive(within: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    device.hangUp()
    await #expect(throws: PortError.vanished) { try await waiting.value }
    await #expect(throws: PortError.vanished) { try await port.receive(within: .seconds(1)) }
    await #expect(throws: PortError.vanished) { try await port.send([1]) }
    await port.close()
  }

  @Test func `a wait ends with its time or its task, and nothing is lost`() async throws {
    let port = try await opener().open()
    #expect(try await port.receive(within: .milliseconds(20)) == nil)
    let waiting = Task { try await port.receive(within: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(50))
    waiting.cancel()
    #expect(try await waiting.value == nil)
    try device.write([1, 2, 3])
    #expect(try await Self.receive(3, from: port) == [1, 2, 3])
    await port.close()
  }

  @Test func `a device that takes nothing stops the sending, but not the reading`() async throws {
    let port = try await opener().open()
    // More than the kernel keeps for a device that does not read.
    let sending = Task { try await port.send([UInt8](repeating: 0x55, count: 1_000_000)) }
    try await Task.sleep(for: .milliseconds(50))
    try device.write([7])
    #expect(try await Self.receive(1, from: port) == [7])
    sending.cancel()
    await #expect(throws: PortError.io(operation: "write", errno: ETIMEDOUT)) {
      try await sending.value
    }
    await port.close()
  }

  @Test func `a long message waits until there is room`() async throws {
    let port = try await opener().open()
    let label = (0..<50_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    let sending = Task { try await port.send(label) }
    #expect(try await device.read(label.count) == label)
    try await sending.value
    await port.close()
  }

  @Test func `what only HID devices know is refused`() async throws {
    let port = try await opener().open()
    await #expect(throws: PortError.stalled) { try await port.sendFeature([1, 2]) }
    await port.close()
  }

  @Test(arguments: [1200, 9600, 12_345, 250_000])
  func `the driver is given the speed, and nothing else but bytes`(baud: Int) async throws {
    let port = try await opener(SerialLine(baud: baud)).open()
    let words = try device.settings()
    #expect(words[9] == UInt32(baud) && words[10] == UInt32(baud))
    // Nothing but INPCK of the input, nothing of the output, no echo and no keys.
    #expect(words[0] == 0x10 && words[1] == 0 && words[3] == 0)
    // CREAD and CLOCAL; neither HUPCL nor CRTSCTS.
    #expect(words[2] & 0x8000_0C80 == 0x880)
    await port.close()
  }

  @Test func `a path that leads nowhere, or not to a serial port, says so`() async throws {
    let line = SerialLine(baud: 9600)
    let nowhere = SerialOpener(role: "scale", at: .path("\(tree.root)/dev/none"), line: line)
    await #expect(throws: PortError.absent) { _ = try await nowhere.open() }
    try tree.write("dev/file", "text")
    let path = "\(tree.root)/dev/file"
    let file = SerialOpener(role: "scale", at: .path(path), line: line)
    #expect(file.label == "scale (\(path))")
    await #expect(throws: PortError.unsuitable(reason: "\(path) is no serial port")) {
      _ = try await file.open()
    }
  }

  @Test func `a link is followed anew at each opening`() async throws {
    let other = try PseudoTerminal()
    let opener = SerialOpener(
      role: "scale",
      at: .path("/dev/serial/by-path/x"),
      line: SerialLine(baud: 9600),
      root: tree.root
    )
    for device in [device, other] {
      try tree.point("dev/serial/by-path/x", to: device.path)
      let port = try await opener.open()
      try device.write([9])
      #expect(try await Self.receive(1, from: port) == [9])
      await port.close()
    }
  }

  @Test func `the port of the box tells two adaptors apart`() async throws {
    let other = try PseudoTerminal()
    for (index, device) in [device, other].enumerated() {
      let port = "1-1.\(index + 2)"
      let usb = try tree.addUSB(port: port, code: ("1a86", "7523"))
      try tree.addTTY("ttyUSB\(index)", on: "\(usb)/\(port):1.0/ttyUSB\(index)")
      try tree.point("dev/ttyUSB\(index)", to: device.path)
    }
    let opener = { (match: USBMatch) in
      SerialOpener(
        role: "scale",
        at: .usb([match]),
        line: SerialLine(baud: 9600),
        root: tree.root
      )
    }
    let second = try await opener(USBMatch(port: "1-1.3")).open()
    try await second.send([3])
    #expect(try await other.read(1) == [3])
    await second.close()
    #expect(try opener(USBMatch(vendor: 0x1A86)).find().name == "ttyUSB0")
    #expect(throws: PortError.absent) { try opener(USBMatch(vendor: 0x0403)).find() }
  }

  @Test func `a printer on a line takes what fits in the time, and answers bit by bit`()
    async throws
  {
    let printer = try await SerialPrinterOpener(opener()).open()
    #expect(printer.deviceID.isEmpty)
    let job = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    // Nobody takes anything at the far end: some of it stays with the kernel, the rest with us.
    let taken = try await printer.write(job[...], within: .milliseconds(50))
    try #require(taken > 0 && taken < job.count, "\(taken)")
    #expect(try await device.read(taken) == Array(job[..<taken]))
    try device.write([0x10, 0x20, 0x30])
    #expect(try await printer.read(upTo: 1, within: .seconds(10)) == [0x10])
    #expect(try await printer.read(upTo: 8, within: .seconds(10)) == [0x20, 0x30])
    #expect(try await printer.read(upTo: 1, within: .milliseconds(20)) == [])
    device.hangUp()
    await #expect(throws: PortError.vanished) {
      _ = try await printer.write(job[...], within: .seconds(10))
    }
    await printer.close()
  }
}
