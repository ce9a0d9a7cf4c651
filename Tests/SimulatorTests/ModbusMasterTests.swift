import Domain
import Drivers
import Simulator
import Testing

struct ModbusMasterTests {
  private static let relay = ModbusShelf.board("modbus-relay-8")
  private static let limit = Duration.milliseconds(300)

  private static func bench(
    _ faults: [SimulatedBus.Fault] = [],
    hasEcho: Bool = false
  ) throws -> (line: SimulatedModbusLine, master: ModbusMaster) {
    var bus = SimulatedBus(boards: [SimulatedBoard(relay)])
    bus.faults = faults
    bus.hasEcho = hasEcho
    let line = SimulatedModbusLine(bus)
    return (line, ModbusMaster(try line.open(), baud: 9600))
  }

  private static func requests(_ line: SimulatedModbusLine) -> Int {
    line.change { bus, _ in bus.requests.count }
  }

  @Test(arguments: [
    SimulatedBus.Fault.deaf, .replyLost, .wrongChecksum, .otherAddress, .cut(3),
  ])
  func `a read is tried three times, no more`(_ fault: SimulatedBus.Fault) throws {
    var (line, master) = try Self.bench([fault, fault])
    line.change { bus, _ in bus.boards[0].inputs[2] = true }
    let bits = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    #expect(bits == [false, false, true, false, false, false, false, false])
    #expect(Self.requests(line) == 3)
    line.change { bus, _ in bus.fault = fault }
    #expect(throws: ModbusError.self) {
      try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    }
    #expect(Self.requests(line) == 6)
  }

  @Test(arguments: [
    SimulatedBus.Fault.garbageAtTurn, .slow(.milliseconds(8)),
  ])
  func `a byte of the turning line and an answer in pieces cost no second try`(
    _ fault: SimulatedBus.Fault
  ) throws {
    var (line, master) = try Self.bench([fault])
    _ = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    #expect(Self.requests(line) == 1)
  }

  @Test func `an exception is an answer: it is not asked again`() throws {
    var (line, master) = try Self.bench()
    #expect(throws: ModbusError.exception(ModbusException(code: 2))) {
      try master.bits(of: 1, .inputs, from: 8, count: 8, within: Self.limit)
    }
    #expect(throws: ModbusError.exception(ModbusException(code: 1))) {
      try master.registers(of: 1, .holding, from: 0, count: 1, within: Self.limit)
    }
    #expect(Self.requests(line) == 2)
  }

  @Test func `a write is sent once, and says that it is in doubt`() throws {
    var (line, master) = try Self.bench()
    _ = try master.bits(of: 1, .coils, from: 0, count: 8, within: Self.limit)
    line.change { bus, _ in bus.faults = [.replyLost] }
    let error = #expect(throws: ModbusError.self) {
      try master.ask(.writeCoil(at: 0x200, value: 2), of: 1, within: Self.limit, tries: 1)
    }
    #expect(error?.leavesDoubt == true)
    #expect(line.change { bus, _ in bus.boards[0].actuations[0] } == 1)
    // A read after it shows that it was done.
    #expect(try master.bits(of: 1, .coils, from: 0, count: 8, within: Self.limit)[0] == false)
  }

  @Test func `with an adaptor that hears itself reads and writes go on as without`() throws {
    var (line, master) = try Self.bench(hasEcho: true)
    _ = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    #expect(master.hasEcho == true)
    _ = try master.ask(.writeCoil(at: 0, value: 0xFF00), of: 1, within: Self.limit, tries: 1)
    #expect(line.change { bus, now in bus.boards[0].relays(at: now)[0] })
    line.change { bus, _ in bus.faults = [.replyLost] }
    // The echo alone is no confirmation.
    #expect(throws: ModbusError.silence(hasEcho: true)) {
      try master.ask(.writeCoil(at: 1, value: 0xFF00), of: 1, within: Self.limit, tries: 1)
    }
  }

  @Test func `a broadcast is sent, and nothing is waited for but the turn of the line`() throws {
    var (line, master) = try Self.bench()
    let before = line.now
    _ = try master.ask(.writeCoil(at: 0, value: 0xFF00), of: 0, within: Self.limit, tries: 1)
    #expect(line.now - before >= .milliseconds(100))
    #expect(line.change { bus, now in bus.boards[0].relays(at: now)[0] })
  }

  @Test func `a late answer is not taken for that to the next question`() throws {
    var (line, master) = try Self.bench()
    line.change { bus, _ in
      bus.delay = .milliseconds(360)
      bus.boards[0].inputs[0] = true
    }
    #expect(throws: ModbusError.self) {
      try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit, tries: 1)
    }
    line.change { bus, _ in bus.delay = .milliseconds(5) }
    // The same shape, of other inputs: the late answer would fit.
    let relays = try master.bits(of: 1, .coils, from: 0, count: 8, within: Self.limit, tries: 1)
    #expect(relays == [Bool](repeating: false, count: 8))
    line.change { bus, _ in bus.boards[0].inputs[0] = false }
    let inputs = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit, tries: 1)
    #expect(inputs == [Bool](repeating: false, count: 8))
  }

  @Test func `frames keep their distance`() throws {
    var (line, master) = try Self.bench()
    _ = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    let answered = line.now
    _ = try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    // 3.5 characters, and the device's 5 ms.
    #expect(line.now - answered >= ModbusPace(baud: 9600).silence + .milliseconds(5))
  }

  @Test func `an adaptor that is pulled out is told as that`() throws {
    var (line, master) = try Self.bench()
    line.plug(false)
    #expect(throws: ModbusError.port(.vanished)) {
      try master.bits(of: 1, .inputs, from: 0, count: 8, within: Self.limit)
    }
  }
}

