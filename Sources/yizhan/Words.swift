package import Domain

/// The words of the station as technicians say them; what is not known is shown as it came.
package enum Words {
  /// A number of things in English, as `1 byte`, `2 bytes`.
  static func count(_ number: Int, _ thing: String) -> String {
    "\(number) \(thing)\(number == 1 ? "" : "s")"
  }

  static func lamp(_ lamp: Lamp, _ say: Speech) -> String {
    switch lamp {
    case .green: say("绿", "green")
    case .amber: say("黄", "amber")
    case .red: say("红", "red")
    case .link: say("链路", "link")
    }
  }

  static func key(_ key: PanelKey, _ say: Speech) -> String {
    switch key {
    case .go: say("确认", "GO")
    case .again: say("再来", "AGAIN")
    case .cancel: say("取消", "CANCEL")
    case .pedal: say("脚踏", "pedal")
    }
  }

  static func rhythm(_ name: String, _ say: Speech) -> String {
    switch Rhythm(rawValue: name) {
    case .off: say("灭", "off")
    case .on: say("亮", "on")
    case .wink: say("点闪", "wink")
    case .slow: say("慢闪", "slow")
    case .fast: say("快闪", "fast")
    case .double: say("双闪", "double")
    case nil: name
    }
  }

  static func lane(_ name: String, _ say: Speech) -> String {
    switch Lane(rawValue: name) {
    case .records: say("记录", "records")
    case .telemetry: say("运行数据", "telemetry")
    case nil: name
    }
  }

  static func role(_ name: String, _ say: Speech) -> String {
    let roles = [
      "scale": "秤", "scanner": "扫码枪", "printer": "打印机", "machine": "机器", "lines": "接线",
      "hub": "县中心", "ledger": "账本", "button": "按钮", "pedal": "脚踏开关",
    ]
    // Of several of a kind, as `scanner 2`.
    let parts = name.split(separator: " ", maxSplits: 1)
    guard parts.count == 2, let role = roles[String(parts[0])] else {
      return say(roles[name] ?? name, name)
    }
    return say("\(role) \(parts[1])", name)
  }

  static func state(_ name: String, _ say: Speech) -> String {
    let states = [
      "absent": "未接", "opening": "正在打开", "ready": "正常", "degraded": "需要处理", "failed": "故障",
    ]
    return say(states[name] ?? name, name)
  }

  /// The state of a reading.
  static func reading(_ name: String, _ say: Speech) -> String {
    switch Reading.State(rawValue: name) {
    case .stable: say("稳定", "stable")
    case .moving: say("晃动", "moving")
    case .zero: say("零点", "zero")
    case .negative: say("负值", "below zero")
    case .over: say("超载", "over")
    case .under: say("欠载", "under")
    case .fault: say("故障或读不懂", "fault")
    case .stale: say("没有数据", "no data")
    case nil: name
    }
  }

  static func clock(_ quality: String, _ say: Speech) -> String {
    switch ClockQuality(rawValue: quality) {
    case .some(.none): say("未校准", "not set since boot")
    case .rtc: say("时钟芯片", "battery-backed clock")
    case .ntp: say("网络校时", "NTP")
    case .hub: say("县中心校时", "set by the hub")
    case nil: quality
    }
  }

  /// Seconds as people say them, in the two largest units.
  package static func duration(_ value: JSON?, _ say: Speech) -> String? {
    guard let seconds = value?.int, seconds >= 0 else { return nil }
    let units = [
      (86_400, say(" 天", " d")), (3600, say(" 小时", " h")), (60, say(" 分", " min")),
      (1, say(" 秒", " s")),
    ]
    var rest = seconds
    var parts: [String] = []
    for (size, name) in units where parts.count < 2 {
      if rest >= size { parts.append("\(rest / size)\(name)") } else if !parts.isEmpty { break }
      rest %= size
    }
    return parts.isEmpty ? say("0 秒", "0 s") : parts.joined(separator: " ")
  }
}
