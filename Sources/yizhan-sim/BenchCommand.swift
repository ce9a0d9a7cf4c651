import ArgumentParser
import Domain
import Drivers
import Foundation
import Labels
import Simulator

/// The device side of a station behind a kernel's own drivers, for the rig.
struct BenchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "bench",
    abstract: "Be scale, scanners, printer and wires behind USB gadgets, uinput and gpio-sim.",
    discussion: """
      Orders come by standard input, one a line; what happens goes to standard output as JSON lines.
      Orders:
      \(Bench.orders)

      EXAMPLE
        yizhan-sim bench --scale /dev/hidg0 --scanner /dev/hidg1 --printer /dev/g_printer0 \\
          --input go=/sys/devices/platform/gpio-sim.0/gpiochip1/sim_gpio0 \\
          --output lamp-green=/sys/devices/platform/gpio-sim.0/gpiochip1/sim_gpio8
      """
  )

  @Option(help: "The device side of a HID gadget: the scale.")
  var scale: String?

  @Option(
    help: """
      The terminal that is the scale's end of its serial line, as /dev/ttyGS0; or pty:LINK for a \
      pseudo terminal whose other end LINK is.
      """
  )
  var serialScale: String?

  @Option(help: "What the scale says on its serial line: the name of a protocol, as mt-sics.")
  var scaleWire = "xk3190-continuous"

  @Option(help: "The device side of a HID gadget: a scanner.")
  var scanner: String?

  @Option(
    help: "The node of uinput, where a scanner that types is to be a keyboard of this machine."
  )
  var wedge: String?

  @Option(help: "The device side of the printer gadget, or pty:LINK.")
  var printer: String?

  @Option(help: "The terminal that is a Modbus board's end of its line, or pty:LINK.")
  var board: String?

  @Option(help: "The file of the board's profile.")
  var boardProfile = "Devices/boards/modbus-relay-8.yaml"

  @Option(
    help: """
      ROLE=FOLDER of an input of the station; append :low where low is active. ROLE=board:N is an \
      input of the board.
      """
  )
  var input: [String] = []

  @Option(help: "The same of an output of the station.")
  var output: [String] = []

  @Option(help: "A folder to save every printed label in, as PNG.")
  var labels: String?

  @Option(help: "Bytes a second that the printer takes; as fast as they come if not given.")
  var printerRate: Int?

  @Option(help: "How long the sealer's cycle takes, in milliseconds.")
  var sealerCycle = 2200

  @Option(help: "Milliseconds that the buttons may chatter.")
  var bounce = 4

  @Option(help: "The seed of all chance.")
  var seed: UInt64 = 1

  func validate() throws {
    guard printerRate.map({ $0 > 0 }) ?? true, bounce >= 0, sealerCycle > 0 else {
      throw ValidationError("--printer-rate and --sealer-cycle are 1 or more, --bounce 0 or more.")
    }
    guard scale == nil || serialScale == nil else {
      throw ValidationError("There is one scale: --scale or --serial-scale.")
    }
    guard let wire = SimulatedScale.Wire(rawValue: scaleWire), wire != .hid else {
      let names = SimulatedScale.Wire.allCases.filter { $0 != .hid }.map(\.rawValue)
      throw ValidationError("--scale-wire is one of: \(names.joined(separator: ", ")).")
    }
  }

  func run() throws {
    let paths = GadgetPump.Paths(
      scale: scale,
      serialScale: serialScale.map { DevicePath($0) },
      scanner: scanner,
      wedge: wedge,
      printer: printer.map { DevicePath($0) },
      board: try board.map { path in
        GadgetPump.Board(
          try BoardProfile(
            yaml: String(contentsOfFile: boardProfile, encoding: .utf8),
            file: boardProfile
          ),
          at: DevicePath(path)
        )
      },
      inputs: try lines(input),
      outputs: try lines(output)
    )
    let archive = LabelArchive(folder: labels.map { URL(filePath: $0) })
    let log = BenchLog(descriptor: STDOUT_FILENO) { archive.save($0)?.lastPathComponent }
    let pump = GadgetPump(
      Bench(
        scale: SimulatedScale(SimulatedScale.Model(wire: wire), seed: seed),
        scanners: scanners,
        printer: SimulatedPrinter(
          // On a line, nobody tells a printer that the other end has hung up.
          .init(bytesPerSecond: printerRate, forgetsHalfCommands: !isLink(printer))
        ),
        machine: SimulatedMachine(.init(cycle: .milliseconds(sealerCycle)), seed: seed),
        buttonBounce: .milliseconds(bounce),
        seed: seed
      ),
      paths: paths,
      orders: STDIN_FILENO,
      log: log
    )
    pump.run { false }
  }

  private func isLink(_ path: String?) -> Bool {
    if case .link = path.map({ DevicePath($0) }) { true } else { false }
  }

  private var wire: SimulatedScale.Wire {
    serialScale == nil ? .hid : SimulatedScale.Wire(rawValue: scaleWire) ?? .hid
  }

  /// The HID scanner is the first where both are there.
  private var scanners: [SimulatedScanner] {
    var scanners: [SimulatedScanner] = []
    if scanner != nil { scanners.append(SimulatedScanner()) }
    if wedge != nil { scanners.append(SimulatedScanner(SimulatedScanner.Model(wire: .wedge))) }
    return scanners
  }

  private func lines(_ words: [String]) throws -> [String: GadgetPump.Line] {
    var lines: [String: GadgetPump.Line] = [:]
    for word in words {
      let parts = word.split(separator: "=", maxSplits: 1).map(String.init)
      guard parts.count == 2 else { throw ValidationError("`\(word)` is not ROLE=FOLDER") }
      if parts[1].hasPrefix("board:"), let place = Int(parts[1].dropFirst(6)) {
        guard board != nil else { throw ValidationError("`\(word)` needs --board.") }
        lines[parts[0]] = .board(place)
        continue
      }
      let isLow = parts[1].hasSuffix(":low")
      let folder = isLow ? String(parts[1].dropLast(4)) : parts[1]
      lines[parts[0]] = .wire(folder: folder, activeLow: isLow)
    }
    return lines
  }
}
