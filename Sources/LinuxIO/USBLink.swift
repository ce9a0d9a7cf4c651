internal import CUSB
internal import Drivers
internal import Glibc

/// A claimed printer interface; given back and closed when its owner is gone.
///
/// All of it happens on one thread, the one that serves the printer.
@safe struct USBLink: ~Copyable {
  let path: String
  let interface: PrinterInterface
  private let handle: Handle
  private var usb: yz_usb

  /// Opens the usbfs node and claims the interface.
  ///
  /// The order is that of devices.md §13, row 18: detach, no set_configuration where one is set
  /// (jobs vanish), claim, choose the setting where there are several.
  init(
    path: String,
    interface: PrinterInterface,
    isConfigured: Bool,
    reattach: Bool
  ) throws(PortError) {
    let handle = try Handle(opening: path, O_RDWR)
    var usb = unsafe yz_usb()
    try Self.check("libusb_wrap_sys_device", unsafe yz_usb_open(&usb, handle.descriptor), path)
    do throws(PortError) {
      try unsafe Self.claim(
        usb,
        interface,
        isConfigured: isConfigured,
        reattach: reattach,
        path
      )
    } catch {
      unsafe yz_usb_close(&usb)
      throw error
    }
    self.path = path
    self.interface = interface
    self.handle = handle
    unsafe self.usb = usb
  }

  deinit {
    var usb = unsafe usb
    unsafe libusb_release_interface(usb.handle, Int32(interface.number))
    unsafe yz_usb_close(&usb)
  }

  private static func claim(
    _ usb: yz_usb,
    _ interface: PrinterInterface,
    isConfigured: Bool,
    reattach: Bool,
    _ path: String
  ) throws(PortError) {
    let number = Int32(interface.number)
    if !isConfigured {
      let value = Int32(interface.configurationValue)
      let code = unsafe libusb_set_configuration(usb.handle, value)
      try check("libusb_set_configuration", code, path)
    }
    if reattach {
      // Not supported everywhere; then the claim tells.
      unsafe libusb_set_auto_detach_kernel_driver(usb.handle, 1)
    } else {
      unsafe libusb_detach_kernel_driver(usb.handle, number)
    }
    var code = unsafe libusb_claim_interface(usb.handle, number)
    for _ in 0..<5 where code == LIBUSB_ERROR_BUSY.rawValue {
      usleep(200_000)
      code = unsafe libusb_claim_interface(usb.handle, number)
    }
    try check("libusb_claim_interface", code, path)
    guard interface.hasAlternates else { return }
    let set = unsafe libusb_set_interface_alt_setting(
      usb.handle,
      number,
      Int32(interface.alternate)
    )
    if set != LIBUSB_SUCCESS.rawValue {
      unsafe libusb_release_interface(usb.handle, number)
      try check("libusb_set_interface_alt_setting", set, path)
    }
  }

  /// Asks for the IEEE 1284 device id (Printer Class 1.1, 4.2.1).
  ///
  /// - Returns: Nothing where the printer refuses or does not answer, which is common.
  borrowing func deviceID() throws(PortError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1023)
    let count = unsafe libusb_control_transfer(
      usb.handle,
      0xA1,
      0,
      UInt16(interface.configurationIndex),
      UInt16(interface.number) << 8 | UInt16(interface.alternate),
      &bytes,
      UInt16(bytes.count),
      5000
    )
    if count == LIBUSB_ERROR_NO_DEVICE.rawValue { throw .vanished }
    return count > 2 ? Array(bytes[..<Int(count)]) : []
  }

  /// Ends a stall of an endpoint.
  func clearHalt(_ endpoint: UInt8) throws(PortError) {
    try Self.check("libusb_clear_halt", unsafe libusb_clear_halt(usb.handle, endpoint), path)
  }

  /// Starts a transfer over the buffer that the transfer holds.
  mutating func submit(
    _ transfer: borrowing USBTransfer,
    _ endpoint: UInt8,
    count: Int
  ) throws(PortError) {
    let code = unsafe yz_usb_submit(&usb, transfer.raw, endpoint, Int32(count))
    try Self.check("libusb_submit_transfer", code, path)
  }

  /// The descriptors that tell when ``handleEvents()`` has something to do.
  mutating func watches() throws(PortError) -> [Watch] {
    var polls = [pollfd](repeating: pollfd(), count: 8)
    let count = unsafe yz_usb_poll_set(&usb, &polls, Int32(polls.count))
    try Self.check("libusb_get_pollfds", min(count, 0), path)
    return polls[..<Int(count)].map { Watch($0.fd, events: $0.events) }
  }

  /// Lets libusb finish what the kernel has done; never waits.
  mutating func handleEvents() throws(PortError) {
    let code = unsafe yz_usb_handle_events(&usb)
    guard code != LIBUSB_ERROR_INTERRUPTED.rawValue else { return }
    try Self.check("libusb_handle_events", code, path)
  }

  /// Whether the device has left the bus; a cable that was pulled shows as an error first.
  func isGone() -> Bool {
    usleep(250_000)
    return unsafe access(path, F_OK) != 0
  }

  private static func check(_ operation: String, _ code: Int32, _ path: String) throws(PortError) {
    switch libusb_error(code) {
    case LIBUSB_SUCCESS: return
    case LIBUSB_ERROR_NO_DEVICE, LIBUSB_ERROR_NOT_FOUND: throw .vanished
    case LIBUSB_ERROR_ACCESS: throw .denied(path: path)
    case LIBUSB_ERROR_BUSY: throw .busy(path: path)
    case LIBUSB_ERROR_PIPE: throw .stalled
    case LIBUSB_ERROR_TIMEOUT: throw .io(operation: operation, errno: ETIMEDOUT)
    case LIBUSB_ERROR_OVERFLOW: throw .io(operation: operation, errno: EOVERFLOW)
    case LIBUSB_ERROR_NO_MEM: throw .io(operation: operation, errno: ENOMEM)
    default:
      let name = unsafe String(cString: libusb_error_name(code))
      throw .io(operation: "\(operation) (\(name))", errno: EIO)
    }
  }
}

