import Domain
import Foundation
import Labels
import Synchronization

/// Printed labels as PNG files, numbered as they come.
final class LabelArchive: Sendable {
  private let folder: URL?
  private let count = Mutex(0)

  /// - Parameter folder: Where they go; `nil` keeps none.
  init(folder: URL?) {
    self.folder = folder
  }

  /// Saves a label.
  ///
  /// - Returns: The file; `nil` where none is kept or it could not be written.
  @discardableResult
  func save(_ page: Page) -> URL? {
    guard let folder, let bytes = try? PNG.encode(page) else { return nil }
    let number = count.withLock { count in
      count += 1
      return count
    }
    let file = folder.appending(path: "label-\(String(1000 + number).dropFirst()).png")
    return (try? Data(bytes).write(to: file)) == nil ? nil : file
  }
}

/// The codes on a printed label, read by `zbarimg` as a phone or a scanner would.
enum CodeReader {
  /// Reads every code of a picture.
  ///
  /// - Returns: The texts of the codes; `nil` where zbarimg is not installed.
  static func read(_ file: URL) throws -> [String]? {
    let program = "/usr/bin/zbarimg"
    guard FileManager.default.isExecutableFile(atPath: program) else { return nil }
    let process = Process()
    process.executableURL = URL(filePath: program)
    process.arguments = ["--quiet", "--raw", file.path]
    let output = Pipe()
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    try process.run()
    let bytes = try output.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
  }
}
