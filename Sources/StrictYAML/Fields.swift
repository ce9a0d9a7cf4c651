internal import Yams

/// The fields of one mapping; every key must be asked for, or ``finish()`` reports it as unknown.
///
/// Each getter returns a value even where the text has none, and reports what is wrong to the
/// document, so that one pass finds all problems.
package final class Fields {
  package let document: Document
  /// The place of this mapping, as `devices.scale`.
  package let path: String
  private let mapping: Node.Mapping?
  private let mark: Mark?
  private var asked: Set<String> = []

  init(document: Document, mapping: Node.Mapping?, path: String, mark: Mark?) {
    self.document = document
    self.mapping = mapping
    self.path = path
    self.mark = mark
  }

  /// The keys in the order of the file.
  package var keys: [String] { mapping?.keys.compactMap(\.string) ?? [] }

  /// Whether the mapping has this key at all.
  package func has(_ key: String) -> Bool { value(key) != nil }

  /// Reports every key that nobody asked for.
  package func finish() {
    for key in keys where !asked.contains(key) {
      let known = asked.sorted().joined(separator: ", ")
      report(
        at: key,
        "unknown key `\(place(key))`",
        remedy: known.isEmpty ? "remove it" : "remove it, or use one of: \(known)"
      )
    }
  }

  /// Reports a problem of this mapping, at one of its keys where that exists.
  package func report(at key: String? = nil, _ cause: String, remedy: String) {
    let mark = key.flatMap { key in mapping?.keys.first { $0.string == key }?.mark } ?? self.mark
    document.report(mark, cause, remedy: remedy)
  }

  /// Finds a key by its text alone: `1`, `"1"` and `'1'` are one key here.
  private func value(_ key: String) -> Node? {
    mapping?.first { $0.key.scalar?.string == key }?.value
  }

  private func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  private func node(_ key: String, required: Bool, _ kind: String) -> Node? {
    asked.insert(key)
    guard let node = value(key) else {
      if required, mapping != nil {
        report("`\(place(key))` is missing", remedy: "add `\(key):` with \(kind)")
      }
      return nil
    }
    return node
  }

  private func wrong(_ node: Node, _ key: String, _ kind: String) {
    document.report(
      node.mark,
      "`\(place(key))` is not \(kind)",
      remedy: "write \(kind) there"
    )
  }
}

// MARK: Scalars

extension Fields {
  /// A text; empty where it is missing or wrong.
  package func string(_ key: String) -> String {
    scalar(key, required: true, "a text") { $0 } ?? ""
  }

  package func optionalString(_ key: String) -> String? {
    scalar(key, required: false, "a text") { $0 }
  }

  /// A whole number within bounds; the lower bound where it is missing or wrong.
  package func int(_ key: String, in bounds: ClosedRange<Int>) -> Int {
    bounded(key, required: true, bounds) ?? bounds.lowerBound
  }

  package func int(_ key: String, in bounds: ClosedRange<Int>, default value: Int) -> Int {
    bounded(key, required: false, bounds) ?? value
  }

  package func optionalInt(_ key: String, in bounds: ClosedRange<Int>) -> Int? {
    bounded(key, required: false, bounds)
  }

  package func bool(_ key: String, default value: Bool) -> Bool {
    scalar(key, required: false, "true or false") { ["true": true, "false": false][$0] } ?? value
  }

  /// One of the raw values of an enumeration; `value` where it is missing, an error if required.
  package func choice<Value: RawRepresentable & CaseIterable>(
    _ key: String,
    default value: Value? = nil
  ) -> Value? where Value.RawValue == String {
    let kind = "one of: " + Value.allCases.map(\.rawValue).joined(separator: ", ")
    return scalar(key, required: value == nil, kind) { Value(rawValue: $0) } ?? value
  }

  /// A number with up to three decimals, in thousandths, as millimetres in micrometres.
  package func thousandths(_ key: String, in bounds: ClosedRange<Int>, default value: Int? = nil)
    -> Int
  {
    let kind =
      "a number from \(Self.decimal(bounds.lowerBound)) to \(Self.decimal(bounds.upperBound))"
    let read = scalar(key, required: value == nil, kind) { text in
      Self.thousandths(text).flatMap { bounds.contains($0) ? $0 : nil }
    }
    return read ?? value ?? bounds.lowerBound
  }

