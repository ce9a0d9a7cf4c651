import Domain

/// Times as the wire has them: RFC 3339 in UTC with milliseconds.
package enum RFC3339 {
  /// Milliseconds since 1970 of a text like `2026-11-23T08:15:00.042Z`; `nil` in any other form.
  package static func milliseconds(_ text: String) -> Int64? {
    let shape = "0000-00-00T00:00:00.000Z"
    guard text.utf8.count == shape.utf8.count else { return nil }
    for (byte, model) in zip(text.utf8, shape.utf8) {
      guard model == 0x30 ? (0x30...0x39).contains(byte) : byte == model else { return nil }
    }
    let fields = text.split { !$0.isNumber }.compactMap { Int64($0) }
    guard fields.count == 7 else { return nil }
    let (year, month, day) = (fields[0], fields[1], fields[2])
    guard (1...12).contains(month), (1...31).contains(day), fields[3] < 24, fields[4] < 60,
      fields[5] < 61
    else { return nil }
    let seconds = fields[3] * 3600 + fields[4] * 60 + fields[5]
    return (days(year, month, day) * 86_400 + seconds) * 1000 + fields[6]
  }

  /// The day number of a proleptic Gregorian date, years counted from March.
  private static func days(_ year: Int64, _ month: Int64, _ day: Int64) -> Int64 {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }

  /// The text of a time.
  package static func text(_ milliseconds: Int64) -> String {
    Timestamp(boot: "", monotonic: .zero, wallMilliseconds: milliseconds, quality: .none).rfc3339
  }
}
