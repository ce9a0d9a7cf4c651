/// Finds the frames in what went over a line, requests and replies alike.
///
/// A frame ends where its length and its checksum say so, and whatever stands before it is in none;
/// so the next good frame is found however long and wild the noise was. Bytes without a right
/// checksum that are shaped like a frame are told as a broken one.
package struct ModbusScanner: Sendable {
  package enum Item: Hashable, Sendable {
    /// The checksum is right.
    case frame([UInt8])
    /// The shape is right, the checksum is not.
    case broken([UInt8])
    /// Bytes in no frame.
    case stray([UInt8])

    package var bytes: [UInt8] {
      switch self {
      case .frame(let bytes), .broken(let bytes), .stray(let bytes): bytes
      }
    }
  }

  private var waiting: [UInt8] = []

  package init() {}

  /// How many bytes wait for what comes next.
  package var count: Int { waiting.count }

  /// Takes the next bytes, in pieces of any size.
  package mutating func take(_ bytes: [UInt8]) -> [Item] {
    var items: [Item] = []
    for byte in bytes {
      waiting.append(byte)
      let possible = max(0, waiting.count - ModbusShape.longest)..<waiting.count
      if let start = possible.first(where: { Self.isFrame(waiting, from: $0) }) {
        items += Self.sort(waiting[..<start]) + [.frame(Array(waiting[start...]))]
        waiting = []
      } else if waiting.count == 2 * ModbusShape.longest {
        // No frame that is still to end begins there.
        items += Self.sort(waiting[..<ModbusShape.longest])
        waiting.removeFirst(ModbusShape.longest)
      }
    }
    return items
  }

  /// Ends the line: what waits is told as what it is.
  package mutating func finish() -> [Item] {
    defer { waiting = [] }
    // A function that we do not know has no length; its frame is known by its end alone.
    if waiting.count <= ModbusShape.longest, ModbusCRC.isRight(waiting) {
      return [.frame(waiting)]
    }
    return Self.sort(waiting[...])
  }

  private static func isFrame(_ bytes: [UInt8], from start: Int) -> Bool {
    guard ModbusShape.isReply(bytes, from: start) || ModbusShape.isRequest(bytes, from: start)
    else { return false }
    return ModbusCRC.isRight(bytes[start...])
  }

  /// The lengths that a frame may have that begins so.
  private static func lengths(_ bytes: ArraySlice<UInt8>) -> [Int] {
    [ModbusShape.reply(bytes), ModbusShape.request(bytes)].compactMap { shape in
      if case .whole(let length) = shape { length } else { nil }
    }
  }

  /// Tells frames with a wrong checksum from bytes that are none.
  private static func sort(_ bytes: ArraySlice<UInt8>) -> [Item] {
    var items: [Item] = []
    var strays: [UInt8] = []
    var rest = bytes
    while let first = rest.first {
      // A frame that fills what there is counts more than one that leaves something over.
      let fitting = lengths(rest).filter { $0 <= rest.count }
      guard let length = fitting.contains(rest.count) ? rest.count : fitting.max() else {
        strays.append(first)
        rest = rest.dropFirst()
        continue
      }
      if !strays.isEmpty { items.append(.stray(strays)) }
      strays = []
      items.append(.broken(Array(rest.prefix(length))))
      rest = rest.dropFirst(length)
    }
    if !strays.isEmpty { items.append(.stray(strays)) }
    return items
  }
}

/// What one frame on a line can mean.
package struct ModbusReading: Hashable, Sendable {
  package var request: ModbusRequest?
  package var reply: ModbusReply?

  /// Reads a frame, whose checksum is not looked at.
  ///
  /// - Parameters:
  ///   - frame: The whole frame.
  ///   - question: The request before it on the line, if that was to the same device.
  package init(_ frame: [UInt8], after question: ModbusRequest? = nil) {
    request = ModbusRequest(frame: frame[...])
    reply = ModbusReply(frame: frame[...])
    guard let question, let answer = reply, frame.count > 1 else { return }
    let function = frame[1] & ~ModbusFunction.exceptionBit
    if question.function.rawValue == function, answer.answers(question) { request = nil }
  }
}
