package import Domain
import Drivers

/// Everything a station has plugged in and wired up: scale, scanners, printer, machine, buttons, lamps.
///
/// It is a value that knows neither clock nor file descriptor; ``SimulatedStation`` drives it behind
/// the ports of `Drivers`, ``GadgetPump`` behind the kernel's.
package struct Bench: Sendable {
  /// A change of a line, by the role that the station's configuration gives it.
  package struct Change: Hashable, Sendable {
    package var role: String
    package var active: Bool
    package var at: Instant

    package init(role: String, active: Bool, at: Instant) {
      self.role = role
      self.active = active
      self.at = at
    }
  }

  /// Changes of outputs that are kept at most; older ones are forgotten.
  package static let keptChanges = 4096

  package var scale: SimulatedScale
  package var scanners: [SimulatedScanner]
  package var printer: SimulatedPrinter
  package var machine: SimulatedMachine
  /// The name of the machine: its lines are this, a full stop and the signal or contact.
  package let machineRole: String
  /// The time that it has reached.
  package private(set) var now: Instant
  /// Where the outputs of the station stand that anybody has set so far.
  package private(set) var outputs: [String: Bool] = [:]

  private var buttons: [String: Bool] = [:]
  private var presses: [Change] = []
  private var bounce: ContactBounce
  private var inputChanges: [Change] = []
  private var outputChanges: [Change] = []

  /// Puts a station together.
  ///
  /// - Parameters:
  ///   - scale: What it weighs on.
  ///   - scanners: What it scans with.
  ///   - printer: What it prints with.
  ///   - machine: What it seals or straps with.
  ///   - machineRole: The name of the machine in the roles of its lines, as in `machine.start`.
  ///   - buttonBounce: How long the buttons may chatter.
  ///   - seed: From which the chatter follows.
  package init(
    scale: SimulatedScale = SimulatedScale(),
    scanners: [SimulatedScanner] = [SimulatedScanner()],
    printer: SimulatedPrinter = SimulatedPrinter(),
    machine: SimulatedMachine = SimulatedMachine(),
    machineRole: String = "machine",
    buttonBounce: Duration = .zero,
    seed: UInt64 = 1
  ) {
    self.scale = scale
    self.scanners = scanners
    self.printer = printer
    self.machine = machine
    self.machineRole = machineRole
    now = scanners.reduce(max(scale.now, max(printer.now, machine.now))) { max($0, $1.now) }
    bounce = ContactBounce(longest: buttonBounce, seed: seed)
  }

  /// When something happens by itself next.
  package var nextEvent: Instant? {
    let devices = [scale.nextEvent, printer.nextEvent, machine.nextEvent, presses.first?.at]
    return (devices + scanners.map(\.nextEvent)).compactMap(\.self).min()
  }

  /// Lets time pass for all of them.
  package mutating func advance(to instant: Instant) {
    guard instant > now else { return }
    while let first = presses.first, first.at <= instant {
      presses.removeFirst()
      guard buttons[first.role, default: false] != first.active else { continue }
      buttons[first.role] = first.active
      inputChanges.append(first)
    }
    scale.advance(to: instant)
    for index in scanners.indices { scanners[index].advance(to: instant) }
    printer.advance(to: instant)
    machine.advance(to: instant)
    now = instant
  }

  /// Whether an input of the station is active.
  package func level(of role: String) -> Bool {
    for (signal, active) in machine.levels where role == "\(machineRole).\(signal.rawValue)" {
      return active
    }
    return buttons[role, default: false]
  }

  /// Takes the changes of inputs since the last time, in the order of time.
  package mutating func takeInputChanges() -> [Change] {
    let contacts = machine.takeChanges().map { change in
      Change(role: "\(machineRole).\(change.signal.rawValue)", active: change.active, at: change.at)
    }
    defer { inputChanges = [] }
    return (inputChanges + contacts).sorted { $0.at < $1.at }
  }

  /// The station drives one of its outputs.
  package mutating func set(_ role: String, _ active: Bool) {
    for contact in MachineOutput.allCases where role == "\(machineRole).\(contact.rawValue)" {
      machine.set(contact, active)
    }
    guard outputs[role, default: false] != active else { return }
    outputs[role] = active
    outputChanges.append(Change(role: role, active: active, at: now))
    if outputChanges.count > Self.keptChanges { outputChanges.removeFirst() }
  }

  /// Takes the changes of outputs since the last time, in the order of time.
  package mutating func takeOutputChanges() -> [Change] {
    defer { outputChanges = [] }
    return outputChanges
  }

  /// Presses a button and lets it go after a while; `nil` holds it down.
  package mutating func press(_ button: String, for time: Duration? = .milliseconds(120)) {
    plan(button, true, at: now)
    if let time { plan(button, false, at: now + time) }
  }

  /// Lets a button go that is held down.
  package mutating func release(_ button: String) {
    plan(button, false, at: now)
  }

  private mutating func plan(_ button: String, _ active: Bool, at instant: Instant) {
    for change in bounce.changes(to: active, at: instant + .nanoseconds(1)) {
      let place = presses.firstIndex { $0.at > change.at } ?? presses.endIndex
      presses.insert(Change(role: button, active: change.level, at: change.at), at: place)
    }
  }
}
