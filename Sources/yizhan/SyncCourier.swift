import Agent
import ArgumentParser
import Domain
import Ledger
import Uplink

/// Whose ledger and key are meant, when the daemon is not asked.
struct StationOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(say("驿站的配置文件", "the station's config"), valueName: "path"),
    completion: .file()
  )
  var config = "/etc/yizhan/station.yaml"

  @Option(
    help: ArgumentHelp(
      say("型号文件的文件夹，可多次", "a folder of profiles; repeatable"),
      valueName: "path"
    )
  )
  var devices: [String] = []

  func load() throws -> StationConfig {
    do {
      return try ConfigLoader(search: .installed.preceded(by: devices)).load(file: config)
    } catch {
      throw Failure.trouble(
        say("读配置 \(config)：\(error)", "reading \(config): \(error)"),
        hint: say("先看 `yizhan config check`", "see `yizhan config check` first")
      )
    }
  }
}

/// `yizhan sync export`: what the hub lacks, onto a stick.
struct SyncExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export",
    abstract: say("把没传的记录写到 U 盘", "write what the county lacks onto a stick"),
    discussion: say(
      """
      驿站程序运行不运行都可以；只读账本，不改什么。要用 root（密钥只有它能读）。
      到县里：yizhan-hub import 文件夹；带回来：yizhan sync import 文件夹。
      例子：
        sudo yizhan sync export /media/usb
        sudo yizhan sync export /media/usb --all      账本里有的全部
      退出码：1 没写成；64 命令写错。
      """,
      """
      Works while the daemon runs and while it does not; only reads. Asks for root, who alone may
      read the key. At the county: yizhan-hub import FOLDER; back here: yizhan sync import FOLDER.
      Examples:
        sudo yizhan sync export /media/usb
        sudo yizhan sync export /media/usb --all      everything the ledger has
      Exit codes: 1 not written; 64 wrong usage.
      """
    )
  )

  @Argument(help: ArgumentHelp(say("U 盘上的文件夹", "a folder of the stick")))
  var folder: String

  @Flag(help: ArgumentHelp(say("也写县里已有的", "also what the county has")))
  var all = false

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  @OptionGroup var station: StationOptions

  func run() throws {
    try carryOut {
      let config = try station.load()
      let export = try courier {
        try CourierExport(config, folder: CourierFolder(folder)).run(all: all)
      }
      if json {
        Terminal.line(
          JSON.object([
            "files": .array(export.files.map { .string($0) }), "events": .int(export.events),
          ]).text
        )
      } else {
        Terminal.line(
          say(
            "写好 \(export.events) 条记录，\(export.files.count) 个文件；可以拔 U 盘了",
            "\(Words.count(export.events, "event")) in \(Words.count(export.files.count, "file"));"
              + " the stick may be pulled out"
          )
        )
      }
    }
  }
}

/// `yizhan sync import`: what the hub answered.
struct SyncImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import",
    abstract: say("读县里带回来的回执", "take in what the county answered on a stick"),
    discussion: say(
      "只认 hub.pin 的那把钥匙签的回执，重复多少次都一样。\n例子：\n  sudo yizhan sync import /media/usb\n"
        + "退出码：1 没有可用的回执。",
      "Believes only what the key of hub.pin has signed; again changes nothing.\n"
        + "Example:\n  sudo yizhan sync import /media/usb\nExit codes: 1 nothing that can be used."
    )
  )

  @Argument(help: ArgumentHelp(say("U 盘上的文件夹", "a folder of the stick")))
  var folder: String

  @OptionGroup var daemon: DaemonOptions
  @OptionGroup var station: StationOptions

  func run() throws {
    try carryOut {
      let config = try station.load()
      let names = try courier { try CourierFolder(folder).names(Courier.acknowledgementSuffix) }
      var (taken, refused): (Int, [String]) = (0, [])
      for name in names {
        do {
          if try take(name, config) { taken += 1 }
        } catch let failure as Failure {
          if failure.code == Ending.denied.rawValue { throw failure }
          refused.append("\(name): \(failure.message)")
        }
      }
      for line in refused { Terminal.complain(line) }
      guard taken > 0, refused.isEmpty else {
        throw Failure.trouble(
          say(
            "用上了 \(taken) 个回执，拒绝了 \(refused.count) 个",
            "\(taken) taken, \(refused.count) refused"
          ),
          hint: say(
            "回执由 `yizhan-hub import` 写在同一个文件夹里",
            "`yizhan-hub import` writes acknowledgements into the same folder"
          )
        )
      }
      Terminal.line(
        daemon.json
          ? JSON.object(["taken": .int(taken)]).text
          : say("用上了 \(taken) 个回执", "\(Words.count(taken, "acknowledgement")) taken")
      )
    }
  }

  /// Hands an acknowledgement to the daemon, or writes it into the ledger while there is none.
  ///
  /// - Returns: `false` where it is for another station or another life of the ledger.
  private func take(_ name: String, _ config: StationConfig) throws -> Bool {
    let bytes = try courier { try CourierFolder(folder).read(name) } ?? []
    let path = config.stateDirectory + "/ledger.sqlite"
    if let (site, epoch) = Acknowledgement.addressee(of: bytes),
      site != config.site || !Self.isKnown(epoch, path)
    {
      return false
    }
    let text = String(decoding: bytes, as: UTF8.self)
    do throws(Failure) {
      _ = try daemon.ask("SyncAcknowledge", ["file": .string(text)])
      return true
    } catch {
      guard error.code == Ending.unreachable.rawValue else { throw error }
    }
    try write(bytes, config, path)
    return true
  }

  /// Whether a ledger is of that epoch, or owes something of it; where nobody can read it, the
  /// daemon may know.
  private static func isKnown(_ epoch: Epoch, _ path: String) -> Bool {
    guard let reader = try? LedgerReader(path: path) else { return true }
    let epochs = (try? reader.debts(settled: true).map(\.epoch)) ?? []
    return reader.epoch == epoch || epochs.contains(epoch)
  }

  private func write(_ bytes: [UInt8], _ config: StationConfig, _ path: String) throws {
    guard let pin = config.hub?.pin else {
      throw Failure.trouble(
        say("配置里没有 hub.pin", "the config has no hub.pin"),
        hint: say("把县里的 pin 写进配置", "write the hub's pin into the config")
      )
    }
    let word: Acknowledgement
    do throws(Acknowledgement.Refusal) {
      word = try Acknowledgement(file: bytes, pin: pin)
    } catch {
      throw Failure.trouble(
        error.description,
        hint: say("让县里重新导出", "let the hub write it anew")
      )
    }
    do throws(LedgerError) {
      let clock = SystemClock()
      let ledger = try Ledger(path: path, now: { clock.timestamp() })
      try ledger.acknowledge(word)
      try ledger.close()
    } catch {
      throw Failure.trouble("\(error.attempted): \(error.cause)", hint: error.remedy)
    }
  }
}

/// Turns what the courier's parts throw into one line and a hint.
func courier<Value>(_ work: () throws -> Value) throws -> Value {
  do { return try work() } catch let error as CourierError {
    throw Failure.trouble("\(error.attempted): \(error.cause)", hint: error.remedy)
  } catch let error as StationKeyError {
    throw Failure.trouble("\(error.attempted): \(error.cause)", hint: error.remedy)
  } catch let error as LedgerError {
    throw Failure.trouble("\(error.attempted): \(error.cause)", hint: error.remedy)
  }
}
