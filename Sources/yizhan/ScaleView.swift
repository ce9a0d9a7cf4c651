package import Domain
package import Drivers

/// How a reading of the daemon is shown.
package struct ScaleView {
  private let reading: JSON
  private let say: Speech

  /// Takes a reading, as `Status` and `Watch` give it.
  package init(_ reading: JSON, _ say: Speech) {
    self.reading = reading
    self.say = say
  }

  /// Whether there is a weight.
  package var hasWeight: Bool { reading["grams"]?.int != nil }

  /// The state and the weight.
  package var text: String {
    let state = Words.reading(reading["state"]?.string ?? "?", say)
    return reading["grams"]?.int.map { "\(state)  \(Mass(grams: $0))" } ?? state
  }

  /// The reading alone, without what an event has besides.
  package var json: JSON {
    .object(["state": reading["state"] ?? .null, "grams": reading["grams"] ?? .null])
  }
}

/// How the answer to a request to the scale is shown.
package struct ScaleAnswerView {
  private let request: ScaleRequest
  private let answer: String
  private let reason: String?
  private let say: Speech

  /// Takes the reply of `ScaleRequest`.
  package init(_ request: ScaleRequest, _ reply: JSON, _ say: Speech) {
    self.request = request
    answer = reply["answer"]?.string ?? "?"
    reason = reply["reason"]?.string
    self.say = say
  }

  package var isDone: Bool { answer == "done" }

  /// What became of it.
  package var text: String {
    let name = say(request.zh, request.rawValue)
    switch answer {
    case "done": return say("\(name)：好了", "\(name): done")
    case "refused":
      let why = Terminal.plain(reason ?? "?")
      return say("\(name)：秤没有执行：\(why)", "\(name): refused: \(why)")
    case "unanswered": return say("\(name)：秤没有回答", "\(name): the scale did not answer")
    default: return "\(name): \(Terminal.plain(answer))"
    }
  }

  /// What to do next; `nil` where nothing has to be done.
  package var hint: String? {
    switch answer {
    case "done": nil
    case "unanswered":
      say(
        "看显示有没有变；没变就在秤上按键",
        "look whether its display has changed; else use its own keys"
      )
    default:
      say(
        "等秤稳定再试；不支持的秤在秤上按键",
        "try again once it is at rest; where it has no such command, use its own keys"
      )
    }
  }
}
