import Agent
import ArgumentParser
import Domain
import Glibc
import Ledger

/// `yizhan ledger backup`: a whole copy while the daemon runs.
struct LedgerBackupCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "backup",
    abstract: say("备份账本（不必停机）", "a whole copy, while the daemon runs"),
    discussion: say(
      """
      备份查过、落盘之后才改成最终名字：中途断电，原来的备份还在。
      例子：
        yizhan ledger backup /mnt/usb/ledger-SM017.sqlite
        yizhan ledger verify --file /mnt/usb/ledger-SM017.sqlite
      """,
      """
      The copy is checked and on disk before it takes its name: a power cut leaves the old one.
      Examples:
        yizhan ledger backup /mnt/usb/ledger-SM017.sqlite
        yizhan ledger verify --file /mnt/usb/ledger-SM017.sqlite
      """
    )
  )

  @Argument(help: ArgumentHelp(say("备份文件", "the copy"), valueName: "path"), completion: .file())
  var target: String

  @OptionGroup var ledger: LedgerFileOptions

  func run() throws {
    try carryOut {
      let reader = try ledger.reader()
      guard Files.absolute(target) != Files.absolute(ledger.file) else {
        throw Failure.usage(
          say("备份不能写到账本自己上面", "the copy must not be the ledger itself"),
          hint: say("换一个文件名", "choose another name")
        )
      }
      let last = try LedgerFile.work(ledger.file) {
        try reader.backup(to: target)
        return try LedgerReader(path: target).position(.records).last
      }
      let answer = JSON.object([
        "file": .string(target), "epoch": .string(reader.epoch.description),
        "records": .int(Int(last)),
      ])
      Terminal.line(
        ledger.json
          ? answer.text
          : say("已备份到 \(target)：到记录 \(last)", "copied to \(target): up to record \(last)")
      )
    }
  }
}

/// `yizhan ledger salvage`: what can still be read of a damaged file.
struct LedgerSalvageCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "salvage",
    abstract: say("从坏账本里抢救记录", "what can still be read of a damaged ledger"),
    discussion: say(
      """
      驿站程序发现账本损坏时，会改名另存为 ledger.sqlite.damaged-1 等，自动抢救并换新账本继续；
      县中心还没收到的记录由新账本补传。本命令只读坏文件，把能读出的记录写成 NDJSON，
      proved 为 false 的记录没有链可证。
      例子：
        yizhan ledger salvage /var/lib/yizhan/ledger.sqlite.damaged-1 --out 抢救.ndjson
      退出码：0 一条不缺；1 有读不出的记录，或整个文件读不出。
      """,
      """
      A daemon that finds its ledger damaged keeps it as ledger.sqlite.damaged-1 and so on, saves what
      it can and goes on with a new one, which also delivers what the hub had not got. This command
      only reads the damaged file, and writes all events that can be read as NDJSON; those with
      `proved` false have no chain to prove them.
      Examples:
        yizhan ledger salvage /var/lib/yizhan/ledger.sqlite.damaged-1 --out saved.ndjson
      Exit codes: 0 nothing is missing; 1 some or all events cannot be read.
      """
    )
  )

  @Argument(
    help: ArgumentHelp(say("坏账本", "the damaged file"), valueName: "path"),
    completion: .file()
  )
  var file: String

  @Option(
    help: ArgumentHelp(
      say("写到文件；不写则到标准输出", "the file to write; standard output without it"),
      valueName: "path"
    ),
    completion: .file()
  )
  var out: String?

  func run() throws {
    try carryOut {
      guard unsafe access(file, F_OK) == 0 else {
        throw Failure.trouble(
          say("没有 \(file) 这个文件", "there is no file \(file)"),
          hint: say("看 ls /var/lib/yizhan", "see ls /var/lib/yizhan")
        )
      }
      let folder = try TemporaryFolder()
      let output = try LineOutput(out)
      let salvaged = try LedgerFile.work(file) {
        try Wreck.read(file, workingIn: folder.path) { event, isProved in
          guard case .object(var fields) = event.json else { return }
          fields["proved"] = .bool(isProved)
          try output.line(JSON.object(fields).text)
        }
      }
      try output.finish()
      Terminal.complain(
        say(
          "读出 \(salvaged.events) 条，缺 \(salvaged.lost) 条；其中县中心未确认 \(salvaged.unsent) 条",
          "\(salvaged.events) events read, \(salvaged.lost) lost; \(salvaged.unsent) of them were not "
            + "acknowledged by the hub"
        )
      )
      for action in salvaged.inDoubt {
        Terminal.complain(say("  未知结果：\(action)", "  in doubt: \(action)"))
      }
      if salvaged.lost > 0 || salvaged.events == 0 { throw Ending.trouble }
    }
  }
}

/// A folder that goes away with the value.
private final class TemporaryFolder {
  let path: String

  init() throws(Failure) {
    let base = unsafe getenv("TMPDIR").map { unsafe String(cString: $0) } ?? "/var/tmp"
    var template = Array((base + "/yizhan-XXXXXX").utf8CString)
    guard unsafe mkdtemp(&template) != nil else {
      let cause = unsafe String(cString: strerror(errno))
      throw .trouble(
        say("在 \(base) 建临时文件夹：\(cause)", "making a folder in \(base): \(cause)"),
        hint: say("用 TMPDIR 指一个能写的文件夹", "name a writable folder in TMPDIR")
      )
    }
    path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }

  deinit {
    for name in ["template.sqlite", "copy.sqlite"] {
      for suffix in ["", "-wal", "-shm", ".lock"] { unsafe _ = unlink(path + "/" + name + suffix) }
    }
    unsafe _ = rmdir(path)
  }
}
