import Agent
import ArgumentParser
import Domain
import StrictYAML

extension ProfileKind: ExpressibleByArgument {}

/// `yizhan profile`: models of devices.
struct ProfileCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "profile",
    abstract: say("型号文件：检查、列出、查看", "models of devices: check, list, show"),
    subcommands: [
      ProfileCheckCommand.self, ProfileListCommand.self, ProfileShowCommand.self,
    ]
  )
}

/// `yizhan profile check`: finds the mistakes of profiles, and replays their samples.
struct ProfileCheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: say("检查型号文件，重放样本", "find mistakes in profiles, and replay their samples"),
    discussion: say(
      "例子：\n  yizhan profile check /etc/yizhan/devices.d/scales/mine.yaml\n"
        + "  yizhan profile check --kind scale mine.yaml\n"
        + "种类看上级目录的名字：scales、scanners、printers、machines、boards、controllers、carriers、labels。\n"
        + "退出码：0 没有错误；1 有错误；64 不知道是哪一种。",
      "Examples:\n  yizhan profile check /etc/yizhan/devices.d/scales/mine.yaml\n"
        + "  yizhan profile check --kind scale mine.yaml\n"
        + "The kind is told by the folder: scales, scanners, printers, machines, boards,\n"
        + "controllers, carriers, labels.\n"
        + "Exit codes: 0 no mistake; 1 mistakes found; 64 of an unknown kind."
    )
  )

  @Argument(
    help: ArgumentHelp(say("型号文件", "the files"), valueName: "file"),
    completion: .file(extensions: ["yaml"])
  )
  var files: [String]

  @Option(help: ArgumentHelp(say("哪一种", "of which kind they are")))
  var kind: ProfileKind?

  @Flag(help: ArgumentHelp(say("输出 JSON，每个文件一行", "write JSON, a line for each file")))
  var json = false

  func run() throws {
    try carryOut {
      let kinds = try files.map { (file) throws(Failure) in try kind(of: file) }
      var mistakes = 0
      for (file, kind) in zip(files, kinds) {
        let check = ProfileCheck(kind, file: file)
        Terminal.line(json ? check.json.text : check.text(say))
        mistakes += check.problems.all.count
      }
      guard mistakes > 0 else { return }
      if !json { Terminal.line(say("发现 \(mistakes) 处错误", Words.count(mistakes, "mistake"))) }
      throw Ending.trouble
    }
  }

  private func kind(of file: String) throws(Failure) -> ProfileKind {
    if let kind = kind ?? ProfileKind(folderOf: file) { return kind }
    throw .usage(
      say("\(file)：不知道是哪一种型号", "\(file): of an unknown kind"),
      hint: say(
        "加上 --kind scale 等，或放进 scales 等目录",
        "add --kind scale, or put it into a folder scales"
      )
    )
  }
}

/// `yizhan profile list`: what this box knows.
struct ProfileListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: say("列出本机全部型号", "list what this box knows"),
    discussion: say(
      "例子：\n  yizhan profile list\n  yizhan profile list --kind scale\n"
        + "  yizhan profile list --json\n退出码：1 有型号文件写错了。",
      "Examples:\n  yizhan profile list\n  yizhan profile list --kind scale\n"
        + "  yizhan profile list --json\nExit codes: 1 a profile has mistakes."
    )
  )

  @Option(help: ArgumentHelp(say("只看这一种", "only of this kind")))
  var kind: ProfileKind?

  @OptionGroup var search: SearchOptions

  @Flag(help: ArgumentHelp(say("输出 JSON，每个型号一行", "write JSON, a line for each profile")))
  var json = false

  func run() throws {
    try carryOut {
      let shelf = ProfileShelf(search.path)
      let entries = (kind.map { [$0] } ?? ProfileKind.allCases).flatMap { shelf.files(of: $0) }
      let list = entries.map { (entry: $0, check: ProfileCheck($0.kind, file: $0.file)) }
      Terminal.line(json ? ProfileList.json(list) : ProfileList.table(list, say))
      if list.contains(where: { !$0.check.problems.isEmpty }) { throw Ending.trouble }
    }
  }
}

