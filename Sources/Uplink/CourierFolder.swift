import Glibc

/// Why a file of the courier cannot be read or written.
package struct CourierError: Error, Hashable, Sendable, CustomStringConvertible {
  package var attempted: String
  package var cause: String
  package var remedy: String

  package init(attempted: String, cause: String, remedy: String) {
    self.attempted = attempted
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String { "\(attempted): \(cause); next: \(remedy)" }
}

/// The folder of a stick; what it holds is whole or not there, however it was pulled out.
package struct CourierFolder: Sendable {
  package let path: String

  package init(_ path: String) { self.path = path }

  /// The names of the files with a suffix, in order.
  package func names(_ suffix: String) throws(CourierError) -> [String] {
    guard let stream = unsafe opendir(path) else {
      throw trouble("reading \(path)", "check the path, and that the stick is mounted")
    }
    defer { unsafe _ = closedir(stream) }
    var names: [String] = []
    while let entry = unsafe readdir(stream) {
      let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) { bytes in
        unsafe String(decoding: bytes.prefix(while: { $0 != 0 }), as: UTF8.self)
      }
      if !name.hasPrefix("."), name.hasSuffix(suffix) { names.append(name) }
    }
    return names.sorted()
  }

  /// Reads a file; `nil` where it is larger than any of the courier's.
  package func read(_ name: String) throws(CourierError) -> [UInt8]? {
    let attempted = "reading \(path)/\(name)"
    let remedy = "check the stick, and that this user may read it"
    let file = unsafe open(path + "/" + name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
    guard file >= 0 else { throw trouble(attempted, remedy) }
    defer { close(file) }
    var (bytes, chunk): ([UInt8], [UInt8]) = ([], [UInt8](repeating: 0, count: 65_536))
    while true {
      let count = unsafe Glibc.read(file, &chunk, chunk.count)
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { throw trouble(attempted, remedy) }
      if count == 0 { return bytes }
      bytes += chunk[..<count]
      if bytes.count > Courier.mostBytes { return nil }
    }
  }

  /// Writes a file under another name, brings it to the disk, and gives it its own.
  package func write(_ name: String, _ bytes: [UInt8]) throws(CourierError) {
    let attempted = "writing \(path)/\(name)"
    let remedy = "check that the stick has room and is not write-protected"
    let new = "\(path)/.\(name).new"
    let file = unsafe open(new, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw trouble(attempted, remedy) }
    var rest = bytes[...]
    var isWell = true
    while isWell, !rest.isEmpty {
      let count = unsafe rest.withUnsafeBytes {
        unsafe Glibc.write(file, $0.baseAddress, $0.count)
      }
      if count < 0, errno == EINTR { continue }
      isWell = count > 0
      if isWell { rest = rest.dropFirst(count) }
    }
    isWell = isWell && fsync(file) == 0
    let code = errno
    close(file)
    guard isWell, unsafe rename(new, path + "/" + name) == 0 else {
      if !isWell { errno = code }
      let error = trouble(attempted, remedy)
      unsafe _ = unlink(new)
      throw error
    }
  }

  /// Brings the names to the disk: the last step before a stick may be pulled out.
  package func settle() throws(CourierError) {
    let attempted = "finishing \(path)"
    let folder = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw trouble(attempted, "check the stick") }
    defer { close(folder) }
    // Some file systems of sticks cannot; they have nothing to bring then.
    guard fsync(folder) == 0 || errno == EINVAL else { throw trouble(attempted, "check the stick") }
  }

  private func trouble(_ attempted: String, _ remedy: String) -> CourierError {
    CourierError(
      attempted: attempted,
      cause: unsafe String(cString: strerror(errno)),
      remedy: remedy
    )
  }
}
