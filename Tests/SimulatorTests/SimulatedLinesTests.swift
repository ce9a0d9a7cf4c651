import Domain
import Drivers
import Glibc
import Simulator
import Synchronization
import Testing

struct SimulatedLinesTests {
  private func isReadable(_ bank: SimulatedLineBank) -> Bool {
    var watched = bank.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    return unsafe poll(&watched, nfds_t(watched.count), 0) > 0
  }

  @Test func `wakes a poll for each batch of edges and no longer`() throws {
    let lines = try SimulatedLines(inputs: ["go", "guard"], outputs: [])
    var bank = lines.bank
    let descriptor = try #require(bank.descriptors.first)
    #expect(!isReadable(bank))
    lines.drive("go", active: true, at: .zero + .seconds(1))
    lines.drive("guard", active: true, at: .zero + .seconds(2))
    lines.drive("guard", active: true, at: .zero + .seconds(3))
    #expect(isReadable(bank))
    let batch = try bank.edges(of: descriptor)
    #expect(
      batch.edges == [
        Edge(input: 0, active: true, at: .zero + .seconds(1)),
        Edge(input: 1, active: true, at: .zero + .seconds(2)),
      ]
    )
    #expect(!isReadable(bank))
    #expect(try bank.levels() == [true, true])
  }

  @Test func `says so when edges were lost, and keeps the levels right`() throws {
    let lines = try SimulatedLines(inputs: ["go"], outputs: [])
    var bank = lines.bank
    for turn in 0...SimulatedLines.ring + 6 {
      lines.drive(input: 0, active: turn % 2 == 0, at: .zero + .milliseconds(turn))
    }
    let batch = try bank.edges(of: bank.descriptors[0])
    #expect(batch.lost && batch.edges.count == SimulatedLines.ring)
    #expect(try bank.levels() == [true])
    #expect(try !bank.edges(of: bank.descriptors[0]).lost)
  }

  @Test func `makes every output inactive on release and then does nothing`() throws {
    let lines = try SimulatedLines(inputs: ["go"], outputs: ["a", "b", "c"])
    let seen = Mutex<[String]>([])
    lines.observe { output, active in seen.withLock { $0.append("\(output) \(active)") } }
    var bank = lines.bank
    try bank.set(0, true)
    try bank.set(2, true)
    try bank.set(2, true)
    bank.release()
    bank.release()
    try bank.set(1, true)
    #expect(seen.withLock { $0 } == ["0 true", "2 true", "0 false", "2 false"])
    #expect(lines.outputLevels == ["a": false, "b": false, "c": false])
    lines.drive("go", active: true, at: .zero)
    #expect(try bank.edges(of: bank.descriptors[0]).edges.isEmpty)
  }

  @Test func `fails as told`() throws {
    let lines = try SimulatedLines(inputs: ["go"], outputs: ["a"])
    var bank = lines.bank
    lines.fail(.vanished)
    #expect(throws: PortError.vanished) { try bank.set(0, true) }
    #expect(throws: PortError.vanished) { _ = try bank.levels() }
    lines.fail(nil)
    try bank.set(0, true)
    #expect(lines.outputLevels == ["a": true])
  }
}
