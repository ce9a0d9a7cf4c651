package import Domain

/// Asks the devices of one line, one after the other.
///
/// Reads are tried again; a write only as often as its caller grants, and never one that moves
/// something: an answer that was lost does not mean a command that was lost.
package struct ModbusMaster {
  /// After the last device has heard a broadcast, before the next request (Modbus over Serial Line
  /// 1.02, 2.4.1: 100 to 200 ms).
  private static let turnaround = Duration.milliseconds(100)
  /// How long the line must be quiet after an answer was missed, so that a late one is not taken
  /// for the next, and how long that is waited for.
  private static let quiet = (Duration.milliseconds(100), turns: 5)

  private let wire: any ModbusWire
  private let pace: ModbusPace
  /// What the line has taught: whether the adaptor hears itself.
  package private(set) var hasEcho: Bool?
  private var freeFrom = Instant.zero
  private var mustSettle = false

  /// Takes an open line of a speed.
  package init(_ wire: any ModbusWire, baud: Int) {
    self.wire = wire
    pace = ModbusPace(baud: baud)
  }

  /// The time of the line's clock.
  package var now: Instant { wire.now }

  /// Reads bits.
  ///
  /// - Parameters:
  ///   - address: The device.
  ///   - table: Coils or inputs.
  ///   - start: The first.
  ///   - count: How many.
  ///   - limit: How long the device may think.
  ///   - tries: How often it is asked at most.
  /// - Returns: As many as were asked for.
  /// - Throws: What the last try came to.
  package mutating func bits(
    of address: UInt8,
    _ table: ModbusTable,
    from start: UInt16,
    count: Int,
    within limit: Duration,
    tries: Int = 3
  ) throws(ModbusError) -> [Bool] {
    let request = ModbusRequest.read(table, start: start, count: count)
    guard case .bits(let packed) = try ask(request, of: address, within: limit, tries: tries) else {
      throw .otherAnswer([])
    }
    return ModbusRequest.bits(packed, count: count)
  }

  /// Reads registers; see ``bits(of:_:from:count:within:tries:)``.
  package mutating func registers(
    of address: UInt8,
    _ table: ModbusTable,
    from start: UInt16,
    count: Int,
    within limit: Duration,
    tries: Int = 3
  ) throws(ModbusError) -> [UInt16] {
    let request = ModbusRequest.read(table, start: start, count: count)
    guard case .registers(let words) = try ask(request, of: address, within: limit, tries: tries)
    else { throw .otherAnswer([]) }
    return words
  }

  /// Makes a request, as often as is granted, until it is answered.
  ///
  /// - Parameters:
  ///   - request: What is asked.
  ///   - address: Of which device; 0 is all of them, and then nothing is waited for.
  ///   - limit: How long the device may think; the time on the line comes on top.
  ///   - tries: How often it is asked at most; 1 for whatever must not happen twice.
  /// - Returns: The answer; for a broadcast what it would be.
  /// - Throws: An exception of the device at once, else what the last try came to.
  package mutating func ask(
    _ request: ModbusRequest,
    of address: UInt8,
    within limit: Duration,
    tries: Int
  ) throws(ModbusError) -> ModbusReply {
    var exchange = try ModbusExchange(request, to: address, hasEcho: hasEcho)
    guard address != 0 else {
      try send(exchange.frame)
      wire.pause(pace.time(of: exchange.frame.count) + Self.turnaround)
      return .wrote(at: request.start, UInt16(request.count))
    }
    var failure = ModbusError.silence(hasEcho: false)
    for _ in 0..<max(1, tries) {
      exchange = try ModbusExchange(request, to: address, hasEcho: hasEcho)
      let length = exchange.frame.count + exchange.expected
      let reply = try talk(exchange.frame, length, within: limit) { exchange.take($0) }
      if reply == nil { exchange.timeIsOver() }
      hasEcho = exchange.hasEcho
      switch reply {
      case .exception(let exception)?: throw .exception(exception)
      case let reply?: return reply
      case nil: failure = exchange.failure
      }
    }
    throw failure
  }

  /// Asks a device of AIBUS.
  package mutating func ask(
    _ request: AIBUSRequest,
    within limit: Duration,
    tries: Int
  ) throws(ModbusError) -> AIBUSReply {
    var failure = ModbusError.silence(hasEcho: false)
    for _ in 0..<max(1, tries) {
      var exchange = AIBUSExchange(request)
      let length = AIBUSRequest.length + AIBUSReply.length
      let reply = try talk(request.frame, length, within: limit) { exchange.take($0) }
      if let reply { return reply }
      failure = exchange.failure
    }
    throw failure
  }

  /// Sends one frame and hears what comes, until it is an answer or the time is over.
  private mutating func talk<Reply>(
    _ frame: [UInt8],
    _ length: Int,
    within limit: Duration,
    _ take: ([UInt8]) -> Reply?
  ) throws(ModbusError) -> Reply? {
    try send(frame)
    // What is echoed takes its time as well.
    let deadline = wire.now + limit + pace.time(of: length)
    while true {
      let left = deadline - wire.now
      guard left > .zero else { break }
      let bytes = try onWire { (wire) throws(PortError) in try wire.receive(within: left) }
      guard !bytes.isEmpty else { continue }
      freeFrom = wire.now + pace.silence
      if let reply = take(bytes) { return reply }
    }
    mustSettle = true
    return nil
  }

  private mutating func send(_ frame: [UInt8]) throws(ModbusError) {
    if mustSettle { try settle() }
    let wait = freeFrom - wire.now
    if wait > .zero { wire.pause(wait) }
    try onWire { (wire) throws(PortError) in
      // A byte that the turn of the line left behind, or the end of what was given up.
      try wire.discard()
      try wire.send(frame)
    }
    freeFrom = wire.now + pace.time(of: frame.count) + pace.silence
  }

  /// Waits until a late answer has come and gone.
  private mutating func settle() throws(ModbusError) {
    mustSettle = false
    for _ in 0..<Self.quiet.turns {
      let late = try onWire { (wire) throws(PortError) in
        try wire.receive(within: Self.quiet.0)
      }
      if late.isEmpty { return }
    }
  }

  private func onWire<Value>(
    _ body: (any ModbusWire) throws(PortError) -> Value
  ) throws(ModbusError) -> Value {
    do throws(PortError) {
      return try body(wire)
    } catch {
      throw .port(error)
    }
  }
}
