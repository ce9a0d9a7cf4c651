import Agent
import Domain
import Drivers
import Station
import StrictYAML
import Testing

struct StationConfigTests {
  /// One mistake, where it must be found, and what must be said.
  struct Mistake: Sendable, CustomTestStringConvertible {
    var old: String
    var new: String
    var line: Int
    var cause: String
    var remedy: String

    init(_ old: String, _ new: String, line: Int, _ cause: String, _ remedy: String = "") {
      self.old = old
      self.new = new
      self.line = line
      self.cause = cause
      self.remedy = remedy
    }

    var testDescription: String { new.isEmpty ? "without \(old)" : new }
  }

  static let mistakes = [
    Mistake("site: SM017", "site: sm-17", line: 1, "not a site's id", "capitals"),
    Mistake("site: SM017", "site: SM017\nsitename: x", line: 2, "unknown key `sitename`"),
    Mistake("name: 积德村", "name: \"\"", line: 2, "1 to 40 characters"),
    Mistake("name: 积德村", "site: SM018", line: 1, "stands twice"),
    Mistake("hid-pos }", "hid-posh }", line: 3, "no scale profile `hid-posh`", "mean `hid-pos`"),
    Mistake("tsc-te244", "xyz", line: 4, "no printer profile `xyz`", "use one of: "),
    Mistake("te244 }", "te244, usb: { port: \"1.3\" } }", line: 4, "not a USB port", "1-1.3"),
    Mistake("te244 }", "te244, usb: { id: 922 } }", line: 4, "not a USB identity", "0922:8003"),
    Mistake("dispatch-76x130", "dispatch-76x13", line: 6, "no label template", "mean `dispatch-"),
    Mistake("x130", "x130\n  gap: 2", line: 7, "`2` is not a length", "2 mm"),
    Mistake("x130", "x130\n  gap: 30 mm", line: 7, "from 0 mm to 20 mm"),
    Mistake("go: { line: GO }", "stop: { line: X }", line: 9, "unknown key `panel.buttons.stop`"),
    Mistake("    go: { line: GO }\n", "", line: 9, "no go button", "add `go:"),
    Mistake("    cancel: { line: CANCEL }\n", "", line: 9, "no cancel button"),
    Mistake("    amber: { line: AMBER }\n", "", line: 12, "amber lamp is missing"),
    Mistake(
      "line: RED",
      "line: GREEN",
      line: 14,
      "`GREEN` is used twice, first by `panel.lamps.green`"
    ),
    Mistake("line: RED", "chip: park, offset: 2", line: 21, "`park` 2 is used twice"),
    Mistake("line: RED", "line: RED, chip: park", line: 14, "does not say which line"),
    Mistake("line: RED", "chip: park", line: 14, "does not say which line", "`offset: NUMBER`"),
    Mistake("line: RED", "line: RED, active: lo", line: 14, "is not one of: high, low"),
    Mistake("line: RED", "line: RED, bias: up", line: 14, "is not one of: as-is"),
    Mistake("line: RED", "line: RED, debounce: 5 ms", line: 14, "unknown key `panel.lamps.red.deb"),
    Mistake("line: GO", "line: GO, debounce: 2 s", line: 9, "from 0 ms to 1000 ms"),
    Mistake("impulse-sealer", "impuls-sealer", line: 17, "no machine profile", "`impulse-sealer`"),
    Mistake(
      "outputs: { start: { chip: park, offset: 0 } }",
      "outputs: {}",
      line: 18,
      "contact `start` is"
    ),
    Mistake(
      "    guard-closed: { chip: park, offset: 2 }\n",
      "",
      line: 20,
      "signal `guard-closed` is"
    ),
    Mistake("busy: { chip", "bussy: { chip", line: 20, "unknown key `machine.signals.bussy`"),
    Mistake("offset: 3", "offset: -1", line: 22, "whole number from 0"),
    Mistake(
      "steps: [weigh, label, seal]",
      "steps: [weigh, lable]",
      line: 25,
      "no step `lable`",
      "`label`"
    ),
    Mistake("steps: [weigh, label, seal]", "steps: [label, weigh]", line: 25, "not a parcel's way"),
    Mistake("steps: [weigh, label, seal]", "button: go", line: 25, "not a parcel's way"),
    Mistake("    steps:", "    button: again\n    steps:", line: 25, "not with `again`"),
    Mistake("  dispatch:", "  arrive:", line: 24, "unknown key `jobs.arrive`"),
    Mistake("jobs:", "weighing: { least: 20 }\njobs:", line: 23, "`20` is not a weight", "20 g"),
    Mistake("jobs:", "weighing: { least: 0 g }\njobs:", line: 23, "from 1 g to 10000 g"),
    Mistake("jobs:", "weighing: { least: 2 kg, greatest: 1.5 kg }\njobs:", line: 23, "not below"),
    Mistake("jobs:", "weighing: { zero-band: 20 g }\njobs:", line: 23, "could pass for a parcel"),
    Mistake("jobs:", "hub: { url: hub.example }\njobs:", line: 23, "not the address of a hub"),
    Mistake("jobs:", "hub: { url: \"https://a/b\" }\njobs:", line: 23, "more than host and port"),
    Mistake(
      "jobs:",
      "hub: { url: \"http://a.b:1\" }\njobs:",
      line: 23,
      "unencrypted",
      "allow-plain"
    ),
    Mistake("jobs:", "paths: { state: var }\njobs:", line: 23, "not a path from the root"),
    Mistake("jobs:", "jobs: [\n", line: 26, "did not find"),
  ]

