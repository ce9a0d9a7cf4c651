internal import Domain
internal import Drivers
internal import Glibc

/// What the thread of an open printer does: the one owner of the link and of both transfers.
///
/// Transfers have no time limit of their own. When a caller's time is up or its task is cancelled,
/// the transfer is cancelled and its count honoured: a printer that had taken a part keeps it.
struct USBPrinterLoop: ~Copyable {
  enum Command: Sendable {
    case write([UInt8], Waiter<Int>)
    case read(Int, Waiter<[UInt8]>)
    case close(Waiter<Void>)
    case abandon
  }

  private struct Writing {
    var bytes: [UInt8]
    var waiter: Waiter<Int>
    var sent = 0
    var hasRetried = false
    var isCancelling = false
  }

  private struct Reading {
    var count: Int
    var waiter: Waiter<[UInt8]>
  }

  private var link: USBLink
  private let mailbox: Mailbox<Command>
  private var output: USBTransfer
  private var input: USBTransfer?
  private var writings: [Writing] = []
  private var readings: [Reading] = []
  private var closers: [Waiter<Void>] = []
  private var isOpen = true
  /// What the printer said and nobody has read; no more is fetched while it is full.
  private var received: [UInt8] = []
  private var inputFailures = 0
  private var inputFailure: PortError?
  private var inputPause = Instant.zero

  private static let receivedLimit = 4096

  init(
    link: consuming USBLink,
    mailbox: Mailbox<Command>,
    readsBack: Bool
  ) throws(PortError) {
    let output = try USBTransfer(capacity: 16_384)
    // One packet at a time: a longer transfer would wait for a short packet that never comes.
    let input =
      readsBack && link.interface.input != nil
      ? try USBTransfer(capacity: link.interface.inputPacket) : nil
    self.link = link
    self.output = output
    self.input = input
    self.mailbox = mailbox
  }

  /// Serves until it is closed or the device is gone; the interface is given back when it returns.
  ///
  /// - Returns: Who waits to hear that.
  consuming func run() -> [Waiter<Void>] {
    var end = PortError.vanished
    do throws(PortError) {
      while true {
        for command in mailbox.take() { perform(command) }
        guard isOpen else { break }
        try advanceOutput()
        try takeInput()
        // Before more is fetched: a reader makes room.
        advanceReadings()
        try startInput()
        try wait()
        try link.handleEvents()
      }
    } catch {
      // Who waits now hears why; every call from now on, that it has vanished.
      end = error
    }
    settle()
    for command in mailbox.close() { perform(command) }
    for writing in writings { writing.waiter.end(.failure(end)) }
    for reading in readings { reading.waiter.end(.failure(end)) }
    let waiting = closers
    // libusb looks at the device when it frees a transfer, so the link goes last.
    _ = consume output
    _ = consume input
    return waiting
  }

  private mutating func perform(_ command: Command) {
    switch command {
    case .write(let bytes, let waiter): writings.append(Writing(bytes: bytes, waiter: waiter))
    case .read(let count, let waiter): readings.append(Reading(count: count, waiter: waiter))
    case .close(let waiter):
      closers.append(waiter)
      isOpen = false
    case .abandon: isOpen = false
    }
  }

  /// Cancels what is under way and waits until the kernel has let go of the buffers: closing
  /// before that crashes libusb (its issues 700 and 1079).
  private mutating func settle() {
    output.cancelIfActive()
    input?.cancelIfActive()
    while output.isActive || (input?.isActive ?? false) {
      do throws(PortError) {
        var watches = try link.watches()
        try System.wait(&watches, until: .after(.milliseconds(100)))
        try link.handleEvents()
      } catch {
        usleep(10_000)
      }
    }
  }

  private mutating func wait() throws(PortError) {
    var watches = try link.watches()
    watches.append(Watch(reading: mailbox.descriptor))
    var wakeUps = readings.map(\.waiter.wakeUp)
    // One whose transfer is being cancelled is due already; libusb wakes when that is done.
    wakeUps += writings.filter { !$0.isCancelling }.map(\.waiter.wakeUp)
    if inputPause > .now() { wakeUps.append(inputPause) }
    try System.wait(&watches, until: wakeUps.min())
  }
}

