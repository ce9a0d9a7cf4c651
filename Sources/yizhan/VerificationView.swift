package import Domain
package import Ledger

/// How a check of the ledger is shown.
package struct VerificationView {
  private let verification: Verification
  private let epoch: Epoch
  private let say: Speech

  /// Takes what was found and the language to show it in.
  package init(_ verification: Verification, epoch: Epoch, _ say: Speech) {
    self.verification = verification
    self.epoch = epoch
    self.say = say
  }

  /// All of it for people.
  package var text: String {
    let lanes = verification.lanes.map { lane in
      let name = Words.lane(lane.lane.rawValue, say)
      let purged =
        lane.purged > 0 ? say("，此前 \(lane.purged) 条已清除", ", \(lane.purged) before them purged") : ""
      return say(
        "\(name)：\(lane.events) 条，到第 \(lane.last) 号\(purged)",
        "\(name): \(lane.events) events, up to number \(lane.last)\(purged)"
      )
    }
    let verdict =
      verification.isSound
      ? say(
        "完好：不缺、未改、链相连（账本 \(epoch)）",
        "sound: nothing missing, nothing altered (ledger \(epoch))"
      )
      : say("有问题（账本 \(epoch)）：", "not sound (ledger \(epoch)):")
    let faults = verification.faults.map { "  " + fault($0) }
    let damage = verification.damage.prefix(10).map { "  SQLite: " + Terminal.plain($0) }
    let advice =
      verification.isSound
      ? []
      : [
        say(
          "  下一步：yizhan ledger backup 留底；重启驿站程序会另存坏账本、抢救并继续",
          "  next: keep a copy (yizhan ledger backup); a restart of the daemon sets a damaged file aside"
        )
      ]
    return (lanes + [verdict] + faults + damage + advice).joined(separator: "\n")
  }

  private func fault(_ fault: Verification.Fault) -> String {
    let place = "\(Words.lane(fault.lane.rawValue, say)) \(fault.sequence)"
    return switch fault.reason {
    case .missing: say("\(place)：缺", "\(place): missing")
    case .altered: say("\(place)：被改过", "\(place): not as it was recorded")
    case .unreadable: say("\(place)：读不出", "\(place): cannot be read")
    }
  }

  /// All of it for programs.
  package var json: JSON {
    .object([
      "sound": .bool(verification.isSound),
      "epoch": .string(epoch.description),
      "lanes": .array(
        verification.lanes.map { lane in
          .object([
            "lane": .string(lane.lane.rawValue), "events": .int(Int(lane.events)),
            "purged": .int(Int(lane.purged)), "last": .int(Int(lane.last)),
          ])
        }
      ),
      "faults": .array(
        verification.faults.map { fault in
          .object([
            "lane": .string(fault.lane.rawValue), "sequence": .int(Int(fault.sequence)),
            "reason": .string(fault.reason.rawValue),
          ])
        }
      ),
      "damage": .array(verification.damage.map { .string($0) }),
    ])
  }
}
