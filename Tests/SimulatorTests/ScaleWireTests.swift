import Domain
import Drivers
import Simulator
import Testing

/// What the simulated scale says on its wire, read by the driver of the same name.
///
/// The two were written from the makers' manuals and not from each other.
struct ScaleWireTests {
  typealias Wire = SimulatedScale.Wire

  private func reader(
    _ wire: Wire,
    way: WireReader.Way = .asking,
    portion: Int = 256,
    seed: UInt64 = 1
  ) throws -> WireReader {
    try WireReader(SimulatedScale(.init(wire: wire), seed: seed), way: way, portion: portion)
  }

  @Test func `has a wire for every protocol of the drivers`() {
    let wires = Set(Wire.allCases.map(\.rawValue))
    for identifier in ScaleProtocols.all.map({ $0.identifier }) {
      #expect(wires.contains(identifier), "no wire speaks \(identifier)")
    }
  }

  @Test(arguments: Wire.driven, [1, 7, 256])
  func `a weight comes to rest as it is`(wire: Wire, portion: Int) throws {
    var reader = try reader(wire, portion: portion)
    reader.run(for: .seconds(2))
    #expect(reader.last?.state == .zero)
    #expect(reader.last?.mass == .zero)
    reader.scale.place(grams: 1234)
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == .stable)
    #expect(reader.last?.mass == Mass(grams: 1234))
    reader.scale.remove()
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == .zero)
  }

  @Test(arguments: Wire.driven)
  func `a stream tells the same as questions`(wire: Wire) throws {
    var reader = try reader(wire, way: .streaming)
    reader.scale.place(grams: 12_345)
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == .stable)
    #expect(reader.last?.mass == Mass(grams: 12_345))
  }

  @Test(arguments: Wire.driven)
  func `no weight is stable before the load is at rest`(wire: Wire) throws {
    for seed in UInt64(1)...10 {
      var reader = try reader(wire, seed: seed)
      reader.run(for: .seconds(2))
      reader.forget()
      reader.scale.place(grams: 4321)
      reader.run(for: .seconds(8))
      let stable = reader.readings.filter { $0.state == .stable }
      #expect(!stable.isEmpty, "seed \(seed)")
      #expect(stable.allSatisfy { $0.mass == Mass(grams: 4321) }, "seed \(seed)")
      let moved = reader.readings.contains { $0.state == .moving }
      #expect(moved || wire == .adam, "seed \(seed): nothing was seen to move")
    }
  }

  @Test(arguments: Wire.driven.filter(\.saysMotion))
  func `what never comes to rest is never stable`(wire: Wire) throws {
    var reader = try reader(wire)
    reader.run(for: .seconds(2))
    reader.scale.place(grams: 800)
    reader.scale.fault = .stuckMoving
    reader.run(for: .milliseconds(500))
    reader.forget()
    reader.run(for: .seconds(20))
    #expect(reader.readings.allSatisfy { $0.state == .moving })
    #expect(!reader.readings.isEmpty || wire == .adam)
  }

  @Test(arguments: Wire.driven)
  func `below zero is no weight of a parcel`(wire: Wire) throws {
    var reader = try reader(wire)
    reader.scale.drift(grams: -250)
    reader.run(for: .seconds(5))
    let last = try #require(reader.last)
    #expect(last.state == .negative || (!wire.hasNegativeDigits && last.state == .under))
    #expect(last.mass == (wire.hasNegativeDigits ? Mass(grams: -250) : nil))
  }

  @Test(arguments: Wire.driven)
  func `too much is never a weight`(wire: Wire) throws {
    var reader = try reader(wire)
    reader.run(for: .seconds(2))
    reader.scale.place(grams: 41_000)
    reader.run(for: .milliseconds(500))
    reader.forget()
    reader.run(for: .seconds(6))
    #expect(reader.readings.allSatisfy { $0.state != .stable && $0.state != .zero })
    if wire.saysOver { #expect(reader.last?.state == .over) }
  }

  @Test(arguments: Wire.driven)
  func `far below zero is never a weight`(wire: Wire) throws {
    var reader = try reader(wire)
    reader.scale.place(grams: 6000)
    reader.run(for: .seconds(3))
    reader.scale.restart()
    reader.scale.remove()
    reader.run(for: .milliseconds(500))
    reader.forget()
    reader.run(for: .seconds(6))
    #expect(reader.readings.allSatisfy { $0.state != .stable && $0.state != .zero })
  }

  @Test(arguments: Wire.driven)
  func `a defect is never a weight`(wire: Wire) throws {
    var reader = try reader(wire)
    reader.scale.place(grams: 900)
    reader.run(for: .seconds(3))
    reader.scale.fault = .faultStatus
    reader.run(for: .milliseconds(500))
    reader.forget()
    reader.run(for: .seconds(3))
    #expect(reader.readings.allSatisfy { $0.state != .stable && $0.state != .zero })
  }

  @Test(arguments: Wire.driven)
  func `two decimals are ten grams each`(wire: Wire) throws {
    let model = SimulatedScale.Model(wire: wire, resolution: 10, decimals: 2)
    // Two decimals of the 8217 are pounds: its kilograms have three.
    guard wire != .toledo8217 else { return }
    var reader = try WireReader(SimulatedScale(model))
    reader.scale.place(grams: 1230)
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == .stable)
    #expect(reader.last?.mass == Mass(grams: 1230))
  }

  @Test(arguments: [ScaleSettings.Checksum.absent, .either])
  func `the Toledo frame without a sum is read where none is required`(
    checksum: ScaleSettings.Checksum
  ) throws {
    try #require(Wire.driven.contains(.toledoContinuous))
    let model = SimulatedScale.Model(wire: .toledoContinuous, hasChecksum: false)
    var reader = try WireReader(SimulatedScale(model), checksum: checksum)
    reader.scale.place(grams: 777)
    reader.run(for: .seconds(6))
    #expect(reader.last?.mass == Mass(grams: 777))
    var strict = try WireReader(SimulatedScale(model), checksum: .required)
    strict.scale.place(grams: 777)
    strict.run(for: .seconds(6))
    #expect(strict.readings.isEmpty)
  }

  @Test(arguments: Wire.driven)
  func `zero on request, near zero and at rest only`(wire: Wire) throws {
    var reader = try reader(wire)
    guard reader.codec.order(for: .zero) != nil else { return }
    reader.scale.drift(grams: 100)
    reader.run(for: .seconds(4))
    #expect(reader.last?.mass == Mass(grams: 100))
    #expect(reader.send(.zero) == true)
    reader.run(for: .seconds(2))
    #expect(reader.last?.state == .zero)
    #expect(reader.answers(to: .zero).allSatisfy { $0 == .done })

    reader.scale.place(grams: 3000)
    reader.run(for: .milliseconds(100))
    reader.forget()
    #expect(reader.send(.zero) == true)
    reader.run(for: .seconds(5))
    #expect(reader.send(.zero) == true)
    reader.run(for: .seconds(2))
    let last = try #require(reader.last)
    #expect(
      last.state == .stable && last.mass == Mass(grams: 3000) || wire == .sbi16 || wire == .sbi22
    )
    #expect(!reader.answers(to: .zero).contains(.done))
  }

  @Test(arguments: Wire.driven)
  func `tare on request, and the net weight is what is read`(wire: Wire) throws {
    var reader = try reader(wire)
    guard reader.codec.order(for: .tare) != nil else { return }
    reader.scale.place(grams: 1500)
    reader.run(for: .seconds(5))
    #expect(reader.send(.tare) == true)
    reader.run(for: .seconds(2))
    #expect(reader.answers(to: .tare).allSatisfy { $0 == .done })
    guard !wire.tellsGrossOnly else { return }
    #expect(reader.last?.state == .zero)
    reader.scale.place(grams: 2000)
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == .stable)
    #expect(reader.last?.mass == Mass(grams: 500))
    guard reader.send(.clearTare) else { return }
    reader.run(for: .seconds(4))
    #expect(reader.last?.mass == Mass(grams: 2000))
  }

  @Test(arguments: Wire.driven.filter { !$0.tellsGrossOnly })
  func `its own tare key makes what is shown zero, and a bag taken off negative`(wire: Wire) throws
  {
    var reader = try reader(wire)
    reader.scale.place(grams: 1500)
    reader.run(for: .seconds(5))
    reader.scale.tare()
    reader.run(for: .seconds(2))
    #expect(reader.last?.state == .zero)
    reader.scale.remove()
    reader.run(for: .seconds(6))
    #expect(reader.last?.state == (wire.hasNegativeDigits ? .negative : .under))
  }
}
