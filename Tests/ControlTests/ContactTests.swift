import Agent
import Domain
import Drivers
import LinuxIO
import Testing
import yizhan

/// `yizhan gpio` and `yizhan panel learn`, without any line.
struct ContactTests {
  private static let chips = [
    GPIOChip(
      name: "gpiochip0",
      path: "/dev/gpiochip0",
      label: "soc",
      lines: [
        GPIOLine(offset: 0, name: "GO"), GPIOLine(offset: 1, name: "LAMP", isOutput: true),
        GPIOLine(offset: 2, name: "BUSY", consumer: "yizhand", isUsed: true),
        GPIOLine(offset: 3, name: "3V3 on"),
      ]
    ),
    GPIOChip(
      name: "gpiochip1",
      path: "/dev/gpiochip1",
      label: "board",
      lines: [GPIOLine(offset: 0, name: "LAMP"), GPIOLine(offset: 1, name: "")]
    ),
  ]

  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private static func edge(_ line: Int, _ active: Bool, _ milliseconds: Int) -> Edge {
    Edge(input: line, active: active, at: at(milliseconds))
  }

  private static func view(
    _ find: ContactFinder.Find,
    _ index: Int,
    _ bias: LineSpec.Bias = .pullUp,
    _ say: Speech = RenderingTests.en
  ) -> ContactView {
    let line = ChipLine.all(of: chips)[index]
    return ContactView(find, line, line.address(among: chips), bias, say)
  }

  @Test func `a press is found once it has stopped bouncing, its release is not`() {
    var finder = ContactFinder(rest: [false, true])
    var finds = finder.take([
      Self.edge(1, false, 0), Self.edge(1, true, 2), Self.edge(1, false, 4),
    ])
    finds += finder.advance(to: Self.at(20))
    #expect(finds.isEmpty)
    finds = finder.advance(to: Self.at(34))
    #expect(finds == [.init(line: 1, restsHigh: true)])
    finds = finder.take([Self.edge(1, true, 300)]) + finder.advance(to: Self.at(400))
    #expect(finds.isEmpty)
    finds = finder.take([Self.edge(1, false, 500)]) + finder.advance(to: Self.at(600))
    #expect(finds.count == 1)
  }

  @Test func `a line that hums is told once, as wild`() {
    var finder = ContactFinder(rest: [false])
    var finds: [ContactFinder.Find] = []
    for number in 0..<500 {
      finds += finder.take([Self.edge(0, number % 2 == 0, number * 10)])
      finds += finder.advance(to: Self.at(number * 10))
    }
    #expect(finds == [.init(line: 0, restsHigh: false, isWild: true)])
  }