struct ControllerSessionTests {
  private static let allowed = Temperature(thousandths: 120_000)...Temperature(thousandths: 180_000)

  private static func bench(_ profile: ControllerProfile) throws
    -> (line: SimulatedModbusLine, master: ModbusMaster, session: ControllerSession)
  {
    let line = SimulatedModbusLine(
      SimulatedBus(controllers: [SimulatedController(profile, sv: 130_000)])
    )
    return (
      line, ModbusMaster(try line.open(), baud: 9600),
      ControllerSession(profile: profile, address: profile.address, allowed: allowed)
    )
  }

  private static func writes(_ line: SimulatedModbusLine) -> Int {
    line.change { bus, _ in bus.controllers[0].writes }
  }

  @Test(arguments: ModbusShelf.controllers)
  func `every shipped controller is read, set once, and heats up`(_ profile: ControllerProfile)
    throws
  {
    var (line, master, session) = try Self.bench(profile)
    let cold = try session.read(&master)
    #expect(try #require(cold.pv) < Temperature(thousandths: 25_000))
    #expect(cold.sv == Temperature(thousandths: 130_000))
    let wanted = Temperature(thousandths: 150_000)
    #expect(try session.set(wanted, &master) == .written)
    #expect(Self.writes(line) == 1)
    line.advance(by: .seconds(600))
    let hot = try #require(try session.read(&master).pv)
    #expect(Temperature(thousandths: 148_000) < hot && hot < Temperature(thousandths: 152_000))
    #expect(try session.set(wanted, &master) == .unchanged)
    #expect(Self.writes(line) == 1, "what is so already is not written")
  }

  @Test(arguments: ModbusShelf.controllers)
  func `what is not allowed is never written`(_ profile: ControllerProfile) throws {
    var (line, master, session) = try Self.bench(profile)
    let hot = Temperature(thousandths: 181_000)
    #expect(throws: ControllerSession.Refusal.outside(hot, allowed: Self.allowed)) {
      try session.set(hot, &master)
    }
    let fine = Temperature(thousandths: 150_001)
    #expect(throws: ControllerSession.Refusal.tooFine(fine)) { try session.set(fine, &master) }
    var locked = ControllerSession(profile: profile, address: profile.address, allowed: nil)
    #expect(throws: ControllerSession.Refusal.notAllowed) {
      try locked.set(Temperature(thousandths: 150_000), &master)
    }
    #expect(Self.writes(line) == 0)
  }

  @Test func `two writes have a pause between them`() throws {
    var (line, master, session) = try Self.bench(ModbusShelf.controllers[1])
    _ = try session.set(Temperature(thousandths: 150_000), &master)
    let error = #expect(throws: ControllerSession.Refusal.self) {
      try session.set(Temperature(thousandths: 160_000), &master)
    }
    guard case .tooSoon? = error else { Issue.record("\(String(describing: error))"); return }
    line.advance(by: ControllerSession.rest)
    #expect(try session.set(Temperature(thousandths: 160_000), &master) == .written)
  }

  @Test(arguments: ModbusShelf.controllers)
  func `a lost answer is cleared up by reading, and never by writing again`(
    _ profile: ControllerProfile
  ) throws {
    var (line, master, session) = try Self.bench(profile)
    let reads = profile.speech == .aibus ? 1 : profile.blocks.count
    line.change { bus, _ in bus.faults = [] }
    _ = try session.read(&master)
    // The reads before the write are heard; then the answer to the write is lost.
    line.change { bus, _ in
      bus.faults = [SimulatedBus.Fault](repeating: .slow(.zero), count: reads) + [.replyLost]
    }
    #expect(try session.set(Temperature(thousandths: 150_000), &master) == .written)
    #expect(Self.writes(line) == 1)
  }

  @Test func `one that keeps its value is found out`() throws {
    let profile = try #require(ModbusShelf.controllers.first { $0.speech == .aibus })
    var (line, master, session) = try Self.bench(profile)
    line.change { bus, _ in bus.controllers[0].isLocked = true }
    let error = #expect(throws: ControllerSession.Refusal.self) {
      try session.set(Temperature(thousandths: 150_000), &master)
    }
    guard case .notTaken(_, let has)? = error else {
      Issue.record("\(String(describing: error))")
      return
    }
    #expect(has == Temperature(thousandths: 130_000))
    #expect(error?.words.remedy.en.contains("locks") == true)
  }
}
