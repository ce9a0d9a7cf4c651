import Domain
package import Drivers
import Glibc

/// A bench behind the kernel's own device side: USB gadgets, uinput and gpio-sim.
///
/// One thread does it all: every few milliseconds it moves the bench on and carries bytes and levels
/// both ways. Nodes may vanish and come back at any time.
package final class GadgetPump {
  /// A line of the station.
  package enum Line: Hashable, Sendable {
    /// One of gpio-sim: the sysfs folder with `pull` and `value`, and whether the electrical low
    /// level means active.
    case wire(folder: String, activeLow: Bool)
    /// An input or a channel of the board, counted from 1.
    case board(Int)
  }

  /// A Modbus board and where the device's end of its line is.
  package struct Board: Hashable, Sendable {
    package var path: DevicePath
    package var profile: BoardProfile

    package init(_ profile: BoardProfile, at path: DevicePath) {
      self.path = path
      self.profile = profile
    }
  }

  /// Where the device side of everything is.
  package struct Paths: Hashable, Sendable {
    /// The node `/dev/hidgN` of a HID scale.
    package var scale: String?
    /// The terminal `/dev/ttyGSN` of a scale with a serial wire.
    package var serialScale: DevicePath?
    /// The node `/dev/hidgN` of the first HID scanner.
    package var scanner: String?
    /// The node `/dev/uinput`: the first scanner that types becomes a keyboard of this machine.
    package var wedge: String?
    /// The node `/dev/g_printerN`, or the terminal of a printer with a serial wire.
    package var printer: DevicePath?
    /// The board that lines may be on.
    package var board: Board?
    /// Inputs of the station by role.
    package var inputs: [String: Line]
    /// Outputs of the station by role.
    package var outputs: [String: Line]

    package init(
      scale: String? = nil,
      serialScale: DevicePath? = nil,
      scanner: String? = nil,
      wedge: String? = nil,
      printer: DevicePath? = nil,
      board: Board? = nil,
      inputs: [String: Line] = [:],
      outputs: [String: Line] = [:]
    ) {
      self.scale = scale
      self.serialScale = serialScale
      self.scanner = scanner
      self.wedge = wedge
      self.printer = printer
      self.board = board
      self.inputs = inputs
      self.outputs = outputs
    }
  }

  /// Bytes of a job taken from the kernel in one go.
  private static let portion = 8192

  private var bench: Bench
  private let log: BenchLog
  private let tick: Duration
  private let inputs: [String: Line]
  /// Tells whether the chip of an input is there.
  private let inputNodes: [(role: String, node: GadgetNode)]
  private var inputsDue = Instant.zero
  private let scaleNode: GadgetNode?
  private let serialScale: SerialGadget?
  private let scanner: ScannerGadget?
  private let wedge: WedgeGadget?
  private let printerNode: GadgetNode?
  private let board: BoardGadget?
  private let outputs: [(role: String, activeLow: Bool, node: GadgetNode)]
  /// Outputs that are channels of the board.
  private let channels: [(role: String, channel: Int)]
  /// What the scale said last; a host that opens it gets this first, however old it is.
  private var staleReport: [UInt8]
  private var waitingJob: ArraySlice<UInt8> = []
  private var waitingAnswers: ArraySlice<UInt8> = []
  private var orders: OrderReader
  private var logged = (labels: 0, actuations: 0, completed: 0, violations: 0)

  /// Sets up a pump; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - bench: What there is; it begins now.
  ///   - paths: Where its device side is.
  ///   - orders: A file descriptor that brings lines of ``Bench/orders``; `nil` for none.
  ///   - log: Where it tells what happens.
  ///   - tick: The pause between two looks.
  package init(
    _ bench: Bench,
    paths: Paths,
    orders: Int32? = nil,
    log: BenchLog,
    tick: Duration = .milliseconds(5)
  ) {
    var bench = bench
    bench.advance(to: Monotonic.now())
    bench.scale.keepStaleReport()
    self.bench = bench
    self.log = log
    staleReport = bench.scale.model.report(bench.scale.display)
    self.tick = tick
    inputs = paths.inputs
    inputNodes = paths.inputs.compactMap { role, line in
      guard case .wire(let folder, _) = line else { return nil }
      return (role, GadgetNode(path: folder + "/pull", flags: O_RDONLY))
    }
    scaleNode = paths.scale.map { GadgetNode(path: $0, flags: O_RDWR) }
    serialScale = paths.serialScale.map { SerialGadget($0) }
    scanner = paths.scanner.map { ScannerGadget(path: $0) }
    wedge = paths.wedge.map { WedgeGadget(path: $0) }
    printerNode = paths.printer.map { GadgetNode($0, flags: O_RDWR) }
    board = paths.board.map { BoardGadget($0.path, SimulatedBoard($0.profile)) }
    let lines = paths.outputs.sorted { $0.key < $1.key }
    outputs = lines.compactMap { role, line in
      guard case .wire(let folder, let activeLow) = line else { return nil }
      return (role, activeLow, GadgetNode(path: folder + "/value", flags: O_RDONLY))
    }
    channels = lines.compactMap { role, line in
      guard case .board(let channel) = line else { return nil }
      return (role, channel)
    }
    self.orders = OrderReader(descriptor: orders)
  }

  /// Runs until told to stop.
  package func run(until isOver: () -> Bool) {
    for (role, line) in inputs {
      if case .board = line { pull(line, active: bench.level(of: role)) }
    }
    while !isOver() {
      step(at: Monotonic.now())
      for line in orders.lines(within: tick) { obey(line) }
    }
  }
}

