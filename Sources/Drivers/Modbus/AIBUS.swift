/// A request to a controller of Yudian (宇电) in its own protocol, AIBUS.
package struct AIBUSRequest: Hashable, Sendable {
  package enum Order: UInt8, Hashable, Sendable {
    case read = 0x52
    case write = 0x43
  }

  package static let length = 8
  /// Addresses that controllers may have.
  package static let addresses = 0...80

  package var address: UInt8
  package var order: Order
  /// The number of the parameter; 0 is the set value.
  package var parameter: UInt8
  /// What is written; 0 with a read.
  package var value: Int16

  package static func read(_ parameter: UInt8, of address: UInt8) -> AIBUSRequest {
    AIBUSRequest(address: address, order: .read, parameter: parameter, value: 0)
  }

  package static func write(_ value: Int16, to parameter: UInt8, of address: UInt8)
    -> AIBUSRequest
  {
    AIBUSRequest(address: address, order: .write, parameter: parameter, value: value)
  }

  package init(address: UInt8, order: Order, parameter: UInt8, value: Int16) {
    self.address = address
    self.order = order
    self.parameter = parameter
    self.value = value
  }

  /// The whole frame.
  package var frame: [UInt8] {
    let mark = 0x80 + (address & 0x7F)
    return [mark, mark, order.rawValue, parameter] + AIBUSReply.pair(value)
      + AIBUSReply.pair(Int16(bitPattern: checksum))
  }

  /// The checksum: parameter × 256 + order + value + address.
  package var checksum: UInt16 {
    UInt16(parameter) << 8 &+ UInt16(order.rawValue) &+ UInt16(bitPattern: value)
      &+ UInt16(address)
  }

  /// Reads a request; `nil` where the eight bytes are none, or their checksum is wrong.
  package init?(frame: ArraySlice<UInt8>) {
    guard let (request, isRight) = Self.parse(frame), isRight else { return nil }
    self = request
  }

  /// Reads a request whose checksum may be wrong.
  package static func parse(_ frame: ArraySlice<UInt8>) -> (request: AIBUSRequest, isRight: Bool)? {
    let bytes = Array(frame)
    guard bytes.count == length, bytes[0] == bytes[1], bytes[0] >= 0x80,
      addresses.contains(Int(bytes[0]) - 0x80), let order = Order(rawValue: bytes[2])
    else { return nil }
    let request = AIBUSRequest(
      address: bytes[0] - 0x80,
      order: order,
      parameter: bytes[3],
      value: AIBUSReply.word(bytes, 4)
    )
    return (request, UInt16(bitPattern: AIBUSReply.word(bytes, 6)) == request.checksum)
  }
}

/// What such a controller answers, to reads and writes alike.
package struct AIBUSReply: Hashable, Sendable {
  package static let length = 10

  /// The measured value.
  package var pv: Int16
  /// The set value.
  package var sv: Int16
  /// The output, in per cent.
  package var mv: Int8
  /// A bit each: 0 high, 1 low, 2 deviation high, 3 deviation low, 4 sensor.
  package var alarm: UInt8
  /// The parameter that was asked for.
  package var value: Int16

  package init(pv: Int16, sv: Int16, mv: Int8, alarm: UInt8, value: Int16) {
    self.pv = pv
    self.sv = sv
    self.mv = mv
    self.alarm = alarm
    self.value = value
  }

  /// The checksum for a controller of this address, which the frame does not name otherwise.
  package func checksum(_ address: UInt8) -> UInt16 {
    let state = UInt16(alarm) << 8 &+ UInt16(UInt8(bitPattern: mv))
    return UInt16(bitPattern: pv) &+ UInt16(bitPattern: sv) &+ state
      &+ UInt16(bitPattern: value) &+ UInt16(address)
  }

  /// The whole frame.
  package func frame(from address: UInt8) -> [UInt8] {
    Self.pair(pv) + Self.pair(sv) + [UInt8(bitPattern: mv), alarm] + Self.pair(value)
      + Self.pair(Int16(bitPattern: checksum(address)))
  }

  /// Reads a reply; `nil` where the checksum is not that of the address.
  package init?(frame: ArraySlice<UInt8>, from address: UInt8) {
    guard let (reply, sender) = Self.parse(frame), sender == UInt16(address) else { return nil }
    self = reply
  }

  /// Reads a reply of anyone.
  ///
  /// - Returns: The reply, and the address for which its checksum would be right.
  package static func parse(_ frame: ArraySlice<UInt8>) -> (reply: AIBUSReply, sender: UInt16)? {
    let bytes = Array(frame)
    guard bytes.count == length else { return nil }
    let reply = AIBUSReply(
      pv: word(bytes, 0),
      sv: word(bytes, 2),
      mv: Int8(bitPattern: bytes[4]),
      alarm: bytes[5],
      value: word(bytes, 6)
    )
    return (reply, UInt16(bitPattern: word(bytes, 8)) &- reply.checksum(0))
  }

  /// A number as it travels, the low byte first.
  static func pair(_ value: Int16) -> [UInt8] {
    let word = UInt16(bitPattern: value)
    return [UInt8(word & 0xFF), UInt8(word >> 8)]
  }

  static func word(_ bytes: [UInt8], _ index: Int) -> Int16 {
    Int16(bitPattern: UInt16(bytes[index + 1]) << 8 | UInt16(bytes[index]))
  }
}

