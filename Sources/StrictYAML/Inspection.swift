internal import Yams

/// A walk over a whole document for what a reading key by key would pass over.
struct Inspection {
  struct Finding {
    var mark: Mark?
    var cause: String
    var remedy: String
  }

  private(set) var findings: [Finding] = []
  /// The place of the node before: nodes stand in the order of the text.
  private var last = (line: 0, column: 0)

  /// Looks at a node and all below it, but not into what an alias brings in again.
  ///
  /// - Parameters:
  ///   - node: The node.
  ///   - owner: The place of the key or the list that it belongs to.
  ///   - isFirst: Whether it may stand where its mapping begins.
  mutating func visit(_ node: Node, owner: Mark? = nil, isFirst: Bool = true) {
    guard let mark = node.mark else { return }
    let place = (line: mark.line, column: mark.column)
    // The parser puts a copy of the anchor's node, with its mark, where the alias stood.
    guard place > last || (isFirst && place == last) else {
      findings.append(
        Finding(
          mark: owner,
          cause: "an alias stands for the text of line \(mark.line)",
          remedy: "write it out; aliases are not read"
        )
      )
      return
    }
    // Where nothing stands, the parser gives the place of what comes next.
    if node.scalar?.string != "" { last = place }
    switch node {
    case .scalar, .alias: break
    case .sequence(let sequence):
      for item in sequence { visit(item, owner: mark, isFirst: false) }
    case .mapping(let mapping): visit(mapping, mark)
    }
  }

  private mutating func visit(_ mapping: Node.Mapping, _ mark: Mark) {
    var seen: Set<String> = []
    var isFirst = true
    for (key, value) in mapping {
      visit(key, owner: mark, isFirst: isFirst)
      isFirst = false
      if let name = key.scalar?.string {
        if !seen.insert(name).inserted {
          findings.append(
            Finding(mark: key.mark, cause: "the key `\(name)` stands twice", remedy: "remove one")
          )
        }
      } else {
        findings.append(
          Finding(mark: key.mark, cause: "a key is not a text", remedy: "write it as `key: value`")
        )
      }
      visit(value, owner: key.mark, isFirst: false)
    }
  }
}
