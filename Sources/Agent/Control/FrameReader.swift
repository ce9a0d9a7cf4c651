/// Cuts a stream of bytes into messages that end in a NUL, however the stream was cut before.
struct FrameReader {
  private var buffer: [UInt8] = []
  /// Up to here there is no NUL.
  private var searched = 0
  private let longest: Int

  /// Makes an empty reader for messages of at most this many bytes.
  init(longest: Int) {
    self.longest = longest
  }

  /// Whether a message has begun that is already too long.
  var isOverlong: Bool {
    buffer.count > longest && !buffer[..<(longest + 1)].contains(0)
  }

  /// Whether enough is kept that reading on should wait.
  var isFull: Bool { buffer.count > longest }

  mutating func append(_ bytes: ArraySlice<UInt8>) {
    buffer.append(contentsOf: bytes)
  }

  /// Takes the next whole message, without its NUL.
  mutating func next() -> [UInt8]? {
    guard let end = buffer[searched...].firstIndex(of: 0) else {
      searched = buffer.count
      return nil
    }
    let message = Array(buffer[..<end])
    buffer.removeSubrange(...end)
    searched = 0
    return message
  }
}
