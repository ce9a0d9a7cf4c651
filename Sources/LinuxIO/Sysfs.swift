internal import Drivers
internal import Glibc

/// The kernel's files about devices; everyone may read most of them.
package struct Sysfs: Sendable {
  /// Where `sys` and `dev` are, without a `/` at the end; empty on a real system.
  package let root: String

  package init(root: String = "/") {
    self.root = root == "/" ? "" : root
  }

  /// The path under the root.
  package func path(_ path: String) -> String { "\(root)/\(path)" }

  /// What is in a folder, sorted as people count: `hidraw2` before `hidraw10`.
  package func names(in folder: String) -> [String] {
    guard let directory = unsafe opendir(path(folder)) else { return [] }
    defer { unsafe closedir(directory) }
    var names: [String] = []
    while let entry = unsafe readdir(directory) {
      let name = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Self.text($0) }
      if !name.hasPrefix(".") { names.append(name) }
    }
    return names.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }
  }

  /// The first 64 KiB of a file; `nil` where it cannot be read.
  package func bytes(_ file: String) -> [UInt8]? {
    guard let handle = try? Handle(opening: path(file), O_RDONLY) else { return nil }
    var all: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 4096)
    while all.count < 65_536 {
      let count = try? System.call("read") {
        unsafe Glibc.read(handle.descriptor, &chunk, chunk.count)
      }
      guard let count else { return nil }
      if count == 0 { break }
      all.append(contentsOf: chunk[..<count])
    }
    return all
  }

  /// A file's text without white space around it; `nil` where it cannot be read.
  package func text(_ file: String) -> String? {
    guard let bytes = bytes(file) else { return nil }
    let core = bytes.drop { $0 <= 0x20 }
    let end = core.lastIndex { $0 > 0x20 && $0 != 0x7F }.map { $0 + 1 } ?? core.startIndex
    return String(decoding: core[core.startIndex..<end], as: UTF8.self)
  }

  /// A file's `KEY=VALUE` lines.
  package func pairs(_ file: String) -> [String: String] {
    let lines = (text(file) ?? "").split(separator: "\n")
    let pairs = lines.map {
      $0.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    }
    return Dictionary(
      pairs.compactMap { $0.count == 2 ? (String($0[0]), String($0[1])) : nil },
      uniquingKeysWith: { $1 }
    )
  }

  /// Where a link leads in the end, relative to the root; `nil` where it leads nowhere.
  package func target(_ link: String) -> String? {
    guard let resolved = unsafe realpath(path(link), nil) else { return nil }
    defer { unsafe free(resolved) }
    let target = unsafe String(cString: resolved)
    let base = unsafe realpath(root.isEmpty ? "/" : root, nil)
    defer { unsafe free(base) }
    guard let base = unsafe base, target.hasPrefix(unsafe String(cString: base)) else { return nil }
    return String(target.dropFirst(unsafe strlen(base)).drop { $0 == "/" })
  }

  package func exists(_ file: String) -> Bool {
    unsafe access(path(file), F_OK) == 0
  }

  /// Whether this process may read and write a device node.
  package func isAccessible(_ node: String) -> Bool {
    unsafe access(path(node), R_OK | W_OK) == 0
  }

  /// The text of a C array of characters, up to its NUL.
  static func text(_ characters: UnsafeRawBufferPointer) -> String {
    unsafe String(decoding: characters.prefix { $0 != 0 }, as: UTF8.self)
  }
}