/// One request and the bytes that come back.
///
/// The answer has no mark to begin with: it is the ten bytes whose checksum fits, and that tell of
/// the parameter what was written to it.
package struct AIBUSExchange: Sendable {
  private let request: AIBUSRequest
  private var waiting: [UInt8] = []
  private var heard: [UInt8] = []
  private var hasEcho = false
  private var other: [UInt8]?

  package init(_ request: AIBUSRequest) {
    self.request = request
  }

  /// Takes what came.
  ///
  /// - Returns: The answer, once it is there.
  package mutating func take(_ bytes: [UInt8]) -> AIBUSReply? {
    for byte in bytes {
      waiting.append(byte)
      heard.append(byte)
      if heard.count > ModbusShape.longest { heard.removeFirst() }
      if waiting.count > AIBUSReply.length { waiting.removeFirst() }
      if !hasEcho, waiting.suffix(AIBUSRequest.length) == request.frame[...] {
        (hasEcho, waiting, heard) = (true, [], [])
        continue
      }
      guard let reply = AIBUSReply(frame: waiting[...], from: request.address) else { continue }
      guard request.order == .read || reply.value == request.value else {
        other = waiting
        continue
      }
      return reply
    }
    return nil
  }

  /// What to say when the time is over.
  package var failure: ModbusError {
    if let other { return .otherAnswer(other) }
    guard !heard.isEmpty else { return .silence(hasEcho: hasEcho) }
    return heard.count >= AIBUSReply.length ? .wrongChecksum(heard) : .cutShort(heard)
  }
}

/// Finds the frames of AIBUS in what went over a line.
package struct AIBUSScanner: Sendable {
  package enum Item: Hashable, Sendable {
    case request(AIBUSRequest, [UInt8])
    /// A reply, from the address of the request before it.
    case reply(AIBUSReply, from: UInt8, [UInt8])
    /// Ten bytes after a request whose checksum is wrong, or a request whose own one is.
    case broken([UInt8])
    case stray([UInt8])
  }

  private var waiting: [UInt8] = []
  /// The request whose reply has not come yet.
  private var asked: UInt8?

  package init() {}

  /// How many bytes wait for what comes next.
  package var count: Int { waiting.count }

  /// Takes the next bytes, in pieces of any size.
  package mutating func take(_ bytes: [UInt8]) -> [Item] {
    var items: [Item] = []
    for byte in bytes {
      waiting.append(byte)
      if let (item, length) = ending() {
        items += Self.sort(waiting.dropLast(length)) + [item]
        waiting = []
      } else if waiting.count == 4 * AIBUSReply.length {
        items += Self.sort(waiting.prefix(2 * AIBUSReply.length))
        waiting.removeFirst(2 * AIBUSReply.length)
      }
    }
    return items
  }

  /// Ends the line: what waits is told as what it is.
  ///
  /// A reply alone does not name its sender: its checksum gives it away, if it is a possible one.
  package mutating func finish() -> [Item] {
    defer { waiting = [] }
    if let (reply, sender) = AIBUSReply.parse(waiting[...]),
      AIBUSRequest.addresses.contains(Int(sender))
    {
      return [.reply(reply, from: UInt8(sender), waiting)]
    }
    if waiting.count == AIBUSReply.length { return [.broken(waiting)] }
    return Self.sort(waiting[...])
  }

  /// The frame that the last byte ends.
  private mutating func ending() -> (Item, length: Int)? {
    let last = waiting.suffix(AIBUSRequest.length)
    if let request = AIBUSRequest(frame: last) {
      asked = request.address
      return (.request(request, Array(last)), AIBUSRequest.length)
    }
    let tail = waiting.suffix(AIBUSReply.length)
    if let asked, let reply = AIBUSReply(frame: tail, from: asked) {
      self.asked = nil
      return (.reply(reply, from: asked, Array(tail)), AIBUSReply.length)
    }
    return nil
  }

  private static func sort(_ bytes: ArraySlice<UInt8>) -> [Item] {
    guard !bytes.isEmpty else { return [] }
    return [AIBUSRequest.parse(bytes) == nil ? .stray(Array(bytes)) : .broken(Array(bytes))]
  }
}
