import Agent
import StrictYAML
import Testing
import Uplink

/// The `hub` part of station.yaml.
struct HubConfigTests {
  private static let pin = "sha256//AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

  private static func load(_ hub: String) throws -> StationConfig {
    try Sample.loader.load(yaml: "\(Sample.station)\nhub: { \(hub) }", file: "station.yaml")
  }

  @Test func `pin, proxy, budget and splay are read`() throws {
    let hub = try #require(
      try Self.load(
        "url: \"https://a:1\", pin: \"\(Self.pin)\", proxy: \"http://p:3128\","
          + " budget: 20 MiB/day, splay: 5 s"
      ).hub
    )
    #expect(hub.pin == KeyPin(Self.pin))
    #expect(hub.proxy == "http://p:3128")
    #expect(hub.bytesPerDay == 20 << 20)
    #expect(hub.splay == .seconds(5))
    let plain = try #require(try Self.load("url: \"https://a:1\"").hub)
    #expect(plain.pin == nil && plain.proxy == nil && plain.bytesPerDay == nil)
    #expect(plain.splay == .seconds(60))
  }

  @Test(arguments: [
    ("pin: sha256//short", "not the pin of a key"), ("proxy: p:3128", "address of a proxy"),
    ("budget: 20 MB", "not an amount"), ("budget: 20", "not an amount"),
    ("budget: 3 KiB/day", "not an amount"), ("splay: 1 h", "splay"), ("pins: x", "unknown key"),
    ("pin: \"\(pin)\", certificate: /a.pem", "would not be looked at"),
  ])
  func `a mistake is named`(field: String, cause: String) throws {
    let yaml = "\(Sample.station)\nhub: { url: \"https://a:1\", \(field) }"
    let problems = Sample.problems(of: yaml, Sample.loader)
    #expect(problems.contains { "\($0)".contains(cause) }, "\(problems)")
  }

  @Test func `a pin asks for https`() throws {
    let yaml = "\(Sample.station)\nhub: { url: \"http://127.0.0.1:1\", pin: \"\(Self.pin)\" }"
    #expect(Sample.problems(of: yaml, Sample.loader).contains { "\($0)".contains("https://") })
  }
}
