package import Domain

/// How the answer to `SyncStatus` is shown.
package struct SyncView {
  private let sync: JSON
  private let say: Speech

  /// Takes the answer and the language to show it in.
  package init(_ sync: JSON, _ say: Speech) {
    self.sync = sync
    self.say = say
  }

  /// Whether the hub is followed up now.
  package var isOnline: Bool { sync["state"]?.string == "online" }

  /// Whether somebody should look.
  package var hasTrouble: Bool {
    !isOnline || sync["isPaused"]?.bool == true || !(sync["forks"]?.array ?? []).isEmpty
      || sync["quarantined"]?.int ?? 0 > 0
  }

  /// The whole answer.
  package var text: String {
    pairs.isEmpty ? say("没有同步信息", "nothing is known of sync") : Terminal.list(pairs)
  }

  var pairs: [(String, String)] {
    var pairs: [(String, String)] = []
    let add = { (name: String, value: String?) in
      if let value, !value.isEmpty { pairs.append((name, value)) }
    }
    add(say("同步", "sync"), state)
    add(say("待传", "backlog"), backlog)
    add(say("最早未传", "oldest unsent"), scalar("oldestUnsent"))
    add(say("速度", "rate"), rate)
    add(say("上次成功", "last success"), scalar("lastSuccess"))
    add(say("上次错误", "last error"), scalar("lastError"))
    add(
      say("下次尝试", "next try"),
      Words.duration(sync["nextTrySeconds"], say).map { say("\($0)后", "in \($0)") }
    )
    add(say("流量余额", "budget left"), budget)
    add(say("县里读不懂", "unread by the hub"), unread)
    add(
      say("账本分叉", "fork"),
      list("forks").map { text in
        say(
          "\(text)：这张卡被复制或恢复过；空闲时自动换新账本，另一张同样的卡请收回",
          "\(text): this card was copied or set back; at the next rest a new ledger begins by itself; "
            + "take the other card back"
        )
      }
    )
    return pairs
  }

  private var state: String? {
    guard let name = sync["state"]?.string else { return nil }
    let states = ["online": "在线", "offline": "离线（继续本地记录）", "never": "从未连上"]
    let words = ["offline": "offline (work goes on)", "never": "never reached"]
    let text = say(states[name] ?? name, words[name] ?? name)
    guard sync["isPaused"]?.bool == true else { return text }
    return text + say("，已暂停", ", paused")
  }

  private var backlog: String? {
    guard let all = sync["backlog"]?.int else { return nil }
    let text = say("\(all) 条", "\(all) events")
    guard let arrears = sync["backlogArrears"]?.int, arrears > 0 else { return text }
    return text + say("（其中旧账本的 \(arrears) 条）", " (\(arrears) of an earlier ledger)")
  }

  private var rate: String? {
    guard let rate = sync["eventsPerMinute"]?.int, rate > 0 else { return nil }
    return say("每分钟 \(rate) 条", "\(rate) events/min")
  }

  private var budget: String? {
    guard let left = sync["budgetBytesLeft"]?.int, let all = sync["budgetBytesPerDay"]?.int else {
      return nil
    }
    return "\(left / 1024) / \(all / 1024) KiB"
  }

  private var unread: String? {
    guard let count = sync["quarantined"]?.int, count > 0 else { return nil }
    return "\(count): \(list("quarantinedRows") ?? "")"
  }

  private func list(_ key: String) -> String? {
    let texts = (sync[key]?.array ?? []).compactMap(\.string)
    return texts.isEmpty ? nil : texts.joined(separator: ", ")
  }

  private func scalar(_ key: String) -> String? {
    sync[key].flatMap { $0.string ?? $0.int.map(String.init) }
  }
}
