import Domain
import Drivers
import Simulator
import Testing

struct ModbusBusTests {
  private static let relay = ModbusShelf.board("modbus-relay-8")

  @Test(arguments: ModbusShelf.boards)
  func `every shipped board is switched off at first, then does what is wanted`(
    _ profile: BoardProfile
  ) throws {
    var bench = BusBench(profile) { bus in
      for channel in 1...(profile.outputs?.count ?? 1) {
        bus.boards[0].force(channel, true, at: .zero)
      }
    }
    bench.run(for: .seconds(8))
    #expect(!bench.relays.contains(true))
    #expect(bench.told.words.last == "ready", "\(bench.told.states)")
    let count = profile.outputs?.count ?? 0
    bench.orders.set(0, true)
    bench.orders.set(count - 1, true)
    bench.run(for: .seconds(3))
    #expect(bench.relays.indices.filter { bench.relays[$0] } == [0, count - 1])
    bench.orders.set(0, false)
    bench.run(for: .seconds(3))
    #expect(bench.relays.indices.filter { bench.relays[$0] } == [count - 1])
    bench.loop.finish()
    #expect(!bench.relays.contains(true))
  }

  @Test(arguments: ModbusShelf.boards.filter { $0.inputs != nil })
  func `every shipped board with inputs gives edges`(_ profile: BoardProfile) {
    var bench = BusBench(profile)
    bench.run(for: .seconds(1))
    #expect(bench.news.take().edges == [])
    bench.line.change { bus, _ in bus.boards[0].inputs[2] = true }
    bench.run(for: .milliseconds(300))
    bench.line.change { bus, _ in bus.boards[0].inputs[2] = false }
    bench.run(for: .milliseconds(300))
    let edges = bench.news.take().edges
    #expect(edges.map(\.input) == [2, 2])
    #expect(edges.map(\.active) == [true, false])
    #expect(edges[0].at < edges[1].at)
  }

  @Test(arguments: ModbusShelf.boards.filter { $0.outputs?.pulse != nil })
  func `a pulse is given once and ends by the board's own clock`(_ profile: BoardProfile) {
    let length = profile.outputs?.pulse?.most == 0 ? 1000 : 200
    var bench = BusBench(profile, drive: .pulsed(.milliseconds(length)))
    bench.run(for: .seconds(3))
    bench.orders.set(1, true)
    bench.run(for: .milliseconds(100))
    #expect(bench.relays[1])
    // The station is gone: nobody switches it off.
    bench.line.advance(by: .milliseconds(length))
    #expect(!bench.relays[1])
    #expect(bench.actuations[1] == 1)
  }

  @Test func `a pulse whose answer is lost is never sent again`() throws {
    let pulse = try #require(Self.relay.requests(.pulse(1, milliseconds: 200)).first).frame(to: 1)
    for faults: [SimulatedBus.Fault] in [
      [.replyLost], [.wrongChecksum], [.cut(2)], [.replyLost, .replyLost],
      [.replyLost, .deaf, .deaf, .deaf],
    ] {
      var bench = BusBench(Self.relay, drive: .pulsed(.milliseconds(200)))
      bench.run(for: .seconds(3))
      bench.line.change { bus, _ in bus.faults = faults }
      bench.orders.set(0, true)
      bench.run(for: .seconds(10))
      #expect(bench.count(of: pulse) == 1, "\(faults)")
      #expect(bench.actuations[0] == 1, "\(faults)")
    }
  }

  @Test func `a pulse of which nothing is known is told as unknown`() {
    var bench = BusBench(Self.relay, drive: .pulsed(.milliseconds(200)))
    bench.run(for: .seconds(3))
    bench.fail(.deaf)
    bench.orders.set(0, true)
    bench.run(for: .milliseconds(900))
    let state = bench.told.states.last
    #expect(state?.word == "degraded")
    #expect(state?.detail.contains("unknown") == true)
    #expect(state?.detail.contains("not sent again") == true)
    #expect(bench.actuations[0] == 0)
  }

  @Test(arguments: ModbusShelf.boards.filter { $0.outputs?.hold != nil })
  func `what is held closes once, stays, and falls off when nobody holds it`(
    _ profile: BoardProfile
  ) throws {
    let length = try #require(profile.outputs?.hold)
    var bench = BusBench(profile, drive: .held)
    bench.run(for: .seconds(3))
    bench.orders.set(1, true)
    bench.run(for: .milliseconds(100))
    for _ in 0..<300 {
      bench.run(for: .milliseconds(33))
      #expect(bench.relays[1])
    }
    bench.orders.set(1, false)
    bench.run(for: .milliseconds(100))
    #expect(!bench.relays[1])
    bench.orders.set(1, true)
    bench.run(for: .seconds(4))
    #expect(bench.relays[1])
    // The station is gone.
    bench.line.advance(by: .milliseconds(length))
    #expect(!bench.relays[1])
    #expect(bench.closings[1] == 2)
    #expect(bench.told.words == ["ready"])
  }

