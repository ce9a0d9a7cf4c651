import Agent
import Domain
import Drivers
import Glibc
import Testing
import yizhan

/// The one method of the control socket that changes something.
@Suite(.timeLimit(.minutes(5)))
struct ScaleRequestTests {
  private static func call(_ parameters: String) -> String {
    #"{"method":"cn.yizhan.station.ScaleRequest","parameters":\#(parameters)}"# + "\0"
  }

  private static let everyone: ControlAuthoriser = { _, _ in true }

  @Test(arguments: [ScaleRequest.zero, .tare, .clearTare])
  func `a peer with the right is heard, and the answer comes back`(request: ScaleRequest)
    async throws
  {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(#"{"request":"\#(request.rawValue)"}"#))
      let expected = JSON.object([
        "parameters": .object([
          "answer": "refused", "reason": .string("\(request.rawValue) in motion"),
        ])
      ])
      #expect(try await client.reply() == expected)
      #expect(station.asked.map(\.request) == [request])
      #expect(station.asked.first?.peer.user == getuid())
    }
  }

  @Test(arguments: [#"{"request":"zero"}"#, #"{"request":"weigh"}"#, "{}"])
  func `a peer without the right is refused, whatever it asks for`(parameters: String) async throws
  {
    let station = FakeStation()
    let rights: ControlAuthoriser = { peer, right in
      #expect(peer.process == getpid())
      #expect(right == .operate)
      return right == .read
    }
    try await withServer(station, mayDo: rights) { path in
      let client = try RawClient(path)
      client.send(Self.call(parameters))
      let denied = ControlServerTests.error("org.varlink.service.PermissionDenied", [:])
      #expect(try await client.reply() == denied)
    }
    #expect(station.asked.isEmpty)
  }

  @Test(arguments: [
    ("{}", "request"), (#"{"request":"weigh"}"#, "request"), (#"{"request":"stream"}"#, "request"),
    (#"{"request":"Zero"}"#, "request"), (#"{"request":3}"#, "request"),
    (#"{"request":null}"#, "request"), (#"{"request":["zero"]}"#, "request"),
    (#"{"request":"zero","force":true}"#, "force"),
  ])
  func `a wrong parameter is named, and the scale is left alone`(parameters: String, name: String)
    async throws
  {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(parameters) + ControlServerTests.status)
      let wrong = ControlServerTests.error(
        "org.varlink.service.InvalidParameter",
        ["parameter": .string(name)]
      )
      #expect(try await client.reply() == wrong)
      #expect(await client.message() == ControlServerTests.answer, "the connection goes on")
    }
    #expect(station.asked.isEmpty)
  }

  @Test
  func `nothing is changed for somebody who does not want to hear how it ended`() async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(
        #"{"method":"cn.yizhan.station.ScaleRequest","oneway":true,"#
          + #""parameters":{"request":"zero"}}"# + "\0" + ControlServerTests.status
      )
      #expect(await client.message() == ControlServerTests.answer)
    }
    #expect(station.asked.isEmpty)
  }

  @Test
  func `a station that cannot now says why`() async throws {
    try await withServer(FakeStation(breaks: true), mayDo: Self.everyone) { path in
      // The client blocks, so it gets a thread of its own.
      try await PrivateThread.run("client") {
        let error = #expect(throws: ControlClientError.self) { try askForZero(path) }
        guard let error else { return }
        let failure = Failure(error, socket: path, RenderingTests.en)
        #expect(failure.code == 1)
        #expect(failure.message.hasSuffix("Unavailable: busy"))
      }
    }
  }
}

/// A client cannot leave a closure that may throw, so it is asked in here.
private func askForZero(_ path: String) throws {
  var client = try ControlClient(path: path)
  _ = try client.call("ScaleRequest", ["request": "zero"])
}
