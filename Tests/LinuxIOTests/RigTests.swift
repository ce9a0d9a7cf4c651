import Domain
import Drivers
import Foundation
import Glibc
import LinuxIO
import Testing

/// The rig's virtual hardware, through the helpers of Tests/Rig/guest/devices.sh.
enum Rig {
  static let isHere = ProcessInfo.processInfo.environment["YIZHAN_RIG"] == "1"

  /// Runs shell commands with the helpers at hand; returns what they print.
  @discardableResult
  static func run(_ script: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/bin/sh")
    process.arguments = ["-euc", ". /rig/devices.sh; \(script)"]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let bytes = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0, "\(script)")
    return String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
  }

  /// The device side of a gadget; non-blocking, so that a test ends.
  static func open(_ node: String) throws -> Int32 {
    let descriptor = unsafe Glibc.open(node, O_RDWR | O_NONBLOCK)
    try #require(descriptor >= 0, "\(node): errno \(errno)")
    return descriptor
  }

  static func write(_ descriptor: Int32, _ bytes: [UInt8]) async throws {
    for _ in 0..<100 {
      if unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count { return }
      try await Task.sleep(for: .milliseconds(20))
    }
    Issue.record("the gadget took no bytes")
  }

  /// Reads up to `count` bytes within two seconds.
  static func read(_ descriptor: Int32, upTo count: Int) async throws -> [UInt8] {
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 8192)
    for _ in 0..<100 where all.count < count {
      let taken = unsafe Glibc.read(descriptor, &chunk, min(chunk.count, count - all.count))
      if taken > 0 {
        all += chunk[..<taken]
      } else {
        try await Task.sleep(for: .milliseconds(20))
      }
    }
    return all
  }
}

/// A real kernel with virtual devices.
///
/// Serialized, because the tests share gpio-sim's chips and sixteen USB ports.
@Suite(.serialized, .enabled(if: Rig.isHere), .timeLimit(.minutes(2)))
struct RigTests {
  private static let lines = [
    LineSpec(role: "go", address: .name("GO"), activeLow: false),
    LineSpec(role: "stop", address: .name("STOP"), activeLow: true, bias: .pullUp),
  ]
  private static let lamp = LineSpec(role: "lamp", address: .name("LAMP"), activeLow: true)
  private static let beeper = LineSpec(
    role: "beeper",
    address: .offset(chip: "rigtest", 3),
    activeLow: false
  )

  /// The edges that come within a second, until there are enough.
  private func edges(_ bank: GPIOLineBank, _ count: Int) throws -> EdgeBatch {
    var all = EdgeBatch(edges: [], lost: false)
    for _ in 0..<50 where all.edges.count < count {
      var polls = bank.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
      _ = unsafe poll(&polls, nfds_t(polls.count), 20)
      for ready in polls where ready.revents & Int16(POLLIN) != 0 {
        let batch = try bank.edges(of: ready.fd)
        all.edges += batch.edges
        all.lost = all.lost || batch.lost
      }
    }
    return all
  }

  private func now() -> Instant {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }

  @Test func `lines work as they are wired, and fall when they are let go`() throws {
    try Rig.run("gpio_up rigtest GO STOP LAMP - ; gpio_pull GO down; gpio_pull STOP up")
    defer { _ = try? Rig.run("gpio_down rigtest") }
    let beeper = "cat $(gpio_folder_of LAMP | sed s/gpio2/gpio3/)/value"
    let bank = try GPIOLineBank(inputs: Self.lines, outputs: [Self.lamp, Self.beeper])

    // Inactive from the request on: active-low means high.
    #expect(try Rig.run("gpio_value LAMP; \(beeper)") == "1\n0")
    #expect(try bank.levels() == [false, false])
    try bank.set(0, true)
    try bank.set(1, true)
    #expect(try Rig.run("gpio_value LAMP; \(beeper)") == "0\n1")

    for descriptor in bank.descriptors {
      #expect(try bank.edges(of: descriptor) == EdgeBatch(edges: [], lost: false))
    }
    let before = now()
    try Rig.run("gpio_pull GO up; sleep 0.1; gpio_pull STOP down; sleep 0.1; gpio_pull GO down")
    let batch = try edges(bank, 3)
    let seen = batch.edges.sorted { $0.at < $1.at }
    #expect(seen.map(\.input) == [0, 1, 0])
    #expect(seen.map(\.active) == [true, true, false])
    #expect(seen.allSatisfy { $0.at > before && $0.at < now() })
    #expect(!batch.lost)
    #expect(try bank.levels() == [false, true])

    bank.release()
    bank.release()
    let wild = try GPIOLineBank(inputs: [Self.lines[0]], outputs: [], consumer: "again")
    #expect(try wild.levels() == [false])
  }

