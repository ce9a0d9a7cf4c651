package import Domain
internal import Drivers

/// An RS-485 line with boards and controllers on it, and what can be wrong with it.
package struct SimulatedBus: Sendable {
  /// What happens to an answer.
  package enum Fault: Hashable, Sendable {
    /// The request is not heard: nothing is done, and nothing comes back.
    case deaf
    /// It is done, and the answer is lost on its way.
    case replyLost
    case wrongChecksum
    /// The turn of the line leaves a byte in front.
    case garbageAtTurn
    /// A device of another address answers.
    case otherAddress
    /// The answer comes byte by byte, so far apart.
    case slow(Duration)
    /// The device refuses.
    case exception(UInt8)
    /// The answer breaks off behind so many bytes.
    case cut(Int)
  }

  /// Bytes that arrive so long after the request.
  package struct Piece: Hashable, Sendable {
    package var after: Duration
    package var bytes: [UInt8]
  }

  package var boards: [SimulatedBoard]
  package var controllers: [SimulatedController]
  /// Whether the adaptor hears itself.
  package var hasEcho = false
  /// What goes wrong with the next requests, in turn.
  package var faults: [Fault] = []
  /// What goes wrong when those are over, for good.
  package var fault: Fault?
  /// How long a device thinks.
  package var delay = Duration.milliseconds(5)
  /// Every request that went over the line, as it was.
  package private(set) var requests: [[UInt8]] = []
  private var waiting: [UInt8] = []

  package init(boards: [SimulatedBoard] = [], controllers: [SimulatedController] = []) {
    self.boards = boards
    self.controllers = controllers
  }

  /// Takes what the station sends.
  ///
  /// - Returns: What it hears, in the order of time.
  package mutating func take(_ bytes: [UInt8], at now: Instant) -> [Piece] {
    var pieces: [Piece] = []
    for byte in bytes {
      waiting.append(byte)
      if waiting.count > ModbusShape.longest { waiting.removeFirst() }
      guard let frame = ended() else { continue }
      waiting = []
      requests.append(frame)
      if hasEcho { pieces.append(Piece(after: .milliseconds(1), bytes: frame)) }
      pieces += answer(frame, now)
    }
    return pieces
  }

  /// The request that the last byte ends.
  private func ended() -> [UInt8]? {
    if AIBUSRequest(frame: waiting.suffix(AIBUSRequest.length)) != nil {
      return Array(waiting.suffix(AIBUSRequest.length))
    }
    let start = waiting.indices.first { start in
      let frame = waiting[start...]
      return ModbusShape.request(frame) == .whole(frame.count) && ModbusCRC.isRight(frame)
    }
    return start.map { Array(waiting[$0...]) }
  }

  private mutating func answer(_ frame: [UInt8], _ now: Instant) -> [Piece] {
    let fault = faults.isEmpty ? self.fault : faults.removeFirst()
    if fault == .deaf { return [] }
    if case .exception(let code) = fault, let function = ModbusFunction(rawValue: frame[1]) {
      return [
        Piece(after: delay, bytes: ModbusReply.refusal(code).frame(from: frame[0], to: function))
      ]
    }
    guard let reply = perform(frame, now) else { return [] }
    return spoil(reply, fault)
  }

  /// Has the device that is meant do it; broadcasts are for all, and nobody answers them.
  private mutating func perform(_ frame: [UInt8], _ now: Instant) -> [UInt8]? {
    if let request = AIBUSRequest(frame: frame[...]) {
      let found = controllers.firstIndex {
        $0.address == request.address && $0.profile.speech == .aibus
      }
      return found.map { index in
        controllers[index].answer(request, at: now).frame(from: request.address)
      }
    }
    guard let request = ModbusRequest(frame: frame[...]) else { return nil }
    var reply: ModbusReply?
    for index in boards.indices where [0, boards[index].address].contains(frame[0]) {
      reply = boards[index].answer(request, at: now)
    }
    for index in controllers.indices
    where controllers[index].address == frame[0] && controllers[index].profile.speech == .modbus {
      reply = controllers[index].answer(request, at: now)
    }
    return frame[0] == 0 ? nil : reply?.frame(from: frame[0], to: request.function)
  }

  private func spoil(_ reply: [UInt8], _ fault: Fault?) -> [Piece] {
    switch fault {
    case .deaf, .replyLost: return []
    case .wrongChecksum:
      var reply = reply
      reply[reply.count - 1] ^= 0x40
      return [Piece(after: delay, bytes: reply)]
    case .garbageAtTurn: return [Piece(after: delay, bytes: [0x00] + reply)]
    case .otherAddress:
      let other = [reply[0] &+ 1] + reply[1..<reply.count - 2]
      return [Piece(after: delay, bytes: ModbusCRC.sealed(other))]
    case .slow(let gap):
      return reply.indices.map { Piece(after: delay + gap * $0, bytes: [reply[$0]]) }
    case .cut(let count): return [Piece(after: delay, bytes: Array(reply.prefix(count)))]
    case .exception, nil: return [Piece(after: delay, bytes: reply)]
    }
  }
}
