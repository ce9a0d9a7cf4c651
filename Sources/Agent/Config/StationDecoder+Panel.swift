import Domain
import Drivers
import StrictYAML

extension StationDecoder {
  /// The buttons, lamps and beeper of a station.
  struct PanelLines {
    var buttons: [Button: StationConfig.Input] = [:]
    var lamps: [Lamp: LineSpec] = [:]
    var beeper: LineSpec?
    var extras = StationConfig.PanelExtras()
    /// What the file says of buttons, rightly or not.
    var buttonFields: Fields?
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
    // Its contact is larger than a button's, and bounces longer.
    panel.extras.pedal = input("pedal", of: fields, role: "pedal", debounce: 30)

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
    if let stack = fields.optionalFields("stack") { self.stack(stack, &panel.extras) }
    if let beeps = fields.optionalFields("beeps") { panel.extras.beeps = self.beeps(beeps) }
    panel.extras.quiet = fields.optionalFields("quiet").flatMap(quiet)
    fields.finish()
    return panel
  }

  /// A stack light repeats the panel for those who stand further away, whole or not at all.
  private mutating func stack(_ fields: Fields, _ extras: inout StationConfig.PanelExtras) {
    for lamp in Lamp.allCases {
      let name = lamp.rawValue
      extras.stack[lamp] = output(name, of: fields, role: "stack-\(name)")
      if lamp != .link, !fields.has(name) {
        fields.report(
          "the stack has no \(name) light: meanings could not be told apart",
          remedy: "wire it, and add `\(name): { line: … }`, or remove `stack`"
        )
      }
    }
    extras.stackBeeper = output("beeper", of: fields, role: "stack-beeper")
    fields.finish()
  }

  private func beeps(_ fields: Fields) -> [Beep: Cadence] {
    var beeps: [Beep: Cadence] = [:]
    for beep in Beep.allCases where beep != .none {
      let name = beep.rawValue
      guard let text = fields.optionalString(name) else { continue }
      guard let cadence = Cadence(text), let length = cadence.length, length <= 4000,
        cadence.steps.allSatisfy({ $0 >= 20 })
      else {
        fields.report(
          at: name,
          "`\(text)` is no sound of the beeper",
          remedy: "write milliseconds on and off from 20 and up to 4 s in all, and how often, as "
            + "`\(Beep.notations[beep] ?? "80")`"
        )
        continue
      }
      beeps[beep] = cadence
    }
    fields.finish()
    var heard: [[Int64]: Beep] = [:]
    for beep in Beep.allCases where beep != .none {
      let sequence = (beeps[beep] ?? beep.cadence).sequence
      if let other = heard.updateValue(beep, forKey: sequence) {
        fields.report(
          at: fields.has(beep.rawValue) ? beep.rawValue : other.rawValue,
          "`\(beep.rawValue)` sounds like `\(other.rawValue)`",
          remedy: "make them differ: they mean different things"
        )
      }
    }
    return beeps
  }

  private func quiet(_ fields: Fields) -> QuietHours? {
    let from = time("from", fields)
    let to = time("to", fields)
    let offset = fields.int("hours-ahead-of-utc", in: -12...14, default: 8)
    fields.finish()
    guard let from, let to else { return nil }
    if let quiet = QuietHours(from: from, to: to, hoursAheadOfUTC: offset) { return quiet }
    fields.report(
      at: "to",
      "quiet hours that begin and end at the same time",
      remedy: "give two times, or remove `quiet`"
    )
    return nil
  }

  private func time(_ key: String, _ fields: Fields) -> Int? {
    let text = fields.string(key)
    guard fields.has(key) else { return nil }
    if let minutes = QuietHours.minutes(text) { return minutes }
    fields.report(at: key, "`\(text)` is no time of the day", remedy: "write it as \"21:00\"")
    return nil
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
}