/// A transfer with its buffer.
///
/// When its owner is gone it must not be under way any more, and its link must still be there.
@safe struct USBTransfer: ~Copyable {
  /// How a transfer ended.
  enum End {
    case completed, cancelled, stalled, vanished, failed
  }

  fileprivate let raw: UnsafeMutablePointer<yz_usb_transfer>
  /// Set from ``USBLink/submit(_:_:count:)`` on until its end has been taken.
  private var isUnderWay = false

  init(capacity: Int) throws(PortError) {
    guard let raw = unsafe yz_usb_transfer_new(Int32(capacity)) else {
      throw .io(operation: "libusb_alloc_transfer", errno: ENOMEM)
    }
    unsafe self.raw = raw
  }

  deinit {
    unsafe yz_usb_transfer_free(raw)
  }

  /// Whether buffer and transfer belong to libusb and the kernel.
  var isActive: Bool { unsafe raw.pointee.active }

  /// Sends a part of the bytes, as much as the buffer takes.
  mutating func start(
    sending bytes: ArraySlice<UInt8>,
    to endpoint: UInt8,
    over link: inout USBLink
  ) throws(PortError) {
    let count = min(bytes.count, Int(unsafe raw.pointee.capacity))
    let chunk = bytes.prefix(count)
    let buffer = unsafe UnsafeMutableRawBufferPointer(start: raw.pointee.data, count: count)
    unsafe buffer.copyBytes(from: chunk)
    try link.submit(self, endpoint, count: count)
    isUnderWay = true
  }

  /// Receives up to a buffer of bytes.
  mutating func startReceiving(
    from endpoint: UInt8,
    over link: inout USBLink
  ) throws(PortError) {
    try link.submit(self, endpoint, count: Int(unsafe raw.pointee.capacity))
    isUnderWay = true
  }

  /// Asks for an early end; how far it came shows as always.
  func cancel() {
    unsafe libusb_cancel_transfer(raw.pointee.transfer)
  }

  /// How the transfer ended and how many bytes it moved; once for each, then `nil`.
  mutating func takeEnd() -> (End, Int)? {
    guard isUnderWay, !isActive else { return nil }
    isUnderWay = false
    let moved = Int(unsafe raw.pointee.moved)
    switch libusb_transfer_status(UInt32(unsafe raw.pointee.status)) {
    case LIBUSB_TRANSFER_COMPLETED: return (.completed, moved)
    case LIBUSB_TRANSFER_CANCELLED, LIBUSB_TRANSFER_TIMED_OUT: return (.cancelled, moved)
    case LIBUSB_TRANSFER_STALL: return (.stalled, moved)
    case LIBUSB_TRANSFER_NO_DEVICE: return (.vanished, moved)
    default: return (.failed, moved)
    }
  }

  /// The first bytes of the buffer; only while it is not active.
  func bytes(_ count: Int) -> [UInt8] {
    unsafe Array(UnsafeBufferPointer(start: raw.pointee.data, count: count))
  }
}
