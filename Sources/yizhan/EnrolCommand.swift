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
      退出码：1 密钥有问题；3 连不上驿站程序。
      """,
      """
      The box makes a key of its own at its first start; it never leaves it, and only its public half
      is told. The county compares the fingerprint, then: yizhan-hub approve SITE FINGERPRINT. The
      QR code saves copying.
      Examples:
        yizhan enroll
        yizhan enroll --key-only         the public key alone
      Exit codes: 1 trouble with the key; 3 daemon not reachable.
      """
    )
  )

  @Flag(help: ArgumentHelp(say("只输出公钥", "write the public key alone")))
  var keyOnly = false

  @OptionGroup var daemon: DaemonOptions

  func run() throws {
    try carryOut {
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

  /// The text in the QR code: a URI with site and key.
  package var code: String {
    let site = enrolment["site"]?.string ?? ""
    // The characters of base64 that mean something in a query.
    let key = (enrolment["key"]?.string ?? "").replacing("+", with: "%2B")
      .replacing("/", with: "%2F").replacing("=", with: "%3D")
    return "yizhan:enroll?site=\(site)&key=\(key)"
  }

  /// The whole answer.
  package var text: String {
    let pairs = [
      (say("网点", "site"), enrolment["site"]?.string),
      (say("公钥", "public key"), enrolment["key"]?.string),
      (say("指纹", "fingerprint"), enrolment["fingerprint"]?.string),
      (say("县中心", "hub"), enrolment["hub"]?.string),
    ].compactMap { pair in pair.1.map { (pair.0, $0) } }
    let list = Terminal.list(pairs)
    let matrix = try? Zint.qr(code, level: .medium, field: "enroll")
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
