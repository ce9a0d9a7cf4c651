import Agent
import Domain
import Drivers
import Testing
import yizhan

/// The methods of the control socket that concern the machine, and how the tool shows them.
@Suite(.timeLimit(.minutes(5)))
struct MachineRequestTests {
  private static func call(_ parameters: String) -> String {
    #"{"method":"cn.yizhan.station.MachineRequest","parameters":\#(parameters)}"# + "\0"
  }

  private static let everyone: ControlAuthoriser = { _, _ in true }

  @Test(arguments: [
    (#"{"request":"cycle"}"#, MachineRequest.order(.cycle)),
    (#"{"request":"reset"}"#, .order(.reset)), (#"{"request":"serviced"}"#, .serviced),
    (
      #"{"request":"jog","output":"motor-run","milliseconds":5000}"#,
      .order(.jog(.motorRun, milliseconds: 5000))
    ),
  ])
  func `an order of somebody with the right is heard`(text: String, request: MachineRequest)
    async throws
  {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(text))
      let expected = JSON.object([
        "parameters": .object(["answer": "refused", "reason": "guard-open"])
      ])
      #expect(try await client.reply() == expected)
      #expect(station.ordered == [request])
    }
  }

  @Test(arguments: [
    ("{}", "request"), (#"{"request":"start"}"#, "request"), (#"{"request":null}"#, "request"),
    (#"{"request":"jog"}"#, "output"), (#"{"request":"jog","output":"lamp"}"#, "output"),
    (#"{"request":"jog","output":"start"}"#, "milliseconds"),
    (#"{"request":"jog","output":"start","milliseconds":5001}"#, "milliseconds"),
    (#"{"request":"jog","output":"start","milliseconds":49}"#, "milliseconds"),
    (#"{"request":"cycle","output":"start"}"#, "output"),
    (#"{"request":"cycle","milliseconds":100}"#, "milliseconds"),
    (#"{"request":"cycle","force":true}"#, "force"),
  ])
  func `a wrong parameter is named, and nothing moves`(text: String, name: String) async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(text))
      let wrong = ControlServerTests.error(
        "org.varlink.service.InvalidParameter",
        ["parameter": .string(name)]
      )
      #expect(try await client.reply() == wrong)
    }
    #expect(station.ordered.isEmpty)
  }

  @Test
  func `whoever may only look moves nothing`() async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: { _, right in right == .read }) { path in
      let client = try RawClient(path)
      client.send(Self.call(#"{"request":"cycle"}"#))
      let denied = ControlServerTests.error("org.varlink.service.PermissionDenied", [:])
      #expect(try await client.reply() == denied)
    }
    #expect(station.ordered.isEmpty)
  }

  private static let machine = JSON.object([
    "profile": "impulse-sealer", "model": "通用 封口机", "kind": "impulse-sealer",
    "unconfirmed": .bool(true), "outputs": .array(["start"]), "serviceCycles": .int(20_000),
    "serviceDue": .bool(true),
    "total": .object(["cycles": .int(20_005), "bad": .int(3), "sinceService": .int(20_005)]),
    "now": .object([
      "blocker": "reset-needed", "latch": "guard-opened", "running": .bool(false),
      "active": .array(["start"]),
      "signals": .object(["guard-closed": .bool(true), "busy": .bool(false)]),
      "started": .int(7), "finished": .int(5), "donePulses": .int(6),
      "failed": .object(["never-ended": .int(2)]), "odd": .object(["unbidden": .int(1)]),
      "lastCycle": .object(["end": .int(900), "fault": "guard-opened"]),
    ]),
  ])

  @Test
  func `the state says what is the matter and what to do next`() {
    let view = MachineView(Self.machine, RenderingTests.en)
    #expect(view.wantsAttention)
    #expect(view.contacts == "start=1 | busy=0 guard-closed=1")
    for words in [
      "impulse sealer", "waits for a reset: press CANCEL", "the guard was opened while it was on",
      "only time tells", "yizhan machine serviced",
    ] {
      #expect(view.status.contains(words), "\(words)")
    }
    #expect(view.lastCycle == "busy -, done -, end 900 ms: ended by the guard")
    let zh = MachineView(Self.machine, RenderingTests.zh).status
    #expect(zh.contains("脉冲封口机") && zh.contains("等待复位"))
  }

  @Test
  func `the counters compare starts and ends, and name every failure`() {
    let counters = MachineView(Self.machine, RenderingTests.en).counters
    for words in ["7", "5", "2 × it never ended", "1 × it runs, and nothing was started"] {
      #expect(counters.contains(words), "\(words)")
    }
    #expect(counters.contains("20005 / 20000"))
  }

  @Test(arguments: MachineBlocker.allCases)
  func `a refusal says why in both languages`(blocker: MachineBlocker) {
    let reply = JSON.object(["answer": "refused", "reason": .string(blocker.rawValue)])
    let en = MachineView.answer(reply, RenderingTests.en)
    let zh = MachineView.answer(reply, RenderingTests.zh)
    #expect(en == "refused: \(blocker.text.en)")
    #expect(zh == "被拒绝：\(blocker.text.zh)")
  }
}
