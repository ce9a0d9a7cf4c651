import Domain
import Drivers
import Glibc
import LinuxIO
import Simulator
import Synchronization
import Testing

// A relay board behind a USB adaptor, as a village point would buy it.

extension RigTests {
  private static let pulse = LineSpec(
    role: "start",
    address: .channel(ofBoard: "relays", 1),
    activeLow: false,
    drive: .pulsed(.milliseconds(300))
  )
  private static let lamp = LineSpec(
    role: "lamp",
    address: .channel(ofBoard: "relays", 2),
    activeLow: false
  )
  private static let contacts = [
    LineSpec(role: "guard", address: .input(ofBoard: "relays", 1), activeLow: false),
    LineSpec(role: "stop", address: .input(ofBoard: "relays", 2), activeLow: true),
  ]

  /// The adaptor's bus, by the serial number of the adaptor.
  private static func bus(_ profile: BoardProfile) -> ModbusBus {
    let line = SerialLine(baud: 115_200)
    let match = USBMatch(serialNumber: "RIG-rigboard")
    return ModbusBus(
      SerialOpener(role: "relays", at: .usb([match]), line: line),
      baud: line.baud,
      boards: [ModbusBoard(id: "relays", profile: profile, address: 1, poll: .milliseconds(20))]
    )
  }

  /// Whether it comes to hold within ten seconds.
  private static func comes(_ holds: () throws -> Bool) async throws -> Bool {
    for _ in 0..<500 {
      if try holds() { return true }
      try await Task.sleep(for: .milliseconds(20))
    }
    return false
  }

  @Test func `a board's adaptor is unplugged and put back: inputs inactive, then all relays off`()
    async throws
  {
    let node = try Rig.run("acm_up rigboard")
    defer { _ = try? Rig.run("unplug rigboard") }
    var gadget = try Self.openGadget(node)
    let profile = try BoardFarEnd.profile()
    var board = SimulatedBoard(profile)
    board.inputs[0] = true
    var far = try BoardFarEnd(gadget, SimulatedBus(boards: [board]))
    let told = Mutex<[DeviceState]>([])
    let bank = try ModbusLineBank(
      inputs: Self.contacts,
      outputs: [Self.pulse, Self.lamp],
      buses: [Self.bus(profile)],
      report: { _, state in told.withLock { $0.append(state) } }
    )
    let isReady = { told.withLock { $0.last == .ready } }
    #expect(try await Self.comes(isReady), "\(told.withLock(\.self))")
    #expect(try await Self.comes { try bank.levels() == [true, true] })
    far.pump.change { bus, _ in bus.boards[0].inputs[1] = true }
    #expect(try await Self.comes { try bank.levels() == [true, false] })
    try bank.set(0, true)
    try bank.set(1, true)
    let lit = { far.pump.change { bus, now in bus.boards[0].relays(at: now)[1] } }
    #expect(try await Self.comes(lit))
    #expect(far.pump.change { bus, _ in bus.boards[0].actuations } == [1, 1, 0, 0, 0, 0, 0, 0])

    far.pump.change { bus, _ in bus.boards[0].inputs[1] = false }
    #expect(try await Self.comes { try bank.levels() == [true, true] })

    try Rig.run("unplug rigboard")
    #expect(try await Self.comes { told.withLock { $0.last == .absent } })
    #expect(try bank.levels() == [false, false])
    // The board has a supply of its own: its held relay stays, its pulse ends by itself.
    let alone = { far.pump.change { bus, now in bus.boards[0].relays(at: now) } }
    let held = [false, true, false, false, false, false, false, false]
    #expect(try await Self.comes { alone() == held }, "\(alone())")
    // Nobody gets this later.
    try bank.set(0, true)
    let bus = try await far.stop()
    close(gadget)

    told.withLock { $0 = [] }
    try Rig.run("plug rigboard")
    gadget = try Self.openGadget(node)
    defer { close(gadget) }
    far = try BoardFarEnd(gadget, bus)
    #expect(try await Self.comes(isReady), "\(told.withLock(\.self))")
    #expect(try await Self.comes { try bank.levels() == [true, true] })
    #expect(!far.pump.change { bus, now in bus.boards[0].relays(at: now) }.contains(true))
    #expect(far.pump.change { bus, _ in bus.boards[0].actuations } == [1, 1, 0, 0, 0, 0, 0, 0])
    try bank.set(0, true)
    #expect(try await Self.comes { far.pump.change { bus, _ in bus.boards[0].actuations[0] } == 2 })
    bank.release()
    #expect(!far.pump.change { bus, now in bus.boards[0].relays(at: now) }.contains(true))
    try await far.stop()
  }
}
