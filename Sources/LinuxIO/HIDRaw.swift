internal import Domain
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

  package func open() async throws(PortError) -> HIDRawDevice {
    let mailbox = try Mailbox<HIDRawLoop.Command>()
    let opener = self
    let result: Result<HIDRawDevice, PortError> = await withCheckedContinuation { continuation in
      do throws(PortError) {
        try PrivateThread.start("yz-hid") { opener.serve(mailbox, continuation) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  private func serve(
    _ mailbox: Mailbox<HIDRawLoop.Command>,
    _ opened: CheckedContinuation<Result<HIDRawDevice, PortError>, Never>
  ) {
    do throws(PortError) {
      let node = try find()
      let loop = try connect(node, mailbox)
      let device = HIDRawDevice(descriptor: node.descriptor, mailbox: mailbox)
      opened.resume(returning: .success(device))
      for waiter in loop.run() { waiter.end(.success(())) }
    } catch {
      // Only opening throws.
      opened.resume(returning: .failure(error))
    }
  }

  private func connect(
    _ node: HIDNode,
    _ mailbox: Mailbox<HIDRawLoop.Command>
  ) throws(PortError) -> HIDRawLoop {
    let loop = try HIDRawLoop(path: sysfs.path(node.node), mailbox: mailbox)
    // While it is open its number is not given to another device; before, it may have been.
    guard HIDNode(name: node.name, sysfs) == node else { throw .absent }
    return loop
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
///
/// A thread of its own serves the calls.
package final class HIDRawDevice: HIDPort {
  package let descriptor: [UInt8]
  private let mailbox: Mailbox<HIDRawLoop.Command>

  fileprivate init(descriptor: [UInt8], mailbox: Mailbox<HIDRawLoop.Command>) {
    self.descriptor = descriptor
    self.mailbox = mailbox
  }

  deinit {
    _ = mailbox.post(.abandon)
  }

  package func report(within limit: Duration) async throws(PortError) -> [UInt8]? {
    try await mailbox.ask(within: limit) { .report($0) }
  }

  package func send(_ report: [UInt8]) async throws(PortError) {
    try await mailbox.ask(within: .seconds(10)) { .send(report, $0) }
  }

  package func close() async {
    // Fails only where it is closed already.
    try? await mailbox.ask(within: .seconds(10)) { .close($0) }
  }
}

/// What the thread of an open node does.
private struct HIDRawLoop: ~Copyable {
  enum Command: Sendable {
    case report(Waiter<[UInt8]?>)
    case send([UInt8], Waiter<Void>)
    case close(Waiter<Void>)
    case abandon
  }

  private let handle: Handle
  private let mailbox: Mailbox<Command>
  private var readers: [Waiter<[UInt8]?>] = []
  private var closers: [Waiter<Void>] = []
  private var isOpen = true
  // The kernel's HID_MAX_BUFFER_SIZE: no report is longer.
  private var buffer = [UInt8](repeating: 0, count: 16_384)

  init(path: String, mailbox: Mailbox<Command>) throws(PortError) {
    handle = try Handle(opening: path, O_RDWR | O_NONBLOCK)
    self.mailbox = mailbox
  }

  /// Serves until it is closed or the device is gone; the node is closed when it returns.
  ///
  /// - Returns: Who waits to hear that.
  consuming func run() -> [Waiter<Void>] {
    var end = PortError.vanished
    do throws(PortError) {
      while true {
        for command in mailbox.take() { perform(command) }
        guard isOpen else { break }
        giveUpOnTime()
        try waitAndRead()
      }
    } catch {
      // Who waits now hears why; every call from now on, that it has vanished.
      end = error
    }
    for command in mailbox.close() { perform(command) }
    for reader in readers { reader.end(.failure(end)) }
    return closers
  }

  private mutating func perform(_ command: Command) {
    switch command {
    case .report(let waiter): readers.append(waiter)
    case .send(let report, let waiter): waiter.end(send(report))
    case .close(let waiter):
      closers.append(waiter)
      isOpen = false
    case .abandon: isOpen = false
    }
  }

  private mutating func giveUpOnTime() {
    let now = Instant.now()
    readers.removeAll { reader in
      let isDue = reader.isDue(at: now)
      if isDue { reader.end(.success(nil)) }
      return isDue
    }
  }

  private mutating func waitAndRead() throws(PortError) {
    // Without a reader only the end of the device is of interest; poll always tells that.
    let events = Int16(readers.isEmpty ? 0 : POLLIN)
    var watches = [
      Watch(reading: mailbox.descriptor), Watch(handle.descriptor, events: events),
    ]
    try System.wait(&watches, until: readers.map(\.wakeUp).min())
    // Reports that came before the end are still handed out.
    if watches[1].isReadable { return try read() }
    if watches[1].isGone { throw .vanished }
  }

  private mutating func read() throws(PortError) {
    let count: Int
    do {
      count = try System.call("read") { [descriptor = handle.descriptor] in
        unsafe Glibc.read(descriptor, &buffer, buffer.count)
      }
    } catch .io(_, EAGAIN) {
      return
    } catch .io(_, EIO) {
      throw .vanished
    }
    guard count > 0 else { throw .vanished }
    readers.removeFirst().end(.success(Array(buffer[..<count])))
  }

  private func send(_ report: [UInt8]) -> Result<Void, PortError> {
    do throws(PortError) {
      let count = try System.call("write") { [descriptor = handle.descriptor] in
        unsafe Glibc.write(descriptor, report, report.count)
      }
      guard count == report.count else { throw .io(operation: "write", errno: EMSGSIZE) }
      return .success(())
    } catch {
      return .failure(error)
    }
  }
}
