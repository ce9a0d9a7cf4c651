package import Drivers
internal import Glibc

/// Opens one HID device through its `hidraw` node, whatever number that has got this time.
///
/// `hidraw` needs no kernel driver to be detached and no interface to be claimed, and the kernel
/// keeps up to 64 reports for each opener.
package struct HIDRawOpener: PortOpener {
  package let label: String
  private let matches: [USBMatch]
  private let usagePage: UInt16?
  private let sysfs: Sysfs

  /// Chooses a device.
  ///
  /// - Parameters:
  ///   - role: The station's word for it, as `scale`.
  ///   - matches: Which devices will do, any where there are none; the lowest node is taken.
  ///   - usagePage: What its first top-level collection must be, as 0x8D for scales; a device with
  ///     several HID interfaces shows each of them with the same ids.
  ///   - root: Where `sys` and `dev` are.
  package init(role: String, matching matches: [USBMatch], usagePage: UInt16?, root: String = "/") {
    label = matches.label(role)
    self.matches = matches
    self.usagePage = usagePage
    sysfs = Sysfs(root: root)
  }

  package func open() async throws(PortError) -> StreamDevice {
    let opener = self
    return try await StreamDevice.open(thread: "yz-hid") { () throws(PortError) in
      try opener.connect(opener.find())
    }
  }

  private func connect(_ node: HIDNode) throws(PortError) -> OpenHID {
    let open = try OpenHID(path: sysfs.path(node.node), reportDescriptor: node.descriptor)
    // While it is open its number is not given to another device; before, it may have been.
    guard HIDNode(name: node.name, sysfs) == node else { throw .absent }
    return open
  }

  /// The node that is meant.
  package func find() throws(PortError) -> HIDNode {
    let known = HIDNode.all(sysfs).filter { matches.accept($0.usb) }
    guard let usagePage else {
      guard let first = known.first else { throw .absent }
      return first
    }
    let fitting = known.filter { HIDNode.usagePage(of: $0.descriptor) == usagePage }
    if let first = fitting.first { return first }
    guard matches.nameOne, let first = known.first else { throw .absent }
    let page = HIDNode.usagePage(of: first.descriptor).map(USBMatch.hex) ?? "none"
    throw .unsuitable(
      reason: "\(first.usb.code) speaks HID usage page \(page), not \(USBMatch.hex(usagePage))"
    )
  }
}

/// An open `hidraw` node.
private struct OpenHID: OpenNode, ~Copyable {
  // The kernel's HID_MAX_BUFFER_SIZE: no report is longer.
  static let longestRead = 16_384

  let reportDescriptor: [UInt8]
  private let handle: Handle

  init(path: String, reportDescriptor: [UInt8]) throws(PortError) {
    self.reportDescriptor = reportDescriptor
    handle = try Handle(opening: path, O_RDWR | O_NONBLOCK)
  }

  var descriptor: Int32 { handle.descriptor }

  func write(_ report: ArraySlice<UInt8>) throws(PortError) -> Int {
    let count = try handle.write(report)
    guard count == report.count else { throw .io(operation: "write", errno: EMSGSIZE) }
    return count
  }

  func sendFeature(_ report: [UInt8]) throws(PortError) {
    // HIDIOCSFEATURE (linux/hidraw.h): read and write, the length in 14 bits, 'H', 6.
    guard report.count < 1 << 14 else { throw .io(operation: "HIDIOCSFEATURE", errno: EMSGSIZE) }
    let request = 0xC000_4806 | UInt(report.count) << 16
    var report = report
    _ = try System.call("HIDIOCSFEATURE") { [descriptor = handle.descriptor] in
      unsafe ioctl(descriptor, request, &report)
    }
  }
}