  @Test(arguments: [
    SimulatedBus.Fault.deaf, .replyLost, .wrongChecksum, .cut(2), .garbageAtTurn, .otherAddress,
  ])
  func `what is held does not mind a fault of the line now and then`(_ fault: SimulatedBus.Fault) {
    var bench = BusBench(Self.relay, drive: .held)
    bench.run(for: .seconds(3))
    bench.orders.set(0, true)
    bench.run(for: .milliseconds(100))
    for turn in 0..<40 {
      // Before each kind of request in turn.
      bench.run(for: .milliseconds(Int64(700 + 13 * turn)))
      bench.fail(fault)
      bench.run(for: .milliseconds(200))
      #expect(bench.relays[0], "turn \(turn)")
    }
    #expect(bench.closings[0] == 1)
    #expect(bench.told.words == ["ready"])
  }

  @Test func `what was held and fell off is not closed again`() {
    // From silences that a pulse outlasts to such that it does not, the edge between them closely.
    for silence in [Int](stride(from: 200, to: 1200, by: 3)) + [2000, 4000, 9999] {
      var bench = BusBench(Self.relay, drive: .held) { $0.delay = .milliseconds(40) }
      bench.run(for: .seconds(3))
      bench.orders.set(0, true)
      bench.run(for: .milliseconds(1234))
      // The thread of the bus gets no turn, as where the box is at its limit.
      bench.line.advance(by: .milliseconds(Int64(silence)))
      bench.run(for: .seconds(5))
      #expect(bench.closings[0] == 1, "\(silence) ms")
      let isTold = bench.told.states.last?.detail.contains("holding relay 1") == true
      #expect(bench.relays[0] != isTold, "\(silence) ms")
      if silence <= 500 { #expect(bench.relays[0], "\(silence) ms") }
      if silence >= 1000 { #expect(isTold, "\(silence) ms") }
    }
  }

  @Test func `a board that does not lengthen its pulses is found out by the first`() {
    for delay in 0..<40 {
      var bench = BusBench(Self.relay, drive: .held) { bus in
        bus.boards[0].lengthensPulses = false
        bus.delay = .milliseconds(Int64(1 + delay))
      }
      bench.run(for: .seconds(3))
      bench.orders.set(0, true)
      bench.run(for: .seconds(10))
      #expect(!bench.relays[0])
      #expect(bench.closings[0] <= 2, "\(delay) ms")
      #expect(bench.told.states.last?.detail.contains("the board cannot hold contacts") == true)
    }
  }

  @Test func `a refused pulse ends what is held, in the board's words`() throws {
    var bench = BusBench(Self.relay, drive: .held)
    bench.run(for: .seconds(3))
    bench.orders.set(0, true)
    bench.run(for: .seconds(1))
    bench.line.change { bus, _ in bus.fault = .exception(4) }
    bench.run(for: .milliseconds(600))
    bench.line.change { bus, _ in bus.fault = nil }
    bench.run(for: .seconds(5))
    #expect(!bench.relays[0])
    #expect(bench.closings[0] == 1)
    let words = ModbusException(code: 4).title.en
    #expect(
      bench.told.states.contains {
        $0.detail.contains("holding relay 1") && $0.detail.contains(words)
      },
      "\(bench.told.states)"
    )
  }

  @Test func `whatever the line does, a held contact closes once for each wish`() {
    for seed in UInt64(1)...200 {
      var random = SeededRandom(seed: seed)
      var bench = BusBench(Self.relay, drive: .held)
      bench.run(for: .seconds(3))
      var wishes = 0
      for _ in 0..<30 {
        let fault: [SimulatedBus.Fault] = [
          .deaf, .replyLost, .wrongChecksum, .cut(3), .garbageAtTurn, .exception(4),
          .slow(.milliseconds(30)),
        ]
        switch Int.random(in: 0..<6, using: &random) {
        case 0:
          bench.orders.set(0, true)
          wishes += 1
        case 1: bench.orders.set(0, false)
        case 2:
          let count = Int.random(in: 1...6, using: &random)
          let faults = (0..<count).map { _ in fault.randomElement(using: &random) ?? .deaf }
          bench.line.change { bus, _ in bus.faults = faults }
        case 3: bench.line.advance(by: .milliseconds(Int64.random(in: 1...2500, using: &random)))
        case 4:
          bench.line.plug(false)
          bench.run(for: .milliseconds(Int64.random(in: 1...3000, using: &random)))
          bench.line.plug(true)
        default: break
        }
        bench.run(for: .milliseconds(Int64.random(in: 1...1500, using: &random)))
      }
      #expect(bench.closings[0] <= wishes, "seed \(seed)")
      bench.line.change { bus, _ in bus.faults = [] }
      bench.orders.set(0, false)
      bench.run(for: .seconds(30))
      #expect(!bench.relays[0], "seed \(seed)")
      bench.loop.finish()
      #expect(!bench.relays.contains(true), "seed \(seed)")
    }
  }

  @Test func `the latest wish counts, and off comes before on`() throws {
    var bench = BusBench(Self.relay)
    bench.run(for: .seconds(1))
    bench.orders.set(0, true)
    bench.orders.set(0, false)
    bench.orders.set(1, true)
    let seen = bench.line.change { bus, _ in bus.requests.count }
    bench.run(for: .milliseconds(200))
    #expect(bench.actuations.prefix(2) == [0, 1])
    let writes = bench.line.change { bus, _ in bus.requests.dropFirst(seen).filter { $0[1] == 5 } }
    #expect(writes.map { $0[3] } == [0, 1])
  }

  @Test func `a board that falls silent has inactive inputs, a reason, and comes back all off`() {
    var bench = BusBench(Self.relay)
    bench.line.change { bus, _ in bus.boards[0].inputs[0] = true }
    bench.run(for: .seconds(1))
    bench.orders.set(3, true)
    bench.run(for: .milliseconds(300))
    #expect(bench.news.levels[0] && bench.relays[3])
    _ = bench.news.take()
    bench.line.change { bus, _ in bus.fault = .deaf }
    bench.run(for: .seconds(3))
    #expect(bench.news.levels[0] == false)
    #expect(bench.news.take().edges.map(\.active) == [false])
    #expect(bench.told.states.last?.word == "failed")
    #expect(bench.told.states.last?.detail.contains("wires A and B") == true)
    // What is wanted meanwhile is not done later.
    bench.orders.set(5, true)
    bench.run(for: .seconds(1))
    bench.line.change { bus, _ in bus.fault = nil }
    bench.run(for: .seconds(12))
    #expect(bench.told.words.last == "ready")
    #expect(bench.news.levels[0])
    #expect(!bench.relays.contains(true), "what was on is not switched on again")
    #expect(bench.actuations[5] == 0)
  }

  @Test func `an adaptor that is pulled out and put in again is the same`() {
    var bench = BusBench(Self.relay)
    bench.line.change { bus, _ in bus.boards[0].inputs[7] = true }
    bench.run(for: .seconds(1))
    bench.orders.set(0, true)
    bench.run(for: .milliseconds(200))
    bench.line.plug(false)
    bench.run(for: .seconds(2))
    #expect(bench.told.words.last == "absent")
    #expect(bench.news.levels[7] == false)
    #expect(bench.relays[0], "a relay keeps its state when the line dies")
    bench.orders.set(1, true)
    bench.run(for: .seconds(1))
    bench.line.plug(true)
    bench.run(for: .seconds(12))
    #expect(bench.told.words == ["ready", "absent", "ready"])
    #expect(!bench.relays.contains(true))
    #expect(bench.actuations[1] == 0)
    #expect(bench.news.levels[7])
  }

  @Test func `a wrong checksum at every answer says to swap the wires`() {
    var bench = BusBench(Self.relay) { $0.fault = .wrongChecksum }
    bench.run(for: .seconds(2))
    #expect(bench.told.states.last?.detail.contains("swap A and B, or check speed") == true)
  }

  @Test(arguments: [
    SimulatedBus.Fault.garbageAtTurn, .slow(.milliseconds(4)),
  ])
  func `a bad line that still carries is worked with`(_ fault: SimulatedBus.Fault) {
    var bench = BusBench(Self.relay) { bus in
      bus.fault = fault
      bus.hasEcho = true
    }
    bench.run(for: .seconds(2))
    bench.orders.set(2, true)
    bench.run(for: .seconds(1))
    #expect(bench.told.words == ["ready"])
    #expect(bench.actuations[2] == 1)
  }

  @Test func `a relay that the board refuses is told in words, and nothing is lost`() {
    var bench = BusBench(Self.relay)
    bench.run(for: .seconds(1))
    bench.fail(.exception(2))
    bench.orders.set(0, true)
    bench.run(for: .milliseconds(100))
    #expect(bench.told.states.last?.word == "degraded")
    #expect(bench.told.states.last?.detail.contains("the board has no such channel") == true)
    bench.line.change { bus, _ in bus.boards[0].inputs[0] = true }
    bench.run(for: .seconds(1))
    #expect(bench.news.levels[0])
  }

  @Test func `a relay that somebody else switched on is switched off`() {
    var bench = BusBench(Self.relay)
    bench.run(for: .seconds(1))
    bench.line.change { bus, now in bus.boards[0].force(6, true, at: now) }
    bench.run(for: .seconds(5))
    #expect(!bench.relays.contains(true))
    #expect(bench.told.states.contains { $0.detail.contains("relay 6 was on and should be off") })
  }

  @Test func `too many edges for the one who reads them are told as lost`() {
    var bench = BusBench(Self.relay)
    bench.run(for: .seconds(1))
    for turn in 0..<300 {
      bench.line.change { bus, _ in bus.boards[0].inputs[0] = turn % 2 == 0 }
      bench.run(for: .milliseconds(120))
    }
    let batch = bench.news.take()
    #expect(batch.lost && batch.edges.count == LineNews.most)
    #expect(!bench.news.take().lost)
  }

  @Test func `two boards on one line do not keep each other waiting when one is dead`() {
    let other = ModbusShelf.board("lctech-relay-8")
    let line = SimulatedModbusLine(SimulatedBus(boards: [SimulatedBoard(Self.relay)]))
    let (orders, news, told) = (BusOrders(), LineNews(count: 1), BusBench.Told())
    var loop = ModbusBusLoop(
      line.modbusBus([
        ModbusBoard(id: "dead", profile: other, address: 255, poll: .milliseconds(50)),
        ModbusBoard(id: "live", profile: Self.relay, address: 1, poll: .milliseconds(50)),
      ]),
      inputs: [LineSpec(role: "in", address: .input(ofBoard: "live", 1), activeLow: false)],
      outputs: [],
      orders: orders,
      news: news,
      report: { told.add($0, $1) }
    )
    line.change { bus, _ in bus.boards[0].inputs[0] = true }
    for _ in 0..<400 { line.advance(by: max(.milliseconds(1), loop.turn())) }
    #expect(news.levels == [true])
    #expect(told.words.sorted() == ["failed", "ready"])
  }
}

struct JoinedLineBankTests {
  private struct Lines {
    let chips: SimulatedLines
    let boards: SimulatedLines
    var bank: JoinedLineBank<SimulatedLineBank, SimulatedLineBank>

