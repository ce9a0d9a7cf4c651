import Glibc

/// Where many lines go: standard output, or a file that takes its name only when it is whole.
final class LineOutput {
  private let target: String?
  private let descriptor: Int32
  private var buffer: [UInt8] = []

  private var unfinished: String { (target ?? "") + ".part" }

  /// Opens it.
  ///
  /// - Parameter target: The file; `nil` for standard output.
  /// - Throws: Why it cannot be written.
  init(_ target: String?) throws(Failure) {
    self.target = target
    guard let target else {
      descriptor = STDOUT_FILENO
      return
    }
    descriptor = unsafe open(target + ".part", O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o640)
    guard descriptor >= 0 else { throw Self.failure(target, errno) }
  }

  deinit {
    guard target != nil else { return }
    close(descriptor)
    // Gone already where all went well.
    unsafe _ = unlink(unfinished)
  }

  func line(_ text: String) throws(Failure) {
    buffer.append(contentsOf: text.utf8)
    buffer.append(0x0A)
    if buffer.count >= 1 << 16 { try flush() }
  }

  /// Brings out what is left, and gives the file its name.
  func finish() throws(Failure) {
    try flush()
    guard let target else { return }
    guard fsync(descriptor) == 0, unsafe rename(unfinished, target) == 0 else {
      throw Self.failure(target, errno)
    }
  }

  private func flush() throws(Failure) {
    var rest = buffer[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes { unsafe write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Self.failure(target ?? "-", errno) }
      rest = rest.dropFirst(count)
    }
    buffer.removeAll(keepingCapacity: true)
  }

  private static func failure(_ path: String, _ code: Int32) -> Failure {
    let cause = unsafe String(cString: strerror(code))
    return .trouble(
      say("写 \(path)：\(cause)", "writing \(path): \(cause)"),
      hint: say("检查文件夹、权限和剩余空间", "check the folder, the rights and the room left")
    )
  }
}
