package import Domain
package import Drivers
internal import Glibc

/// An open serial line for a thread that talks over it alone, and may block.
package final class SerialWire: ModbusWire {
  private let line: OpenLine

  init(_ line: consuming OpenLine) {
    self.line = line
  }

  package var now: Instant { .now() }

  package func pause(_ time: Duration) {
    // The pauses of Modbus are far below a second; a signal that ends one early hits other threads.
    usleep(UInt32(clamping: (time.nanoseconds + 999) / 1000))
  }

  package func discard() throws(PortError) {
    do {
      _ = try System.call("tcflush") { tcflush(line.descriptor, TCIFLUSH) }
    } catch .io(_, EIO) {
      throw .vanished
    }
  }

  package func send(_ bytes: [UInt8]) throws(PortError) {
    let deadline = Instant.after(.seconds(1))
    var rest = bytes[...]
    while !rest.isEmpty {
      do {
        rest = rest.dropFirst(try line.write(rest))
      } catch .io(_, EAGAIN) {
        guard Instant.now() < deadline else { throw .io(operation: "write", errno: ETIMEDOUT) }
        var watches = [Watch(line.descriptor, events: Int16(POLLOUT))]
        try System.wait(&watches, until: deadline)
        if watches[0].isGone { throw .vanished }
      }
    }
  }

  package func receive(within limit: Duration) throws(PortError) -> [UInt8] {
    var watches = [Watch(reading: line.descriptor)]
    try System.wait(&watches, until: .after(limit))
    // What came before the end is still handed out.
    guard watches[0].isReadable else {
      if watches[0].isGone { throw .vanished }
      return []
    }
    var buffer = [UInt8](repeating: 0, count: ModbusShape.longest)
    let count: Int
    do {
      count = try System.call("read") { [descriptor = line.descriptor] in
        unsafe Glibc.read(descriptor, &buffer, buffer.count)
      }
    } catch .io(_, EAGAIN) {
      return []
    } catch .io(_, EIO) {
      throw .vanished
    }
    guard count > 0 else { throw .vanished }
    return Array(buffer[..<count])
  }
}

extension SerialOpener {
  /// Opens the line for the calling thread; see ``open()`` for what it throws.
  package func openWire() throws(PortError) -> SerialWire { SerialWire(try connect()) }
}

extension ModbusBus {
  /// A bus on a real line.
  package init(_ opener: SerialOpener, baud: Int, boards: [ModbusBoard]) {
    self.init(
      label: opener.label,
      baud: baud,
      boards: boards,
      now: { .now() },
      open: { () throws(PortError) in try opener.openWire() }
    )
  }
}
