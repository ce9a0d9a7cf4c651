package import Domain
import Drivers

/// How the answer to `MachineStatus` is shown.
package struct MachineView {
  package let json: JSON
  private let say: Speech

  /// Takes the machine, as the daemon gives it.
  package init(_ machine: JSON, _ say: Speech) {
    json = machine
    self.say = say
  }

  /// Asks the daemon.
  ///
  /// - Throws: `Failure` where there is no machine, too.
  static func ask(_ daemon: DaemonOptions) throws(Failure) -> MachineView {
    let machine = try daemon.ask("MachineStatus")["machine"] ?? .null
    guard machine != .null else {
      throw .trouble(
        yizhan.say("这个驿站没有封口机或打包机", "this station has no machine"),
        hint: yizhan.say("在 station.yaml 里加 machine: 一段", "add a `machine:` part to station.yaml")
      )
    }
    return MachineView(machine, yizhan.say)
  }

  private var now: JSON { json["now"] ?? .null }

  /// Whether a cycle is in hand.
  package var isRunning: Bool { now["running"]?.bool ?? false }

  /// Whether it may not run, or wants service.
  package var wantsAttention: Bool {
    let blocker = now["blocker"]?.string
    return (blocker != nil && blocker != "busy") || json["serviceDue"]?.bool == true
  }

  /// State and contacts.
  package var status: String {
    var pairs = [
      (say("机器", "machine"), json["model"]?.string ?? "?"),
      (say("种类", "kind"), kind), (say("现在", "now"), state),
    ]
    if let latch = now["latch"]?.string {
      let words = MachineLatch(rawValue: latch).map { say($0.text.zh, $0.text.en) } ?? latch
      pairs.append((say("停机原因", "stopped by"), words))
    }
    pairs.append((say("触点", "contacts"), contacts))
    if json["unconfirmed"]?.bool == true {
      pairs.append(
        (
          say("注意", "note"),
          say("没有回信触点：只按时间算，未证实", "it answers nothing: only time tells, unconfirmed")
        )
      )
    }
    if json["serviceDue"]?.bool == true {
      pairs.append(
        (
          say("保养", "service"),
          say("到期：保养后 `yizhan machine serviced`", "due: afterwards `yizhan machine serviced`")
        )
      )
    }
    return Terminal.list(pairs)
  }

  private var kind: String {
    let name = json["kind"]?.string ?? "?"
    return MachineKind(rawValue: name).map { say($0.text.zh, $0.text.en) } ?? name
  }

  private var state: String {
    guard let blocker = now["blocker"]?.string else { return say("可以运行", "may run") }
    if isRunning { return say("正在运行", "running") }
    return MachineBlocker(rawValue: blocker).map { say($0.text.zh, $0.text.en) } ?? blocker
  }

  /// The outputs that are on and where the inputs stand, on one line.
  package var contacts: String {
    let active = (now["active"]?.array ?? []).compactMap(\.string)
    let outputs = (json["outputs"]?.array ?? []).compactMap(\.string)
      .map { "\($0)=\(active.contains($0) ? 1 : 0)" }
    let signals = (now["signals"]?.object ?? [:]).sorted { $0.key < $1.key }
      .map { "\($0.key)=\($0.value.bool == true ? 1 : 0)" }
    return (outputs + ["|"] + signals).joined(separator: " ")
  }

  /// How the last cycle went.
  package var lastCycle: String {
    let cycle = now["lastCycle"] ?? .null
    let time = { (key: String) in cycle[key]?.int.map { "\($0) ms" } ?? "-" }
    let fault = cycle["fault"]?.string.map { name in
      CycleFault(rawValue: name).map { say($0.text.zh, $0.text.en) } ?? name
    }
    return say(
      "运行 \(time("busy"))，完成 \(time("done"))，结束 \(time("end"))：\(fault ?? "正常")",
      "busy \(time("busy")), done \(time("done")), end \(time("end")): \(fault ?? "good")"
    )
  }

  /// What has been counted.
  package var counters: String {
    let count = { (key: String) in now[key]?.int ?? 0 }
    var rows: [(String, String)] = [
      (say("本次开机启动", "starts since the daemon began"), "\(count("started"))"),
      (say("本次开机完成", "good ends since then"), "\(count("finished"))"),
      (say("完成脉冲", "pulses of a good end"), "\(count("donePulses"))"),
    ]
    for (fault, number) in (now["failed"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let words = CycleFault(rawValue: fault).map { say($0.text.zh, $0.text.en) } ?? fault
      rows.append((say("失败", "failed"), "\(number.int ?? 0) × \(words)"))
    }
    for (oddity, number) in (now["odd"]?.object ?? [:]).sorted(by: { $0.key < $1.key }) {
      let words = MachineOddity(rawValue: oddity).map { say($0.text.zh, $0.text.en) } ?? oddity
      rows.append((say("异常", "odd"), "\(number.int ?? 0) × \(words)"))
    }
    let total = json["total"] ?? .null
    rows.append((say("总次数", "cycles in all"), "\(total["cycles"]?.int ?? 0)"))
    rows.append((say("其中没做好", "of them bad"), "\(total["bad"]?.int ?? 0)"))
    let since = total["sinceService"]?.int ?? 0
    let limit = json["serviceCycles"]?.int.map { " / \($0)" } ?? ""
    rows.append((say("上次保养以来", "since the last service"), "\(since)\(limit)"))
    return Terminal.list(rows)
  }

  /// What became of an order.
  package static func answer(_ reply: JSON, _ say: Speech) -> String {
    guard reply["answer"]?.string != "done" else { return say("好了", "done") }
    let reason = reply["reason"]?.string ?? "?"
    let words: String =
      switch reason {
      case "parcel-in-hand":
        say("手上有包裹：先做完或取消", "a parcel is in hand: finish or cancel it first")
      case "no-machine": say("没有机器", "there is no machine")
      default:
        MachineBlocker(rawValue: reason).map { say($0.text.zh, $0.text.en) } ?? reason
      }
    return say("被拒绝：", "refused: ") + Terminal.plain(words)
  }
}
