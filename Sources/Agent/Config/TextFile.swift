import Glibc

/// Reading of small files, and of what a folder holds.
enum TextFile {
  /// Why a file or folder could not be read.
  struct Failure: Error {
    var code: Int32

    /// In the words of the C library, as `Permission denied`.
    var cause: String {
      switch code {
      case EFBIG: "it is larger than \(TextFile.largest / 1024) KiB"
      case EILSEQ: "it is not UTF-8 text"
      default: unsafe String(cString: strerror(code))
      }
    }
  }

  static let largest = 1 << 20

  /// Reads a whole file of UTF-8 text.
  static func read(_ path: String) throws(Failure) -> String {
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { throw Failure(code: errno) }
    defer { close(file) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 16_384)
    while true {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw Failure(code: errno) }
      guard count > 0 else { break }
      bytes.append(contentsOf: chunk[..<count])
      guard bytes.count <= largest else { throw Failure(code: EFBIG) }
    }
    guard let text = String(validating: bytes, as: UTF8.self) else { throw Failure(code: EILSEQ) }
    return text
  }

  /// The names in a folder in alphabetical order, hidden ones left out.
  static func names(in folder: String) throws(Failure) -> [String] {
    guard let stream = unsafe opendir(folder) else { throw Failure(code: errno) }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted()
  }

  /// Whether this process may read a file.
  static func isReadable(_ path: String) -> Bool { unsafe access(path, R_OK) == 0 }
}