  @Test func `what is found is ready to paste`() {
    #expect(
      Self.view(.init(line: 0, restsHigh: true), 0).text == """
        # gpiochip0:0 GO: rests high, went low
        { line: GO, active: low, bias: pull-up }
        """
    )
    // Closed at rest; and without a name or with one that two lines have, by chip and offset.
    #expect(
      Self.view(.init(line: 0, restsHigh: false), 5, .asIs).text == """
        # gpiochip1:1: rests low, went high
        { chip: board, offset: 1, active: high }
        { chip: board, offset: 1, active: low }  # for a contact closed at rest: guard, e-stop
        """
    )
    #expect(
      Self.view(.init(line: 0, restsHigh: true), 4, .pullUp, RenderingTests.zh).text == """
        # gpiochip1:0 LAMP：平时高，动作时低
        { chip: board, offset: 0, active: low, bias: pull-up }
        """
    )
    // A name that YAML would not take for text as it is.
    let quoted = Self.view(.init(line: 0, restsHigh: true), 3).json["yaml"]
    #expect(quoted?.string == "{ line: \"3V3 on\", active: low, bias: pull-up }")
    let wild = Self.view(.init(line: 0, restsHigh: false, isWild: true), 0)
    #expect(wild.json["yaml"] == .null)
    #expect(wild.text.contains("it never rests"))
  }

  @Test func `without names all free inputs are meant, and nothing else`() throws {
    let choice = try LineChoice([], among: Self.chips, RenderingTests.en)
    #expect(
      choice.free.map { "\($0.chip):\($0.line.offset)" } == [
        "gpiochip0:0", "gpiochip0:3", "gpiochip1:0", "gpiochip1:1",
      ]
    )
    #expect(choice.held.isEmpty)
  }

  @Test func `a line that the config drives something with is never pulled`() throws {
    let all = ChipLine.all(of: Self.chips).filter(\.isFreeInput)
    let relay = try #require(all.last)
    let driven: Set<LinePlace> = [relay.place]
    let unnamed = try LineChoice([], among: Self.chips, driven: driven, RenderingTests.en)
    #expect(unnamed.free == Array(all.dropLast()))
    let named = try LineChoice(
      ["\(relay.chip):\(relay.line.offset)"],
      among: Self.chips,
      driven: driven,
      RenderingTests.en
    )
    #expect(named.free.isEmpty)
    #expect(named.held.map(\.isDriven) == [true])
  }

  @Test func `lines are named, or by chip and offset; what is held is told apart`() throws {
    let choice = try LineChoice(
      ["GO", "board:1", "soc:1", "BUSY"],
      among: Self.chips,
      RenderingTests.en
    )
    #expect(choice.free.map(\.line.name) == ["GO", ""])
    #expect(choice.held.map(\.isDaemons) == [false, true])
    for wrong in ["NONE", "soc:9", "LAMP", "7", "nochip:1"] {
      #expect(throws: Failure.self) {
        try LineChoice([wrong], among: Self.chips, RenderingTests.en)
      }
    }
    let single = try LineChoice(["3"], among: [Self.chips[0]], RenderingTests.en)
    #expect(single.free.map(\.line.offset) == [3])
  }

  @Test func `an event of the daemon is told apart by the role of its line`() throws {
    let tells = { (text: String, role: String) in
      HeldLine.tells(try RenderingTests.json(text), of: role)
    }
    #expect(try tells(#"{"kind":"button","button":"go"}"#, "go"))
    #expect(try !tells(#"{"kind":"button","button":"go"}"#, "again"))
    #expect(try tells(#"{"kind":"signal","signal":"busy","active":true}"#, "sealer.busy"))
    #expect(try tells(#"{"kind":"output","output":"start","active":true}"#, "sealer.start"))
    #expect(try tells(#"{"kind":"device","role":"go","state":"degraded"}"#, "go"))
    #expect(try !tells(#"{"kind":"reading","grams":3}"#, "go"))
  }

  @Test func `the list shows every line, also of a chip that cannot be opened`() throws {
    var chips = Self.chips
    chips.append(
      GPIOChip(
        name: "gpiochip2",
        path: "/dev/gpiochip2",
        label: "",
        lines: [],
        problem: .denied(path: "/dev/gpiochip2")
      )
    )
    let view = GPIOListView(chips, LineRoles(nil, among: chips), RenderingTests.en)
    #expect(
      view.text == """
        CHIP       LABEL  OFFSET  NAME    DIRECTION  USED BY  ROLE
        gpiochip0  soc    0       GO      in
        gpiochip0  soc    1       LAMP    out
        gpiochip0  soc    2       BUSY    in         yizhand
        gpiochip0  soc    3       3V3 on  in
        gpiochip1  board  0       LAMP    in
        gpiochip1  board  1               in
        """
    )
    #expect(view.hasTrouble)
    #expect(view.hints.count == 1 && view.hints[0].contains("no permission for /dev/gpiochip2"))
    #expect(view.json["chips"]?.array?.count == 3)
    let nothing = GPIOListView([], LineRoles(nil, among: []), RenderingTests.en)
    #expect(nothing.hasTrouble && nothing.text == "this box has no GPIO chip")
  }

  @Test func `a level is shown with its time, place and name`() {
    let line = ChipLine.all(of: Self.chips)[0]
    let view = LevelView(
      line,
      isHigh: false,
      at: Instant(nanoseconds: 12_345_678_900),
      isEdge: true,
      RenderingTests.en
    )
    #expect(view.text == "12.345678  gpiochip0:0  GO  ↓ low")
    #expect(view.json["at"]?.int == 12_345_678_900)
  }
}
