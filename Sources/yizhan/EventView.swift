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

  /// Time, kind, and all other fields in the order of their names.
  package var line: String {
    let fields = event.object ?? [:]
    let shown: Set = ["kind", "at", "dropped", "zh", "en"]
    let rest = fields.keys.filter { !shown.contains($0) }.sorted().compactMap { key in
      fields[key].flatMap(word).map { "\(key)=\($0)" }
    }
    let words = fields[say("zh", "en")]?.string.map { [$0] } ?? []
    let parts =
      [padded(time, to: 11, atEnd: false), padded(kind, to: 8, atEnd: true)] + words + rest
    let line = Terminal.plain(parts.joined(separator: "  "))
    guard let dropped = fields["dropped"]?.int, dropped > 0 else { return line }
    return line + say("  （至此漏看 \(dropped) 条）", "  (\(dropped) missed until here)")
  }

  private var time: String {
    guard let at = event["at"]?.int else { return "-" }
    let (seconds, rest) = at.quotientAndRemainder(dividingBy: 1000)
    return "\(seconds).\(String(1000 + abs(rest)).dropFirst()) s"
  }

  private var kind: String {
    let kinds = [
      "meaning": "灯语", "edge": "信号", "reading": "秤", "device": "设备", "commit": "存盘",
      "sync": "同步", "output": "输出", "machine": "机器", "beep": "蜂鸣",
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
