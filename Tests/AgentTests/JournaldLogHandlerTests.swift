import Agent
import Foundation
import Logging
import Testing

struct JournaldLogHandlerTests {
  private func pair() throws -> (near: Int32, far: Int32) {
    var ends: [Int32] = [-1, -1]
    try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
    return (ends[0], ends[1])
  }

  /// All that waits at an end.
  private func drain(_ end: Int32) -> String {
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = unsafe recv(end, &chunk, chunk.count, Int32(MSG_DONTWAIT))
      guard count > 0 else { return String(decoding: bytes, as: UTF8.self) }
      bytes += chunk[..<count]
    }
  }

  @Test func `a line has its priority in front and its fields behind`() throws {
    let (near, far) = try pair()
    defer { for end in [near, far] { close(end) } }
    var logger = Logger(label: "test") { _ in JournaldLogHandler(descriptor: near) }
    logger[metadataKey: "role"] = "scale"
    logger.warning("two\nlines", metadata: ["detail": ""])
    #expect(drain(far) == "<4>two | lines role=scale\n")
  }

  @Test(.timeLimit(.minutes(1)))
  func `a journal that hangs keeps nobody waiting, and what was lost is told later`() throws {
    let (near, far) = try pair()
    defer { for end in [near, far] { close(end) } }
    let logger = Logger(label: "test") { _ in JournaldLogHandler(descriptor: near) }
    let text = String(repeating: "x", count: 1000)
    for _ in 0..<5000 { logger.error("\(text)") }
    let taken = drain(far).split(separator: "\n").count
    try #require(taken > 0 && taken < 5000, "\(taken)")
    logger.error("last")
    #expect(
      drain(far) == """
        <4>the log could not be written for a while: \(5000 - taken) lines lost
        <3>last

        """
    )
  }

  @Test func `a file takes lines, too`() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    let file = unsafe open(path, O_CREAT | O_WRONLY | O_APPEND, 0o600)
    defer {
      close(file)
      _ = unsafe unlink(path)
    }
    Logger(label: "test") { _ in JournaldLogHandler(descriptor: file) }.info("here")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "<6>here\n")
  }
}
