import Agent
package import Domain
package import Drivers
package import LinuxIO

/// Finds out which line a hand has moved.
package struct ContactFinder: Sendable {
  /// A line on which something happened.
  package struct Find: Hashable, Sendable {
    /// Its index among the lines that are listened to.
    package var line: Int
    /// The level before anybody touched it.
    package var restsHigh: Bool
    /// It brings edges all the time: nothing is connected, or not what belongs there.
    package var isWild: Bool

    package init(line: Int, restsHigh: Bool, isWild: Bool = false) {
      self.line = line
      self.restsHigh = restsHigh
      self.isWild = isWild
    }
  }

  private let rest: [Bool]
  private var debouncers: [Debouncer]
  private var gate: EdgeGate

  /// Starts from the levels at rest.
  package init(rest: [Bool]) {
    self.rest = rest
    debouncers = rest.map { Debouncer(level: $0, settle: .milliseconds(30)) }
    var limit = EdgeGate.Limit()
    // An open input picks up the mains, which is 100 edges a second; a hand with a bouncing contact
    // stays far below.
    limit.edges = 60
    gate = EdgeGate(inputs: rest.count, limit: limit)
  }

  /// Takes edges; their levels are electrical.
  package mutating func take(_ edges: [Edge]) -> [Find] {
    var finds: [Find] = []
    for edge in edges where rest.indices.contains(edge.input) {
      switch gate.admit(edge) {
      case .passes:
        if let level = debouncers[edge.input].edge(edge.active, at: edge.at) {
          finds += find(edge.input, level)
        }
      case .beginsStorm:
        debouncers[edge.input].force(rest[edge.input])
        finds.append(Find(line: edge.input, restsHigh: rest[edge.input], isWild: true))
      case .ignored: break
      }
    }
    return finds
  }

  /// Lets time pass.
  package mutating func advance(to now: Instant) -> [Find] {
    _ = gate.advance(to: now)
    var finds: [Find] = []
    for line in debouncers.indices {
      if let level = debouncers[line].advance(to: now) { finds += find(line, level) }
    }
    return finds
  }

  /// A contact that goes back to where it was has been told of.
  private func find(_ line: Int, _ level: Bool) -> [Find] {
    level == rest[line] ? [] : [Find(line: line, restsHigh: rest[line])]
  }
}

/// How a line that was found is shown: as station.yaml wants it.
package struct ContactView {
  private let find: ContactFinder.Find
  private let line: ChipLine
  private let address: LineSpec.Address
  private let bias: LineSpec.Bias
  private let say: Speech

  /// Takes what was found, and how the line was requested.
  package init(
    _ find: ContactFinder.Find,
    _ line: ChipLine,
    _ address: LineSpec.Address,
    _ bias: LineSpec.Bias,
    _ say: Speech
  ) {
    self.find = find
    self.line = line
    self.address = address
    self.bias = bias
    self.say = say
  }

  package var text: String {
    let name = line.line.name.isEmpty ? "" : " \(line.line.name)"
    let place = Terminal.plain("\(line.chip):\(line.line.offset)\(name)")
    guard !find.isWild else {
      return say(
        "# \(place)：一直在跳：没接东西，或接线松动",
        "# \(place): it never rests: nothing is wired to it, or a wire is loose"
      )
    }
    let moved =
      find.restsHigh
      ? say("平时高，动作时低", "rests high, went low") : say("平时低，动作时高", "rests low, went high")
    var lines = ["# \(place)" + say("：", ": ") + moved, yaml(active: !find.restsHigh)]
    if !find.restsHigh {
      // Closed at rest: as contacts of safety are, so that a broken wire tells.
      lines.append(
        yaml(active: false)
          + say("  # 护罩、急停这样平时闭合的触点用这行", "  # for a contact closed at rest: guard, e-stop")
      )
    }
    return lines.joined(separator: "\n")
  }

  package var json: JSON {
    .object([
      "chip": .string(line.chip), "label": .string(line.label), "offset": .int(line.line.offset),
      "name": .string(line.line.name), "rest": .string(find.restsHigh ? "high" : "low"),
      "wild": .bool(find.isWild),
      "active": find.isWild ? .null : .string(find.restsHigh ? "low" : "high"),
      "bias": .string(bias.rawValue),
      "yaml": find.isWild ? .null : .string(yaml(active: !find.restsHigh)),
    ])
  }

  private func yaml(active isHigh: Bool) -> String {
    let place =
      switch address {
      case .name(let name): "line: \(Self.scalar(name))"
      case .offset(let chip, let offset): "chip: \(Self.scalar(chip)), offset: \(offset)"
      case .input(let board, let number): "board: \(Self.scalar(board)), input: \(number)"
      case .channel(let board, let number): "board: \(Self.scalar(board)), channel: \(number)"
      }
    let pull = bias == .asIs ? "" : ", bias: \(bias.rawValue)"
    return "{ \(place), active: \(isHigh ? "high" : "low")\(pull) }"
  }

  /// A name as YAML takes it for text whatever it looks like.
  private static func scalar(_ text: String) -> String {
    let isPlain = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || byte == UInt8(ascii: "_") || byte == UInt8(ascii: "-")
    }
    let startsWithLetter = text.utf8.first.map { ($0 | 0x20) >= 0x61 && ($0 | 0x20) <= 0x7A }
    let words = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"]
    if isPlain, startsWithLetter == true, !words.contains(text.lowercased()) { return text }
    let inner = Terminal.plain(text).map { "\"\\".contains($0) ? "\\\($0)" : String($0) }
    return "\"\(inner.joined())\""
  }
}