extension GadgetPump {
  private func step(at now: Instant) {
    bench.advance(to: now)
    for output in outputs { look(at: output.node, output.role, output.activeLow, now) }
    if let board {
      board.serve(now)
      for (role, channel) in channels { bench.set(role, board.isOn(channel: channel, at: now)) }
    }
    for change in bench.takeOutputChanges() {
      log.write(
        "output",
        at: change.at,
        ["role": .string(change.role), "active": .bool(change.active)]
      )
    }
    for change in bench.takeInputChanges() {
      if let line = inputs[change.role] { pull(line, active: change.active) }
      log.write(
        "input",
        at: change.at,
        ["role": .string(change.role), "active": .bool(change.active)]
      )
    }
    mindInputs(now)
    if let scaleNode { serveScale(scaleNode, now) }
    serialScale?.serve(&bench, log, now)
    scanner?.serve(&bench, log, now)
    wedge?.serve(&bench, log, now)
    if let printerNode { servePrinter(printerNode, now) }
    tell(now)
  }

  private func obey(_ line: String) {
    let isUnderstood = bench.perform(line)
    log.write(
      "order",
      at: bench.now,
      ["order": .string(line), "understood": .bool(isUnderstood)]
    )
  }

  /// A chip that has come does not know yet how the contacts at its inputs stand.
  private func mindInputs(_ now: Instant) {
    guard now >= inputsDue else { return }
    inputsDue = now + .milliseconds(100)
    for (role, node) in inputNodes {
      _ = node.attribute()
      guard node.reopen(at: now), let line = inputs[role] else { continue }
      pull(line, active: bench.level(of: role))
    }
  }

  /// Puts an input of the station on its electrical level; a chip that is gone is passed over.
  private func pull(_ line: Line, active: Bool) {
    guard case .wire(let folder, let activeLow) = line else {
      if case .board(let input) = line { board?.set(input: input, active) }
      return
    }
    let node = GadgetNode(path: folder + "/pull", flags: O_WRONLY)
    guard node.reopen(at: Monotonic.now()) else { return }
    let level = active != activeLow ? "pull-up" : "pull-down"
    _ = node.write(Array(level.utf8)[...])
  }

  private func look(at node: GadgetNode, _ role: String, _ activeLow: Bool, _ now: Instant) {
    _ = node.reopen(at: now)
    // Without its chip, an output drives nothing.
    guard case .bytes(let text) = node.attribute() else { return bench.set(role, false) }
    bench.set(role, (text.first == UInt8(ascii: "1")) != activeLow)
  }

  private func serveScale(_ node: GadgetNode, _ now: Instant) {
    // The node stays and opens even where no host is: only a report that is taken proves one.
    if node.reopen(at: now), node.write(staleReport[...]) != .gone, !bench.scale.isPlugged {
      bench.scale.plug()
      log.write("scale-plugged", at: now)
    }
    // The endpoint keeps one old report until the host fetches it; what comes after is lost.
    for report in bench.scale.takeReports() {
      _ = node.write(report[...])
      staleReport = report
    }
    while case .bytes(let report) = node.read(upTo: 64) {
      _ = bench.scale.receive(report)
      log.write("scale-order", at: now, ["bytes": .string(BenchLog.hex(report))])
    }
    guard !node.isOpen, bench.scale.isPlugged else { return }
    bench.scale.unplug()
    log.write("scale-unplugged", at: now)
  }

  private func servePrinter(_ node: GadgetNode, _ now: Instant) {
    if node.reopen(at: now) {
      bench.printer.plug()
      log.write("printer-plugged", at: now)
    }
    // The kernel's queue fills up while the printer takes nothing, and then the host waits.
    for _ in 0..<8 {
      if waitingJob.isEmpty, case .bytes(let bytes) = node.read(upTo: Self.portion) {
        waitingJob = bytes[...]
      }
      let taken = bench.printer.feed(waitingJob)
      waitingJob = waitingJob.dropFirst(taken)
      guard taken > 0, waitingJob.isEmpty else { break }
    }
    if waitingAnswers.isEmpty { waitingAnswers = bench.printer.answers()[...] }
    if !waitingAnswers.isEmpty, case .taken(let count) = node.write(waitingAnswers) {
      waitingAnswers = waitingAnswers.dropFirst(count)
    }
    guard !node.isOpen else { return }
    if bench.printer.isPlugged {
      bench.printer.unplug()
      log.write("printer-unplugged", at: now)
    }
    waitingJob = []
    waitingAnswers = []
  }

  /// Writes down what came out and what the machine did.
  private func tell(_ now: Instant) {
    for label in bench.printer.labels where label.serialNumber > logged.labels {
      log.write(label)
    }
    logged.labels = bench.printer.printedCount
    let sealer = bench.machine
    if sealer.actuations != logged.actuations || sealer.completed != logged.completed {
      let counts: [String: JSON] = [
        "actuations": .int(sealer.actuations), "completed": .int(sealer.completed),
      ]
      log.write("sealer", at: now, counts)
      (logged.actuations, logged.completed) = (sealer.actuations, sealer.completed)
    }
    for violation in sealer.violations.dropFirst(logged.violations) {
      log.write("violation", at: now, ["kind": .string(violation.rawValue)])
    }
    logged.violations = sealer.violations.count
  }
}
