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

  /// The whole answer.
  package var text: String {
    pairs.isEmpty ? say("没有同步信息", "nothing is known of sync") : Terminal.list(pairs)
  }

  var pairs: [(String, String)] {
    var pairs: [(String, String)] = []
    let add = { (name: String, value: String?) in
      if let value, !value.isEmpty { pairs.append((name, value)) }
    }
    add(say("同步", "sync"), sync["state"]?.string.map(state))
    add(say("待传", "backlog"), sync["backlog"]?.int.map { say("\($0) 条", "\($0) events") })
    add(say("最早未传", "oldest unsent"), scalar("oldestUnsent"))
    add(say("上次成功", "last success"), scalar("lastSuccess"))
    add(say("上次错误", "last error"), scalar("lastError"))
    add(
      say("下次尝试", "next try"),
      Words.duration(sync["nextTrySeconds"], say).map { say("\($0)后", "in \($0)") }
    )
    return pairs
  }

  private func state(_ name: String) -> String {
    let states = ["online": "在线", "offline": "离线（继续本地记录）", "never": "从未连上"]
    let words = ["offline": "offline (work goes on)", "never": "never reached"]
    return say(states[name] ?? name, words[name] ?? name)
  }

  private func scalar(_ key: String) -> String? {
    sync[key].flatMap { $0.string ?? $0.int.map(String.init) }
  }
}
