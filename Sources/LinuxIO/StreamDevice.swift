internal import Domain
package import Drivers
internal import Glibc

/// An opened device node, as its thread uses it; it is closed with the value.
protocol OpenNode: ~Copyable, SendableMetatype {
  /// The open file; non-blocking.
  var descriptor: Int32 { get }
  /// The HID report descriptor; empty where it is not HID.
  var reportDescriptor: [UInt8] { get }
  /// How many bytes one read may bring.
  static var longestRead: Int { get }
  /// Writes as much as the node takes now.
  ///
  /// - Returns: How many bytes it took.
  func write(_ bytes: ArraySlice<UInt8>) throws(PortError) -> Int
  func sendFeature(_ report: [UInt8]) throws(PortError)
  /// Whether closing takes long, because the device does not take what was sent.
  var isStuck: Bool { get }
}

extension OpenNode where Self: ~Copyable {
  var reportDescriptor: [UInt8] { [] }
  var isStuck: Bool { false }

  func sendFeature(_ report: [UInt8]) throws(PortError) { throw .stalled }
}

/// An open device that sends by itself: `hidraw`, a serial port, a keyboard.
///
/// A thread of its own serves the calls; a device that is unplugged is closed at once, so that its
/// node's number is free for the next plug.
package final class StreamDevice: DevicePort {
  package let descriptor: [UInt8]
  private let mailbox: Mailbox<StreamCommand>

  private init(descriptor: [UInt8], mailbox: Mailbox<StreamCommand>) {
    self.descriptor = descriptor
    self.mailbox = mailbox
  }

  deinit {
    _ = mailbox.post(.abandon)
  }

  /// Opens a node on a new thread, which then serves it; `connect` finds and opens it there, and
  /// may block.
  static func open<Node: OpenNode & ~Copyable>(
    thread name: String,
    _ connect: @escaping @Sendable () throws(PortError) -> Node
  ) async throws(PortError) -> StreamDevice {
    let mailbox = try Mailbox<StreamCommand>()
    let result: Result<StreamDevice, PortError> = await withCheckedContinuation { continuation in
      do throws(PortError) {
        try PrivateThread.start(name) { serve(mailbox, continuation, connect) }
      } catch {
        continuation.resume(returning: .failure(error))
      }
    }
    return try result.get()
  }

  private static func serve<Node: OpenNode & ~Copyable>(
    _ mailbox: Mailbox<StreamCommand>,
    _ opened: CheckedContinuation<Result<StreamDevice, PortError>, Never>,
    _ connect: () throws(PortError) -> Node
  ) {
    do throws(PortError) {
      let node = try connect()
      let descriptor = node.reportDescriptor
      let loop = StreamLoop(node, mailbox)
      // Not kept in a variable: the loop ends where its callers let go of the device.
      opened.resume(
        returning: .success(StreamDevice(descriptor: descriptor, mailbox: mailbox))
      )
      for waiter in loop.run() { waiter.end(.success(())) }
    } catch {
      // Only opening throws.
      opened.resume(returning: .failure(error))
    }
  }

  package func receive(within limit: Duration) async throws(PortError) -> [UInt8]? {
    try await mailbox.ask(within: limit) { .receive($0) }
  }

  /// Sends bytes, all of them.
  ///
  /// - Throws: `PortError.io` with `ETIMEDOUT` where the device has not taken them within five
  ///   seconds; what it took before stays sent.
  package func send(_ bytes: [UInt8]) async throws(PortError) {
    guard try await write(bytes, within: .seconds(5)) == bytes.count else {
      throw .io(operation: "write", errno: ETIMEDOUT)
    }
  }

  /// Sends bytes.
  ///
  /// - Returns: How many the device took within the time.
  func write(_ bytes: [UInt8], within limit: Duration) async throws(PortError) -> Int {
    try await mailbox.ask(within: limit) { .write(bytes, $0) }
  }

  package func sendFeature(_ report: [UInt8]) async throws(PortError) {
    try await mailbox.ask(within: .seconds(5)) { .sendFeature(report, $0) }
  }

  package func close() async {
    // Fails only where it is closed already.
    try? await mailbox.ask(within: .seconds(10)) { .close($0) }
  }
}

