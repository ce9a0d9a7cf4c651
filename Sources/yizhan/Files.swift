import Glibc

/// Small files and folders, as sub-commands read them.
package enum Files {
  private static let largest = 1 << 20

  /// Why a file could not be read: a word of the C library, as `Permission denied`.
  package struct Refusal: Error, Hashable, Sendable {
    package var cause: String

    init(_ code: Int32) { cause = unsafe String(cString: strerror(code)) }
    init(cause: String) { self.cause = cause }
  }

  /// Reads a whole file of UTF-8 text.
  package static func text(_ path: String) throws(Refusal) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Refusal(errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    while true {
      let chunk = try chunk(file)
      guard !chunk.isEmpty else { break }
      bytes += chunk
      guard bytes.count <= largest else { throw Refusal(cause: "larger than 1 MiB") }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else {
      throw Refusal(cause: "not UTF-8 text")
    }
    return text
  }

  /// The names of profiles in a folder, without `.yaml`, in alphabetical order.
  package static func profiles(in folder: String) -> [String] {
    guard let stream = unsafe opendir(folder) else { return [] }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      if !name.hasPrefix("."), name.hasSuffix(".yaml") { names.append(String(name.dropLast(5))) }
    }
    return names.sorted()
  }

  /// A path from the root, as it leads from the current folder.
  package static func absolute(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
    guard let folder = unsafe getcwd(&buffer, buffer.count) else { return path }
    return unsafe String(cString: folder) + "/" + path
  }

  /// What comes next; nothing at the end.
  static func chunk(_ descriptor: Int32) throws(Refusal) -> [UInt8] {
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe Glibc.read(descriptor, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Refusal(errno) }
      return Array(chunk[..<count])
    }
  }
}

/// A file that bytes are written to as they come.
final class OutputFile {
  private let descriptor: Int32

  /// Opens a new file, or an old one anew.
  init(_ path: String) throws(Files.Refusal) {
    descriptor = unsafe open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw Files.Refusal(errno) }
  }

  deinit {
    close(descriptor)
  }

  func append(_ bytes: [UInt8]) throws(Files.Refusal) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(descriptor, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw Files.Refusal(errno) }
      rest = rest.dropFirst(count)
    }
  }
}

/// What is piped or typed into a sub-command.
enum StandardInput {
  /// Hands over all of it, as it comes.
  static func read(_ take: ([UInt8]) throws -> Void) throws {
    while true {
      let chunk: [UInt8]
      do throws(Files.Refusal) {
        chunk = try Files.chunk(STDIN_FILENO)
      } catch {
        throw Failure.trouble(
          say("读标准输入：\(error.cause)", "reading standard input: \(error.cause)"),
          hint: say("用 < 文件 或管道给它字节", "give it bytes with < file, or through a pipe")
        )
      }
      guard !chunk.isEmpty else { return }
      try take(chunk)
    }
  }

  static var isKeyboard: Bool { isatty(STDIN_FILENO) == 1 }
}
