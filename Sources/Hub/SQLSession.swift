/// What a column holds.
enum SQLValue: Hashable, Sendable {
  case null
  case int(Int64)
  case text(String)
  case bytes([UInt8])

  static func optional(_ text: String?) -> SQLValue { text.map { .text($0) } ?? .null }
  /// No bytes are no value.
  static func optional(_ bytes: [UInt8]) -> SQLValue { bytes.isEmpty ? .null : .bytes(bytes) }
}

/// One row of an answer, its values in the order of the question.
struct SQLRow: Hashable, Sendable {
  var values: [SQLValue]

  /// A number; 0 where there is none.
  func int(_ index: Int) -> Int64 {
    guard case .int(let value) = values[index] else { return 0 }
    return value
  }

  func text(_ index: Int) -> String? {
    guard case .text(let value) = values[index] else { return nil }
    return value
  }

  func bytes(_ index: Int) -> [UInt8] {
    guard case .bytes(let value) = values[index] else { return [] }
    return value
  }
}

/// A transaction of some database.
///
/// All that the hub knows is written against it once, so that SQLite and PostgreSQL cannot come to
/// differ. Parameters are `$1`, `$2`, first named in that order; calls block.
protocol SQLSession {
  /// Carries out a statement and fetches what it answers.
  func rows(_ sql: String, _ values: [SQLValue]) throws -> [SQLRow]

  /// Adds rows that are known to be new, in the columns named.
  func insert(_ rows: [[SQLValue]], into table: String, _ columns: [String]) throws
}

extension SQLSession {
  /// Carries out a statement without an answer.
  func run(_ sql: String, _ values: [SQLValue] = []) throws { _ = try rows(sql, values) }

  /// The first number of the first row.
  func number(_ sql: String, _ values: [SQLValue] = []) throws -> Int64? {
    try rows(sql, values).first.map { $0.int(0) }
  }
}
