import Agent
import Domain
import Labels
import Testing
import yizhan

/// What a technician tells the link, and what the link tells.
struct SyncOrderTests {
  private static let everyone: ControlAuthoriser = { _, _ in true }

  @Test func `only those who may operate give orders, everyone sees the key`() async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: { _, right in right == .read }) { path in
      let client = try RawClient(path)
      client.send(Self.call("SyncOrder", "\"order\":\"pause\""))
      #expect(await client.message()?.contains("PermissionDenied") == true)
      client.send(Self.call("SyncAcknowledge", "\"file\":\"x\""))
      #expect(await client.message()?.contains("PermissionDenied") == true)
      client.send(Self.call("EnrolmentLabel", ""))
      #expect(await client.message()?.contains("PermissionDenied") == true)
      client.send(Self.call("Enrolment", ""))
      #expect(await client.message()?.contains("SM017") == true)
    }
    #expect(station.syncOrders.isEmpty)
  }

  @Test func `a label of the key is refused by the printer in words`() async throws {
    try await withServer(mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call("EnrolmentLabel", ""))
      let reply = try await client.reply()
      let answer = try #require(reply["parameters"]?.object)
      #expect(EnrolmentView.printed(answer, RenderingTests.en) == "not printed: paper-out")
    }
    try await withServer(FakeStation(breaks: true), mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call("EnrolmentLabel", ""))
      #expect(await client.message()?.contains("busy") == true)
    }
  }

  @Test func `orders arrive as they were given, and others are refused`() async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      for order in ["now", "pause", "resume"] {
        client.send(Self.call("SyncOrder", "\"order\":\"\(order)\""))
        #expect(await client.message()?.contains("online") == true)
      }
      client.send(Self.call("SyncAcknowledge", "\"file\":\"text\""))
      #expect(await client.message()?.contains("online") == true)
      for wrong in ["\"order\":\"stop\"", "", "\"order\":1"] {
        client.send(Self.call("SyncOrder", wrong))
        #expect(await client.message()?.contains("InvalidParameter") == true)
      }
    }
    #expect(station.syncOrders == [.now, .pause, .resume, .acknowledge("text")])
  }

  private static func call(_ method: String, _ parameters: String) -> String {
    "{\"method\":\"cn.yizhan.station.\(method)\",\"parameters\":{\(parameters)}}\0"
  }

  @Test func `the status of sync tells what wants attention`() throws {
    let sync = try RenderingTests.json(
      """
      {"state":"online","backlog":3,"backlogArrears":2,"isPaused":true,"eventsPerMinute":120,"quarantined":1,
      "quarantinedRows":["records 17"],"forks":["records 4…7"],"budgetBytesPerDay":20971520,
      "budgetBytesLeft":1048576}
      """
    )
    let view = SyncView(sync, RenderingTests.en)
    #expect(view.hasTrouble)
    for part in [
      "paused", "3 events (2 of an earlier ledger)", "120 events/min", "1: records 17",
      "records 4…7", "1024 / 20480 KiB",
    ] {
      #expect(view.text.contains(part), "\(part) in \(view.text)")
    }
    let fine = try RenderingTests.json(#"{"state":"online","backlog":0,"isPaused":false}"#)
    #expect(!SyncView(fine, RenderingTests.en).hasTrouble)
    #expect(SyncView(sync, RenderingTests.zh).text.contains("账本分叉"))
  }

  @Test func `enrolment is shown as text and as a code that a terminal can draw`() throws {
    let enrolment = try RenderingTests.json(
      #"{"site":"SM017","key":"ed25519:a+b/c=","fingerprint":"7K3D","code":"yizhan:x","hub":null}"#
    )
    let view = EnrolmentView(enrolment, RenderingTests.en)
    #expect(view.text.contains("ed25519:a+b/c=") && view.text.contains("7K3D"))
    let matrix = try Zint.qr(try #require(view.code), level: .medium, field: "test")
    let rows = EnrolmentView.halfBlocks(matrix).split(separator: "\n").map(Array.init)
    #expect(rows.count == (matrix.height + 9) / 2)
    #expect(rows.allSatisfy { $0.count == matrix.width + 8 })
    for y in 0..<matrix.height {
      for x in 0..<matrix.width {
        let cell = rows[(y + 4) / 2][x + 4]
        let isLight = (y + 4) % 2 == 0 ? "█▀".contains(cell) : "█▄".contains(cell)
        #expect(isLight != matrix[x, y])
      }
    }
  }
}
