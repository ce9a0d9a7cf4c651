import Agent
import Domain
import Drivers
import Glibc
import Testing

/// Many clients, slow ones, and those that go away.
@Suite(.timeLimit(.minutes(5)))
struct ControlCrowdTests {
  @Test
  func `watching streams every event in order until the client goes`() async throws {
    let station = FakeStation()
    try await withServer(station) { path in
      do {
        let client = try RawClient(path)
        client.send(ControlServerTests.watch)
        try await station.waitForWatchers(true)
        for number in 0..<300 { station.fan.publish(.object(["at": .int(number)])) }
        for number in 0..<300 {
          let reply = try await client.reply()
          #expect(reply["continues"] == .bool(true))
          #expect(reply["parameters"]?["event"] == .object(["at": .int(number)]))
        }
      }
      // The client is closed: the stream behind it must end, without an event to trip over.
      try await station.waitForWatchers(false)
    }
  }

  @Test
  func `watching without more is refused`() async throws {
    try await withServer { path in
      let client = try RawClient(path)
      client.send(#"{"method":"cn.yizhan.station.Watch"}"# + "\0")
      #expect(
        try await client.reply()
          == ControlServerTests.error("org.varlink.service.ExpectedMore", [:])
      )
    }
  }

  @Test
  func `the end of the events ends the stream with an error`() async throws {
    let station = FakeStation()
    try await withServer(station) { path in
      let client = try RawClient(path)
      client.send(ControlServerTests.watch + ControlServerTests.status)
      try await station.waitForWatchers(true)
      station.fan.finish()
      #expect(try await client.reply()["error"] == "cn.yizhan.station.Unavailable")
      #expect(await client.message() == ControlServerTests.answer, "the next call is served")
    }
  }

  @Test
  func `a reader that takes nothing is dropped and the others do not notice`() async throws {
    let station = FakeStation()
    try await withServer(station) { path in
      let slow = try RawClient(path)
      slow.send(ControlServerTests.watch)
      try await station.waitForWatchers(true)
      let event = JSON.object(["text": .string(String(repeating: "x", count: 4000))])
      var published = 0
      while station.fan.isHeard, published < 20_000 {
        station.fan.publish(event)
        published += 1
        if published % 16 == 0 { await Task.yield() }
      }
      try await station.waitForWatchers(false)
      let other = try RawClient(path)
      other.send(ControlServerTests.status)
      #expect(await other.message() == ControlServerTests.answer)
    }
  }

  @Test
  func `more clients than allowed are turned away until one leaves`() async throws {
    try await withServer(limit: 4) { path in
      var clients: [RawClient] = []
      for _ in 0..<4 {
        let client = try RawClient(path)
        client.send(ControlServerTests.status)
        #expect(await client.message() == ControlServerTests.answer)
        clients.append(client)
      }
      let extra = try RawClient(path)
      extra.send(ControlServerTests.status)
      #expect(await extra.message() == nil)
      clients.removeLast()
      var isServed = false
      for _ in 0..<100 where !isServed {
        let next = try RawClient(path)
        next.send(ControlServerTests.status)
        isServed = await next.message() == ControlServerTests.answer
      }
      #expect(isServed)
    }
  }

  @Test
  func `two hundred clients one after another leave nothing behind`() async throws {
    try await withServer(limit: 4) { path in
      var served = 0
      for _ in 0..<200 {
        let client = try RawClient(path)
        client.send(ControlServerTests.status)
        if await client.message() == ControlServerTests.answer { served += 1 }
      }
      // A client may come before the one before it is seen to have gone, but not for long.
      #expect(served > 150)
    }
  }

  @Test
  func `the socket is for owner and group only`() async throws {
    try await withServer { path in
      var status = stat()
      try #require(unsafe lstat(path, &status) == 0)
      #expect(status.st_mode & 0o777 == 0o660)
    }
  }

  @Test
  func `a stale socket is replaced`() async throws {
    let path = Place.fresh()
    let old = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try #require(RawSocket.bind(old, path) == 0)
    close(old)
    let server = ControlServer(path: path, version: "1", backend: FakeStation())
    try await withThrowingTaskGroup(of: Void.self) { group in
      group.addTask { try await server.run() }
      var answer: String?
      for _ in 0..<500 where answer == nil {
        try await Task.sleep(for: .milliseconds(10))
        guard let client = try? RawClient(path) else { continue }
        client.send(ControlServerTests.status)
        answer = await client.message()
      }
      #expect(answer == ControlServerTests.answer)
      group.cancelAll()
      try await group.waitForAll()
    }
  }

