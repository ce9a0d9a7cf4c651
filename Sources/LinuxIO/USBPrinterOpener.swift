package import Drivers

/// Opens one label printer over libusb, away from the kernel's usblp where that holds it.
package struct USBPrinterOpener: PortOpener {
  package let label: String
  private let matches: [USBMatch]
  private let isUnidirectional: Bool
  private let staysDetached: Bool
  private let sysfs: Sysfs

  /// Chooses a printer.
  ///
  /// - Parameters:
  ///   - role: The station's word for it, as `printer`.
  ///   - matches: Which devices will do, any where there are none; the lowest port is taken.
  ///   - isUnidirectional: Whether reading from it disturbs printing: the way back is never used.
  ///   - staysDetached: Whether giving it back to usblp drops what it has not printed yet.
  ///   - root: Where `sys` and `dev` are.
  package init(
    role: String,
    matching matches: [USBMatch],
    isUnidirectional: Bool = false,
    staysDetached: Bool = false,
    root: String = "/"
  ) {
    label = matches.label(role)
    self.matches = matches
    self.isUnidirectional = isUnidirectional
    self.staysDetached = staysDetached
    sysfs = Sysfs(root: root)
  }

  package func open() async throws(PortError) -> USBPrinter {
    let mailbox = try Mailbox<USBPrinterLoop.Command>()
    let opener = self
    let result: Result<USBPrinter, PortError> = await withCheckedContinuation { continuation in
      do throws(PortError) {
        try PrivateThread.start("yz-printer") { opener.serve(mailbox, continuation) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  private func serve(
    _ mailbox: Mailbox<USBPrinterLoop.Command>,
    _ opened: CheckedContinuation<Result<USBPrinter, PortError>, Never>
  ) {
    do throws(PortError) {
      let (device, interface) = try find()
      let link = try USBLink(
        path: sysfs.path(device.node),
        interface: interface,
        isConfigured: device.configuration != 0,
        reattach: !staysDetached
      )
      let deviceID = try link.deviceID()
      let loop = try USBPrinterLoop(link: link, mailbox: mailbox, readsBack: !isUnidirectional)
      opened.resume(returning: .success(USBPrinter(deviceID: deviceID, mailbox: mailbox)))
      for waiter in loop.run() { waiter.end(.success(())) }
    } catch {
      // Only opening throws.
      opened.resume(returning: .failure(error))
    }
  }

  /// The device that is meant, and where it takes print data.
  package func find() throws(PortError) -> (USBDevice, PrinterInterface) {
    let known = USBTree.devices(sysfs).filter { matches.accept($0.identity) }
    for device in known {
      let interface = PrinterInterface(
        descriptors: device.descriptors,
        configuration: device.configuration
      )
      if let interface { return (device, interface) }
    }
    guard matches.nameOne, let first = known.first else { throw .absent }
    throw .unsuitable(
      reason: "\(first.identity.code) at \(first.identity.port) has no printer interface"
    )
  }
}

/// An open label printer.
///
/// A thread of its own serves the calls. The way back is read all the time, so that nothing the
/// printer says is lost and none that must be listened to stalls.
package final class USBPrinter: PrinterPort {
  package let deviceID: [UInt8]
  private let mailbox: Mailbox<USBPrinterLoop.Command>

  fileprivate init(deviceID: [UInt8], mailbox: Mailbox<USBPrinterLoop.Command>) {
    self.deviceID = deviceID
    self.mailbox = mailbox
  }

  deinit {
    _ = mailbox.post(.abandon)
  }

  package func write(
    _ bytes: ArraySlice<UInt8>,
    within limit: Duration
  ) async throws(PortError) -> Int {
    try await mailbox.ask(within: limit) { .write(Array(bytes), $0) }
  }

  package func read(upTo count: Int, within limit: Duration) async throws(PortError) -> [UInt8] {
    try await mailbox.ask(within: limit) { .read(count, $0) }
  }

  package func close() async {
    // Fails only where it is closed already.
    try? await mailbox.ask(within: .seconds(10)) { .close($0) }
  }
}
