import Drivers
import Glibc
import Simulator
import Synchronization

/// A board at the far end of a serial line, with a thread that answers for it.
final class BoardFarEnd: Sendable {
  let pump: ModbusNodePump
  private let isOver = Mutex(false)
  private let hasEnded = Mutex(false)

  /// A board as the shipped modbus-relay-8 has it.
  static func profile() throws -> BoardProfile {
    let root = #filePath.split(separator: "/").dropLast(3).reduce("") { "\($0)/\($1)" }
    let file = "\(root)/Devices/boards/modbus-relay-8.yaml"
    let descriptor = unsafe open(file, O_RDONLY)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return try BoardProfile(yaml: String(decoding: bytes[..<count], as: UTF8.self), file: file)
  }

  init(_ descriptor: Int32, _ bus: SimulatedBus) throws {
    pump = ModbusNodePump(descriptor, bus)
    try PrivateThread.start("far-end") { [self] in
      pump.run { !isOver.withLock(\.self) }
      hasEnded.withLock { $0 = true }
    }
  }

  /// Ends the thread.
  ///
  /// - Returns: What is on the line, as it is now.
  @discardableResult
  func stop() async throws -> SimulatedBus {
    isOver.withLock { $0 = true }
    while !hasEnded.withLock(\.self) { try await Task.sleep(for: .milliseconds(5)) }
    return pump.change { bus, _ in bus }
  }
}
