import ArgumentParser
package import Domain
package import Labels

/// `yizhan enroll`: what the hub's operator must know to approve this box.
struct EnrolCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "enroll",
    abstract: say("向县里登记本机", "what the county must know to approve this box"),
    discussion: say(
      """
      本机第一次启动时自己做一把密钥，密钥不离开本机；给县里的只是公钥。
      县里核对指纹后：yizhan-hub approve 网点 指纹。扫二维码可以省去抄写。
      例子：
        yizhan enroll
        yizhan enroll --key-only         只输出公钥
        yizhan enroll --label            用标签打印机打一张（空闲时；需要 root 或用户组 yizhan-tech）
      退出码：1 密钥有问题，或没打出来；3 连不上驿站程序。
      """,
      """
      The box makes a key of its own at its first start; it never leaves it, and only its public half
      is told. The county compares the fingerprint, then: yizhan-hub approve SITE FINGERPRINT. The
      QR code saves copying.
      Examples:
        yizhan enroll
        yizhan enroll --key-only         the public key alone
        yizhan enroll --label            on the label printer, with no parcel in hand; for root and
                                         group yizhan-tech
      Exit codes: 1 trouble with the key, or not printed; 3 daemon not reachable.
      """
    )
  )

  @Flag(help: ArgumentHelp(say("只输出公钥", "write the public key alone")))
  var keyOnly = false

  @Flag(help: ArgumentHelp(say("打在标签上", "print it on a label")))
  var label = false

  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    guard !(keyOnly && label) else {
      throw ValidationError(
        say("--label 和 --key-only 只能用一个", "--label and --key-only exclude each other")
      )
    }
  }

  func run() throws {
    try carryOut {
      guard !label else {
        let answer = try daemon.ask("EnrolmentLabel", patienceSeconds: 90)
        Terminal.line(daemon.json ? JSON.object(answer).text : EnrolmentView.printed(answer, say))
        if answer["answer"]?.string != "done" { throw Ending.trouble }
        return
      }
      let enrolment = try daemon.ask("Enrolment")["enrolment"] ?? .null
      if keyOnly {
        Terminal.line(enrolment["key"]?.string ?? "")
      } else {
        Terminal.line(daemon.json ? enrolment.text : EnrolmentView(enrolment, say).text)
      }
    }
  }
}

/// How the answer to `Enrolment` is shown.
package struct EnrolmentView {
  private let enrolment: JSON
  private let say: Speech

  /// Takes the answer and the language to show it in.
  package init(_ enrolment: JSON, _ say: Speech) {
    self.enrolment = enrolment
    self.say = say
  }

  /// How the answer to `EnrolmentLabel` is shown.
  package static func printed(_ answer: [String: JSON], _ say: Speech) -> String {
    let reason = answer["reason"]?.string ?? ""
    switch answer["answer"]?.string {
    case "done": return say("标签已打出", "the label is out")
    case "unanswered":
      return say(
        "打没打出来说不准，请看打印机：\(reason)",
        "it may or may not have come out, look at the printer: \(reason)"
      )
    default: return say("没有打：\(reason)", "not printed: \(reason)")
    }
  }

  /// The text in the QR code.
  package var code: String? { enrolment["code"]?.string }

  /// The whole answer.
  package var text: String {
    let pairs = [
      (say("网点", "site"), enrolment["site"]?.string),
      (say("公钥", "public key"), enrolment["key"]?.string),
      (say("指纹", "fingerprint"), enrolment["fingerprint"]?.string),
      (say("县中心", "hub"), enrolment["hub"]?.string),
    ].compactMap { pair in pair.1.map { (pair.0, $0) } }
    let list = Terminal.list(pairs)
    let matrix = code.flatMap { try? Zint.qr($0, level: .medium, field: "enroll") }
    guard let matrix else { return list }
    return list + "\n\n" + Self.halfBlocks(matrix)
  }

  /// A code for a terminal: two modules a character, light on dark with its quiet zone, because
  /// most terminals are dark and scanners want dark modules on light ground.
  package static func halfBlocks(_ matrix: ModuleMatrix) -> String {
    let quiet = 4
    let isLight = { (x: Int, y: Int) in
      let (column, row) = (x - quiet, y - quiet)
      guard (0..<matrix.width).contains(column), (0..<matrix.height).contains(row) else {
        return true
      }
      return !matrix[column, row]
    }
    return stride(from: 0, to: matrix.height + 2 * quiet, by: 2).map { y in
      (0..<matrix.width + 2 * quiet).map { x in
        // Below the last row there is nothing to light.
        let isLower = y + 1 < matrix.height + 2 * quiet && isLight(x, y + 1)
        return switch (isLight(x, y), isLower) {
        case (true, true): "█"
        case (true, false): "▀"
        case (false, true): "▄"
        case (false, false): " "
        }
      }.joined()
    }.joined(separator: "\n")
  }
}
