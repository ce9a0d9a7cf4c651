import Agent
import Domain
import Drivers
import Station
import StrictYAML
import Testing

struct ScaleScannerConfigTests {
  private static let scanner = "name: 积德村\nscanners: [{ profile: hid-pos-scanner }]"

  @Test func `a serial scale is found by the port of its adaptor, set as its profile says`() throws
  {
    let text = try Sample.station(
      ("profile: hid-pos }", "profile: bison-acs, usb: { port: 1-1.3 } }")
    )
    let scale = try Sample.loader.load(yaml: text, file: "station.yaml").scale
    #expect(scale.connection.usb.port == "1-1.3")
    #expect(scale.connection.node == nil)
    #expect(scale.connection.line == scale.profile.line)
  }

  @Test func `speed and framing of this point count more than the profile's`() throws {
    let text = try Sample.station(
      (
        "profile: hid-pos }",
        "profile: bison-acs, serial: { device: /dev/ttyS1, baud: 1200, framing: 7E1, rs485: true } }"
      )
    )
    let connection = try Sample.loader.load(yaml: text, file: "station.yaml").scale.connection
    #expect(connection.node == "/dev/ttyS1")
    #expect(
      connection.line == SerialLine(baud: 1200, dataBits: 7, parity: .even, isRS485: true)
    )
  }

  @Test func `a printer stands on USB, or on a serial line with an address of its own`() throws {
    let load = { (text: String) in
      try Sample.loader.load(
        yaml: try Sample.station(("profile: tsc-te244", "profile: tsc-te244\(text)")),
        file: "station.yaml"
      ).printer.connection
    }
    #expect(try load("") == StationConfig.Connection())
    let fixed = try load(", serial: { device: /dev/ttyS1, baud: 115200 }")
    #expect(fixed == .init(node: "/dev/ttyS1", line: SerialLine(baud: 115_200)))
    let adaptor = try load(", usb: { port: 1-1.3 }, serial: { baud: 9600 }")
    #expect(adaptor == .init(usb: USBMatch(port: "1-1.3"), line: SerialLine(baud: 9600)))
    // Its own plug says nothing of the adaptor of its line.
    let text = try Sample.station(
      ("profile: tsc-te244", "profile: tsc-te244, serial: { baud: 9600 }")
    )
    let problem = try #require(Sample.problems(of: text).first)
    #expect(problem.cause.contains("which serial port"), "\(problem)")
  }

  static let mistakes: [(profile: String, cause: String, remedy: String)] = [
    ("bison-acs", "which serial port", "usb: { port: 1-1.3 }"),
    ("bison-acs, serial: { baud: 9600 }", "which serial port", "yizhan devices"),
    ("bison-acs, serial: { device: ttyS1 }", "not a path from the root", ""),
    ("bison-acs, serial: { device: /dev/ttyS1, framing: 9N1 }", "no framing", "8N1"),
    ("bison-acs, serial: { device: /dev/ttyS1, baud: 10 }", "from 50", ""),
    (
      "bison-acs, usb: { port: 1-1 }, serial: { device: /dev/ttyS1 }", "names a port",
      "keep one"
    ),
    ("hid-pos, serial: { baud: 9600 }", "unknown key `scale.serial`", ""),
  ]

  @Test(arguments: mistakes)
  func `a scale that cannot be found or set is a mistake`(
    _ mistake: (profile: String, cause: String, remedy: String)
  ) throws {
    let text = try Sample.station(("profile: hid-pos }", "profile: \(mistake.profile) }"))
    let problem = try #require(Sample.problems(of: text).first)
    #expect(problem.cause.contains(mistake.cause), "\(problem)")
    #expect(problem.remedy.contains(mistake.remedy), "\(problem)")
  }

  @Test func `scanners and couriers are taken in, and the step scans`() throws {
    let text = try Sample.station(
      ("name: 积德村", Self.scanner),
      ("[weigh, label, seal]", "[scan, weigh, label, seal]")
    )
    let config = try Sample.loader.load(yaml: text, file: "station.yaml")
    #expect(config.scanners.map(\.profile.id) == ["hid-pos-scanner"])
    #expect(config.plan.scans && config.plan.closing == .seal)
    #expect(config.carriers.match("YT1234567890123") == .one("yto"))
    #expect(try !Sample.loader.load(yaml: Sample.station, file: "station.yaml").plan.scans)
  }

  @Test func `a step to scan needs a scanner, and stands before the weighing`() throws {
    let none = try Sample.station(("[weigh,", "[scan, weigh,"))
    #expect(Sample.problems(of: none).map(\.cause).contains { $0.contains("there is no scanner") })
    let late = try Sample.station(("name: 积德村", Self.scanner), ("[weigh,", "[weigh, scan,"))
    #expect(Sample.problems(of: late).contains { $0.cause.contains("not a parcel's way") })
    let twice = try Sample.station(("name: 积德村", Self.scanner), ("[weigh,", "[scan, scan, weigh,"))
    #expect(Sample.problems(of: twice).contains { $0.cause.contains("not a parcel's way") })
  }

  @Test func `two scanners that cannot be told apart are a mistake`() throws {
    let alike = try Sample.station(
      (
        "name: 积德村",
        "name: 积德村\nscanners: [{ profile: hid-pos-scanner }, { profile: hid-pos-scanner }]"
      )
    )
    #expect(Sample.problems(of: alike).contains { $0.cause.contains("cannot be told apart") })
    let apart = try Sample.station(
      (
        "name: 积德村",
        """
        name: 积德村
        scanners:
          - { profile: hid-pos-scanner, usb: { port: 1-1.2 } }
          - { profile: hid-pos-scanner, usb: { port: 1-1.3 } }
        """
      )
    )
    #expect(Sample.problems(of: apart) == [])
  }

  @Test func `a keyboard is only taken when it is said which`() throws {
    let any = try Sample.station(
      ("name: 积德村", "name: 积德村\nscanners: [{ profile: keyboard-wedge }]")
    )
    #expect(Sample.problems(of: any).contains { $0.cause.contains("which keyboard") })
    let named = try Sample.station(
      ("name: 积德村", "name: 积德村\nscanners: [{ profile: keyboard-wedge, usb: { port: 1-1.2 } }]")
    )
    #expect(Sample.problems(of: named) == [])
  }

  @Test func `an expected weight lies within the range and has a tolerance`() throws {
    let weighing = { (text: String) in ("jobs:", "weighing: { expected: { \(text) } }\njobs:") }
    let right = try Sample.station(weighing("mass: 5 kg, tolerance: 50 g"))
    let plan = try Sample.loader.load(yaml: right, file: "station.yaml").plan
    #expect(plan.expected == Plan.Expected(mass: Mass(grams: 5000), tolerance: Mass(grams: 50)))
    for (text, cause) in [
      ("mass: 5 kg", "tolerance` is missing"), ("mass: 50 kg, tolerance: 1 g", "no parcel from"),
      ("mass: 5, tolerance: 1 g", "not a weight"),
    ] {
      let wrong = try Sample.station(weighing(text))
      #expect(Sample.problems(of: wrong).contains { $0.cause.contains(cause) }, "\(text)")
    }
  }

  @Test(arguments: ["scales", "scanners", "carriers"])
  func `everything that is shipped can be read`(_ kind: String) {
    let store = ProfileStore(roots: [Sample.devices])
    let broken =
      switch kind {
      case "scales": store.scales.broken.keys.sorted()
      case "scanners": store.scanners.broken.keys.sorted()
      default: store.carriers.broken.keys.sorted()
      }
    #expect(broken == [])
  }
}
