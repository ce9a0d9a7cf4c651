/// Names that look like what was written.
package enum NearNames {
  /// Finds those that are alike.
  ///
  /// - Parameters:
  ///   - text: What was written.
  ///   - names: What there is.
  ///   - count: How many to give at most.
  /// - Returns: The likeliest first; none where nothing is alike.
  package static func find(_ text: String, among names: [String], atMost count: Int = 3)
    -> [String]
  {
    let wanted = plain(text)
    guard !wanted.isEmpty else { return [] }
    let scored = names.map { (name: $0, score: score(wanted, plain($0))) }
    let near = scored.filter { $0.score >= 0.5 }
      .sorted { ($1.score, $0.name) < ($0.score, $1.name) }
    return near.prefix(count).map(\.name)
  }

  /// From 0 to 1: shared pairs of neighbouring letters (Sørensen and Dice), 1 where one is a part
  /// of the other.
  private static func score(_ left: [UInt8], _ right: [UInt8]) -> Double {
    let (short, long) = left.count < right.count ? (left, right) : (right, left)
    if short.count >= 3, long.contains(short) { return 1 }
    var rest = pairs(long)
    let total = rest.count + pairs(short).count
    guard total > 0 else { return 0 }
    var shared = 0
    for pair in pairs(short) {
      guard let index = rest.firstIndex(of: pair) else { continue }
      rest.remove(at: index)
      shared += 1
    }
    return Double(2 * shared) / Double(total)
  }

  private static func pairs(_ text: [UInt8]) -> [UInt16] {
    zip(text, text.dropFirst()).map { UInt16($0) << 8 | UInt16($1) }
  }

  /// Small letters and digits only.
  private static func plain(_ text: String) -> [UInt8] {
    text.lowercased().utf8.filter { (0x30...0x39).contains($0) || (0x61...0x7A).contains($0) }
  }
}
