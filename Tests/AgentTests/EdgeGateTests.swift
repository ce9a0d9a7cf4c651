import Agent
import Domain
import Drivers
import Testing

struct EdgeGateTests {
  private static func at(_ milliseconds: Int) -> Instant { .zero + .milliseconds(milliseconds) }

  private static func admit(_ gate: inout EdgeGate, _ input: Int, _ milliseconds: Int)
    -> EdgeGate.Verdict
  {
    gate.admit(Edge(input: input, active: true, at: at(milliseconds)))
  }

  private static func advance(_ gate: inout EdgeGate, _ milliseconds: Int) -> [Int] {
    gate.advance(to: at(milliseconds))
  }

  private static func calmed(_ gate: inout EdgeGate) -> [Int] { gate.takeCalmed() }

  /// The verdicts on edges of one line, so far apart.
  private static func verdicts(
    _ gate: inout EdgeGate,
    _ count: Int,
    every pause: Duration,
    from start: Instant = .zero
  ) -> [EdgeGate.Verdict] {
    (0..<count).map { number in
      gate.admit(Edge(input: 0, active: number % 2 == 0, at: start + pause * number))
    }
  }

  @Test func `200 edges in a second pass, one more begins a storm, the rest is ignored`() {
    var gate = EdgeGate(inputs: 1)
    let verdicts = Self.verdicts(&gate, 300, every: .milliseconds(1))
    #expect(verdicts.prefix(200).allSatisfy { $0 == .passes })
    #expect(verdicts[200] == .beginsStorm)
    #expect(verdicts.dropFirst(201).allSatisfy { $0 == .ignored })
    #expect(gate.isWild(0))
  }

  @Test func `edges just slow enough pass for ever`() {
    var gate = EdgeGate(inputs: 1)
    let verdicts = Self.verdicts(&gate, 2000, every: .milliseconds(5))
    #expect(verdicts.allSatisfy { $0 == .passes })
    #expect(gate.deadline == nil)
  }

  @Test func `the window slides: a burst that straddles two seconds is a storm`() {
    var gate = EdgeGate(inputs: 1)
    #expect(
      !Self.verdicts(&gate, 120, every: .milliseconds(1), from: Self.at(880))
        .contains(.beginsStorm)
    )
    #expect(
      Self.verdicts(&gate, 120, every: .milliseconds(1), from: Self.at(1000))
        .contains(.beginsStorm)
    )
  }

  @Test func `a storm ends after a second without an edge, and not before`() {
    var gate = EdgeGate(inputs: 2)
    _ = Self.verdicts(&gate, 250, every: .milliseconds(1))
    #expect(gate.deadline == Self.at(1249))
    #expect(Self.admit(&gate, 0, 1000) == .ignored)
    #expect(Self.advance(&gate, 1999).isEmpty)
    #expect(Self.advance(&gate, 2000) == [0])
    #expect(Self.calmed(&gate) == [0])
    #expect(Self.calmed(&gate).isEmpty)
    #expect(!gate.isWild(0))
    #expect(Self.admit(&gate, 0, 2001) == .passes)
  }

  @Test func `a thousand edges a second on sixteen lines all pass`() {
    var gate = EdgeGate(inputs: 16)
    let verdicts = (0..<10_000).map { number in
      gate.admit(
        Edge(input: number % 16, active: number / 16 % 2 == 0, at: Self.at(number))
      )
    }
    #expect(verdicts.allSatisfy { $0 == .passes })
  }

  @Test func `one wild line takes nothing from the others`() {
    var gate = EdgeGate(inputs: 2)
    _ = Self.verdicts(&gate, 5000, every: .microseconds(100))
    #expect(Self.admit(&gate, 1, 500) == .passes)
    #expect(!gate.isWild(1))
  }
}
