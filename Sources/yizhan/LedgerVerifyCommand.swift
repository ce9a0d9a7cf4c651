import ArgumentParser
import Domain
import Ledger

/// `yizhan ledger verify`: whether every event is as it was recorded.
struct LedgerVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: say("核对账本：有没有缺、改、坏", "whether anything is missing, altered or damaged"),
    discussion: say(
      """
      重算每条记录的哈希链，查序号有没有缺，再让 SQLite 查文件。只读，驿站程序照常运行。
      例子：
        yizhan ledger verify
        yizhan ledger verify --file /mnt/usb/ledger.sqlite --json
      退出码：0 完好；1 有问题（说出第一条）；4 没有权限。
      """,
      """
      Recomputes the chain of every event, looks for gaps, and has SQLite check the file. It only
      reads; the daemon goes on.
      Examples:
        yizhan ledger verify
        yizhan ledger verify --file /mnt/usb/ledger.sqlite --json
      Exit codes: 0 sound; 1 not sound (the first bad event is named); 4 no permission.
      """
    )
  )

  @OptionGroup var ledger: LedgerFileOptions

  func run() throws {
    try carryOut {
      let reader = try ledger.reader()
      var progress = ProgressLine()
      let verification = try LedgerFile.work(ledger.file) {
        try reader.verify { done, total in progress.show(done, of: total) }
      }
      progress.end()
      let view = VerificationView(verification, epoch: reader.epoch, say)
      Terminal.line(ledger.json ? view.json.text : view.text)
      if !verification.isSound { throw Ending.trouble }
    }
  }
}
