package import Domain

/// When the beeper keeps quiet (静音时段), from one time of the day to another.
package struct QuietHours: Hashable, Sendable {
  /// Minutes since local midnight.
  package let from: Int
  /// Minutes since local midnight; the next day where it is not after ``from``.
  package let to: Int
  package let hoursAheadOfUTC: Int

  /// Takes two different times of the day.
  package init?(from: Int, to: Int, hoursAheadOfUTC: Int = 8) {
    let day = 0..<1440
    guard day.contains(from), day.contains(to), from != to else { return nil }
    self.from = from
    self.to = to
    self.hoursAheadOfUTC = hoursAheadOfUTC
  }

  /// Reads a time of the day as `21:00`, in minutes since midnight.
  package static func minutes(_ text: String) -> Int? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    let isDigits = { (part: Substring) in
      part.utf8.count == 2 && part.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }
    guard parts.count == 2, parts.allSatisfy(isDigits), let hours = Int(parts[0]),
      let minutes = Int(parts[1]), hours < 24, minutes < 60
    else { return nil }
    return hours * 60 + minutes
  }

  /// Whether it is quiet now; never where nothing has set the clock, which may then say anything.
  package func covers(_ time: Timestamp) -> Bool {
    guard time.quality != .none else { return false }
    let local = time.wallMilliseconds / 60_000 + Int64(hoursAheadOfUTC) * 60
    let minute = Int(((local % 1440) + 1440) % 1440)
    return from < to ? (from..<to).contains(minute) : minute >= from || minute < to
  }
}
