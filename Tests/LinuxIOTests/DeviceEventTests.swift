import LinuxIO
import Testing

struct DeviceEventTests {
  static let kernel = Array(
    ("add@/devices/usb1/1-1\0ACTION=add\0DEVPATH=/devices/usb1/1-1\0SUBSYSTEM=hidraw\0"
      + "DEVNAME=hidraw0\0SEQNUM=7\0").utf8
  )
  static let expected = DeviceEvent(
    action: "add",
    subsystem: "hidraw",
    devicePath: "/devices/usb1/1-1",
    deviceName: "hidraw0"
  )

  /// libudev's header before the same strings.
  static func udev(magic: [UInt8] = [0xFE, 0xED, 0xCA, 0xFE], offset: Int = 40, length: Int? = nil)
    -> [UInt8]
  {
    let strings = kernel.drop { $0 != 0 }.dropFirst()
    let word = { (value: Int) in (0..<4).map { UInt8(value >> (8 * $0) & 0xFF) } }
    let head =
      Array("libudev\0".utf8) + magic + word(40) + word(offset) + word(length ?? strings.count)
    return head + [UInt8](repeating: 0, count: 16) + strings
  }

  @Test func `messages of the kernel and of udev say the same`() {
    #expect(DeviceEvent(message: Self.kernel) == Self.expected)
    #expect(DeviceEvent(message: Self.udev()) == Self.expected)
  }

  @Test func `a message that is cut off anywhere is no event`() {
    for message in [Self.kernel, Self.udev()] {
      for count in 0..<message.count {
        let event = DeviceEvent(message: Array(message[..<count]))
        // Only whole strings may be missing, and only such as do not matter.
        #expect(event == nil || event?.devicePath == Self.expected.devicePath)
        if message[max(0, count - 1)] != 0 { #expect(event == nil) }
      }
    }
  }

  @Test(arguments: [
    udev(magic: [0, 0, 0, 0]), udev(offset: 0), udev(offset: 4000), udev(length: 4000),
    udev(offset: 0x7FFF_FFFF), udev(length: 0x7FFF_FFFF), Array("libudev\0".utf8), [], [0], [0, 0],
    Array("add\0ACTION=add\0DEVPATH=/x\0SUBSYSTEM=usb\0".utf8),
    Array("add@/x\0ACTION=add\0DEVPATH=x\0SUBSYSTEM=usb\0".utf8),
    Array("add@/x\0ACTION=add\0DEVPATH=/x\0".utf8),
    Array("add@/x\0====\0=\0".utf8), [UInt8](repeating: 0xFF, count: 300),
  ])
  func `a hostile message is no event`(message: [UInt8]) {
    #expect(DeviceEvent(message: message) == nil)
  }

  @Test(.timeLimit(.minutes(5)))
  func `a stream of events ends when nobody listens to the socket any more`() async throws {
    var events: DeviceEvents? = try DeviceEvents()
    let stream = try #require(events?.events(of: ["hidraw"]))
    events = nil
    for await _ in stream {}
  }
}