    init() throws {
      let chips = try SimulatedLines(inputs: ["a", "c"], outputs: ["x"])
      let boards = try SimulatedLines(inputs: ["b"], outputs: ["y", "z"])
      let gpio = { (name: String) in
        LineSpec(role: name, address: .name(name), activeLow: false)
      }
      bank = try JoinedLineBank(
        inputs: [
          gpio("a"), LineSpec(role: "b", address: .input(ofBoard: "r", 1), activeLow: false),
          gpio("c"),
        ],
        outputs: [
          LineSpec(role: "y", address: .channel(ofBoard: "r", 1), activeLow: false), gpio("x"),
          LineSpec(role: "z", address: .channel(ofBoard: "r", 2), activeLow: false),
        ],
        chips: { (inputs, outputs) throws(PortError) in
          #expect(inputs.map(\.role) == ["a", "c"] && outputs.map(\.role) == ["x"])
          return chips.bank
        },
        boards: { (inputs, outputs) throws(PortError) in
          #expect(inputs.map(\.role) == ["b"] && outputs.map(\.role) == ["y", "z"])
          return boards.bank
        }
      )
      (self.chips, self.boards) = (chips, boards)
    }
  }

  @Test func `lines of chips and boards keep the order in which they were asked for`() throws {
    var lines = try Lines()
    lines.boards.drive("b", active: true, at: .zero)
    lines.chips.drive("c", active: true, at: .zero)
    #expect(try lines.bank.levels() == [false, true, true])
    #expect(lines.bank.descriptors.count == 2)
    var edges: [Int] = []
    for descriptor in lines.bank.descriptors {
      edges += try lines.bank.edges(of: descriptor).edges.map(\.input)
    }
    #expect(edges.sorted() == [1, 2])
    for output in 0..<3 { try lines.bank.set(output, true) }
    #expect(lines.chips.outputLevels == ["x": true])
    #expect(lines.boards.outputLevels == ["y": true, "z": true])
    try lines.bank.set(2, false)
    #expect(lines.boards.outputLevels == ["y": true, "z": false])
    lines.bank.release()
    #expect(lines.chips.outputLevels == ["x": false])
    #expect(lines.boards.outputLevels == ["y": false, "z": false])
  }
}
