package import Domain

/// How one event of `Watch` is shown on a line.
package struct EventView {
  private let event: JSON
  private let say: Speech

  /// Takes the event and the language to show it in.
  package init(_ event: JSON, _ say: Speech) {
    self.event = event
    self.say = say
  }

  /// All kinds of events that the station tells.
  package static let kinds = [
    "meaning", "button", "gesture", "lamp-test", "signal", "reading", "scan", "hint", "device",
    "machine", "output", "beep",
    "commit", "sync", "edges-lost",
  ]

  /// Time, kind, its words, and all other fields in the order of their names.
  package var line: String {
    let fields = event.object ?? [:]
    let sentence = sentence
    let shown: Set = ["kind", "at", "dropped", "zh", "en"]
    let rest = fields.keys.filter { !shown.contains($0) && !sentence.keys.contains($0) }.sorted()
      .compactMap { key in fields[key].flatMap(word).map { "\(key)=\($0)" } }
    let words = fields[say("zh", "en")]?.string.map { [$0] } ?? []
    let parts =
      [padded(time, to: 11, atEnd: false), padded(kind, to: 8, atEnd: true)] + sentence.words
      + words + rest
    let line = Terminal.plain(parts.joined(separator: "  "))
    guard let dropped = fields["dropped"]?.int, dropped > 0 else { return line }
    return line + say("  （至此漏看 \(dropped) 条）", "  (\(dropped) missed until here)")
  }

  /// What is said in words, and the fields that it tells.
  private var sentence: (words: [String], keys: Set<String>) {
    if let gesture = GestureView(event, say) { return ([gesture.text], ["gesture", "keys"]) }
    guard let kind = event["kind"]?.string, let text = event["text"]?.string else {
      return ([], [])
    }
    let role = event["role"]?.string.map { Words.role($0, say) } ?? "?"
    switch kind {
    case "scan": return ([say("\(role) 扫到 \(text)", "\(role) read \(text)")], ["role", "text"])
    case "hint": return ([say("\(role)：\(text)", "\(role): \(text)")], ["role", "text"])
    default: return ([], [])
    }
  }

  private var time: String {
    guard let at = event["at"]?.int else { return "-" }
    let (seconds, rest) = at.quotientAndRemainder(dividingBy: 1000)
    return "\(seconds).\(String(1000 + abs(rest)).dropFirst()) s"
  }

  private var kind: String {
    let kinds = [
      "meaning": "灯语", "button": "按钮", "signal": "信号", "reading": "秤", "scan": "扫码",
      "hint": "提示", "device": "设备", "commit": "存盘", "sync": "同步", "output": "输出",
      "machine": "机器", "beep": "蜂鸣", "gesture": "按法", "lamp-test": "试灯", "edges-lost": "漏信号",
    ]
    let name = event["kind"]?.string ?? "?"
    return say(kinds[name] ?? name, name)
  }

  private func word(_ value: JSON) -> String? {
    switch value {
    case .null: nil
    case .string(let text): text.isEmpty ? nil : text
    default: value.text
    }
  }

  private func padded(_ text: String, to width: Int, atEnd: Bool) -> String {
    let space = String(repeating: " ", count: max(0, width - Terminal.width(of: text)))
    return atEnd ? text + space : space + text
  }
}
