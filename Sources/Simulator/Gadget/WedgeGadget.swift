import Domain
import Glibc

/// The first scanner of a bench that types, as a keyboard of this machine (`uinput`).
final class WedgeGadget {
  /// How it shows itself: as a keyboard of Zebra's (`linux/uinput.h`, `struct uinput_setup`).
  private static let name = "Simulated wedge scanner"
  private static let (vendor, product): (UInt16, UInt16) = (0x05E0, 0x1200)

  private let node: GadgetNode
  private var isMade = false

  init(path: String) {
    node = GadgetNode(path: path, flags: O_WRONLY)
  }

  func serve(_ bench: inout Bench, _ log: BenchLog, _ now: Instant) {
    guard let index = bench.scanners.firstIndex(where: { $0.model.wire == .wedge }) else { return }
    if bench.scanners[index].isPlugged != isMade {
      if isMade { unmake(log, now) } else { make(log, now) }
    }
    guard isMade else { return bench.scanners[index].forget() }
    while let events = bench.scanners[index].takePiece() {
      // The kernel takes whole records; with its ring full, keys are lost as they would be.
      if case .gone = node.write(events[...]) { return isMade = false }
    }
  }

  private func make(_ log: BenchLog, _ now: Instant) {
    guard node.reopen(at: now) else { return }
    // UI_SET_EVBIT EV_KEY, then UI_SET_KEYBIT for each key.
    var isDone = node.control(0x4004_5564, 1)
    for code in Keyboard.codes { isDone = isDone && node.control(0x4004_5565, Int32(code)) }
    var setup = [UInt8](repeating: 0, count: 92)
    // BUS_USB, vendor, product, version.
    for (index, word) in [3, Self.vendor, Self.product, 1].enumerated() {
      setup[index * 2] = UInt8(word & 0xFF)
      setup[index * 2 + 1] = UInt8(word >> 8)
    }
    setup.replaceSubrange(8..<8 + Self.name.utf8.count, with: Self.name.utf8)
    // UI_DEV_SETUP, UI_DEV_CREATE.
    isDone = isDone && node.control(0x405C_5503, &setup) && node.control(0x5501, 0)
    guard isDone else { return node.close() }
    isMade = true
    log.write("scanner-plugged", at: now)
  }

  private func unmake(_ log: BenchLog, _ now: Instant) {
    // UI_DEV_DESTROY; closing would do it too.
    _ = node.control(0x5502, 0)
    node.close()
    isMade = false
    log.write("scanner-unplugged", at: now)
  }
}
