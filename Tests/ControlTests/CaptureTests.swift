import Domain
import Drivers
import LinuxIO
import StrictYAML
import Testing
import yizhan

/// What `yizhan capture` shows, and which device it means.
struct CaptureTests {
  private static func at(_ milliseconds: Int) -> Instant {
    Instant.zero + .milliseconds(milliseconds)
  }

  private static let frame = Array("\u{2}+012345319\u{3}".utf8)

  private static func session(_ name: String?, hasReports: Bool = false) throws -> CaptureSession {
    let format = try name.map { try #require(CaptureFormat(protocol: $0)) }
    return try CaptureSession(format, hasReports: hasReports, start: at(0), RenderingTests.en)
  }

  @Test
  func `bytes are shown with their times, their text and the pauses between them`() throws {
    var session = try Self.session(nil)
    #expect(session.receive(Array(Self.frame.prefix(5)), at: Self.at(1012)).isEmpty)
    #expect(session.quiet(at: Self.at(1020)).isEmpty)
    #expect(session.receive(Array(Self.frame.dropFirst(5)), at: Self.at(1030)).isEmpty)
    #expect(
      session.quiet(at: Self.at(1060)) == [
        "   1.012    1.012  02 2B 30 31 32 33 34 35 33 31 39 03              |.+012345319.|"
      ]
    )
    #expect(session.quiet(at: Self.at(1090)).isEmpty)
    #expect(session.receive([0x41], at: Self.at(1112)).isEmpty)
    #expect(
      session.finish(at: Self.at(1113)) == [
        "   1.112    0.082  41" + String(repeating: " ", count: 47) + "|A|"
      ]
    )
    #expect(session.byteCount == 13)
    #expect(session.head == Self.frame + [0x41])
  }

  @Test
  func `a long burst is shown row by row without waiting for its end`() throws {
    var session = try Self.session(nil)
    let lines = session.receive([UInt8](repeating: 0x30, count: 40), at: Self.at(0))
    #expect(lines.count == 2)
    #expect(lines[0].hasPrefix("   0.000    0.000  30 30"))
    #expect(lines[1].hasPrefix(String(repeating: " ", count: 19) + "30 30"))
    #expect(session.finish(at: Self.at(1)).count == 1)
  }

  @Test
  func `each report of a HID device has a line of its own`() throws {
    var session = try Self.session("hid-pos", hasReports: true)
    let first = session.receive([3, 4, 3, 0xFD, 0xD2, 4], at: Self.at(5))
    #expect(first.count == 2)
    #expect(first[0].hasPrefix("   0.005    0.005  03 04 03 FD D2 04"))
    #expect(first[1] == String(repeating: " ", count: 19) + "→ stable  1234 g")
    let second = session.receive([3, 6, 3, 0xFE, 0, 0], at: Self.at(6))
    #expect(second.last?.hasSuffix("→ over") == true)
    #expect(
      session.samples.block(RenderingTests.en) == """
        samples:
          - { bytes: 03 04 03 FD D2 04, state: stable, grams: 1234 }
          - { bytes: 03 06 03 FE 00 00, state: over }
        """
    )
  }

  @Test
  func `a frame that had to repeat itself becomes a sample that says how often`() throws {
    var session = try Self.session("xk3190-continuous")
    for number in 0..<6 { _ = session.receive(Self.frame, at: Self.at(number * 100)) }
    _ = session.finish(at: Self.at(600))
    #expect(session.frames == 6)
    let block = session.samples.block(RenderingTests.en)
    #expect(
      block == """
        samples:
          - { bytes: \(Self.frame.hex), times: 6, state: stable, grams: 12345 }
        """
    )
    let yaml = """
      maker: x
      model: y
      note: z
      source: w
      protocol: xk3190-continuous
      \(block)
      """
    let check = ProfileCheck(.scale, yaml: yaml, file: "scales/x.yaml")
    #expect(check.problems.isEmpty, "\(check.problems)")
    #expect(check.samples == 1)
  }

  @Test
  func `without a protocol each burst waits for what the display showed`() throws {
    var session = try Self.session(nil)
    for number in 0..<3 {
      _ = session.receive([0x41, 0x42 + UInt8(number % 2)], at: Self.at(number * 100))
      _ = session.quiet(at: Self.at(number * 100 + 50))
    }
    #expect(
      session.samples.block(RenderingTests.zh) == """
        samples:
          - { bytes: 41 42, state: , grams: }  # 当时显示多少？
          - { bytes: 41 43, state: , grams: }  # 当时显示多少？
        """
    )
  }

  @Test
  func `a line that only a pause can end is read after it`() throws {
    var session = try Self.session("mt-sics")
    #expect(session.receive(Array("S S     100.00 g\r".utf8), at: Self.at(0)).count == 1)
    #expect(session.quiet(at: Self.at(40)).count == 1, "the rest of the row, and no reading yet")
    #expect(
      session.quiet(at: Self.at(60)) == [String(repeating: " ", count: 19) + "→ stable  100 g"]
    )
  }

  @Test
  func `a scanner that types becomes a sample of keys`() throws {
    let event = { (type: UInt8, code: UInt8, value: UInt8, at: UInt8) in
      [UInt8](repeating: 0, count: 8) + [0, at, 0, 0, 0, 0, 0, 0] + [
        type, 0, code, 0, value, 0, 0, 0,
      ]
    }
    var session = try Self.session("keyboard-wedge")
    var lines: [String] = []
    for (index, key) in ([2, 3, 28] as [UInt8]).enumerated() {
      let at = UInt8(index)
      let bytes =
        event(1, key, 1, at) + event(0, 0, 0, at) + event(1, key, 0, at) + event(0, 0, 0, at)
      lines += session.receive(bytes, at: Self.at(index))
    }
    #expect(lines.last == String(repeating: " ", count: 19) + "→ 12")
    let block = session.samples.block(RenderingTests.en)
    #expect(block == "samples:\n  - { keys: 2d 2u 3d 3u 28d 28u, scan: \"12\" }")
  }

  @Test(arguments: [
    ("scale", DeviceName.scale), ("scanner", .scanner(0)), ("scanner 2", .scanner(1)),
    ("scanner-2", .scanner(1)), ("/dev/ttyUSB0", .node("/dev/ttyUSB0")), ("1-1.3", .port("1-1.3")),
    ("2-1", .port("2-1")), ("0922:8003", .code(USBMatch(vendor: 0x0922, product: 0x8003))),
    ("1203:*", .code(USBMatch(vendor: 0x1203))),
  ])
  func `a device can be named in many ways`(text: String, name: DeviceName) {
    #expect(DeviceName(text) == name)
  }

  @Test(arguments: ["", "printer", "scale-2", "scanner-0", "scanner x", "1-", "1-1.x", "922:8003"])
  func `what names no device is refused`(text: String) {
    #expect(DeviceName(text) == nil)
  }

  private static func usb(_ port: String, _ vendor: UInt16, _ product: UInt16) -> USBIdentity {
    USBIdentity(vendor: vendor, product: product, serialNumber: "", port: port, name: "")
  }

  /// A scale, a scanner that types and has a HID interface for its own tool, an adaptor, a printer.
  private static let box = [
    PluggedDevice(
      kind: .hid,
      node: "/dev/hidraw0",
      usb: usb("1-1.1", 0x0922, 0x8003),
      page: 0x8D
    ),
    PluggedDevice(kind: .hid, node: "/dev/hidraw1", usb: usb("1-1.2", 0x0C2E, 0x200), page: 1),
    PluggedDevice(kind: .input, node: "/dev/input/event3", usb: usb("1-1.2", 0x0C2E, 0x200)),
    PluggedDevice(kind: .serial, node: "/dev/ttyUSB0", usb: usb("1-1.3", 0x1A86, 0x7523)),
    PluggedDevice(kind: .printer, node: "/dev/bus/usb/001/005", usb: usb("1-1.4", 0x1203, 1)),
    PluggedDevice(kind: .serial, node: "/dev/ttyS1"),
  ]

  private static func match(_ port: String, _ vendor: UInt16, _ product: UInt16) -> USBMatch {
    USBMatch(vendor: vendor, product: product, port: port)
  }

  @Test(arguments: [
    ("/dev/ttyUSB0", false, CaptureRoute.serial(node: "/dev/ttyUSB0")),
    ("/dev/ttyS1", false, .serial(node: "/dev/ttyS1")),
    ("/dev/serial/by-path/x", false, .serial(node: "/dev/serial/by-path/x")),
    ("/dev/hidraw0", false, .hid(match("1-1.1", 0x0922, 0x8003), page: 0x8D)),
    ("/dev/input/event3", false, .keyboard(match("1-1.2", 0x0C2E, 0x200))),
    ("1-1.1", false, .hid(match("1-1.1", 0x0922, 0x8003), page: 0x8D)),
    ("1-1.2", false, .keyboard(match("1-1.2", 0x0C2E, 0x200))),
    ("1-1.2", true, .hid(match("1-1.2", 0x0C2E, 0x200), page: 1)),
    ("1-1.3", false, .serialUSB(match("1-1.3", 0x1A86, 0x7523))),
    ("0922:8003", false, .hid(match("1-1.1", 0x0922, 0x8003), page: 0x8D)),
    ("1A86:*", false, .serialUSB(match("1-1.3", 0x1A86, 0x7523))),
    ("/dev/hidraw7", false, nil), ("1-1.4", false, nil), ("1-1.9", false, nil),
  ])
  func `a named device is found by what it can send`(
    text: String,
    prefersHID: Bool,
    route: CaptureRoute?
  ) throws {
    let name = try #require(DeviceName(text))
    #expect(CaptureRoute(name, among: Self.box, prefersHID: prefersHID) == route)
  }

  @Test
  func `a device that the daemon holds is told with the way out`() {
    let busy = Failure(.busy(path: "/dev/ttyUSB0"), "capture (/dev/ttyUSB0)", RenderingTests.en)
    #expect(busy.code == 1)
    #expect(busy.message.contains("/dev/ttyUSB0 is in use"))
    #expect(busy.hint.contains("systemctl stop yizhand"))
    let denied = Failure(.denied(path: "/dev/hidraw0"), "capture", RenderingTests.zh)
    #expect(denied.code == 4)
    #expect(denied.hint.contains("usermod"))
    #expect(Failure(.absent, "capture", RenderingTests.en).code == 1)
  }
}
