import Domain
import Glibc

/// The device side of the first HID scanner of a bench: the node of a HID gadget.
final class ScannerGadget {
  /// A host that does not fetch a report for so long gets no more of that scan.
  private static let patience = Duration.seconds(1)

  private let node: GadgetNode
  private var waiting: [[UInt8]] = []
  private var waitsSince: Instant?

  init(path: String) {
    node = GadgetNode(path: path, flags: O_RDWR)
  }

  func serve(_ bench: inout Bench, _ log: BenchLog, _ now: Instant) {
    guard let index = bench.scanners.firstIndex(where: { $0.model.wire == .hid }) else { return }
    _ = node.reopen(at: now)
    while let report = bench.scanners[index].takePiece() { waiting.append(report) }
    if !bench.scanners[index].isPlugged { waiting = [] }
    while let report = waiting.first {
      switch node.write(report[...]) {
      case .taken:
        waiting.removeFirst()
        waitsSince = nil
        if report.last.map({ $0 & 1 == 0 }) ?? true { log.write("scan-sent", at: now) }
      case .later:
        let since = waitsSince ?? now
        waitsSince = since
        guard now - since > Self.patience else { return }
        lose(log, now)
      case .gone: lose(log, now)
      }
    }
    // What the host sends, as a beep, is of no interest; but it must be fetched.
    while case .bytes = node.read(upTo: 64) {}
  }

  private func lose(_ log: BenchLog, _ now: Instant) {
    waiting = []
    waitsSince = nil
    log.write("scan-lost", at: now)
  }
}
