package import Domain
package import Drivers
internal import Glibc

/// Why a line cannot be had.
package enum LineFault: Error, Hashable, Sendable {
  case noChips
  case chipMissing(String)
  case chipAmbiguous(String, among: [String])
  case lineMissing(name: String)
  case offsetMissing(Int, chip: String, lines: Int)
  case nameAmbiguous(String, among: [String])
  /// Another role of this station has the same line.
  case taken(byRole: String)
  case busy(consumer: String)
  case denied(path: String)
  case biasUnsupported(LineSpec.Bias)
  case tooMany(limit: Int)
  /// It is a line of a board on Modbus.
  case notOnChip
  /// The chip is there and raises no interrupts.
  case noEdges
  case other(PortError)

  /// The fault as a person needs it, with the role and the line it is about.
  package func trouble(_ spec: LineSpec) -> Trouble {
    let (cause, remedy) = words
    return Trouble(
      attempted: "requesting the line",
      device: "\(spec.role) (gpio \(spec.address.text))",
      cause: cause,
      remedy: remedy
    )
  }

  private var words: (cause: String, remedy: String) {
    switch self {
    case .noChips:
      ("this box has no GPIO chip", "load the chip's driver, or use the board's own kernel")
    case .chipMissing(let chip):
      ("there is no chip \(chip)", "`yizhan gpio list` shows the chips; correct station.yaml")
    case .chipAmbiguous(let chip, let paths):
      (
        "several chips are labelled \(chip): \(paths.joined(separator: ", "))",
        "use line names, or the chip's name if its number is stable"
      )
    case .lineMissing(let name):
      (
        "no chip has a line named \(name)",
        "`yizhan gpio list` shows the lines; correct station.yaml"
      )
    case .offsetMissing(let offset, let chip, let lines):
      ("\(chip) has the lines 0 to \(lines - 1), not \(offset)", "correct station.yaml")
    case .nameAmbiguous(let name, let places):
      (
        "several lines are named \(name): \(places.joined(separator: ", "))",
        "give chip and offset instead of the name in station.yaml"
      )
    case .taken(let role):
      ("\(role) is the same line", "give each role a line of its own in station.yaml")
    case .busy(let consumer):
      (
        consumer.isEmpty ? "it is in use" : "it is in use by \(consumer)",
        "stop that program, or free the line from the kernel driver that holds it"
      )
    case .denied, .other: portWords
    case .biasUnsupported(let bias):
      ("the chip cannot do bias \(bias.rawValue)", "fit a resistor and set the bias to as-is")
    case .notOnChip:
      ("it is a line of a board, not of a GPIO chip", "report this: the station mixed them up")
    case .tooMany(let limit):
      ("more than \(limit) lines of one chip", "spread the lines over more chips")
    case .noEdges:
      (
        "its chip cannot tell of edges (no interrupt)",
        "use a line of another chip, or wire the interrupt pin of the expander"
      )
    }
  }

  private var portWords: (cause: String, remedy: String) {
    let error: PortError
    switch self {
    case .denied(let path): error = .denied(path: path)
    case .other(let other): error = other
    default: error = .absent
    }
    let trouble = error.trouble(attempted: "", device: "")
    return (trouble.cause, trouble.remedy)
  }
}

extension LineSpec.Address {
  /// The address as station.yaml has it.
  package var text: String {
    switch self {
    case .name(let name): name
    case .offset(let chip, let offset): "\(chip) \(offset)"
    case .input(let board, let number): "board \(board) input \(number)"
    case .channel(let board, let number): "board \(board) channel \(number)"
    }
  }
}

/// Where a line is.
package struct LinePlace: Hashable, Sendable {
  /// The chip's device node.
  package var path: String
  package var offset: Int

  package init(path: String, offset: Int) {
    self.path = path
    self.offset = offset
  }

  /// Finds the line that is meant among all chips.
  package init(_ address: LineSpec.Address, among chips: [GPIOChip]) throws(LineFault) {
    guard !chips.isEmpty else { throw .noChips }
    switch address {
    case .name(let name): try self.init(name: name, chips)
    case .offset(let chip, let offset): try self.init(chip: chip, offset, chips)
    case .input, .channel: throw .notOnChip
    }
  }

  private init(name: String, _ chips: [GPIOChip]) throws(LineFault) {
    let places = chips.flatMap { chip in
      chip.lines.filter { $0.name == name }.map { (chip, $0.offset) }
    }
    guard places.count < 2 else {
      throw .nameAmbiguous(name, among: places.map { "\($0.0.name) \($0.1)" })
    }
    if let (chip, offset) = places.first {
      path = chip.path
      self.offset = offset
      return
    }
    // It may be on a chip that could not be looked at.
    for case let chip in chips {
      if let problem = chip.problem { throw LineFault(problem) }
    }
    throw .lineMissing(name: name)
  }

  private init(chip wanted: String, _ offset: Int, _ chips: [GPIOChip]) throws(LineFault) {
    let found = chips.filter { [$0.name, $0.path, $0.label].contains(wanted) }
    guard let chip = found.first else {
      if let problem = chips.lazy.compactMap(\.problem).first, !wanted.hasPrefix("/") {
        throw LineFault(problem)
      }
      throw .chipMissing(wanted)
    }
    guard found.count == 1 else { throw .chipAmbiguous(wanted, among: found.map(\.path)) }
    if let problem = chip.problem { throw LineFault(problem) }
    guard chip.lines.indices.contains(offset) else {
      throw .offsetMissing(offset, chip: chip.name, lines: chip.lines.count)
    }
    path = chip.path
    self.offset = offset
  }
}

extension LineFault {
  package init(_ error: PortError) {
    switch error {
    case .denied(let path): self = .denied(path: path)
    default: self = .other(error)
    }
  }
}

extension LineFault {
  /// Why the kernel refused a request, and which of its lines is the reason.
  ///
  /// - Parameters:
  ///   - code: The `errno`.
  ///   - path: The chip's device node.
  ///   - asked: The lines that may be meant: the bias asked for, and the offset.
  ///   - lines: How the chip's lines are now, to tell who holds one.
  /// - Returns: The index in `asked`, and the fault.
  package static func ofRequest(
    errno code: Int32,
    path: String,
    asked: [(bias: LineSpec.Bias, offset: Int)],
    lines: [GPIOLine]
  ) -> (position: Int, fault: LineFault) {
    let error = PortError(operation: "requesting lines", errno: code, path: path)
    switch code {
    case EBUSY:
      let holders = asked.map { wanted in
        lines.first { $0.offset == wanted.offset && $0.isUsed }
      }
      let position = holders.firstIndex { $0 != nil } ?? 0
      return (position, .busy(consumer: holders[position]?.consumer ?? ""))
    // 524 is the kernel's own ENOTSUPP; EINVAL comes from kernels before 5.5. A chip without any
    // pulls refuses nothing: the kernel then leaves the bias out and says nothing (gpio_set_bias).
    case 524, EOPNOTSUPP, EINVAL:
      guard let position = asked.firstIndex(where: { $0.bias != .asIs }) else {
        return (0, .other(error))
      }
      return (position, .biasUnsupported(asked[position].bias))
    // The kernel says the same of a chip that is gone and of one without interrupts, as an expander
    // whose interrupt pin is not wired (lineevent_create, edge_detector_setup).
    case ENODEV, ENXIO:
      return (0, lines.isEmpty ? LineFault(error) : .noEdges)
    default: return (0, LineFault(error))
    }
  }
}
