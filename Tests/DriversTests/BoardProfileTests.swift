import Drivers
import StrictYAML
import Testing

/// Every shipped board and controller, and every sample of each.
struct BoardProfileTests {
  @Test(arguments: ProfileTests.shipped("boards"))
  func `every sample of every shipped board is what the profile makes`(
    file: String,
    text: String
  ) throws {
    let profile = try BoardProfile(yaml: text, file: file)
    #expect(profile.samples.count >= 2, "a board without samples is not trusted")
    for sample in profile.samples {
      #expect(profile.mismatch(sample) == nil, "\(sample)")
    }
    let orders = profile.samples.map(\.order)
    #expect(orders.contains { if case .on = $0 { true } else { false } })
    if profile.outputs?.pulse != nil {
      #expect(orders.contains { if case .pulse = $0 { true } else { false } })
    }
    if profile.outputs?.reading != nil { #expect(orders.contains(.readOutputs)) }
    if profile.inputs != nil { #expect(orders.contains(.readInputs)) }
  }

  @Test(arguments: ProfileTests.shipped("boards"))
  func `no two channels are the same place on the wire`(file: String, text: String) throws {
    let profile = try BoardProfile(yaml: text, file: file)
    let count = profile.outputs?.count ?? 0
    let frames = (1...max(1, count)).compactMap { channel in
      try? profile.requests(.on(channel)).first?.frame(to: 1)
    }
    #expect(Set(frames).count == count)
    for channel in [0, count + 1] {
      #expect(profile.requests(.on(channel)).isEmpty)
      #expect(profile.requests(.off(channel)).isEmpty)
      #expect(profile.requests(.pulse(channel, milliseconds: 1000)).isEmpty)
    }
    #expect(profile.requests(.allOff).count == (profile.outputs?.all == nil ? count : 1))
  }

  @Test(arguments: ProfileTests.shipped("controllers"))
  func `every sample of every shipped controller means what it says`(
    file: String,
    text: String
  ) throws {
    let profile = try ControllerProfile(yaml: text, file: file)
    #expect(profile.samples.count >= 2)
    for sample in profile.samples {
      #expect(profile.mismatch(sample) == nil, "\(sample)")
    }
    #expect(profile.samples.contains { $0.reading.pv != nil })
    #expect(profile.samples.contains { $0.reading.sv != nil })
  }

  @Test func `the shelves are not empty`() {
    #expect(ProfileTests.shipped("boards").count >= 5)
    #expect(ProfileTests.shipped("controllers").count >= 4)
  }

  private static func pulse(of id: String) throws -> BoardProfile.Pulse? {
    let file = "\(ProfileTests.devices)/boards/\(id).yaml"
    return try BoardProfile(yaml: ProfileTests.text(of: file), file: file).outputs?.pulse
  }

  @Test func `a pulse has a length that the board can make, or there is none`() throws {
    let steps = try #require(try Self.pulse(of: "modbus-relay-8"))
    #expect(steps.value(milliseconds: 700) == 7)
    for wrong in [0, 50, 250, -100, 100 * 32768] {
      #expect(steps.value(milliseconds: wrong) == nil)
    }
    let fixed = try #require(try Self.pulse(of: "r421a08"))
    #expect(fixed.value(milliseconds: 1000) == 0x0500)
    #expect(fixed.value(milliseconds: 2000) == nil)
    #expect(try Self.pulse(of: "stm8-relay-4") == nil)
  }

  /// A change of a sound profile, and what must be said of it.
  static let mistakes: [(kind: String, name: String, old: String, new: String, cause: String)] = [
    ("boards", "modbus-relay-8", "8C 3A, reply", "8C 3B, reply", "the request is 01 05 00 00"),
    ("boards", "modbus-relay-8", "off: 0 }", "off: 0xFF00 }", "are the same value"),
    ("boards", "modbus-relay-8", "for: 700 ms", "for: 750 ms", "cannot do that"),
    ("boards", "modbus-relay-8", "active: [1, 3]", "active: [1, 2]", "shows [1, 3] as active"),
    ("boards", "modbus-relay-8", "91 E8", "91 E9", "the reply is none"),
    ("boards", "modbus-relay-8", "all-at: 0", "all-at: 65535", "beyond address 65535"),
    ("boards", "modbus-relay-8", "address: 1\n", "address: 0\n", "from 1 to 255"),
    ("boards", "modbus-relay-8", "write-coil, first: 0,", "coil, first: 0,", "is not one of"),
    ("boards", "modbus-relay-8", "{ on: 1,", "{ on: 9,", "cannot do that"),
    ("boards", "modbus-relay-8", "{ on: 1,", "{ turn: 1,", "does not say what is done"),
    ("boards", "r421a08", "outputs:", "output:", "neither outputs nor inputs"),
    ("boards", "r421a08", "count: 8", "count: 8\n  all-at: 0", "function 0F"),
    ("boards", "lctech-relay-8", "first: 0, count: 8", "first: 0, count: 4", "4 are asked for"),
    ("controllers", "omron-e5cc", "pv: 148.2", "pv: 148.3", "reads as PV 148.2"),
    ("controllers", "omron-e5cc", "pv: 0, status", "sv: 0, status", "where PV and SV are"),
    ("controllers", "omron-e5cc", "at: 0x2103", "at: 0x2104", "the request is 01 10 21 04"),
    ("controllers", "omron-e5cc", "decimals: 1", "decimals: 4", "from 0 to 3"),
    ("controllers", "yudian-ai", "protocol: aibus", "protocol: ai", "is not one of: modbus, aibus"),
  ]

  @Test(arguments: mistakes)
  func `a wrong profile is refused with the cause`(
    _ mistake: (kind: String, name: String, old: String, new: String, cause: String)
  ) throws {
    let file = "\(ProfileTests.devices)/\(mistake.kind)/\(mistake.name).yaml"
    let sound = ProfileTests.text(of: file)
    let text = sound.replacing(mistake.old, with: mistake.new)
    try #require(text != sound)
    let error = #expect(throws: Problems.self) {
      if mistake.kind == "boards" {
        _ = try BoardProfile(yaml: text, file: file)
      } else {
        _ = try ControllerProfile(yaml: text, file: file)
      }
    }
    #expect(
      error?.all.contains { $0.cause.contains(mistake.cause) && $0.line > 0 } == true,
      "\(String(describing: error))"
    )
  }
}