  @Test(arguments: mistakes)
  func `a mistake is found at its place with its cause and remedy`(_ mistake: Mistake) throws {
    let problems = Sample.problems(of: try Sample.station((mistake.old, mistake.new)))
    let found = problems.first { $0.cause.contains(mistake.cause) }
    let problem = try #require(found, "only: \(problems)")
    #expect(problem.line == mistake.line)
    #expect(problem.file == "station.yaml")
    #expect(!problem.remedy.isEmpty)
    #expect(problem.remedy.contains(mistake.remedy))
  }

  @Test
  func `all mistakes of a file are found in one run from top to bottom`() throws {
    let yaml = try Sample.station(
      ("site: SM017", "site: x"),
      ("hid-pos }", "hidpos }"),
      ("    go: { line: GO }\n", ""),
      ("line: RED", "line: GREEN"),
      ("offset: 3 }", "offset: 3, colour: red }"),
      ("label, seal]", "label, seal, lace]")
    )
    let problems = Sample.problems(of: yaml)
    let expected = [
      "not a site's id", "no scale profile", "no go button", "used twice", "unknown key",
      "no step `lace`",
    ]
    #expect(problems.count == expected.count, "\(problems)")
    for (problem, cause) in zip(problems, expected) {
      #expect(problem.cause.contains(cause))
    }
    #expect(problems.map(\.line) == problems.map(\.line).sorted())
  }

  @Test
  func `a step without its device is an error at the step`() throws {
    let machine = try #require(Sample.station.firstRange(of: "machine:\n"))
    let jobs = try #require(Sample.station.firstRange(of: "jobs:\n"))
    var yaml = Sample.station
    yaml.removeSubrange(machine.lowerBound..<jobs.lowerBound)
    let problems = Sample.problems(of: yaml)
    #expect(problems.map(\.line) == [18])
    #expect(problems.first?.cause.contains("`jobs.dispatch.steps[2]` is `seal`") == true)
    let without = yaml.replacing("label, seal", with: "label")
    #expect(try Sample.loader.load(yaml: without, file: "x").plan.closing == nil)
  }

