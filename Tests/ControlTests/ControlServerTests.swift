import Agent
import Domain
import Drivers
import Glibc
import Testing

@Suite(.timeLimit(.minutes(5)))
struct ControlServerTests {
  static let status = #"{"method":"cn.yizhan.station.Status"}"# + "\0"
  static let watch = #"{"method":"cn.yizhan.station.Watch","more":true}"# + "\0"
  static let answer = #"{"parameters":{"status":{"site":"SM017"}}}"#

  static func error(_ name: String, _ parameters: [String: JSON]) -> JSON {
    .object(["error": .string(name), "parameters": .object(parameters)])
  }

  @Test
  func `a message that comes in pieces is one message`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      for byte in Self.status.utf8 {
        client.send([byte])
        if byte == UInt8(ascii: ".") { try await Task.sleep(for: .milliseconds(5)) }
      }
      #expect(await client.message() == Self.answer)
    }
  }

  @Test
  func `several messages in one packet are answered in their order`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      let sync = #"{"method":"cn.yizhan.station.SyncStatus"}"# + "\0"
      client.send(Self.status + sync + Self.status)
      #expect(await client.message() == Self.answer)
      #expect(await client.message() == #"{"parameters":{"sync":{"state":"online"}}}"#)
      #expect(await client.message() == Self.answer)
    }
  }

  @Test
  func `a client that closes its writing half still gets its answers`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(Self.status + Self.status)
      client.shutdownWriting()
      #expect(await client.message() == Self.answer)
      #expect(await client.message() == Self.answer)
      #expect(await client.message() == nil, "and then the end")
    }
  }

  @Test
  func `an oversized message ends the connection and nothing else`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      let other = try RawClient(path)
      let chunk = [UInt8](repeating: UInt8(ascii: "x"), count: 8192)
      var sent = 0
      while sent < 1 << 22, client.send(chunk) { sent += chunk.count }
      #expect(await client.message() == nil)
      #expect(sent < 1 << 22, "the server took megabytes without a NUL")
      other.send(Self.status)
      #expect(await other.message() == Self.answer)
    }
  }

  @Test(arguments: [
    "\0", "hello\0", "[1]\0", "{}\0", #"{"method":1}"# + "\0",
    #"{"method":"a.b","parameters":3}"# + "\0",
    "GET / HTTP/1.1\r\n\r\n\0", "\u{1}\u{2}\0", #"{"method":"x.y"}{"# + "\0",
  ])
  func `garbage ends the connection and nothing else`(_ garbage: String) async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(garbage)
      #expect(await client.message() == nil)
      let other = try RawClient(path)
      other.send(Self.status)
      #expect(await other.message() == Self.answer)
    }
  }

  @Test
  func `a oneway call is not answered`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(#"{"method":"cn.yizhan.station.Devices","oneway":true}"# + "\0" + Self.status)
      #expect(await client.message() == Self.answer)
    }
  }

  @Test(arguments: [
    ("cn.yizhan.station.Open", "{}", "MethodNotFound", "method", "cn.yizhan.station.Open"),
    ("org.varlink.service.X", "{}", "MethodNotFound", "method", "org.varlink.service.X"),
    ("com.example.Do", "{}", "InterfaceNotFound", "interface", "com.example"),
    ("Status", "{}", "InterfaceNotFound", "interface", ""),
    ("cn.yizhan.station.Status", #"{"x":1}"#, "InvalidParameter", "parameter", "x"),
    ("cn.yizhan.station.LedgerTail", #"{"limit":0}"#, "InvalidParameter", "parameter", "limit"),
    ("cn.yizhan.station.LedgerTail", #"{"limit":501}"#, "InvalidParameter", "parameter", "limit"),
    ("cn.yizhan.station.LedgerTail", #"{"limit":"5"}"#, "InvalidParameter", "parameter", "limit"),
    ("cn.yizhan.station.LedgerTail", #"{"lane":"all"}"#, "InvalidParameter", "parameter", "lane"),
    (
      "org.varlink.service.GetInterfaceDescription", "{}", "InvalidParameter", "parameter",
      "interface"
    ),
    (
      "org.varlink.service.GetInterfaceDescription", #"{"interface":"a.b"}"#, "InterfaceNotFound",
      "interface", "a.b"
    ),
  ])
  func `a call that does not fit is refused by its Varlink error`(
    method: String,
    parameters: String,
    name: String,
    key: String,
    value: String
  ) async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(#"{"method":"\#(method)","parameters":\#(parameters)}"# + "\0" + Self.status)
      let expected = Self.error("org.varlink.service.\(name)", [key: .string(value)])
      #expect(try await client.reply() == expected)
      #expect(await client.message() == Self.answer, "the connection goes on")
    }
  }

  @Test
  func `the ledger's tail has defaults and bounds`() async throws {
    try await withServer { path in
      // The client blocks, so it gets a thread of its own.
      try await PrivateThread.run("client") {
        #expect(throws: Never.self) {
          var client = try ControlClient(path: path)
          let plain = try client.call("LedgerTail")
          #expect(plain["events"] == .array([.object(["limit": .int(20), "lane": .null])]))
          let some = try client.call("LedgerTail", ["limit": .int(3), "lane": "records"])
          #expect(some["events"] == .array([.object(["limit": .int(3), "lane": "records"])]))
        }
      }
    }
  }

  @Test
  func `a backend that fails is an error with its reason`() async throws {
    try await withServer(FakeStation(breaks: true)) { path in
      let client = try RawClient(path)
      client.send(#"{"method":"cn.yizhan.station.LedgerTail"}"# + "\0")
      let expected = Self.error("cn.yizhan.station.Unavailable", ["reason": "the disk is gone"])
      #expect(try await client.reply() == expected)
    }
  }

  @Test
  func `the service describes itself with every method`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(#"{"method":"org.varlink.service.GetInfo"}"# + "\0")
      let info = try await client.reply()["parameters"]
      #expect(info?["version"] == "1.2.3")
      #expect(info?["interfaces"] == .array(["org.varlink.service", "cn.yizhan.station"]))
      client.send(
        #"{"method":"org.varlink.service.GetInterfaceDescription","parameters":"#
          + #"{"interface":"cn.yizhan.station"}}"# + "\0"
      )
      let text = try #require(try await client.reply()["parameters"]?["description"]?.string)
      #expect(text.contains("method ScaleRequest(request: string)"))
      for method in ["Status", "Devices", "Watch", "LedgerTail", "SyncStatus"] {
        #expect(text.contains("method \(method)("))
        client.send(#"{"method":"cn.yizhan.station.\#(method)","more":true}"# + "\0")
        guard method != "Watch" else { break }
        #expect(try await client.reply()["parameters"] != nil)
      }
    }
  }

  @Test
  func `a peer is known to the authoriser and refused where it says no`() async throws {
    let mayDo: ControlAuthoriser = { peer, right in
      #expect(peer == ControlPeer(process: getpid(), user: getuid(), group: getgid()))
      #expect(right == .read)
      return false
    }
    try await withServer(mayDo: mayDo) { path in
      let client = try RawClient(path)
      client.send(Self.status)
      #expect(try await client.reply() == Self.error("org.varlink.service.PermissionDenied", [:]))
    }
  }
}
