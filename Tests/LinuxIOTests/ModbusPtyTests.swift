import Domain
import Drivers
import Glibc
import LinuxIO
import Simulator
import Synchronization
import Testing

/// Boards behind a real terminal, with the threads of a real station.
@Suite(.timeLimit(.minutes(2)))
struct ModbusPtyTests {
  private static func wait(_ holds: () throws -> Bool) async throws {
    for _ in 0..<500 where try !holds() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try holds())
  }

  @Test func `a bank on a real line sees inputs, pulses once, and lets go with all off`()
    async throws
  {
    let terminal = try PseudoTerminal()
    let profile = try BoardFarEnd.profile()
    let far = try BoardFarEnd(terminal.far, SimulatedBus(boards: [SimulatedBoard(profile)]))
    let told = Mutex<[DeviceState]>([])
    let line = SerialLine(baud: 115_200)
    let board = ModbusBoard(
      id: "relays",
      profile: profile,
      address: 1,
      poll: .milliseconds(10)
    )
    let bank = try ModbusLineBank(
      inputs: [
        LineSpec(role: "go", address: .input(ofBoard: "relays", 3), activeLow: false),
        LineSpec(role: "stop", address: .input(ofBoard: "relays", 4), activeLow: true),
      ],
      outputs: [
        LineSpec(
          role: "start",
          address: .channel(ofBoard: "relays", 1),
          activeLow: false,
          drive: .pulsed(.milliseconds(300))
        ), LineSpec(role: "lamp", address: .channel(ofBoard: "relays", 2), activeLow: false),
      ],
      buses: [
        ModbusBus(
          SerialOpener(role: "relays", at: .path(terminal.path), line: line),
          baud: line.baud,
          boards: [board]
        )
      ],
      report: { _, state in told.withLock { $0.append(state) } }
    )
    // How the contacts stand is known before anything is done with them.
    #expect(told.withLock(\.last) == .ready)
    #expect(try bank.levels() == [false, true])
    far.pump.change { bus, _ in bus.boards[0].inputs[2] = true }
    try await Self.wait { try bank.levels() == [true, true] }
    var edges: [Edge] = []
    for descriptor in bank.descriptors { edges += try bank.edges(of: descriptor).edges }
    #expect(edges.map(\.input) == [0])

    far.pump.change { bus, _ in bus.faults = [.replyLost, .replyLost] }
    try bank.set(0, true)
    try bank.set(1, true)
    try await Self.wait { far.pump.change { bus, now in bus.boards[0].relays(at: now)[1] } }
    try await Task.sleep(for: .milliseconds(400))
    #expect(far.pump.change { bus, _ in bus.boards[0].actuations[0] } == 1)
    #expect(far.pump.change { bus, now in bus.boards[0].relays(at: now)[0] } == false)
    bank.release()
    #expect(far.pump.change { bus, now in bus.boards[0].relays(at: now) }.contains(true) == false)
    #expect(bank.descriptors.isEmpty)
    try bank.set(1, true)
    try await far.stop()
  }

  @Test func `what was on when the daemon died is switched off by the next one`() async throws {
    let terminal = try PseudoTerminal()
    let profile = try BoardFarEnd.profile()
    var bus = SimulatedBus(boards: [SimulatedBoard(profile)])
    bus.boards[0].force(5, true, at: .zero)
    let far = try BoardFarEnd(terminal.far, bus)
    let line = SerialLine(baud: 115_200)
    // As `yizhand outputs-off` does: take, and let go at once.
    let bank = try ModbusLineBank(
      inputs: [],
      outputs: [LineSpec(role: "lamp", address: .channel(ofBoard: "r", 5), activeLow: false)],
      buses: [
        ModbusBus(
          SerialOpener(role: "r", at: .path(terminal.path), line: line),
          baud: line.baud,
          boards: [ModbusBoard(id: "r", profile: profile, address: 1, poll: .milliseconds(50))]
        )
      ],
      report: { _, _ in }
    )
    bank.release()
    #expect(far.pump.change { bus, now in bus.boards[0].relays(at: now)[4] } == false)
    try await far.stop()
  }

  @Test func `a line that hangs up makes its inputs inactive`() async throws {
    let terminal = try PseudoTerminal()
    let profile = try BoardFarEnd.profile()
    var bus = SimulatedBus(boards: [SimulatedBoard(profile)])
    bus.boards[0].inputs[0] = true
    let far = try BoardFarEnd(terminal.far, bus)
    let told = Mutex<[DeviceState]>([])
    let bank = try ModbusLineBank(
      inputs: [LineSpec(role: "guard", address: .input(ofBoard: "r", 1), activeLow: false)],
      outputs: [],
      buses: [
        ModbusBus(
          SerialOpener(role: "r", at: .path(terminal.path), line: SerialLine(baud: 9600)),
          baud: 9600,
          boards: [ModbusBoard(id: "r", profile: profile, address: 1, poll: .milliseconds(10))]
        )
      ],
      report: { _, state in told.withLock { $0.append(state) } }
    )
    try await Self.wait { try bank.levels() == [true] }
    try await far.stop()
    terminal.hangUp()
    try await Self.wait { try bank.levels() == [false] }
    try await Self.wait { told.withLock { $0.last == .absent } }
    bank.release()
  }

  @Test func `a line that no board is on is refused with the role`() throws {
    let spec = LineSpec(role: "lamp-red", address: .channel(ofBoard: "x", 1), activeLow: false)
    let error = #expect(throws: Trouble.self) {
      _ = try ModbusLineBank(inputs: [], outputs: [spec], buses: [], report: { _, _ in })
    }
    #expect(error?.device == "lamp-red")
  }
}
