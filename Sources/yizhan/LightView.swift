import Agent
package import Domain

/// A light of the panel that somebody is to look at, and what they saw.
package struct LightView {
  /// As the control socket names it.
  package let name: String
  private let say: Speech

  /// Takes the name and the language.
  package init(_ name: String, _ say: Speech) {
    self.name = name
    self.say = say
  }

  private var lamp: Lamp? { Lamp(rawValue: name) }

  /// The light by its place, for colour alone may not be told apart.
  package var place: String {
    guard let lamp else {
      return name == "beeper" ? say("蜂鸣器", "the beeper") : Terminal.plain(name)
    }
    let color = Words.lamp(lamp, say)
    return say("第 \(lamp.position) 盏（\(color)）", "lamp \(lamp.position) (\(color))")
  }

  /// What is asked of the one who looks.
  package var question: String {
    lamp == nil
      ? say("\(place)响了一长声吗？", "Did \(place) sound once, long?")
      : say("\(place)亮着，而且只有它亮吗？", "Is \(place) lit, and no other?")
  }

  /// The answer in words.
  package func text(seen: Bool?) -> String {
    let words =
      switch seen {
      case true: say("好", "fine")
      case false: say("不对", "wrong")
      case nil: say("已点亮，没有问人", "was lit, nobody was asked")
      }
    return place + say("：", ": ") + words
  }

  /// The answer as a value.
  package func json(seen: Bool?) -> JSON {
    .object([
      "light": .string(name), "position": .optional(lamp?.position),
      "seen": seen.map { .bool($0) } ?? .null,
    ])
  }

  /// Where to look when it was not as it must be.
  package var hint: String {
    let key = lamp == nil ? name : "lamps: \(name)"
    return say(
      "查 \(place)的接线，和 station.yaml 里 `panel: \(key)`（灯柱是 `stack`）的 line 与 active",
      "check the wiring of \(place), and `line` and `active` of `panel: \(key)` (a stack light: "
        + "`stack`) in station.yaml"
    )
  }
}
