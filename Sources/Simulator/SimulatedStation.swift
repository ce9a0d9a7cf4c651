import Domain
package import Drivers
import Synchronization

/// A bench behind the ports of `Drivers`, in memory: for the demo, for scenarios, for smoke tests.
///
/// In real time ``run()`` moves it; on a ``VirtualTime`` the test calls ``advance()``.
package final class SimulatedStation: Sendable {
  private struct Holder {
    var ticket: UInt64
    var plugging: Int
  }

  package let time: TimeSource
  /// The wires; hand ``SimulatedLines/bank`` to the station.
  package let lines: SimulatedLines
  let bell = Doorbell()
  private let bench: Mutex<Bench>
  private let printerHolder = Mutex<(tickets: UInt64, current: Holder?)>((0, nil))

  /// Wires a bench up.
  ///
  /// - Parameters:
  ///   - bench: What there is; it begins at the time of the clock.
  ///   - inputs: Roles of the station's inputs, in the order of its request.
  ///   - outputs: Roles of the station's outputs, in the order of its request.
  ///   - time: Its clock.
  /// - Throws: ``PortError/io(operation:errno:)`` where the process has no file descriptors left.
  package init(
    _ bench: Bench,
    inputs: [String] = [],
    outputs: [String] = [],
    time: TimeSource = .monotonic
  ) throws(PortError) {
    var bench = bench
    bench.advance(to: time.now())
    // Reports of the time before anybody was there.
    bench.scale.keepStaleReport()
    let levels = inputs.map { ($0, bench.level(of: $0)) }
    lines = try SimulatedLines(
      inputs: inputs,
      outputs: outputs,
      levels: Dictionary(levels) { first, _ in first }
    )
    self.time = time
    self.bench = Mutex(bench)
    lines.observe { [weak self] output, active in
      self?.change { $0.set(outputs[output], active) }
    }
  }

  /// Opens the scale.
  package var scale: SimulatedScaleOpener { SimulatedScaleOpener(station: self) }

  /// Opens one of the scanners, counted from 0.
  package func scanner(_ index: Int) -> SimulatedScannerOpener {
    SimulatedScannerOpener(station: self, index: index)
  }

  /// Opens the printer.
  package var printer: SimulatedPrinterOpener { SimulatedPrinterOpener(station: self) }

  /// Does something to the bench, as a worker would, and lets the consequences show.
  @discardableResult
  package func change<Value: Sendable>(_ body: (inout Bench) -> Value) -> Value {
    defer { bell.ring() }
    return look(body)
  }

  /// Looks at the bench as it is now.
  package func look<Value: Sendable>(_ body: (inout Bench) -> Value) -> Value {
    let (value, hasMoved) = bench.withLock { bench in
      let now = time.now()
      let hasMoved = bench.nextEvent.map { $0 <= now } ?? false
      bench.advance(to: now)
      let value = body(&bench)
      for change in bench.takeInputChanges() {
        lines.drive(change.role, active: change.active, at: change.at)
      }
      return (value, hasMoved)
    }
    if hasMoved { bell.ring() }
    return value
  }

  /// Lets the bench catch up with the clock.
  package func advance() {
    look { _ in }
  }

  /// Moves the bench along with the clock until the task is cancelled; while nothing is due, it sleeps.
  package func run() async {
    while !Task.isCancelled {
      let seen = bell.rings
      let next = look { $0.nextEvent }
      let pause = next.map { max(.milliseconds(1), $0 - time.now()) } ?? .seconds(1)
      await bell.wait(past: seen, within: pause, time)
    }
  }
}

extension SimulatedStation {
  /// Takes the printer for one opener.
  ///
  /// - Returns: `nil` while another has it, unless it was unplugged since.
  func hold(_ plugging: Int) -> UInt64? {
    printerHolder.withLock { holder in
      guard holder.current.map({ $0.plugging != plugging }) ?? true else { return nil }
      holder.tickets += 1
      holder.current = Holder(ticket: holder.tickets, plugging: plugging)
      return holder.tickets
    }
  }

  func release(_ ticket: UInt64) {
    printerHolder.withLock { holder in
      if holder.current?.ticket == ticket { holder.current = nil }
    }
  }
}
