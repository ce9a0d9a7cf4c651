import Foundation

/// The project's own files, as the tidy tests read them.
struct SourceTree {
  struct File: CustomStringConvertible {
    /// Relative to the project, as `Sources/Domain/Mass.swift`.
    let path: String
    let text: String

    var lines: [(number: Int, text: String)] {
      text.split(separator: "\n", omittingEmptySubsequences: false).enumerated()
        .map { (number: $0 + 1, text: String($1)) }
    }

    /// `Sources/NAME/…` → NAME.
    var module: String { path.split(separator: "/").dropFirst().first.map(String.init) ?? "" }

    var description: String { path }
  }

  static let root = URL(filePath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

  static func files(under folder: String, withSuffix suffix: String = ".swift") throws -> [File] {
    let base = root.appending(path: folder)
    let names = FileManager.default.enumerator(atPath: base.path)?.compactMap { $0 as? String }
    return try (names ?? []).filter { $0.hasSuffix(suffix) }.sorted().map { name in
      File(
        path: "\(folder)/\(name)",
        text: try String(contentsOf: base.appending(path: name), encoding: .utf8)
      )
    }
  }

  static func text(_ path: String) throws -> String {
    try String(contentsOf: root.appending(path: path), encoding: .utf8)
  }
}
