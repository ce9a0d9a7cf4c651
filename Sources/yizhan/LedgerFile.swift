import Agent
import ArgumentParser
import Domain
import Glibc
import Ledger

/// Where the ledger's file is, and how to answer.
struct LedgerFileOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say("账本文件；驿站程序运行时也能读", "the ledger's file; it may be read while the daemon runs"),
      valueName: "path"
    ),
    completion: .file()
  )
  var file = LedgerFile.installed

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func reader() throws(Failure) -> LedgerReader { try LedgerFile.reader(file) }
}

/// The ledger read straight from its file.
enum LedgerFile {
  static let installed = "/var/lib/yizhan/ledger.sqlite"

  static func reader(_ path: String) throws(Failure) -> LedgerReader {
    do throws(LedgerError) { return try LedgerReader(path: path) } catch {
      throw failure(error, path)
    }
  }

  /// The last events, oldest first, as the daemon would give them.
  static func tail(_ path: String, limit: Int, lane: Lane?) throws(Failure) -> [JSON] {
    do throws(LedgerError) {
      return try LedgerReader(path: path).tail(limit, lane: lane).map(\.json)
    } catch { throw failure(error, path) }
  }

  /// Runs work on a ledger, and puts its errors into words.
  static func work<Value>(_ path: String, _ body: () throws -> Value) throws -> Value {
    do { return try body() } catch let error as LedgerError { throw failure(error, path) }
  }

  private static func failure(_ error: LedgerError, _ path: String) -> Failure {
    // What may not be read is the commonest case, and has the same cure as the socket.
    let isThere = unsafe access(path, F_OK) == 0
    if error.kind == .unreachable, isThere, geteuid() != 0 {
      return Failure(
        message: say("没有权限读 \(path)", "no permission to read \(path)"),
        hint: say("用 sudo", "use sudo"),
        code: Ending.denied.rawValue
      )
    }
    return Failure(
      message: say("读账本 \(path)：\(error.cause)", "\(error.attempted): \(error.cause)"),
      hint: say(remedy(error.kind), error.remedy),
      code: Ending.trouble.rawValue
    )
  }

  private static func remedy(_ kind: LedgerError.Kind) -> String {
    switch kind {
    case .full: "清出磁盘空间；没有丢记录"
    case .readOnly: "把文件系统重新挂成可写，或换到可写的文件夹"
    case .corrupt: "重启驿站程序：它会另存坏账本并抢救；也可用 yizhan ledger salvage"
    case .foreign: "查路径：这是别的程序的文件，没有动它"
    case .newerSchema: "装写这个账本的版本或更新的版本"
    case .olderSchema: "先让本版本的驿站程序打开它一次，或打开它的副本"
    case .inUse: "停掉另一个程序再试"
    case .unreachable: "查文件夹在不在、有没有权限"
    case .refused: "这是程序的错：请连同前面的日志一起报告"
    case .storage: "查磁盘和内核日志"
    }
  }
}

/// Says how far long work has come, where somebody watches.
struct ProgressLine {
  private let isWatched = isatty(STDERR_FILENO) == 1
  private var shown: Int64 = -1

  /// Shows whole percents, each once.
  mutating func show(_ done: Int64, of total: Int64) {
    guard isWatched, total > 0 else { return }
    let percent = min(100, done * 100 / total)
    guard percent != shown else { return }
    shown = percent
    Terminal.status("\(percent) %")
  }

  /// Clears the line.
  mutating func end() {
    if shown >= 0 { Terminal.status("") }
    shown = -1
  }
}
