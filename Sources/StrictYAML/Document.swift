internal import Yams

/// A YAML file, read strictly: one document, no key twice, no aliases.
///
/// Reading collects every problem instead of stopping at the first: ask for the fields, then call
/// ``check()`` once.
package final class Document {
  package let file: String
  package private(set) var problems = Problems()
  private let node: Node?

  /// Parses a text.
  ///
  /// - Parameters:
  ///   - text: The whole file.
  ///   - file: Its name, for the problems.
  package init(_ text: String, file: String) {
    self.file = file
    do {
      node = try Yams.compose(yaml: text)
    } catch {
      node = nil
      let (line, column, cause) = Self.place(of: error)
      report(line: line, column: column, cause, remedy: "correct the YAML there")
      return
    }
    if let node {
      var inspection = Inspection()
      inspection.visit(node)
      for finding in inspection.findings {
        report(finding.mark, finding.cause, remedy: finding.remedy)
      }
    } else {
      report(line: 0, column: 0, "the file is empty", remedy: "fill it or remove it")
    }
  }

  /// The fields of the document's top mapping.
  package var root: Fields {
    guard let node else { return Fields(document: self, mapping: nil, path: "", mark: nil) }
    return fields(of: node, path: "")
  }

  /// Throws all problems found until now, if there are any.
  package func check() throws(Problems) {
    guard problems.isEmpty else { throw problems }
  }

  func report(line: Int, column: Int, _ cause: String, remedy: String) {
    problems.add(
      Problem(file: file, line: line, column: column, cause: cause, remedy: remedy)
    )
  }

  func report(_ mark: Mark?, _ cause: String, remedy: String) {
    report(line: mark?.line ?? 0, column: mark?.column ?? 0, cause, remedy: remedy)
  }

  func fields(of node: Node, path: String) -> Fields {
    guard case .mapping(let mapping) = node else {
      report(
        node.mark,
        "\(Self.name(path)) is not a mapping",
        remedy: "write it as `key: value` lines"
      )
      return Fields(document: self, mapping: nil, path: path, mark: node.mark)
    }
    return Fields(document: self, mapping: mapping, path: path, mark: node.mark)
  }

  static func name(_ path: String) -> String { path.isEmpty ? "the file" : "`\(path)`" }

  private static func place(of error: any Error) -> (Int, Int, String) {
    switch error as? YamlError {
    case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
      .composer(_, let problem, let mark, _):
      (mark.line, mark.column, problem)
    case .duplicatedKeysInMapping(let duplicates, let context):
      (context.mark.line, context.mark.column, "the key `\(duplicates.first ?? "?")` stands twice")
    case .reader(let problem, let offset?, _, let text):
      place(of: text.prefix(offset), problem)
    default:
      (0, 0, "\(error)")
    }
  }

  private static func place(of before: Substring, _ problem: String) -> (Int, Int, String) {
    let lines = before.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
    return (lines.count, (lines.last?.unicodeScalars.count ?? 0) + 1, problem)
  }
}
