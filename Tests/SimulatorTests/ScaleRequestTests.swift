import Domain
import Drivers
import Simulator
import Testing

/// What a simulated scale answers, byte for byte, as the makers' manuals have it.
struct ScaleRequestTests {
  typealias Wire = SimulatedScale.Wire

  private func settled(_ wire: Wire, grams: Double) -> SimulatedScale {
    var scale = SimulatedScale(.init(wire: wire))
    scale.place(grams: grams)
    scale.advance(to: .zero + .seconds(5))
    _ = scale.takeReports()
    return scale
  }

  private func text(_ scale: inout SimulatedScale) -> String {
    String(decoding: scale.takeReports().flatMap(\.self), as: UTF8.self)
  }

  @Test(
    arguments: [
      (.mtSICS, "SI\r\n", "S S      1.234 kg\r\n"), (.mtSICS, "S\r\n", "S S      1.234 kg\r\n"),
      (.mtSICS, "Z\r\n", "Z +\r\n"), (.mtSICS, "TI\r\n", "TI S      1.234 kg\r\n"),
      (.mtSICS, "TA 0.500 kg\r\n", "TA A      0.500 kg\r\n"), (.mtSICS, "TA x\r\n", "TA L\r\n"),
      (.mtSICS, "TAC\r\n", "TAC A\r\n"), (.mtSICS, "@\r\n", "I4 A \"1234567\"\r\n"),
      (.mtSICS, "HELLO\r\n", "ES\r\n"), (.mtSICS, "SI", ""),
      (.toledo8217, "W", "\u{02}01.234\r"), (.toledo8217, "H", "\u{02}01.2340\r"),
      (.toledo8217, "Ehello", "\u{02}E\rhello"), (.toledo8217, "Z", "\u{02}?H\r"),
      (.toledo8217, "A", "\u{02}\r"), (.toledo8217, "B", "@"), (.toledo8217, "xyz", ""),
      (.nciSCP01, "W\r", "\n01.234KG\r\n00\r\u{03}"), (.nciSCP01, "S\r", "\nS00\r\u{03}"),
      (.nciSCP01, "Q\r", "\n?\r\u{03}"), (.casPOS, "\u{05}", "\u{06}"),
      (.casPOS, "\u{11}", "\u{01}\u{02}S  1.234KGu\u{03}\u{04}"), (.ohaus, "X\r\n", "ES\r\n"),
      (.ohaus, "IP\r\n", "    1.234 kg    G  \r\n"),
      (.sbi16, "\u{1B}P", "+    1.234 kg \r\n"), (.sbi22, "\u{1B}P", "G     +    1.234 kg \r\n"),
      (.shuangjie, "\u{1B}p", "    1.234 kg\r\n"), (.kern, "w", "       1.234 kg \r\n"),
      (.adam, "P\r\n", "    1.234kg\r\n"),
      (.xk3190Command, "\u{02}AB03\u{03}", "\u{02}AB+00123431F\u{03}"),
      (.xk3190Command, "\u{02}AA00\u{03}", "\u{02}AA00\u{03}"),
      (.xk3190Command, "\u{02}BB00\u{03}", ""), (.xk3190Command, "\u{02}AB04\u{03}", ""),
    ] as [(Wire, String, String)]
  )
  func `answers what it is asked`(wire: Wire, question: String, answer: String) {
    var scale = settled(wire, grams: 1234)
    #expect(scale.receive(Array(question.utf8)) == true)
    #expect(text(&scale) == answer)
  }

  @Test(
    arguments: [
      (.mtSICS, "SI\r\n", "S D "), (.mtSICS, "Z\r\n", "Z I\r\n"), (.mtSICS, "T\r\n", "T I\r\n"),
      (.mtSICS, "S\r\n", ""), (.toledo8217, "W", "\u{02}?A\r"),
      (.nciSCP01, "W\r", "\nS10\r\u{03}"), (.adam, "P\r\n", ""),
    ] as [(Wire, String, String)]
  )
  func `says that the load moves, or waits for it to rest`(
    wire: Wire,
    question: String,
    answer: String
  ) {
    var scale = settled(wire, grams: 100)
    scale.place(grams: 2000)
    scale.advance(to: scale.now + .milliseconds(250))
    _ = scale.takeReports()
    _ = scale.receive(Array(question.utf8))
    let now = text(&scale)
    #expect(answer.isEmpty ? now.isEmpty : now.hasPrefix(answer), "\(now)")
    guard answer.isEmpty else { return }
    scale.advance(to: scale.now + .seconds(5))
    let later = text(&scale)
    #expect(later.contains("2.000"), "\(later)")
    scale.advance(to: scale.now + .seconds(5))
    #expect(text(&scale).isEmpty, "one question has one answer")
  }

  @Test func `repeats its weight until another command comes`() {
    var scale = settled(.mtSICS, grams: 1234)
    _ = scale.receive(Array("SIR\r\n".utf8))
    scale.advance(to: scale.now + .seconds(2))
    #expect(scale.takeReports().count == 11)
    _ = scale.receive(Array("@\r\n".utf8))
    _ = scale.takeReports()
    scale.advance(to: scale.now + .seconds(2))
    #expect(scale.takeReports().isEmpty)
  }

  @Test func `says who it is when it gets power, and has forgotten its tare`() {
    var scale = settled(.mtSICS, grams: 500)
    scale.tare()
    scale.restart()
    #expect(text(&scale) == "I4 A \"1234567\"\r\n")
    #expect(scale.display == .init(status: .zero, grams: 0))
    scale.remove()
    scale.advance(to: scale.now + .seconds(5))
    #expect(scale.display == .init(status: .underZero, grams: -500))
  }

  @Test func `takes no more of a request than it can be long`() {
    var scale = settled(.mtSICS, grams: 1234)
    _ = scale.receive([UInt8](repeating: 0x41, count: 100_000))
    _ = scale.receive(Array("\r\nSI\r\n".utf8))
    #expect(text(&scale).hasSuffix("S S      1.234 kg\r\n"))
  }

  @Test func `zeroes by a feature report where its descriptor says so`() throws {
    var reader = try WireReader(SimulatedScale(.init(isControlledByFeature: true)))
    guard case .feature(let report) = reader.codec.order(for: .zero) else {
      Issue.record("the driver sees no feature in the descriptor")
      return
    }
    reader.scale.drift(grams: 60)
    reader.run(for: .seconds(3))
    #expect(reader.scale.receive(report) == false)
    #expect(reader.last?.mass == Mass(grams: 60))
    #expect(reader.scale.receiveFeature(report) == true)
    reader.run(for: .seconds(1))
    #expect(reader.last?.state == .zero)
    var usual = SimulatedScale()
    #expect(usual.receiveFeature(report) == false)
  }
}
