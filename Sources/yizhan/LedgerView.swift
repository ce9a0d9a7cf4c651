import Agent
package import Domain
package import Ledger

/// How events of the ledger are shown.
package struct LedgerView {
  private let events: [JSON]
  private let say: Speech

  /// Takes the events and the language to show them in.
  package init(_ events: [JSON], _ say: Speech) {
    self.events = events
    self.say = say
  }

  /// Takes events with their corrected times; those in doubt are marked.
  package init(accounts: [Account], _ say: Speech) {
    self.init(
      accounts.map { account in
        guard case .object(var fields) = account.event.json else { return account.event.json }
        let mark =
          switch account.time.certainty {
          case .measured, .corrected: ""
          case .unconfirmed: "~"
          case .unknown: "?"
          }
        fields["time"] = .string(account.time.rfc3339 + mark)
        return .object(fields)
      },
      say
    )
  }

  /// The events as a table, oldest first.
  package var text: String {
    guard !events.isEmpty else { return say("还没有记录", "nothing is recorded yet") }
    let rows = events.map { event in
      [
        Words.lane(event["lane"]?.string ?? "?", say),
        event["sequence"]?.int.map(String.init) ?? "?",
        event["time"]?.string ?? "",
        event["type"]?.string ?? "?",
        body(event["body"]),
      ]
    }
    return Terminal.table(
      [
        say("账目", "LANE"), say("序号", "SEQ"), say("时间", "TIME"), say("种类", "TYPE"),
        say("内容", "BODY"),
      ],
      rows
    )
  }

  private func body(_ body: JSON?) -> String {
    guard let fields = body?.object else { return body?.text ?? "" }
    return fields.keys.sorted().compactMap { key in
      fields[key].map { "\(key)=\($0.string ?? $0.text)" }
    }.joined(separator: " ")
  }
}
