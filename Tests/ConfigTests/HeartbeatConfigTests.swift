import Agent
import Drivers
import StrictYAML
import Testing

struct HeartbeatConfigTests {
  private static func station(_ heartbeat: String) throws -> String {
    try Sample.station(("jobs:", "heartbeat: \(heartbeat)\njobs:"))
  }

  @Test(arguments: [("", 500), (", rate: 1 Hz", 1000), (", rate: 2.5 Hz", 400)])
  func `its rate is twice a second unless it is told otherwise`(text: String, period: Int) throws {
    let yaml = try Self.station("{ line: DOG, active: low\(text) }")
    let config = try Sample.loader.load(yaml: yaml, file: "station.yaml")
    let line = LineSpec(role: "heartbeat", address: .name("DOG"), activeLow: true)
    #expect(config.heartbeat == .init(line: line, period: .milliseconds(period)))
    let wiring = Wiring(config)
    #expect(wiring.outputs.last?.role == .heartbeat)
    #expect(wiring.heartbeatPeriod == .milliseconds(period))
  }

  @Test func `a line of a board on a bus cannot make the pulses`() throws {
    let problems = Sample.problems(of: try Self.station("{ board: relays, channel: 1 }"))
    #expect(problems.contains { $0.cause.contains("cannot make the pulses") }, "\(problems)")
  }

  @Test func `without one there are no pulses`() throws {
    let config = try Sample.loader.load(yaml: Sample.station, file: "station.yaml")
    #expect(config.heartbeat == nil && Wiring(config).heartbeatPeriod == nil)
  }

  @Test(
    arguments: [
      ("{ rate: 2 Hz }", "does not say which line"), ("{ line: DOG, rate: 9 Hz }", "1 Hz to 5 Hz"),
      ("{ line: DOG, rate: 500 ms }", "is not a rate"), ("{ line: RED }", "used twice"),
      ("{ line: DOG, pulse: 1 }", "unknown key"),
    ]
  )
  func `what no relay could live on is refused`(heartbeat: String, cause: String) throws {
    let problems = Sample.problems(of: try Self.station(heartbeat))
    #expect(problems.count == 1)
    #expect(problems.first?.cause.contains(cause) == true, "\(problems)")
  }
}
