package import Agent
package import Domain
import Drivers
package import LinuxIO

/// Which role of station.yaml has which line.
package struct LineRoles: Sendable {
  private var roles: [LinePlace: String] = [:]
  /// Lines that something hangs on which the station drives: a pull could move it.
  package private(set) var driven: Set<LinePlace> = []
  /// Lines of the config that are not there, or not to be told apart.
  package private(set) var troubles: [Trouble] = []

  /// Looks the lines of a config up; without a config no line has a role.
  package init(_ config: StationConfig?, among chips: [GPIOChip]) {
    guard let config else { return }
    let wiring = Wiring(config)
    for spec in wiring.inputs.map(\.line) { _ = note(spec, chips) }
    for spec in wiring.outputs.map(\.line) {
      if let place = note(spec, chips) { driven.insert(place) }
    }
  }

  private mutating func note(_ spec: LineSpec, _ chips: [GPIOChip]) -> LinePlace? {
    guard !spec.isOnBoard else { return nil }
    do throws(LineFault) {
      let place = try LinePlace(spec.address, among: chips)
      roles[place] = spec.role
      return place
    } catch {
      troubles.append(error.trouble(spec))
      return nil
    }
  }

  package subscript(_ place: LinePlace) -> String? { roles[place] }
}

/// How the chips and lines of a box are shown.
package struct GPIOListView {
  private let chips: [GPIOChip]
  private let roles: LineRoles
  private let say: Speech

  package init(_ chips: [GPIOChip], _ roles: LineRoles, _ say: Speech) {
    self.chips = chips
    self.roles = roles
    self.say = say
  }

  /// Whether a chip cannot be opened, or a line of the config is not there.
  package var hasTrouble: Bool {
    chips.isEmpty || chips.contains { $0.problem != nil } || !roles.troubles.isEmpty
  }

  package var text: String {
    guard !chips.isEmpty else { return say("这台机器没有 GPIO 芯片", "this box has no GPIO chip") }
    let rows = ChipLine.all(of: chips).map { line in
      [
        line.chip, line.label, String(line.line.offset), line.line.name, direction(line.line),
        user(line.line), roles[line.place] ?? "",
      ]
    }
    return Terminal.table(
      [
        say("芯片", "CHIP"), say("标签", "LABEL"), say("序号", "OFFSET"), say("名字", "NAME"),
        say("方向", "DIRECTION"), say("占用", "USED BY"), say("用途", "ROLE"),
      ],
      rows
    )
  }

  /// What is wrong, and what to do about it.
  package var hints: [String] {
    let closed = chips.compactMap { chip -> String? in
      guard let problem = chip.problem else { return nil }
      let trouble = problem.trouble(attempted: "", device: "")
      let remedy = {
        if case .denied = problem {
          return say(
            "用 sudo，或加入用户组 yizhan 后重新登录",
            "use sudo, or join group yizhan and log in again"
          )
        }
        return trouble.remedy
      }()
      return "\(chip.name): \(trouble.cause)" + say("；", "; ") + remedy
    }
    return closed + roles.troubles.map(\.description)
  }

  package var json: JSON {
    .object([
      "chips": .array(chips.map(json)),
      "troubles": .array(roles.troubles.map { .string($0.description) }),
    ])
  }

  private func json(_ chip: GPIOChip) -> JSON {
    let lines = chip.lines.map { line -> JSON in
      .object([
        "offset": .int(line.offset), "name": .string(line.name), "used": .bool(line.isUsed),
        "consumer": .string(line.consumer), "direction": .string(line.isOutput ? "out" : "in"),
        "activeLow": .bool(line.isActiveLow),
        "role": .optional(roles[LinePlace(path: chip.path, offset: line.offset)]),
      ])
    }
    let problem = chip.problem.map { $0.trouble(attempted: "", device: "").cause }
    return .object([
      "name": .string(chip.name), "label": .string(chip.label), "path": .string(chip.path),
      "problem": .optional(problem), "lines": .array(lines),
    ])
  }

  private func direction(_ line: GPIOLine) -> String {
    line.isOutput ? say("输出", "out") : say("输入", "in")
  }

  private func user(_ line: GPIOLine) -> String {
    guard line.isUsed else { return "" }
    return line.consumer.isEmpty ? say("内核", "the kernel") : line.consumer
  }
}
