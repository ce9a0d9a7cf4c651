internal import CGPIO
package import Domain
package import Drivers

/// A line together with the chip it is on.
package struct ChipLine: Hashable, Sendable {
  /// The kernel's name of the chip, as `gpiochip0`.
  package var chip: String
  /// The driver's name of it, which stays.
  package var label: String
  package var path: String
  package var line: GPIOLine

  package init(chip: String, label: String, path: String, line: GPIOLine) {
    self.chip = chip
    self.label = label
    self.path = path
    self.line = line
  }

  /// Every line of these chips.
  package static func all(of chips: [GPIOChip]) -> [ChipLine] {
    chips.flatMap { chip in
      chip.lines.map { ChipLine(chip: chip.name, label: chip.label, path: chip.path, line: $0) }
    }
  }

  package var place: LinePlace { LinePlace(path: path, offset: line.offset) }

  /// Whether it may be listened to without harm: nobody has it, and nothing drives it.
  package var isFreeInput: Bool { !line.isUsed && !line.isOutput }

  /// How station.yaml is best told of it: by what stays from boot to boot.
  package func address(among chips: [GPIOChip]) -> LineSpec.Address {
    let namesakes = chips.lazy.flatMap(\.lines).count { $0.name == line.name }
    if !line.name.isEmpty, namesakes == 1 { return .name(line.name) }
    let isOnly = !label.isEmpty && chips.count { $0.label == label } == 1
    return .offset(chip: isOnly ? label : chip, line.offset)
  }
}

/// Listens to lines of any chips, as a technician does who looks for one.
///
/// Each line is a request of its own, so that one that cannot be had takes no other along. Levels
/// are electrical: active is high. Not for use from two threads.
package final class LineWatcher {
  /// The lines that are listened to; edges and levels use the order of this list.
  package private(set) var lines: [ChipLine] = []
  /// For each of them, the bias that the kernel took.
  package private(set) var biases: [LineSpec.Bias] = []
  /// The lines that cannot be had, and why.
  package private(set) var refusals: [(line: ChipLine, trouble: Trouble)] = []
  private var requests: [RequestedLines] = []

  /// Requests what can be had of these lines.
  ///
  /// - Parameters:
  ///   - wanted: The lines; nobody else can have them meanwhile.
  ///   - bias: What to ask of the chip; where it refuses, the line is taken as it is.
  ///   - consumer: Who others are told holds the lines.
  package init(_ wanted: [ChipLine], bias: LineSpec.Bias = .asIs, consumer: String = "yizhan") {
    for line in wanted {
      do throws(Trouble) {
        try request(line, bias, consumer)
      } catch {
        guard bias != .asIs else {
          refusals.append((line, error))
          continue
        }
        do throws(Trouble) {
          try request(line, .asIs, consumer)
        } catch {
          refusals.append((line, error))
        }
      }
    }
  }

  private func request(_ line: ChipLine, _ bias: LineSpec.Bias, _ consumer: String)
    throws(Trouble)
  {
    let spec = LineSpec(
      role: line.line.name.isEmpty ? "line" : line.line.name,
      address: .offset(chip: line.chip, line.line.offset),
      activeLow: false,
      bias: bias
    )
    requests.append(
      try RequestedLines(
        path: line.path,
        specs: [spec],
        offsets: [line.line.offset],
        areOutputs: false,
        consumer: consumer
      )
    )
    lines.append(line)
    biases.append(bias)
  }

  /// How the lines stand.
  package func levels() throws(PortError) -> [Bool] {
    var levels: [Bool] = []
    for request in requests { levels += try request.levels() }
    return levels
  }

  /// Waits for edges, at most so long.
  ///
  /// - Throws: `PortError.vanished` where a chip was unplugged.
  package func edges(within limit: Duration) throws(PortError) -> [Edge] {
    var watches: [Watch] = []
    var owners: [Int] = []
    for (index, request) in requests.enumerated() {
      for descriptor in request.descriptors {
        watches.append(Watch(reading: descriptor))
        owners.append(index)
      }
    }
    try System.wait(&watches, until: .after(limit))
    var edges: [Edge] = []
    for (watch, index) in zip(watches, owners) where watch.happened != 0 {
      _ = try requests[index].read(watch.descriptor) { edge in
        let at = Instant(nanoseconds: edge.nanoseconds)
        edges.append(Edge(input: index, active: edge.active, at: at))
      }
    }
    return edges.sorted { $0.at < $1.at }
  }
}