  @Test
  func `a template wider than the print head is refused`() throws {
    let tree = try TemporaryTree()
    try tree.write("scales/s.yaml", try tree.shipped("scales/hid-pos.yaml"))
    try tree.write("machines/impulse-sealer.yaml", try tree.shipped("machines/impulse-sealer.yaml"))
    try tree.write("labels/dispatch-76x130.yaml", try tree.shipped("labels/dispatch-76x130.yaml"))
    let narrow = try tree.shipped("printers/tsc-te244.yaml").replacing("864", with: "607")
    try tree.write("printers/narrow.yaml", narrow)
    let yaml = try Sample.station(("hid-pos", "s"), ("tsc-te244", "narrow"))
    let problems = Sample.problems(of: yaml, tree.loader)
    #expect(problems.map(\.line) == [6])
    #expect(problems.first?.cause.contains("608 dots wide, the head of `narrow` 607") == true)

    try tree.write("printers/narrow.yaml", narrow.replacing("607", with: "608"))
    #expect(Sample.problems(of: yaml, tree.loader).isEmpty)
  }

  @Test
  func `a font or certificate that is not there is found before the start`() throws {
    let loader = ConfigLoader(search: SearchPath(tree: Sample.devices), isReadable: { _ in false })
    let hub = "hub: { url: \"https://a\", certificate: /nowhere.pem }\njobs:"
    let problems = Sample.problems(of: try Sample.station(("jobs:", hub)), loader)
    #expect(problems.contains { $0.remedy == "apt install fonts-wqy-microhei" && $0.line == 6 })
    #expect(problems.contains { $0.cause.contains("/nowhere.pem") && $0.line == 23 })
  }

  @Test
  func `what is left out has its default and lines keep their wiring`() throws {
    let yaml = try Sample.station(
      ("go: { line: GO }", "go: { line: GO, active: low, bias: pull-up }"),
      ("offset: 1 }", "offset: 1, debounce: 7 ms }")
    )
    let config = try Sample.loader.load(yaml: yaml, file: "station.yaml")
    let go = try #require(config.buttons[.go])
    #expect(
      go.line == LineSpec(role: "go", address: .name("GO"), activeLow: true, bias: .pullUp)
    )
    #expect(go.debounceMilliseconds == 20)
    #expect(config.buttons[.again] == nil)
    #expect(config.lamps[.red]?.role == "lamp-red")
    #expect(config.lamps[.red]?.activeLow == false)
    let signals = try #require(config.machine?.signals)
    #expect(signals[.busy]?.debounceMilliseconds == 7)
    #expect(signals[.estopOK]?.debounceMilliseconds == 10, "from the profile")
    #expect(signals[.estopOK]?.line.role == "machine.estop-ok")
    #expect(config.machine?.outputs[.start]?.address == .offset(chip: "park", 0))
    #expect(config.plan == Plan(closing: .seal))
    #expect(config.hub == nil)
    #expect(config.printer.gap == 2000)
    #expect(config.controlSocket == "/run/yizhan/control.sock")
  }

  @Test
  func `the example for technicians is right and wires everything`() throws {
    let file = "\(Sample.root)/systemd/station.example.yaml"
    let config = try Sample.loader.load(file: file)
    #expect(config.site.text == "SM017")
    #expect(config.scale.profile.id == "dymo-m25")
    #expect(Set(config.buttons.keys) == Set(Button.allCases))
    #expect(Set(config.lamps.keys) == Set(Lamp.allCases))
    #expect(
      config.machine.map { Set($0.signals.keys) } == [
        .busy, .done, .fault, .guardClosed, .estopOK,
      ]
    )
    #expect(config.plan == Plan(closing: .seal))
    #expect(config.hub?.url == "https://hub.songming.example:8780")
  }

  @Test
  func `a file that is not there is one problem without a place`() {
    let (config, problems) = Sample.loader.check(file: "/nowhere/station.yaml")
    #expect(config == nil)
    #expect(problems.all.map(\.line) == [0])
    #expect(problems.description.contains("No such file"))
  }
}