/// `yizhan profile show`: one model, and its file.
struct ProfileShowCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show",
    abstract: say("查看一个型号：怎么接、秤上怎么设", "one model: how to connect it and set it up"),
    discussion: say(
      "例子：\n  yizhan profile show yaohua-xk3190-a9\n  yizhan profile show dymo-m25 --json\n"
        + "先是要点，后是文件原文（秤上的菜单设置写在 note 里）。退出码：1 文件有错误。",
      "Examples:\n  yizhan profile show yaohua-xk3190-a9\n  yizhan profile show dymo-m25 --json\n"
        + "First the facts, then the file (its note tells what to set on the scale). "
        + "Exit codes: 1 the file has mistakes."
    )
  )

  @Argument(
    help: ArgumentHelp(say("型号的名字", "the profile's id"), valueName: "id"),
    completion: .custom { _, _, _ in Completions.profiles(ProfileKind.allCases) }
  )
  var id: String

  @Option(help: ArgumentHelp(say("只看这一种", "only of this kind")))
  var kind: ProfileKind?

  @OptionGroup var search: SearchOptions

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  func run() throws {
    try carryOut {
      let kinds = kind.map { [$0] } ?? ProfileKind.allCases
      var hasTrouble = false
      for entry in try ProfileShelf(search.path).files(id: id, of: kinds) {
        let check = ProfileCheck(entry.kind, file: entry.file)
        hasTrouble = hasTrouble || !check.problems.isEmpty
        Terminal.line(json ? ProfileList.json(entry, check).text : text(entry, check))
      }
      if hasTrouble { throw Ending.trouble }
    }
  }

  private func text(_ entry: ProfileShelf.Entry, _ check: ProfileCheck) -> String {
    let head = [
      (say("名字", "id"), entry.id), (say("种类", "kind"), entry.kind.words(say)),
      (say("文件", "file"), entry.file),
    ]
    let facts = check.profile.map { ProfileView($0).pairs(say) } ?? []
    let problems = check.problems.isEmpty ? [] : [check.text(say)]
    let yaml = (try? Files.text(entry.file)) ?? ""
    return ([Terminal.list(head + facts)] + problems + [yaml]).joined(separator: "\n\n")
  }
}

/// How `yizhan profile list` shows profiles.
enum ProfileList {
  typealias Item = (entry: ProfileShelf.Entry, check: ProfileCheck)

  static func table(_ items: [Item], _ say: Speech) -> String {
    guard !items.isEmpty else {
      return say(
        "没有型号文件：看 /usr/share/yizhan/devices，或用 --devices 指定目录",
        "no profiles: see /usr/share/yizhan/devices, or name a folder with --devices"
      )
    }
    let rows = items.map { entry, check in
      let view = check.profile.map { ProfileView($0) }
      let broken = check.problems.all.first.map { say("有错误：", "mistakes: ") + $0.description }
      return [
        entry.kind.words(say), entry.id, view?.speech ?? "", broken ?? view?.title ?? "",
        view?.connection ?? "",
      ]
    }
    return Terminal.table(
      [
        say("种类", "KIND"), say("名字", "ID"), say("协议", "SPEAKS"), say("型号", "MODEL"),
        say("连接", "CONNECTION"),
      ],
      rows
    )
  }

  static func json(_ items: [Item]) -> String {
    items.map { json($0.entry, $0.check).text }.joined(separator: "\n")
  }

  static func json(_ entry: ProfileShelf.Entry, _ check: ProfileCheck) -> JSON {
    let view = check.profile.map { ProfileView($0) }
    return .object([
      "kind": .string(entry.kind.rawValue), "id": .string(entry.id), "file": .string(entry.file),
      "ok": .bool(check.problems.isEmpty), "title": .optional(view?.title),
      "speaks": .optional(view?.speech), "connection": .optional(view?.connection),
      "samples": .optional(check.samples), "problems": .array(check.problems.all.map(\.json)),
    ])
  }
}
