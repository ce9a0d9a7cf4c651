import Agent
import Domain
import Drivers
import StrictYAML
import Testing

struct BoardConfigTests {
  private static let boards = """
    name: 积德村
    boards:
      relays: { profile: modbus-relay-8, usb: { port: 1-1.3 } }
      lamps: { profile: stm8-relay-4, usb: { port: 1-1.3 }, address: 2 }
    controllers:
      heat:
        profile: omron-e5cc
        serial: { device: /dev/ttyS1 }
        setpoint: { least: 120, greatest: 180.5 }
    """

  /// The sample with two boards, on which some of its lines are.
  private static func station(_ changes: (String, String)...) throws -> String {
    var text = try Sample.station(
      ("name: 积德村", boards),
      ("start: { chip: park, offset: 0 }", "start: { board: relays, channel: 1 }"),
      ("busy: { chip: park, offset: 1 }", "busy: { board: relays, input: 1 }"),
      ("green: { line: GREEN }", "green: { board: lamps, channel: 4 }")
    )
    for (old, new) in changes {
      try #require(text.contains(old), "`\(old)` does not stand in the sample")
      text = text.replacing(old, with: new)
    }
    return text
  }

  @Test func `a line of a board stands wherever a GPIO line can`() throws {
    let config = try Sample.loader.load(yaml: Self.station(), file: "station.yaml")
    #expect(config.boards.map(\.id) == ["relays", "lamps"])
    #expect(config.boards.map(\.address) == [1, 2])
    #expect(config.boards.map(\.pollMilliseconds) == [50, 50])
    #expect(config.boards[0].connection.isSamePort(as: config.boards[1].connection))
    #expect(config.machine?.outputs[.start]?.address == .channel(ofBoard: "relays", 1))
    // As the machine's profile has it.
    #expect(config.machine?.outputs[.start]?.drive == .pulsed(.milliseconds(200)))
    #expect(config.machine?.signals[.busy]?.line.address == .input(ofBoard: "relays", 1))
    #expect(config.lamps[.green]?.address == .channel(ofBoard: "lamps", 4))
  }

