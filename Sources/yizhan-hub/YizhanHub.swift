import ArgumentParser
import Foundation

/// The county's receiver.
@main
struct YizhanHub: AsyncParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "yizhan-hub",
    abstract: "Takes in the records of service points, once each (驿站县级接收端).",
    discussion: """
      Examples:
        yizhan-hub serve --listen 127.0.0.1:8780 --store hub.sqlite
        yizhan-hub serve --listen 0.0.0.0:8780 --store hub.sqlite \\
          --tls-certificate chain.pem --tls-key key.pem
        yizhan-hub sites --json --store hub.sqlite

      Exit codes: 0 well, 64 wrong usage, 69 cannot serve, 74 cannot use the store.
      """,
    subcommands: [
      Serve.self, Sites.self, Pending.self, Keys.self, Approve.self, Replace.self, Revoke.self,
      Pin.self, Import.self,
    ]
  )
}

/// Ends the command with one line, a hint and a code of sysexits.h.
func fail(_ error: some CustomStringConvertible, remedy: String, code: Int32) -> ExitCode {
  FileHandle.standardError.write(Data("yizhan-hub: \(error)\n  hint: \(remedy)\n".utf8))
  return ExitCode(code)
}
