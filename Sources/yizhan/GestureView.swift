package import Domain

/// How a gesture is said in words.
package struct GestureView {
  private let gesture: String
  private let keys: [String]
  private let say: Speech

  /// Takes an event of `Watch`.
  ///
  /// - Returns: `nil` where it tells of no gesture.
  package init?(_ event: JSON, _ say: Speech) {
    guard event["kind"]?.string == "gesture", let gesture = event["gesture"]?.string,
      let keys = event["keys"]?.array?.compactMap(\.string)
    else { return nil }
    self.gesture = gesture
    self.keys = keys
    self.say = say
  }

  /// The keys, and what was done with them.
  package var text: String {
    let names = keys.map { name in
      PanelKey(rawValue: name).map { Words.key($0, say) } ?? Terminal.plain(name)
    }
    return names.joined(separator: "+") + say("：", ": ") + word
  }

  private var word: String {
    switch gesture {
    case "press": say("按下", "pressed")
    case "short": say("短按", "short press")
    case "long": say("长按（满 1 秒）", "long press (a second)")
    case "long-ended": say("长按后松开", "let go after a long press")
    case "double": say("双击", "double press")
    case "chord": say("两键齐按", "pressed together")
    case "chord-held": say("齐按满 3 秒", "held together for 3 s")
    case "stuck": say("卡住：松开之前不算数", "stuck: counts for nothing until it comes up")
    case "freed": say("恢复正常", "works again")
    default: Terminal.plain(gesture)
    }
  }
}
