import Agent
import Domain
import Drivers
import Glibc
import Testing
import yizhan

/// Lamps over the control socket, and how the technician is asked.
@Suite(.timeLimit(.minutes(5)))
struct PanelTestTests {
  private static func call(_ parameters: String) -> String {
    #"{"method":"cn.yizhan.station.PanelTest","parameters":\#(parameters)}"# + "\0"
  }

  private static let everyone: ControlAuthoriser = { _, _ in true }

  @Test(arguments: [
    ("walk", LampTest.Request.walk), ("all", .all), ("beeper", .beeper), ("off", .off),
    ("green", .lamp(.green)), ("amber", .lamp(.amber)), ("red", .lamp(.red)),
    ("link", .lamp(.link)),
  ])
  func `a light is asked for by its name`(name: String, request: LampTest.Request) async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(#"{"light":"\#(name)"}"#))
      let lights = try await client.reply()["parameters"]?["lights"]
      #expect(lights == .array(["green", "red", "beeper"]))
    }
    #expect(station.lit == [request])
  }

  @Test(arguments: [
    "{}", #"{"light":"blue"}"#, #"{"light":""}"#, #"{"light":null}"#, #"{"light":3}"#,
    #"{"light":"Green"}"#,
  ])
  func `what is no light is refused, and nothing is lit`(parameters: String) async throws {
    let station = FakeStation()
    try await withServer(station, mayDo: Self.everyone) { path in
      let client = try RawClient(path)
      client.send(Self.call(parameters))
      let wrong = ControlServerTests.error(
        "org.varlink.service.InvalidParameter",
        ["parameter": "light"]
      )
      #expect(try await client.reply() == wrong)
    }
    #expect(station.lit.isEmpty)
  }

  @Test func `whoever may only look lights nothing`() async throws {
    let station = FakeStation()
    try await withServer(station) { path in
      let client = try RawClient(path)
      client.send(Self.call(#"{"light":"walk"}"#))
      let denied = ControlServerTests.error("org.varlink.service.PermissionDenied", [:])
      #expect(try await client.reply() == denied)
    }
    #expect(station.lit.isEmpty)
  }

  @Test(arguments: [
    ("green", "第 1 盏（绿）亮着，而且只有它亮吗？", "Is lamp 1 (green) lit, and no other?"),
    ("link", "第 4 盏（链路）亮着，而且只有它亮吗？", "Is lamp 4 (link) lit, and no other?"),
    ("beeper", "蜂鸣器响了一长声吗？", "Did the beeper sound once, long?"),
  ])
  func `a light is asked after by its place`(name: String, zh: String, en: String) {
    #expect(LightView(name, RenderingTests.zh).question == zh)
    #expect(LightView(name, RenderingTests.en).question == en)
  }

  @Test(
    arguments: [
      (true, "lamp 3 (red): fine"), (false, "lamp 3 (red): wrong"),
      (nil, "lamp 3 (red): was lit, nobody was asked"),
    ] as [(Bool?, String)]
  )
  func `what was seen is told, and where to look`(seen: Bool?, text: String) {
    let view = LightView("red", RenderingTests.en)
    #expect(view.text(seen: seen) == text)
    #expect(
      view.json(seen: seen)
        == .object([
          "light": "red", "position": .int(3), "seen": seen.map { .bool($0) } ?? .null,
        ])
    )
    #expect(view.hint.contains("panel: lamps: red"))
    #expect(LightView("beeper", RenderingTests.en).hint.contains("panel: beeper"))
  }

  @Test(arguments: [
    (Gesture.press(.go), "确认：按下", "GO: pressed"),
    (.short(.again), "再来：短按", "AGAIN: short press"),
    (.chord(.again, .cancel), "再来+取消：两键齐按", "AGAIN+CANCEL: pressed together"),
    (
      .stuck(.pedal), "脚踏：卡住：松开之前不算数",
      "pedal: stuck: counts for nothing until it comes up"
    ),
  ])
  func `a gesture is said in words`(gesture: Gesture, zh: String, en: String) throws {
    let event = Self.event(gesture)
    #expect(try #require(GestureView(event, RenderingTests.zh)).text == zh)
    #expect(try #require(GestureView(event, RenderingTests.en)).text == en)
    #expect(EventView(event, RenderingTests.en).line.hasSuffix("gesture   \(en)"))
  }

  @Test func `every gesture has words, and other events are none`() throws {
    let gestures: [Gesture] = [
      .press(.go), .short(.again), .long(.again), .longEnded(.again), .double(.again),
      .chord(.again, .cancel), .chordHeld(.again, .cancel), .stuck(.go), .freed(.go),
    ]
    for gesture in gestures {
      let text = try #require(GestureView(Self.event(gesture), RenderingTests.zh)).text
      #expect(!text.contains(gesture.word), "\(text)")
    }
    #expect(GestureView(.object(["kind": "button", "button": "go"]), RenderingTests.en) == nil)
    #expect(GestureView(.object(["kind": "gesture"]), RenderingTests.en) == nil)
  }

  /// The event as the daemon tells it.
  private static func event(_ gesture: Gesture) -> JSON {
    .object([
      "kind": "gesture", "at": .int(0), "gesture": .string(gesture.word),
      "keys": .array(gesture.keys.map { .string($0.rawValue) }),
    ])
  }
}
