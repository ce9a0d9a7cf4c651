extension Event {
  /// The bytes that the chain covers: everything of an event that people may rely on.
  ///
  /// In this order: sequence, monotonic nanoseconds and wall milliseconds, each as eight bytes,
  /// the highest first; then clock quality, type, boot id and body, each as its length in four
  /// bytes, the highest first, and its UTF-8. Epoch and lane enter once, through ``origin(_:_:)``.
  /// The station makes the chain from these bytes and the hub proves it by them.
  package var canonical: [UInt8] {
    var out: [UInt8] = []
    out.reserveCapacity(type.utf8.count + time.boot.utf8.count + body.count + 48)
    for number in [sequence, time.monotonic.nanoseconds, time.wallMilliseconds] {
      Self.write(UInt64(bitPattern: number), bytes: 8, into: &out)
    }
    for text in [time.quality.rawValue, type, time.boot] {
      Self.write(UInt64(text.utf8.count), bytes: 4, into: &out)
      out.append(contentsOf: text.utf8)
    }
    Self.write(UInt64(body.count), bytes: 4, into: &out)
    out.append(contentsOf: body)
    return out
  }

  /// The bytes whose hash stands where a first event would have that of its predecessor.
  package static func origin(_ epoch: Epoch, _ lane: Lane) -> [UInt8] {
    Array("yizhan/\(epoch)/\(lane.rawValue)".utf8)
  }

  private static func write(_ value: UInt64, bytes: Int, into out: inout [UInt8]) {
    for index in (0..<bytes).reversed() {
      out.append(UInt8(truncatingIfNeeded: value >> (UInt64(index) * 8)))
    }
  }
}