// MARK: To the printer

extension USBPrinterLoop {
  private mutating func advanceOutput() throws(PortError) {
    let now = Instant.now()
    giveUpQueued(now)
    if output.isActive {
      guard let first = writings.first, first.waiter.isDue(at: now), !first.isCancelling else {
        return
      }
      writings[0].isCancelling = true
      return output.cancel()
    }
    if let (end, moved) = output.takeEnd() { try note(end, moved) }
    while let first = writings.first {
      if first.sent < first.bytes.count, !first.waiter.isDue(at: now) {
        let rest = first.bytes[first.sent...]
        return try output.start(sending: rest, to: link.interface.output, over: &link)
      }
      finishWriting(.success(first.sent))
    }
  }

  /// Callers behind the first wait no longer than they said.
  private mutating func giveUpQueued(_ now: Instant) {
    for index in writings.indices.dropFirst().reversed()
    where writings[index].waiter.isDue(at: now) {
      writings.remove(at: index).waiter.end(.success(0))
    }
  }

  private mutating func note(_ end: USBTransfer.End, _ moved: Int) throws(PortError) {
    writings[0].sent += moved
    switch end {
    case .completed, .cancelled: writings[0].hasRetried = false
    case .vanished: throw .vanished
    case .stalled, .failed:
      let error: PortError =
        end == .stalled ? .stalled : .io(operation: "bulk transfer", errno: EIO)
      if writings[0].hasRetried {
        if end == .failed, link.isGone() { throw .vanished }
        return finishWriting(.failure(error))
      }
      writings[0].hasRetried = true
      if end == .stalled { try link.clearHalt(link.interface.output) }
    }
  }

  private mutating func finishWriting(_ result: Result<Int, PortError>) {
    writings.removeFirst().waiter.end(result)
  }
}

// MARK: From the printer

extension USBPrinterLoop {
  private mutating func takeInput() throws(PortError) {
    guard let (end, moved) = input?.takeEnd() else { return }
    received += input?.bytes(moved) ?? []
    try noteInput(end, moved)
  }

  private mutating func startInput() throws(PortError) {
    guard let endpoint = link.interface.input, input?.isActive == false else { return }
    let hasRoom = received.count + link.interface.inputPacket <= Self.receivedLimit
    guard hasRoom, inputFailure == nil, Instant.now() >= inputPause else { return }
    try input?.startReceiving(from: endpoint, over: &link)
  }

  private mutating func noteInput(_ end: USBTransfer.End, _ moved: Int) throws(PortError) {
    switch end {
    case .completed, .cancelled:
      inputFailures = 0
      // Some printers answer every question with an empty packet at once.
      if moved == 0 { inputPause = .after(.milliseconds(50)) }
    case .vanished: throw .vanished
    case .stalled, .failed:
      inputFailures += 1
      inputPause = .after(.milliseconds(100))
      if inputFailures > 3 {
        inputFailure = end == .stalled ? .stalled : .io(operation: "bulk read", errno: EIO)
      } else if end == .stalled, let endpoint = link.interface.input {
        try link.clearHalt(endpoint)
      }
    }
  }

  private mutating func advanceReadings() {
    let now = Instant.now()
    var index = 0
    while index < readings.count {
      guard let answer = answer(to: readings[index], now) else {
        index += 1
        continue
      }
      readings.remove(at: index).waiter.end(answer)
    }
  }

  /// - Returns: `nil` while there is reason to wait.
  private mutating func answer(
    to reading: Reading,
    _ now: Instant
  ) -> Result<[UInt8], PortError>? {
    let bytes = received.prefix(max(0, reading.count))
    if !bytes.isEmpty {
      received.removeFirst(bytes.count)
      return .success(Array(bytes))
    }
    if let inputFailure { return .failure(inputFailure) }
    return input == nil || reading.waiter.isDue(at: now) ? .success([]) : nil
  }
}

extension USBTransfer {
  fileprivate func cancelIfActive() {
    if isActive { cancel() }
  }
}