  /// A duration as `20 ms`, `1.5 s`, `2 min` or `8 h`, in milliseconds.
  package func milliseconds(
    _ key: String,
    in bounds: ClosedRange<Int>,
    default value: Int? = nil
  ) -> Int {
    let kind = "a duration from \(bounds.lowerBound) ms to \(bounds.upperBound) ms, as `20 ms`"
    let read = scalar(key, required: value == nil, kind) { text in
      Self.milliseconds(text).flatMap { bounds.contains($0) ? $0 : nil }
    }
    return read ?? value ?? bounds.lowerBound
  }

  private func bounded(_ key: String, required: Bool, _ bounds: ClosedRange<Int>) -> Int? {
    let kind = "a whole number from \(bounds.lowerBound) to \(bounds.upperBound)"
    return scalar(key, required: required, kind) { text in
      Self.integer(text).flatMap { bounds.contains($0) ? $0 : nil }
    }
  }

  private func scalar<Value>(
    _ key: String,
    required: Bool,
    _ kind: String,
    _ read: (String) -> Value?
  ) -> Value? {
    guard let node = node(key, required: required, kind) else { return nil }
    guard case .scalar(let scalar) = node, !scalar.isEmpty, let value = read(scalar.string) else {
      wrong(node, key, kind)
      return nil
    }
    return value
  }

  private static func integer(_ text: String) -> Int? {
    guard text.hasPrefix("0x") else { return Int(text) }
    let digits = text.dropFirst(2)
    return digits.allSatisfy(\.isHexDigit) ? Int(digits, radix: 16) : nil
  }

  private static func decimal(_ thousandths: Int) -> String {
    let (whole, rest) = thousandths.magnitude.quotientAndRemainder(dividingBy: 1000)
    let sign = thousandths < 0 ? "-" : ""
    return sign + (rest == 0 ? "\(whole)" : "\(whole).\(String(1000 + rest).dropFirst())")
  }

  static func thousandths(_ text: String) -> Int? {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false)
    guard let first = parts.first, let whole = Int(first),
      (-1_000_000...1_000_000).contains(whole)
    else { return nil }
    guard parts.count > 1 else { return whole * 1000 }
    let decimals = parts[1]
    guard parts.count == 2, (1...3).contains(decimals.count), decimals.first != "-",
      decimals.first != "+", let value = Int(decimals)
    else { return nil }
    let fraction = value * [100, 10, 1][decimals.count - 1]
    return whole * 1000 + (first.hasPrefix("-") ? -fraction : fraction)
  }

  static func milliseconds(_ text: String) -> Int? {
    let parts = text.split(separator: " ")
    guard parts.count == 2, let value = thousandths(String(parts[0])) else { return nil }
    switch parts[1] {
    case "ms": return value % 1000 == 0 ? value / 1000 : nil
    case "s": return value
    case "min": return value * 60
    case "h": return value * 3600
    default: return nil
    }
  }
}

// MARK: Structure

extension Fields {
  /// The fields of a mapping below this one; empty ones, and a problem, where it is missing.
  package func fields(_ key: String) -> Fields {
    guard let node = node(key, required: true, "a mapping") else {
      return Fields(document: document, mapping: nil, path: place(key), mark: mark)
    }
    return document.fields(of: node, path: place(key))
  }

  package func optionalFields(_ key: String) -> Fields? {
    guard let node = node(key, required: false, "a mapping") else { return nil }
    return document.fields(of: node, path: place(key))
  }

  /// The mappings of a list; none where the key is missing.
  package func list(_ key: String) -> [Fields] {
    items(key, "a list of mappings").enumerated().map { index, node in
      document.fields(of: node, path: "\(place(key))[\(index)]")
    }
  }

  /// The texts of a list; none where the key is missing.
  package func strings(_ key: String) -> [String] {
    items(key, "a list of texts").compactMap { node in
      guard case .scalar(let scalar) = node, !scalar.isEmpty else {
        wrong(node, key, "a list of texts")
        return nil
      }
      return scalar.string
    }
  }

  private func items(_ key: String, _ kind: String) -> [Node] {
    guard let node = node(key, required: false, kind) else { return [] }
    guard case .sequence(let sequence) = node else {
      wrong(node, key, kind)
      return []
    }
    return Array(sequence)
  }
}

extension Node.Scalar {
  /// Whether nothing stands there, or YAML's word for nothing: never taken for a text.
  fileprivate var isEmpty: Bool {
    style == .plain && ["", "~", "null", "Null", "NULL"].contains(string)
  }
}
