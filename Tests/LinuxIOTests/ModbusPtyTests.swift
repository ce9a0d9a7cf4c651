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
  /// A board as the shipped modbus-relay-8 has it.
  private static func profile() throws -> BoardProfile {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let file = "\(root)/Devices/boards/modbus-relay-8.yaml"
    let descriptor = unsafe open(file, O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return try BoardProfile(yaml: String(decoding: bytes[..<count], as: UTF8.self), file: file)
  }

  /// The far end of a terminal with a board behind it.
  private final class Far: Sendable {
    let pump: ModbusNodePump
    private let isOver = Mutex(false)
    private let hasEnded = Mutex(false)

    init(_ descriptor: Int32, _ bus: SimulatedBus) throws {
      pump = ModbusNodePump(descriptor, bus)
      try PrivateThread.start("far-end") { [self] in
        pump.run { !isOver.withLock(\.self) }
        hasEnded.withLock { $0 = true }
      }
    }

    func stop() async throws {
      isOver.withLock { $0 = true }
      while !hasEnded.withLock(\.self) { try await Task.sleep(for: .milliseconds(5)) }
    }
  }

  private static func wait(_ holds: () throws -> Bool) async throws {
    for _ in 0..<500 where try !holds() { try await Task.sleep(for: .milliseconds(10)) }
    #expect(try holds())
  }

  @Test func `a bank on a real line sees inputs, pulses once, and lets go with all off`()
    async throws
  {
    let terminal = try PseudoTerminal()
    let profile = try Self.profile()
    let far = try Far(terminal.far, SimulatedBus(boards: [SimulatedBoard(profile)]))
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
          pulse: .milliseconds(300)
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
    let profile = try Self.profile()
    var bus = SimulatedBus(boards: [SimulatedBoard(profile)])
    bus.boards[0].force(5, true, at: .zero)
    let far = try Far(terminal.far, bus)
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
    let profile = try Self.profile()
    var bus = SimulatedBus(boards: [SimulatedBoard(profile)])
    bus.boards[0].inputs[0] = true
    let far = try Far(terminal.far, bus)
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