  @Test func `a controller has the range of set values that is written down`() throws {
    let config = try Sample.loader.load(yaml: Self.station(), file: "station.yaml")
    let heat = try #require(config.controllers.first)
    #expect(heat.connection.node == "/dev/ttyS1")
    #expect(
      heat.allowed
        == Temperature(thousandths: 120_000)...Temperature(thousandths: 180_500)
    )
    let without = try Self.station(("    setpoint: { least: 120, greatest: 180.5 }\n", ""))
    #expect(try Sample.loader.load(yaml: without, file: "s.yaml").controllers[0].allowed == nil)
  }

  static let mistakes: [(old: String, new: String, cause: String, remedy: String)] = [
    ("board: lamps, channel: 4", "board: lamp, channel: 4", "no board `lamp`", "mean `lamps`"),
    ("board: lamps, channel: 4", "board: lamps, channel: 5", "channels 1 to 4, not 5", ""),
    ("board: lamps, channel: 4", "board: lamps, channel: 0", "from 1 to 64", ""),
    ("board: lamps, channel: 4", "board: lamps, input: 4", "cannot be switched", "channel"),
    ("board: lamps, channel: 4", "board: lamps", "`channel` is missing", "from 1 to 4"),
    ("board: lamps, channel: 4", "board: lamps, line: A, channel: 4", "has no `line`", ""),
    ("board: lamps, channel: 4", "board: relays, channel: 1", "channel 1 is used twice", ""),
    ("board: lamps, channel: 4", "board: lamps, channel: 4, active: low", "on at rest", "contact"),
    ("board: lamps, channel: 4", "board: lamps, channel: 4, bias: pull-up", "resistors", "bias"),
    ("board: relays, input: 1", "board: relays, channel: 2", "cannot be read", "input: NUMBER"),
    ("board: relays, input: 1", "board: relays, input: 9", "inputs 1 to 8, not 9", ""),
    ("board: relays, input: 1", "board: lamps, input: 1", "has no inputs", ""),
    ("address: 2", "address: 1", "the address 1 already", "another address"),
    ("address: 2", "address: 0", "from 1 to 255", ""),
    ("address: 2", "address: 2, poll: 1 ms", "from 10 ms", ""),
    ("address: 2", "address: 2, serial: { baud: 19200 }", "another speed or framing", "alike"),
    ("modbus-relay-8", "modbus-relay", "no board profile `modbus-relay`", "mean `modbus-relay-8`"),
    ("modbus-relay-8", "r421a08", "wants a pulse of 200 ms", "another board"),
    ("start: { board: relays", "start: { board: lamps", "times no pulses", "modbus-relay-8"),
    ("modbus-relay-8, usb: { port: 1-1.3 }", "modbus-relay-8", "which serial port", "adaptor"),
    ("omron-e5cc\n", "yudian-ai\n    address: 81\n", "from 0 to 80", ""),
    ("serial: { device: /dev/ttyS1 }", "usb: { port: 1-1.3 }", "another speed or framing", ""),
    ("least: 120,", "least: 190,", "is above `greatest`", ""),
    ("least: 120,", "lowest: 120,", "`controllers.heat.setpoint.least` is missing", ""),
  ]

  @Test(arguments: mistakes)
  func `a mistake about boards is told with its remedy`(
    _ mistake: (old: String, new: String, cause: String, remedy: String)
  ) throws {
    let problems = Sample.problems(of: try Self.station((mistake.old, mistake.new)))
    #expect(
      problems.contains {
        $0.cause.contains(mistake.cause) && $0.remedy.contains(mistake.remedy) && $0.line > 0
      },
      "\(problems)"
    )
  }

  @Test(arguments: [
    ("modbus-relay-8", true), ("r421a08", true), ("r413d08", true), ("lctech-relay-8", false),
    ("register-relay-8", false),
  ])
  func `a contact is held only on a board that lets it go by itself`(
    _ board: String,
    _ canHold: Bool
  ) throws {
    let text = try Self.station(
      ("profile: impulse-sealer", "profile: band-sealer"),
      ("outputs: { start: { board: relays", "outputs: { motor-run: { board: relays"),
      ("{ profile: modbus-relay-8", "{ profile: \(board)")
    )
    let problems = Sample.problems(of: text).filter { $0.cause.contains("`motor-run`") }
    #expect(problems.isEmpty == canHold, "\(problems)")
    #expect(problems.allSatisfy { $0.cause.contains("would keep it on") })
  }

  @Test func `a scale and a board cannot share a line`() throws {
    for place in ["usb: { port: 1-1.3 }", "serial: { device: /dev/ttyS1 }"] {
      let text = try Self.station(
        ("profile: hid-pos }", "profile: bison-acs, \(place) }")
      )
      let problems = Sample.problems(of: text)
      #expect(problems.contains { $0.cause.contains("is used by `scale` already") }, "\(problems)")
    }
  }

  @Test func `modbus and AIBUS do not share a line`() throws {
    let text = try Self.station(
      (
        "profile: omron-e5cc\n    serial: { device: /dev/ttyS1 }",
        "profile: yudian-ai\n    usb: { port: 1-1.3 }\n    address: 7"
      )
    )
    #expect(
      Sample.problems(of: text).contains { $0.cause.contains("speaks modbus, and this aibus") }
    )
  }

  @Test func `a board without a serial port of its own profile is asked for once`() throws {
    let text = try Self.station(
      ("relays: { profile: modbus-relay-8, usb: { port: 1-1.3 } }", "relays: { profile: x }")
    )
    let causes = Sample.problems(of: text).map(\.cause)
    #expect(causes.contains { $0.contains("no board profile `x`") })
  }
}
