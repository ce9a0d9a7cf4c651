import ArgumentParser
import Domain
import Ledger

/// `yizhan ledger query`: the events of a parcel, a type, a time.
struct LedgerQueryCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "query",
    abstract: say("按包裹、运单、种类、时间查记录", "events by parcel, waybill, type, time or lane"),
    discussion: say(
      """
      时间是校正后的；`~` 表示没有得到证实，`?` 表示当时没有可信的时钟。
      例子：
        yizhan ledger query --waybill YT1234567890123
        yizhan ledger query --parcel SM017-K3F9-000042-7 --json
        yizhan ledger query --type parcel. --from 2026-11-01 --to 2026-11-02
      退出码：0 有记录；1 没有符合的记录或读不了。
      """,
      """
      Times are the corrected ones; `~` marks one that nothing has confirmed, `?` one of a clock that
      had not been set.
      Examples:
        yizhan ledger query --waybill YT1234567890123
        yizhan ledger query --parcel SM017-K3F9-000042-7 --json
        yizhan ledger query --type parcel. --from 2026-11-01 --to 2026-11-02
      Exit codes: 0 there are such events; 1 there are none, or the ledger cannot be read.
      """
    )
  )

  @OptionGroup var selection: LedgerSelection
  @OptionGroup var ledger: LedgerFileOptions

  @Option(name: .shortAndLong, help: ArgumentHelp(say("最多几条", "how many at most")))
  var limit = 200

  func validate() throws {
    guard (1...10_000).contains(limit) else {
      throw ValidationError(say("--limit 必须是 1 到 10000", "--limit must be from 1 to 10000"))
    }
  }

  func run() throws {
    try carryOut {
      let reader = try ledger.reader()
      var found: [Account] = []
      var isCut = false
      try LedgerFile.work(ledger.file) {
        try reader.scan(selection.filter) { account in
          isCut = found.count == limit
          if !isCut { found.append(account) }
          return !isCut
        }
      }
      Terminal.line(
        ledger.json
          ? JSON.array(found.map(LedgerFormat.json)).text : LedgerView(accounts: found, say).text
      )
      if isCut {
        Terminal.complain(
          say("只列出前 \(limit) 条：缩小范围，或用 export", "only the first \(limit): ask for less, or export")
        )
      }
      if found.isEmpty { throw Ending.trouble }
    }
  }
}
