package import Domain
import Drivers
package import LinuxIO

/// A line that somebody has already.
package struct HeldLine: Hashable, Sendable {
  package var line: ChipLine
  /// Whether station.yaml drives something with it.
  package var isDriven = false

  /// Whether it is the daemon's, which tells what happens on it.
  package var isDaemons: Bool { line.line.consumer == "yizhand" }

  private var name: String {
    line.line.name.isEmpty ? "\(line.chip):\(line.line.offset)" : line.line.name
  }

  func words(_ say: Speech) -> String {
    let user = line.line.consumer
    if line.line.isUsed {
      return say(
        "\(name)：正被\(user.isEmpty ? "内核" : " \(user) ")占用，看不了",
        "\(name): in use by \(user.isEmpty ? "the kernel" : user), it cannot be watched"
      )
    }
    guard !isDriven else {
      return say(
        "\(name)：station.yaml 里是输出，上下拉会带动它，不去动它",
        "\(name): station.yaml drives something with it, which a pull could move; it is left alone"
      )
    }
    return say("\(name)：是输出，不去动它", "\(name): an output, it is left alone")
  }

  func wordsBesideOthers(_ say: Speech) -> String {
    say(
      "\(name)：驿站程序占着；另开 `yizhan gpio watch \(name)` 看",
      "\(name): the daemon holds it; watch it with `yizhan gpio watch \(name)` of its own"
    )
  }

  /// Whether an event of the daemon is about the line of this role.
  package static func tells(_ event: JSON, of role: String) -> Bool {
    switch event["kind"]?.string {
    case "button": event["button"]?.string == role
    // The machine's name stands in front.
    case "signal": event["signal"]?.string.map { role.hasSuffix(".\($0)") } ?? false
    case "output": event["output"]?.string.map { role.hasSuffix(".\($0)") } ?? false
    case "device": event["role"]?.string == role
    default: false
    }
  }
}

/// The lines that a command is asked to listen to.
package struct LineChoice: Sendable {
  /// Those that can be requested.
  package private(set) var free: [ChipLine] = []
  package private(set) var held: [HeldLine] = []

  /// Finds the lines that are meant; where none are named, all that are free.
  ///
  /// - Parameters:
  ///   - names: As `BTN_GO`, `park-io:3`, or `3` on a box with one chip.
  ///   - chips: What the box has.
  ///   - driven: Lines that must not be pulled, whether or not anybody drives them now.
  ///   - say: The language of what it throws.
  /// - Throws: What is wrong with a name.
  package init(
    _ names: [String],
    among chips: [GPIOChip],
    driven: Set<LinePlace> = [],
    _ say: Speech
  ) throws(Failure) {
    let all = ChipLine.all(of: chips)
    guard !names.isEmpty else {
      free = all.filter { $0.isFreeInput && !driven.contains($0.place) }
      return
    }
    for name in names {
      let place: LinePlace
      do throws(LineFault) {
        place = try LinePlace(Self.address(name, chips), among: chips)
      } catch {
        let spec = LineSpec(role: name, address: Self.address(name, chips), activeLow: false)
        let trouble = error.trouble(spec)
        throw Failure.trouble(
          "\(name): \(trouble.cause)",
          hint: say("`yizhan gpio list` 列出所有的线", "`yizhan gpio list` shows all lines")
        )
      }
      guard let line = all.first(where: { $0.place == place }) else { continue }
      let isDriven = driven.contains(place)
      if line.isFreeInput, !isDriven {
        free.append(line)
      } else {
        held.append(HeldLine(line: line, isDriven: isDriven))
      }
    }
  }

  private static func address(_ name: String, _ chips: [GPIOChip]) -> LineSpec.Address {
    if let colon = name.lastIndex(of: ":"), let offset = Int(name[name.index(after: colon)...]) {
      return .offset(chip: String(name[..<colon]), offset)
    }
    let isName = chips.contains { chip in chip.lines.contains { $0.name == name } }
    if !isName, let offset = Int(name), chips.count == 1 {
      return .offset(chip: chips[0].name, offset)
    }
    return .name(name)
  }
}

/// A level of a line on a line of text.
package struct LevelView {
  private let line: ChipLine
  private let isHigh: Bool
  private let at: Instant
  private let isEdge: Bool
  private let say: Speech

  /// Takes a level that was seen, or the edge that led to it.
  package init(_ line: ChipLine, isHigh: Bool, at: Instant, isEdge: Bool, _ say: Speech) {
    self.line = line
    self.isHigh = isHigh
    self.at = at
    self.isEdge = isEdge
    self.say = say
  }

  package var text: String {
    let (seconds, rest) = at.nanoseconds.quotientAndRemainder(dividingBy: 1_000_000_000)
    let micros = String(1_000_000 + rest / 1000).dropFirst()
    let name = line.line.name.isEmpty ? "-" : line.line.name
    let level = isHigh ? say("高", "high") : say("低", "low")
    let what = isEdge ? (isHigh ? "↑" : "↓") : "="
    return Terminal.plain(
      "\(seconds).\(micros)  \(line.chip):\(line.line.offset)  \(name)  \(what) \(level)"
    )
  }

  package var json: JSON {
    .object([
      "at": .int(Int(at.nanoseconds)), "chip": .string(line.chip), "label": .string(line.label),
      "offset": .int(line.line.offset), "name": .string(line.line.name),
      "level": .string(isHigh ? "high" : "low"), "edge": .bool(isEdge),
    ])
  }
}
