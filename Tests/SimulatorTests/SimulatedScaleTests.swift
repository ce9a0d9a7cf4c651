import Domain
import Drivers
import Simulator
import TestSupport
import Testing

struct SimulatedScaleTests {
  private func settled(_ grams: Double, _ model: SimulatedScale.Model = .init()) -> SimulatedScale {
    var scale = SimulatedScale(model)
    scale.place(grams: grams)
    scale.advance(to: .zero + .seconds(5))
    return scale
  }

  @Test func `describes itself with the 94 bytes that the driver understands`() throws {
    #expect(SimulatedScale.descriptor.count == 94)
    let driver = try HIDReader(descriptor: SimulatedScale.descriptor)
    let reading = driver.reading(of: [0x03, 0x04, 0x03, 0xFD, 0xD2, 0x04], at: .zero)
    #expect(reading?.mass == Mass(grams: 1234))
  }

  @Test(
    arguments: [
      (
        1234.0, SimulatedScale.Model.Unit.kilograms, Int8(-3), [0x03, 0x04, 0x03, 0xFD, 0xD2, 0x04]
      ),
      (30_000, .grams, 0, [0x03, 0x04, 0x02, 0x00, 0x30, 0x75]),
      (5000, .grams, 1, [0x03, 0x04, 0x02, 0x01, 0xF4, 0x01]),
      (0, .grams, 0, [0x03, 0x02, 0x02, 0x00, 0x00, 0x00]),
      (31_000, .kilograms, -2, [0x03, 0x06, 0x03, 0xFE, 0x00, 0x00]),
    ] as [(Double, SimulatedScale.Model.Unit, Int8, [UInt8])]
  )
  func `reports the known frames at rest`(
    grams: Double,
    unit: SimulatedScale.Model.Unit,
    exponent: Int8,
    frame: [UInt8]
  ) {
    var scale = settled(grams, .init(unit: unit, exponent: exponent))
    #expect(scale.takeReports().last == frame)
  }

  @Test func `says below zero after something was tared and taken off`() {
    var scale = settled(37)
    scale.tare()
    scale.remove()
    scale.advance(to: scale.now + .seconds(5))
    #expect(scale.takeReports().last == [0x03, 0x05, 0x02, 0x00, 0x25, 0x00])
  }

  @Test(arguments: [(1237.0, 5.0, 1235), (1238, 5, 1240), (1.0, 1, 1), (29_999.6, 1, 30_000)])
  func `comes to rest at the mass rounded to its division`(
    grams: Double,
    resolution: Double,
    expected: Int
  ) {
    let scale = settled(grams, .init(resolution: resolution))
    #expect(scale.display == .init(status: .stable, grams: expected))
  }

  @Test func `moves first, and once at rest does not flicker any more`() throws {
    let driver = try HIDReader(descriptor: SimulatedScale.descriptor)
    for seed in UInt64(1)...20 {
      var scale = SimulatedScale(seed: seed)
      scale.place(grams: 4321)
      scale.advance(to: .zero + .seconds(8))
      let readings = scale.takeReports().compactMap { driver.reading(of: $0, at: .zero) }
      let states = readings.map(\.state)
      let rest = try #require(states.firstIndex(of: .stable), "seed \(seed)")
      #expect(rest >= 2, "seed \(seed): it was at rest before it could settle")
      #expect(states[..<rest].allSatisfy { $0 == .moving }, "seed \(seed)")
      #expect(Set(readings[rest...].map(\.mass)) == [Mass(grams: 4321)], "seed \(seed)")
    }
  }

  @Test func `swings to both sides of the load`() {
    var scale = SimulatedScale(.init(interval: .milliseconds(20)))
    scale.place(grams: 1000)
    var shown: [Int] = []
    for step in 1...20 {
      scale.advance(to: .zero + .milliseconds(20 * step))
      shown.append(scale.display.grams)
    }
    #expect(shown.contains { $0 < 990 } && shown.contains { $0 > 1010 })
  }

  @Test func `tracks a small drift away at zero but not under a load`() {
    var scale = SimulatedScale()
    for _ in 0..<20 {
      scale.drift(grams: 0.3)
      scale.advance(to: scale.now + .seconds(1))
    }
    #expect(scale.display == .init(status: .zero, grams: 0))
    scale.place(grams: 500)
    for _ in 0..<20 {
      scale.drift(grams: 0.3)
      scale.advance(to: scale.now + .seconds(2))
    }
    #expect(scale.display.grams == 506)
  }

  @Test func `zeroes on command only near zero and at rest`() {
    var scale = settled(100)
    #expect(scale.receive([0x02, 0x02]) == true)
    scale.advance(to: scale.now + .seconds(1))
    #expect(scale.display.status == .zero)
    scale.place(grams: 5100)
    #expect(scale.receive([0x02, 0x02]) == true)
    scale.advance(to: scale.now + .seconds(5))
    #expect(scale.receive([0x02, 0x03]) == true)
    #expect(scale.display.grams == 5000)
    #expect(scale.enforcesZeroReturn)
    #expect(scale.receive([0x04, 0x01]) == false)
  }

  @Test func `takes what lies on it as zero when it is plugged in again`() {
    var scale = settled(2000)
    scale.unplug()
    #expect(scale.takeReports().isEmpty)
    scale.advance(to: scale.now + .seconds(1))
    #expect(scale.takeReports().isEmpty)
    scale.plug()
    scale.advance(to: scale.now + .seconds(1))
    #expect(scale.display.status == .zero)
    scale.remove()
    scale.advance(to: scale.now + .seconds(5))
    #expect(scale.display == .init(status: .underZero, grams: -2000))
  }

  @Test func `misbehaves as told`() {
    var scale = settled(700)
    let last = scale.takeReports().last
    scale.fault = .repeatsLast
    scale.remove()
    scale.advance(to: scale.now + .seconds(5))
    #expect(Set(scale.takeReports()) == [last])
    scale.fault = .silent
    scale.advance(to: scale.now + .seconds(5))
    #expect(scale.takeReports().isEmpty)
    scale.fault = .faultStatus
    scale.advance(to: scale.now + .seconds(1))
    #expect(Set(scale.takeReports().map { $0[1] }) == [1])
    scale.fault = .stuckMoving
    scale.place(grams: 300)
    scale.advance(to: scale.now + .seconds(9))
    let shaking = scale.takeReports()
    #expect(Set(shaking.map { $0[1] }) == [3])
    #expect(Set(shaking.suffix(9)).count > 1, "a shaking table shows more than one weight")
  }

  @Test func `keeps a bounded number of reports however long nobody reads`() {
    var scale = SimulatedScale()
    scale.advance(to: .zero + .seconds(86_400 * 365))
    #expect(scale.takeReports().count <= SimulatedScale.ring)
    scale.advance(to: scale.now + .seconds(1))
    #expect(scale.takeReports().count == 5)
  }
}
