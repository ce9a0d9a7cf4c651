/// One request and the bytes that come back: finds the answer among echoes, noise and strangers.
///
/// The gaps between bytes mean nothing behind a USB adaptor, so that an answer is known by its
/// address, its function, its length and its checksum alone, wherever it begins.
package struct ModbusExchange: Sendable {
  package let address: UInt8
  package let request: ModbusRequest
  /// The request as it is sent.
  package let frame: [UInt8]
  /// Whether the adaptor hears itself; `nil` as long as nobody knows.
  package private(set) var hasEcho: Bool?
  /// How often the request itself has come back.
  private var copies = 0
  private var waiting: [UInt8] = []
  /// All that came and was not an echo, for messages.
  private var heard: [UInt8] = []
  private var stranger: UInt8?
  private var other: [UInt8]?

  /// Prepares a request; it throws the limits of ``ModbusRequest/frame(to:)``.
  package init(_ request: ModbusRequest, to address: UInt8, hasEcho: Bool?) throws(ModbusError) {
    self.address = address
    self.request = request
    self.hasEcho = hasEcho
    frame = try request.frame(to: address)
  }

  /// How long the answer will be, where it is not an exception.
  package var expected: Int {
    switch request {
    case .read(let table, _, let count): 5 + (table.hasBits ? (count + 7) / 8 : count * 2)
    case .writeCoil, .writeRegister, .writeCoils, .writeRegisters: 8
    }
  }

  /// Takes what came.
  ///
  /// - Returns: The answer, once it is there.
  package mutating func take(_ bytes: [UInt8]) -> ModbusReply? {
    for byte in bytes {
      if let reply = take(byte) { return reply }
    }
    return nil
  }

  private mutating func take(_ byte: UInt8) -> ModbusReply? {
    waiting.append(byte)
    heard.append(byte)
    if heard.count > ModbusShape.longest { heard.removeFirst() }
    if waiting.count > ModbusShape.longest { waiting.removeFirst() }
    if isEcho() { return nil }
    // A frame ends here, or it does not: what stands before it is noise.
    for start in waiting.indices where ModbusShape.isReply(waiting, from: start) {
      guard let reply = reply(waiting[start...]) else { continue }
      waiting = []
      if hasEcho == nil, !request.isEchoed { hasEcho = false }
      return reply
    }
    return nil
  }

  /// Whether the request has just come back, and is not the answer.
  private mutating func isEcho() -> Bool {
    guard hasEcho != false, copies == 0, waiting.suffix(frame.count) == frame[...] else {
      return false
    }
    copies = 1
    waiting = []
    heard = []
    // Where an answer would look the same only a second copy tells.
    if !request.isEchoed { hasEcho = true }
    return true
  }

  private mutating func reply(_ frame: ArraySlice<UInt8>) -> ModbusReply? {
    guard ModbusCRC.isRight(frame), let reply = ModbusReply(frame: frame), let from = frame.first
    else { return nil }
    let function = frame[frame.startIndex + 1] & ~ModbusFunction.exceptionBit
    guard from == address else {
      stranger = from
      return nil
    }
    guard function == request.function.rawValue, reply.answers(request) else {
      other = Array(frame)
      return nil
    }
    if copies == 1, request.isEchoed { hasEcho = true }
    return reply
  }

  /// Learns from the end of the time: an adaptor that hears itself would have been heard by now.
  package mutating func timeIsOver() {
    if hasEcho == nil, copies == 0, heard.isEmpty { hasEcho = false }
  }

  /// What to say when the time is over.
  package var failure: ModbusError {
    if copies == 1, request.isEchoed, hasEcho == nil { return .perhapsEcho }
    if let stranger { return .otherAddress(stranger) }
    if let other { return .otherAnswer(other) }
    guard !heard.isEmpty else { return .silence(hasEcho: copies > 0) }
    // An exception is shorter than most answers; a single byte is what a turning line leaves.
    return heard.count >= min(expected, 5) ? .wrongChecksum(heard) : .cutShort(heard)
  }
}
