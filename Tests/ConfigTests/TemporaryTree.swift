import Agent
import Glibc
import Testing

/// A folder of profiles that is removed with the value.
final class TemporaryTree {
  let path: String

  init() throws {
    var template = Array("/tmp/yizhan-config-XXXXXX".utf8CString)
    let made = unsafe template.withUnsafeMutableBufferPointer { buffer in
      unsafe buffer.baseAddress.flatMap { unsafe mkdtemp($0) }.map { unsafe String(cString: $0) }
    }
    path = try #require(made)
    for folder in ["scales", "printers", "machines", "labels"] {
      unsafe mkdir("\(path)/\(folder)", 0o755)
    }
  }

  deinit {
    for folder in ["scales", "printers", "machines", "labels"] {
      for file in written where file.hasPrefix(folder) { unsafe unlink("\(path)/\(file)") }
      unsafe rmdir("\(path)/\(folder)")
    }
    unsafe rmdir(path)
  }

  private var written: [String] = []

  var loader: ConfigLoader {
    ConfigLoader(search: SearchPath(tree: path), isReadable: { _ in true })
  }

  func write(_ file: String, _ text: String) throws {
    let descriptor = unsafe open("\(path)/\(file)", O_WRONLY | O_CREAT | O_TRUNC, 0o644)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    written.append(file)
    let bytes = Array(text.utf8)
    try #require(unsafe Glibc.write(descriptor, bytes, bytes.count) == bytes.count)
  }

  /// The text of a file of the source tree's `Devices`.
  func shipped(_ file: String) throws -> String {
    let descriptor = unsafe open("\(Sample.devices)/\(file)", O_RDONLY)
    try #require(descriptor >= 0)
    defer { close(descriptor) }
    var bytes = [UInt8](repeating: 0, count: 65_536)
    let count = unsafe read(descriptor, &bytes, bytes.count)
    return String(decoding: bytes[..<max(0, count)], as: UTF8.self)
  }
}