  @Test
  func `a socket that somebody listens on is left alone`() async throws {
    try await withServer { path in
      let second = ControlServer(path: path, version: "1", backend: FakeStation())
      await #expect(throws: ControlServerError.inUse(path: path)) { try await second.run() }
      let client = try RawClient(path)
      client.send(ControlServerTests.status)
      #expect(await client.message() == ControlServerTests.answer)
    }
  }

  @Test
  func `a file that is no socket is left alone`() async throws {
    let path = Place.fresh()
    let file = unsafe open(path, O_WRONLY | O_CREAT, 0o600)
    close(file)
    defer { unsafe _ = unlink(path) }
    let server = ControlServer(path: path, version: "1", backend: FakeStation())
    await #expect(throws: ControlServerError.notASocket(path: path)) { try await server.run() }
    #expect(unsafe access(path, F_OK) == 0)
  }

  @Test
  func `a folder that does not exist is told`() async throws {
    let server = ControlServer(path: "/nowhere/x.sock", version: "1", backend: FakeStation())
    let error = await #expect(throws: ControlServerError.self) { try await server.run() }
    #expect(error == .failed(operation: "bind", path: "/nowhere/x.sock", errno: ENOENT))
  }

  @Test
  func `a client tells an absent daemon from a forbidden one`() throws {
    #expect(throws: ControlClientError.unreachable(path: "/nowhere/x.sock", errno: ENOENT)) {
      try connect("/nowhere/x.sock")
    }
    let path = Place.fresh()
    let old = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try #require(RawSocket.bind(old, path) == 0)
    close(old)
    defer { unsafe _ = unlink(path) }
    #expect(throws: ControlClientError.unreachable(path: path, errno: ECONNREFUSED)) {
      try connect(path)
    }
  }

  /// A client cannot leave a closure that may throw, so it is asked in here.
  private func connect(_ path: String) throws {
    var client = try ControlClient(path: path)
    _ = try client.call("Status")
  }

  @Test
  func `the blocking client streams until it has seen enough or the station ends`() async throws {
    let station = FakeStation()
    try await withServer(station) { path in
      // The client blocks, so it gets a thread of its own.
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await PrivateThread.run("client") { watchThree(path) } }
        try await station.waitForWatchers(true)
        for number in 0..<3 { station.fan.publish(.object(["at": .int(number)])) }
        try await group.waitForAll()
      }
      try await station.waitForWatchers(false)
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask { try await PrivateThread.run("client") { watchToTheEnd(path) } }
        try await station.waitForWatchers(true)
        station.fan.finish()
        try await group.waitForAll()
      }
    }
  }

  @Test
  func `a full fan drops the oldest and tells how many`() async {
    let fan = EventFan(capacity: 3)
    let stream = fan.listen()
    for number in 0..<8 { fan.publish(.object(["at": .int(number)])) }
    fan.finish()
    var seen: [JSON] = []
    for await event in stream { seen.append(event) }
    #expect(seen.map { $0["at"] } == [.int(5), .int(6), .int(7)])
    #expect(seen.last?["dropped"] == .int(4), "lost before the last was published")
    #expect(!fan.isHeard)
  }
}

/// Watches for three events.
private func watchThree(_ path: String) {
  #expect(throws: Never.self) {
    var seen: [Int?] = []
    var client = try ControlClient(path: path)
    try client.stream("Watch") { parameters in
      seen.append(parameters["event"]?["at"]?.int)
      return seen.count < 3
    }
    #expect(seen == [0, 1, 2])
  }
}

/// Watches until the daemon ends the stream, and expects to be told why.
private func watchToTheEnd(_ path: String) {
  let ended = ControlClientError.refused(
    VarlinkError("cn.yizhan.station.Unavailable", ["reason": "the station ends"])
  )
  #expect(throws: ended) {
    var client = try ControlClient(path: path)
    try client.stream("Watch") { _ in true }
  }
}
