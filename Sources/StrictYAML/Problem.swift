/// Something wrong in a file, with its place and its remedy.
package struct Problem: Error, Hashable, Sendable, CustomStringConvertible {
  package var file: String
  /// 1 and up; 0 where the problem has no place in the text.
  package var line: Int
  /// 1 and up; 0 where the problem has no place in the text.
  package var column: Int
  package var cause: String
  package var remedy: String

  package init(file: String, line: Int, column: Int, cause: String, remedy: String) {
    self.file = file
    self.line = line
    self.column = column
    self.cause = cause
    self.remedy = remedy
  }

  package var description: String {
    let place = line > 0 ? "\(file):\(line):\(column)" : file
    return "\(place): \(cause); \(remedy)"
  }
}

/// All problems found in one reading; a file is checked to its end, not to its first mistake.
package struct Problems: Error, Sendable, CustomStringConvertible {
  package private(set) var all: [Problem] = []

  package init() {}

  package var isEmpty: Bool { all.isEmpty }

  package mutating func add(_ problem: Problem) {
    all.append(problem)
  }

  package mutating func add(contentsOf other: Problems) {
    all.append(contentsOf: other.all)
  }

  package var description: String {
    all.map(\.description).joined(separator: "\n")
  }
}
