import Domain
import Glibc

/// The device side of a scale on a serial line: a terminal of a USB gadget, or any other.
final class SerialGadget {
  private let node: GadgetNode
  /// When it was opened, until a host has proven to be there.
  private var probedAt: Instant?

  init(_ path: DevicePath) {
    node = GadgetNode(path, flags: O_RDWR)
  }

  func serve(_ bench: inout Bench, _ log: BenchLog, _ now: Instant) {
    if node.reopen(at: now) {
      node.makeRaw()
      // A gadget's terminal opens even where no host is: only bytes that are taken prove one.
      _ = node.write([0x0D, 0x0A])
      probedAt = now
    }
    guard node.isOpen else { return lose(&bench, log, now) }
    let frames = bench.scale.takeReports()
    // While nobody fetches, nothing is kept: old weights must not come in a flood later.
    guard node.unsent == 0 else {
      if let probedAt, now - probedAt > .milliseconds(200) { lose(&bench, log, now) }
      return
    }
    if probedAt != nil {
      probedAt = nil
      if !bench.scale.isPlugged {
        bench.scale.plug()
        log.write("scale-plugged", at: now)
      }
    }
    for frame in frames { _ = node.write(frame[...]) }
    while case .bytes(let bytes) = node.read(upTo: 64) {
      _ = bench.scale.receive(bytes)
      log.write("scale-order", at: now, ["bytes": .string(BenchLog.hex(bytes))])
      // Somebody who waits for an answer gets it at once.
      for frame in bench.scale.takeReports() { _ = node.write(frame[...]) }
    }
  }

  private func lose(_ bench: inout Bench, _ log: BenchLog, _ now: Instant) {
    guard bench.scale.isPlugged else { return }
    bench.scale.unplug()
    log.write("scale-unplugged", at: now)
  }
}
