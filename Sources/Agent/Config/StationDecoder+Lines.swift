import Domain
import Drivers
import StrictYAML

extension StationDecoder {
  /// The buttons, lamps and beeper of a station.
  struct PanelLines {
    var buttons: [Button: StationConfig.Input] = [:]
    var lamps: [Lamp: LineSpec] = [:]
    var beeper: LineSpec?
    /// What the file says of buttons, rightly or not.
    var buttonFields: Fields?
  }

  private enum Level: String, CaseIterable {
    case high
    case low
  }

  mutating func panel(_ fields: Fields) -> PanelLines {
    var panel = PanelLines()
    let buttons = fields.fields("buttons")
    for button in Button.allCases {
      let name = button.rawValue
      panel.buttons[button] = input(name, of: buttons, role: name, debounce: 20)
    }
    buttons.finish()
    panel.buttonFields = fields.has("buttons") ? buttons : nil
    require(.go, "no parcel could be begun", panel)

    let lamps = fields.fields("lamps")
    for lamp in Lamp.allCases {
      let name = lamp.rawValue
      panel.lamps[lamp] = output(name, of: lamps, role: "lamp-\(name)")
      // The first three tell the meanings apart; the link's may be left out.
      if lamp != .link, fields.has("lamps"), !lamps.has(name) {
        lamps.report(
          "the \(name) lamp is missing: meanings could not be told apart",
          remedy: "wire it, and add `\(name): { line: … }`"
        )
      }
    }
    lamps.finish()
    panel.beeper = output("beeper", of: fields, role: "beeper")
    fields.finish()
    return panel
  }

  /// A released emergency stop waits for the worker's reset (ISO 13850), which is this button.
  func requireCancel(_ panel: PanelLines) {
    require(.cancel, "an emergency stop could not be reset", panel)
  }

  private func require(_ button: Button, _ why: String, _ panel: PanelLines) {
    guard let fields = panel.buttonFields, !fields.has(button.rawValue) else { return }
    fields.report(
      "there is no \(button.rawValue) button: \(why)",
      remedy: "wire one, and add `\(button.rawValue): { line: … }`"
    )
  }

  /// An input line; `nil` where there is none.
  mutating func input(_ key: String, of fields: Fields, role: String, debounce: Int)
    -> StationConfig.Input?
  {
    guard let line = fields.optionalFields(key) else { return nil }
    let settle = line.milliseconds("debounce", in: 0...1000, default: debounce)
    guard let spec = spec(line, role: role) else { return nil }
    return StationConfig.Input(line: spec, debounceMilliseconds: settle)
  }

  /// An output line; `nil` where there is none.
  mutating func output(_ key: String, of fields: Fields, role: String) -> LineSpec? {
    fields.optionalFields(key).flatMap { spec($0, role: role) }
  }

  private mutating func spec(_ fields: Fields, role: String) -> LineSpec? {
    let address = address(fields)
    let level: Level? = fields.choice("active", default: .high)
    let bias: LineSpec.Bias? = fields.choice("bias", default: .asIs)
    fields.finish()
    guard let address else { return nil }
    if let holder = hold(address, for: fields.path) {
      fields.report(
        at: fields.has("line") ? "line" : "offset",
        "the GPIO line \(Self.words(address)) is used twice, first by `\(holder)`",
        remedy: "give each its own line; `gpioinfo` lists them"
      )
    }
    return LineSpec(
      role: role,
      address: address,
      activeLow: level == .low,
      bias: bias ?? .asIs
    )
  }

  private func address(_ fields: Fields) -> LineSpec.Address? {
    let name = fields.optionalString("line")
    let chip = fields.optionalString("chip")
    let offset = fields.optionalInt("offset", in: 0...65_535)
    let hasOffset = fields.has("offset")
    switch (name, chip) {
    case (let name?, nil) where !name.isEmpty && !hasOffset: return .name(name)
    case (nil, let chip?) where !chip.isEmpty && hasOffset:
      return offset.map { .offset(chip: chip, $0) }
    default:
      fields.report(
        "`\(fields.path)` does not say which line it is",
        remedy: "write either `line: NAME`, or `chip: NAME` and `offset: NUMBER`"
      )
      return nil
    }
  }

  private static func words(_ address: LineSpec.Address) -> String {
    switch address {
    case .name(let name): "`\(name)`"
    case .offset(let chip, let offset): "`\(chip)` \(offset)"
    }
  }
}