/// What is asked of the thread of an open device.
private enum StreamCommand: Sendable {
  case receive(Waiter<[UInt8]?>)
  case write([UInt8], Waiter<Int>)
  case sendFeature([UInt8], Waiter<Void>)
  case close(Waiter<Void>)
  case abandon
}

/// What the thread of an open device does.
private struct StreamLoop<Node: OpenNode & ~Copyable>: ~Copyable {
  private struct Writing {
    var rest: ArraySlice<UInt8>
    let waiter: Waiter<Int>

    var taken: Int { rest.startIndex }
  }

  private let node: Node
  private let mailbox: Mailbox<StreamCommand>
  private var readers: [Waiter<[UInt8]?>] = []
  private var writings: [Writing] = []
  private var closers: [Waiter<Void>] = []
  private var isOpen = true
  private var buffer = [UInt8](repeating: 0, count: Node.longestRead)

  init(_ node: consuming Node, _ mailbox: Mailbox<StreamCommand>) {
    self.node = node
    self.mailbox = mailbox
  }

  /// Serves until it is closed or the device is gone; the node is closed after that.
  ///
  /// - Returns: Who waits to hear that it is closed.
  consuming func run() -> [Waiter<Void>] {
    var end = PortError.vanished
    do throws(PortError) {
      while true {
        for command in mailbox.take() { perform(command) }
        guard isOpen else { break }
        giveUpOnTime()
        try waitAndServe()
      }
    } catch {
      // Who waits now hears why; every call from now on, that it has vanished.
      end = error
    }
    for command in mailbox.close() { perform(command) }
    for reader in readers { reader.end(.failure(end)) }
    for writing in writings { writing.waiter.end(.failure(end)) }
    guard !closers.isEmpty, node.isStuck else { return closers }
    // The node is free only when the kernel gives up; nobody has to wait for that.
    for closer in closers { closer.end(.success(())) }
    return []
  }

  private mutating func perform(_ command: StreamCommand) {
    switch command {
    case .receive(let waiter): readers.append(waiter)
    case .write(let bytes, let waiter):
      writings.append(Writing(rest: bytes[...], waiter: waiter))
      // Whoever came before has tried already.
      if writings.count == 1 { write() }
    case .sendFeature(let report, let waiter):
      do throws(PortError) {
        try node.sendFeature(report)
        waiter.end(.success(()))
      } catch {
        waiter.end(.failure(error))
      }
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
    writings.removeAll { writing in
      let isDue = writing.waiter.isDue(at: now)
      if isDue { writing.waiter.end(.success(writing.taken)) }
      return isDue
    }
  }

  private mutating func waitAndServe() throws(PortError) {
    // Without anyone who waits only the end of the device is of interest; poll always tells that.
    let events = (readers.isEmpty ? 0 : POLLIN) | (writings.isEmpty ? 0 : POLLOUT)
    var watches = [
      Watch(reading: mailbox.descriptor), Watch(node.descriptor, events: Int16(events)),
    ]
    let deadlines = readers.map(\.wakeUp) + writings.map(\.waiter.wakeUp)
    try System.wait(&watches, until: deadlines.min())
    if watches[1].isWritable { write() }
    // What came before the end is still handed out.
    if watches[1].isReadable { return try read() }
    if watches[1].isGone { throw .vanished }
  }

  private mutating func read() throws(PortError) {
    let count: Int
    do {
      count = try System.call("read") { [descriptor = node.descriptor] in
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

  /// Hands over what the node takes now.
  private mutating func write() {
    while let writing = writings.first {
      do throws(PortError) {
        let count = try node.write(writing.rest)
        writings[0].rest = writing.rest.dropFirst(count)
        guard writings[0].rest.isEmpty else { return }
        writing.waiter.end(.success(writings[0].taken))
      } catch .io(_, EAGAIN) {
        return
      } catch {
        writing.waiter.end(.failure(error))
      }
      writings.removeFirst()
    }
  }
}
