import Crypto
import Glibc

/// Why the station's key cannot be had.
package struct StationKeyError: Error, Hashable, Sendable, CustomStringConvertible {
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

/// Where the station's key is kept: one small file, for the daemon's user only.
package enum StationKeyFile {
  /// The file's name in the state directory.
  package static let name = "station.key"
  private static let heading = "yizhan station key 1"
  private static let mostBytes = 4096

  /// Reads the key of a state directory, and makes it where there is none.
  ///
  /// A file that is there and cannot be read as a key is an error: a new key would lock the box
  /// out of the hub without a word.
  package static func load(_ directory: String) throws(StationKeyError) -> StationKey {
    let path = directory + "/" + name
    if let key = try read(path) { return key }
    try make(StationKey(), path, in: directory)
    // Another process may have been first; its key stands.
    guard let key = try read(path) else {
      throw StationKeyError(
        attempted: "making the station's key in \(path)",
        cause: "the file vanished again",
        remedy: "look who removes files from \(directory)"
      )
    }
    return key
  }

  /// Reads the key; `nil` where there is no file.
  package static func read(_ path: String) throws(StationKeyError) -> StationKey? {
    let attempted = "reading the station's key in \(path)"
    let file = unsafe open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard file >= 0 else {
      if errno == ENOENT { return nil }
      throw trouble(attempted, "run this as root or as the daemon's user")
    }
    defer { close(file) }
    var facts = stat()
    guard unsafe fstat(file, &facts) == 0 else { throw trouble(attempted, "check the disk") }
    guard facts.st_mode & 0o077 == 0 else {
      throw StationKeyError(
        attempted: attempted,
        cause: "others than its owner may read it",
        remedy: "if nobody has, `chmod 600 \(path)`; else remove it and enrol the new key"
      )
    }
    var bytes = [UInt8](repeating: 0, count: mostBytes)
    let count = unsafe Glibc.read(file, &bytes, bytes.count)
    guard count >= 0 else { throw trouble(attempted, "check the disk") }
    guard let key = parse(String(decoding: bytes[..<count], as: UTF8.self)) else {
      throw StationKeyError(
        attempted: attempted,
        cause: "the file is damaged",
        remedy: "copy it back from a backup; or remove it, restart the daemon and have the hub's"
          + " operator `yizhan-hub replace` the key"
      )
    }
    return key
  }

  private static func text(_ key: StationKey) -> String {
    "\(heading)\n\(Hex.encode(key.seed))\n\(check(key))\n"
  }

  /// The seed has no form of its own by which damage would show.
  private static func check(_ key: StationKey) -> String {
    Hex.encode(SHA256.hash(data: key.publicKey.bytes).prefix(8))
  }

  private static func parse(_ text: String) -> StationKey? {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.count == 4, lines[0] == heading, lines[3].isEmpty,
      let seed = Hex.decode(String(lines[1])), let key = StationKey(seed: seed),
      check(key) == lines[2]
    else { return nil }
    return key
  }

  /// Writes the key under another name and links it: under its own name it is whole or not there.
  private static func make(
    _ key: StationKey,
    _ path: String,
    in directory: String
  ) throws(StationKeyError) {
    let attempted = "making the station's key in \(path)"
    let remedy = "check that the daemon's user may write \(directory) and that there is room"
    let new = "\(path).\(getpid()).\(UInt64.random(in: .min ... .max)).new"
    let file = unsafe open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw trouble(attempted, remedy) }
    let bytes = Array(text(key).utf8)
    let isWritten = unsafe write(file, bytes, bytes.count) == bytes.count && fsync(file) == 0
    let code = errno
    close(file)
    defer { unsafe _ = unlink(new) }
    guard isWritten else {
      errno = code
      throw trouble(attempted, remedy)
    }
    guard unsafe link(new, path) == 0 || errno == EEXIST else { throw trouble(attempted, remedy) }
    let folder = unsafe open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
    guard folder >= 0 else { throw trouble(attempted, remedy) }
    defer { close(folder) }
    guard fsync(folder) == 0 else { throw trouble(attempted, remedy) }
  }

  private static func trouble(_ attempted: String, _ remedy: String) -> StationKeyError {
    StationKeyError(
      attempted: attempted,
      cause: unsafe String(cString: strerror(errno)),
      remedy: remedy
    )
  }
}
