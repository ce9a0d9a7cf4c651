import Agent
import Domain
import Drivers
import StrictYAML
import Testing

/// What station.yaml may say of a panel beyond buttons, lamps and a beeper.
struct PanelConfigTests {
  private static func yaml(_ lines: String...) throws -> String {
    let added = lines.map { "  \($0)\n" }.joined()
    return try Sample.station(("  beeper: { line: BEEP }\n", "  beeper: { line: BEEP }\n" + added))
  }

  @Test func `nothing of it has to be there`() throws {
    let config = try Sample.loader.load(yaml: Sample.station, file: "station.yaml")
    #expect(config.panel == StationConfig.PanelExtras())
    #expect(Wiring(config).lamps == [.green, .amber, .red])
  }

  @Test func `a pedal is an input with a time of its own`() throws {
    let yaml = try Self.yaml("pedal: { line: PEDAL, active: low, bias: pull-up }")
    let config = try Sample.loader.load(yaml: yaml, file: "station.yaml")
    let pedal = try #require(config.panel.pedal)
    #expect(pedal.debounceMilliseconds == 30)
    #expect(
      pedal.line
        == LineSpec(role: "pedal", address: .name("PEDAL"), activeLow: true, bias: .pullUp)
    )
    let inputs = Wiring(config).inputs.filter { $0.role == .key(.pedal) }
    #expect(inputs.map(\.settle) == [.milliseconds(30)])
  }

  @Test func `a stack light drives lines of its own by the same lamps`() throws {
    let yaml = try Self.yaml(
      "stack: { green: { line: S1 }, amber: { line: S2 }, red: { line: S3 }, beeper: { line: S4 } }"
    )
    let config = try Sample.loader.load(yaml: yaml, file: "station.yaml")
    let outputs = Wiring(config).outputs
    let reds = outputs.filter { $0.role == .panel(.lamp(.red)) }.map(\.line.role)
    #expect(reds == ["lamp-red", "stack-red"])
    let beepers = outputs.filter { $0.role == .panel(.beeper) }
    #expect(beepers.map(\.line.role) == ["beeper", "stack-beeper"])
    #expect(beepers.allSatisfy { $0.limit == Wiring.longestSound })
  }

  @Test func `quiet hours and sounds of a slow buzzer are read`() throws {
    let yaml = try Self.yaml(
      "quiet: { from: \"21:00\", to: \"06:30\" }",
      "beeps: { short: \"300\", double: \"300 250 x2\" }"
    )
    let config = try Sample.loader.load(yaml: yaml, file: "station.yaml")
    #expect(config.panel.quiet == QuietHours(from: 1260, to: 390, hoursAheadOfUTC: 8))
    #expect(config.panel.beeps == [.short: Cadence("300"), .double: Cadence("300 250 x2")])
    let east = try Self.yaml("quiet: { from: \"21:00\", to: \"06:30\", hours-ahead-of-utc: 9 }")
    let other = try Sample.loader.load(yaml: east, file: "station.yaml")
    #expect(other.panel.quiet?.hoursAheadOfUTC == 9)
  }

  struct Mistake: CustomTestStringConvertible {
    var line: String
    var says: [String]

    init(_ line: String, _ says: String...) {
      self.line = line
      self.says = says
    }

    var testDescription: String { line }
  }

  static let mistakes = [
    Mistake("pedal: { line: GO }", "`GO` is used twice, first by `panel.buttons.go`"),
    Mistake("pedal: { line: P, debounce: 2 s }", "from 0 ms to 1000 ms"),
    Mistake("pedals: { line: P }", "unknown key `panel.pedals`"),
    Mistake("stack: { green: { line: A }, amber: { line: B } }", "no red light", "remove `stack`"),
    Mistake(
      "stack: { green: { line: A }, amber: { line: A }, red: { line: C } }",
      "`A` is used twice, first by `panel.stack.green`"
    ),
    Mistake(
      "stack: { green: { line: A }, amber: { line: B }, red: { line: C }, blue: { line: D } }",
      "unknown key `panel.stack.blue`"
    ),
    Mistake("quiet: { from: \"21:00\" }", "`panel.quiet.to` is missing"),
    Mistake("quiet: { from: \"25:00\", to: \"06:00\" }", "`25:00` is no time", "\"21:00\""),
    Mistake("quiet: { from: 21:00, to: 6:30 }", "`6:30` is no time of the day"),
    Mistake("quiet: { from: \"06:00\", to: \"06:00\" }", "begin and end at the same time"),
    Mistake("quiet: { from: \"21:00\", to: \"06:00\", zone: CST }", "unknown key"),
    Mistake(
      "quiet: { from: \"21:00\", to: \"06:00\", hours-ahead-of-utc: 15 }",
      "a whole number from -12 to 14"
    ),
    Mistake("beeps: { short: \"10\" }", "`10` is no sound", "from 20 and up to 4 s"),
    Mistake("beeps: { long: \"4001\" }", "`4001` is no sound"),
    Mistake("beeps: { long: \"500 500 x\" }", "no sound"),
    Mistake("beeps: { long: on }", "no sound"),
    Mistake("beeps: { none: \"80\" }", "unknown key `panel.beeps.none`"),
    Mistake("beeps: { short: \"400\" }", "`long` sounds like `short`", "mean different things"),
    Mistake("beeps: { double: \"80 80 x3\" }", "`triple` sounds like `double`"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is named with its place and a way out`(_ mistake: Mistake) throws {
    let problems = Sample.problems(of: try Self.yaml(mistake.line))
    #expect(problems.count == 1, "\(problems)")
    let problem = try #require(problems.first)
    #expect(problem.line == 16)
    for text in mistake.says {
      #expect("\(problem.cause) \(problem.remedy)".contains(text), "\(problem)")
    }
  }
}
