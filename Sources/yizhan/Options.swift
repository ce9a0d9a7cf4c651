import Agent
import ArgumentParser
import Domain

/// What every sub-command that asks the daemon understands.
struct DaemonOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      say("驿站程序的控制套接字", "the daemon's control socket"),
      valueName: "path"
    ),
    completion: .file()
  )
  var socket = "/run/yizhan/control.sock"

  @Flag(help: ArgumentHelp(say("输出 JSON", "write JSON")))
  var json = false

  /// Asks the daemon one thing.
  func ask(
    _ method: String,
    _ parameters: [String: JSON] = [:],
    patienceSeconds: Int = 10
  ) throws(Failure) -> [String: JSON] {
    do {
      var client = try ControlClient(path: socket, patienceSeconds: patienceSeconds)
      return try client.call(method, parameters)
    } catch {
      throw Failure(error, socket: socket, say)
    }
  }

  /// Hands over what happens, until the daemon ends it; says first that it is there.
  func watch(saying greeting: String? = nil, _ take: (JSON) -> Void) throws(Failure) {
    do throws(ControlClientError) {
      var client = try ControlClient(path: socket)
      if let greeting { Terminal.complain(greeting) }
      try client.stream("Watch") { parameters in
        if let event = parameters["event"] { take(event) }
        return true
      }
    } catch {
      throw Failure(error, socket: socket, say)
    }
  }
}

/// The language of this process.
let say = Speech.ofEnvironment

/// Runs the work of a sub-command, and turns what it throws into words and a code.
func carryOut(_ work: () throws -> Void) throws {
  do {
    try work()
  } catch let failure as Failure {
    throw failure.told(say)
  }
}
