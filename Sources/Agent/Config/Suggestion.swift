/// Finds what was probably meant.
enum Suggestion {
  /// The nearest of some names, where it is near enough to be a slip.
  static func nearest(to text: String, among names: [String]) -> String? {
    let best = names.map { (name: $0, distance: distance(text, $0)) }
      .min { ($0.distance, $0.name) < ($1.distance, $1.name) }
    guard let best, best.distance <= max(2, text.count / 3) else { return nil }
    return best.name
  }

  /// The remedy for a name that does not exist.
  static func remedy(for text: String, among names: [String]) -> String {
    if let nearest = nearest(to: text, among: names) { return "did you mean `\(nearest)`?" }
    return names.isEmpty
      ? "there is none to choose from" : "use one of: \(names.joined(separator: ", "))"
  }

  /// Insertions, deletions and replacements between two texts (Levenshtein).
  static func distance(_ left: String, _ right: String) -> Int {
    let right = Array(right)
    var row = Array(0...right.count)
    for (index, character) in left.enumerated() {
      var diagonal = row[0]
      row[0] = index + 1
      for column in right.indices {
        let replaced = diagonal + (character == right[column] ? 0 : 1)
        diagonal = row[column + 1]
        row[column + 1] = min(replaced, diagonal + 1, row[column] + 1)
      }
    }
    return row[right.count]
  }
}
