import Foundation
import Testing

/// Rules of the house that neither the compiler nor the formatter holds.
struct HouseRuleTests {
  static let banned = [
    "Task.detached", "try!", "fatalError(", "nonisolated(unsafe)", "@testable", "TODO", "FIXME",
    "@preconcurrency import", "DispatchSemaphore",
  ]

  @Test(arguments: banned)
  func `the sources do not hold`(word: String) throws {
    for file in try SourceTree.files(under: "Sources") {
      for line in file.lines where line.text.contains(word) {
        Issue.record("\(file):\(line.number): \(word)")
      }
    }
  }

  @Test func `an unchecked promise has its argument in a comment right above it`() throws {
    var promises = 0
    for file in try SourceTree.files(under: "Sources") {
      let lines = file.lines
      for (index, line) in lines.enumerated() where line.text.contains("@unchecked") {
        guard !line.text.contains("//") else { continue }
        promises += 1
        let above = lines[max(0, index - 6)..<index]
        #expect(above.contains { $0.text.contains("//") }, "\(file):\(line.number)")
      }
    }
    #expect(promises <= 6, "\(promises) unchecked promises: find another way")
  }

  @Test func `only executables print`() throws {
    for file in try SourceTree.files(under: "Sources") where !file.module.hasPrefix("yizhan") {
      for line in file.lines {
        let isCall = line.text.trimmingCharacters(in: .whitespaces).hasPrefix("print(")
        #expect(!isCall, "\(file):\(line.number)")
      }
    }
  }

  @Test func `files stay short`() throws {
    for file in try SourceTree.files(under: "Sources") + SourceTree.files(under: "Tests") {
      #expect(file.lines.count <= 420, "\(file) has \(file.lines.count) lines")
    }
  }

  @Test func `every declaration that other modules see is documented`() throws {
    let kinds = ["struct", "enum", "final class", "actor", "protocol"]
    for file in try SourceTree.files(under: "Sources") {
      let lines = file.lines
      for (index, line) in lines.enumerated() {
        let text = line.text.trimmingCharacters(in: .whitespaces)
        guard kinds.contains(where: { text.hasPrefix("package \($0) ") }), index > 0 else {
          continue
        }
        // Nested values whose name and owner say it all may do without.
        guard !line.text.hasPrefix(" ") else { continue }
        let above = lines[index - 1].text.trimmingCharacters(in: .whitespaces)
        #expect(above.hasPrefix("///") || above.hasPrefix("@"), "\(file):\(line.number): \(text)")
      }
    }
  }

  @Test func `no path of one machine and no foreign host stands in the project`() throws {
    let files =
      try SourceTree.files(under: "Sources") + SourceTree.files(under: "Tests")
      + SourceTree.files(under: "Devices", withSuffix: ".yaml")
    for file in files where !file.path.contains("TidyTests") {
      for line in file.lines {
        #expect(!line.text.contains("/work/"), "\(file):\(line.number)")
        #expect(!line.text.contains("/home/"), "\(file):\(line.number)")
      }
    }
  }
}