  @Test func `edges that the kernel had no room for are told`() throws {
    try Rig.run("gpio_up rigtest GO STOP LAMP - ; gpio_pull GO down")
    defer { _ = try? Rig.run("gpio_down rigtest") }
    let bank = try GPIOLineBank(inputs: [Self.lines[0]], outputs: [])
    try Rig.run(
      "i=0; while [ $i -lt 20 ]; do gpio_pull GO up; sleep 0.02; gpio_pull GO down; sleep 0.02; "
        + "i=$((i + 1)); done"
    )
    #expect(try edges(bank, 16).lost)
    try Rig.run("gpio_pull GO up")
    let next = try edges(bank, 1)
    #expect(!next.lost)
    #expect(next.edges.last?.active == true)
  }

  @Test func `what refuses a line is named`() throws {
    try Rig.run("gpio_up rigtest GO STOP LAMP - ; gpio_up other LAMP")
    defer { _ = try? Rig.run("gpio_down rigtest; gpio_down other") }
    let holder = try GPIOLineBank(inputs: Self.lines, outputs: [], consumer: "holder")
    #expect(throws: LineFault.busy(consumer: "holder").trouble(Self.lines[1])) {
      try GPIOLineBank(inputs: [], outputs: [Self.lines[1]])
    }
    let twin = LineSpec(
      role: "twin",
      address: .offset(chip: "rigtest", 3),
      activeLow: false
    )
    #expect(throws: LineFault.taken(byRole: "twin").trouble(Self.beeper)) {
      try GPIOLineBank(inputs: [twin], outputs: [Self.beeper])
    }
    let error = #expect(throws: Trouble.self) {
      try GPIOLineBank(inputs: [], outputs: [Self.lamp])
    }
    #expect(error?.cause.contains("several lines are named LAMP") == true)
    let lines = GPIOInventory.chips().flatMap(\.lines)
    #expect(lines.contains { $0.name == "GO" && $0.consumer == "holder" && $0.isUsed })
    holder.release()
  }

  @Test func `a scale's reports all arrive, and its unplugging ends the wait`() async throws {
    let node = try Rig.run("scale_up rigscale")
    let gadget = try Rig.open(node)
    defer { close(gadget) }
    let opener = HIDRawOpener(
      role: "scale",
      matching: [USBMatch(vendor: 0x0922)],
      usagePage: 0x8D
    )
    #expect(try opener.find().usb.serialNumber == "RIG-rigscale")
    let scale = try await opener.open()
    #expect(HIDNode.usagePage(of: scale.descriptor) == 0x8D)
    #expect(try await scale.receive(within: .milliseconds(50)) == nil)

    for weight in UInt8(0)..<20 { try await Rig.write(gadget, [3, 4, 3, 0xFD, weight, 0]) }
    for weight in UInt8(0)..<20 {
      #expect(try await scale.receive(within: .seconds(2)) == [3, 4, 3, 0xFD, weight, 0])
    }
    try await scale.send([2, 2])
    #expect(try await Rig.read(gadget, upTo: 2) == [2, 2])
    // It has an endpoint for reports out, and stalls them on the control endpoint.
    await #expect(throws: PortError.stalled) { try await scale.sendFeature([2, 2]) }

    let events = try DeviceEvents()
    var nudges = events.events(of: ["hidraw"]).makeAsyncIterator()
    let waiting = Task { try await scale.receive(within: .seconds(30)) }
    try await Task.sleep(for: .milliseconds(100))
    try Rig.run("unplug rigscale")
    await #expect(throws: PortError.vanished) { try await waiting.value }
    await #expect(throws: PortError.vanished) { try await scale.send([2, 2]) }
    await scale.close()
    #expect(await nudges.next()?.action == "remove")
    await #expect(throws: PortError.absent) { _ = try await opener.open() }

    try Rig.run("plug rigscale")
    #expect(await nudges.next()?.subsystem == "hidraw")
    let again = try await opener.open()
    await again.close()
    try Rig.run("unplug rigscale")
  }

  @Test func `a wait ends at once when its task is cancelled`() async throws {
    try Rig.run("printer_up rigcancel")
    defer { _ = try? Rig.run("unplug rigcancel") }
    let match = USBMatch(serialNumber: "RIG-rigcancel")
    let printer = try await USBPrinterOpener(role: "printer", matching: [match]).open()
    let start = ContinuousClock.now
    let reading = Task { try await printer.read(upTo: 8, within: .seconds(60)) }
    // More than its queue holds: it cannot end by itself.
    let label = [UInt8](repeating: 0x55, count: 100_000)
    let writing = Task { try await printer.write(label[...], within: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(500))
    reading.cancel()
    writing.cancel()
    #expect(try await reading.value.isEmpty)
    #expect(try await writing.value < label.count)
    #expect(ContinuousClock.now - start < .seconds(10))
    await printer.close()
  }

  @Test func `a printer takes a label whole, stops without loss and answers`() async throws {
    let node = try Rig.run("printer_up rigprinter")
    let gadget = try Rig.open(node)
    defer { close(gadget) }
    let match = USBMatch(vendor: 0x1203, serialNumber: "RIG-rigprinter")
    let opener = USBPrinterOpener(role: "printer", matching: [match])
    let printer = try await opener.open()
    #expect(String(decoding: printer.deviceID, as: UTF8.self).contains("MDL:TE244"))

    // The gadget reads nothing: what is taken is counted, and sending goes on from there.
    let label = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 31) }
    var sent = try await printer.write(label[...], within: .seconds(1))
    #expect(sent < label.count)
    let reading = Task { try await Rig.read(gadget, upTo: label.count) }
    while sent < label.count {
      let more = try await printer.write(label[sent...], within: .seconds(5))
      try #require(more > 0)
      sent += more
    }
    #expect(try await reading.value == label)

    try await Rig.write(gadget, Array("READY".utf8))
    try await Rig.write(gadget, Array("\u{1}".utf8))
    var heard: [UInt8] = []
    while heard.count < 6 {
      let bytes = try await printer.read(upTo: 4, within: .seconds(3))
      try #require(!bytes.isEmpty)
      heard += bytes
    }
    #expect(heard == Array("READY\u{1}".utf8))
    #expect(try await printer.read(upTo: 4, within: .milliseconds(100)).isEmpty)

    await printer.close()
    // usblp has got it back.
    #expect(try Rig.run("wait_until 5 host_device rigprinter; host_device rigprinter") != "")
    try Rig.run("unplug rigprinter")
  }

  @Test func `a printer that is unplugged in the middle of a label has vanished`() async throws {
    try Rig.run("printer_up riggone")
    let match = USBMatch(serialNumber: "RIG-riggone")
    let opener = USBPrinterOpener(
      role: "printer",
      matching: [match],
      isUnidirectional: true,
      staysDetached: true
    )
    let printer = try await opener.open()
    #expect(try await printer.read(upTo: 8, within: .seconds(60)).isEmpty)
    let label = [UInt8](repeating: 0x55, count: 100_000)
    let writing = Task { try await printer.write(label[...], within: .seconds(60)) }
    try await Task.sleep(for: .milliseconds(500))
    try Rig.run("unplug riggone")
    await #expect(throws: PortError.vanished) { try await writing.value }
    await #expect(throws: PortError.vanished) {
      try await printer.write(label[...], within: .seconds(1))
    }
    await printer.close()
    await #expect(throws: PortError.absent) { _ = try await opener.open() }
  }
}
