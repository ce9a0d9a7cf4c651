package import Agent
import ArgumentParser
import Domain

/// How a sub-command ends; the codes are part of the interface, and `--help` names them.
enum Ending {
  /// Something wants attention: a device, the config, the link.
  static let trouble = ExitCode(1)
  /// The daemon is not reachable.
  static let unreachable = ExitCode(3)
  /// This user may not.
  static let denied = ExitCode(4)
}

/// Why a sub-command could not do its work: one line, one hint, one exit code.
package struct Failure: Error, Hashable, Sendable {
  package var message: String
  package var hint: String
  package var code: Int32

  package init(message: String, hint: String, code: Int32) {
    self.message = message
    self.hint = hint
    self.code = code
  }

  /// Something that does not work as it should.
  package static func trouble(_ message: String, hint: String) -> Failure {
    Failure(message: message, hint: hint, code: Ending.trouble.rawValue)
  }

  /// A command that is written wrong.
  package static func usage(_ message: String, hint: String) -> Failure {
    Failure(message: message, hint: hint, code: ExitCode.validationFailure.rawValue)
  }

  /// What to say of a question to the daemon that failed.
  package init(_ error: ControlClientError, socket: String, _ say: Speech) {
    switch error {
    case .unreachable:
      self.init(
        message: say("连不上驿站程序（\(socket)）", "the daemon is not reachable on \(socket)"),
        hint: say(
          "先看 `systemctl status yizhand`；再试 `systemctl start yizhand`",
          "see `systemctl status yizhand`, then try `systemctl start yizhand`"
        ),
        code: Ending.unreachable.rawValue
      )
    case .denied:
      self.init(
        message: say("没有权限打开 \(socket)", "no permission to open \(socket)"),
        hint: say(
          "用 sudo，或加入用户组：`sudo usermod -aG yizhan $USER`，重新登录",
          "use sudo, or join the group: `sudo usermod -aG yizhan $USER`, and log in again"
        ),
        code: Ending.denied.rawValue
      )
    case .closed, .silent, .garbled: self.init(lost: error, say)
    case .refused(let error):
      self.init(refused: error.name, error.parameters["reason"]?.string, say)
    }
  }

  private init(lost error: ControlClientError, _ say: Speech) {
    let message =
      switch error {
      case .silent: say("驿站程序没有回答", "the daemon does not answer")
      case .garbled: say("驿站程序的回答看不懂", "the daemon's answer makes no sense")
      default: say("驿站程序断开了连接", "the daemon closed the connection")
      }
    self.init(
      message: message,
      hint: say(
        "看日志 `journalctl -u yizhand -n 50`；两个程序版本要一致",
        "see `journalctl -u yizhand -n 50`; both programs must be of one version"
      ),
      code: Ending.unreachable.rawValue
    )
  }

  private init(refused name: String, _ reason: String?, _ say: Speech) {
    let isDenied = name == "org.varlink.service.PermissionDenied"
    let text = Terminal.plain(reason.map { "\(name): \($0)" } ?? name)
    self.init(
      message: say("驿站程序拒绝了：\(text)", "the daemon refuses: \(text)"),
      hint: isDenied
        ? say("需要 root 或用户组 yizhan-tech", "this asks for root or group yizhan-tech")
        : say("看日志 `journalctl -u yizhand -n 50`", "see `journalctl -u yizhand -n 50`"),
      code: isDenied ? Ending.denied.rawValue : Ending.trouble.rawValue
    )
  }

  /// Says it on stderr.
  ///
  /// - Returns: The code to end with.
  func told(_ say: Speech) -> ExitCode {
    Terminal.complain("yizhan: \(message)")
    Terminal.complain(say("  提示：", "  hint: ") + hint)
    return ExitCode(code)
  }
}
