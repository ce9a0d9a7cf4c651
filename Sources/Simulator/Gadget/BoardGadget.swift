import Domain
import Glibc

/// The device side of a Modbus board on a serial line: a terminal of a USB gadget, or any other.
final class BoardGadget {
  private let node: GadgetNode
  private var bus: SimulatedBus
  private var answers: [(at: Instant, bytes: [UInt8])] = []

  init(_ path: DevicePath, _ board: SimulatedBoard) {
    node = GadgetNode(path, flags: O_RDWR)
    bus = SimulatedBus(boards: [board])
  }

  /// The contact at an input, counted from 1.
  func set(input: Int, _ isActive: Bool) {
    guard bus.boards[0].inputs.indices.contains(input - 1) else { return }
    bus.boards[0].inputs[input - 1] = isActive
  }

  /// Whether a relay is on, counted from 1.
  func isOn(channel: Int, at now: Instant) -> Bool {
    let relays = bus.boards[0].relays(at: now)
    return relays.indices.contains(channel - 1) && relays[channel - 1]
  }

  /// Takes requests, and gives the answers that are due.
  func serve(_ now: Instant) {
    if node.reopen(at: now) {
      node.makeRaw()
      answers = []
    }
    while case .bytes(let bytes) = node.read(upTo: 256) {
      answers += bus.take(bytes, at: now).map { (at: now + $0.after, bytes: $0.bytes) }
    }
    for answer in answers where answer.at <= now { _ = node.write(answer.bytes[...]) }
    answers.removeAll { $0.at <= now }
  }
}
