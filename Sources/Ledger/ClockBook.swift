package import Domain
import GRDB

/// When an event happened, as well as the ledger knows by now.
package struct EventTime: Hashable, Sendable {
  /// Why the time is believed.
  package enum Certainty: String, Hashable, Sendable {
    /// The clock was right when the event was recorded.
    case measured
    /// The clock of that boot was put right later.
    case corrected
    /// A battery-backed clock said so, and nothing has confirmed it.
    case unconfirmed
    /// The clock had not been set, and never was in that boot.
    case unknown
  }

  /// Milliseconds since 1970-01-01T00:00:00Z.
  package var milliseconds: Int64
  package var certainty: Certainty

  package init(milliseconds: Int64, certainty: Certainty) {
    self.milliseconds = milliseconds
    self.certainty = certainty
  }

  /// Whether order and age may be told from it.
  package var isTrusted: Bool { certainty == .measured || certainty == .corrected }

  /// Whole hours since 1970, UTC.
  package var hour: Int64 {
    (milliseconds - (milliseconds < 0 ? 3_599_999 : 0)) / 3_600_000
  }

  /// The time in RFC 3339, UTC.
  package var rfc3339: String {
    Timestamp(boot: "", monotonic: .zero, wallMilliseconds: milliseconds, quality: .none).rfc3339
  }

  /// The time for people, as `2026-11-23 16:15`, in a time zone so many hours ahead of UTC.
  package func local(hoursAheadOfUTC offset: Int = 8) -> String {
    Timestamp(boot: "", monotonic: .zero, wallMilliseconds: milliseconds, quality: .none)
      .local(hoursAheadOfUTC: offset)
  }
}

/// What has been learnt of the clocks of all boots.
///
/// An event that was recorded while the clock was not trusted takes the correction of its boot: the
/// newest that was known then, else the first that came afterwards.
package struct ClockBook: Hashable, Sendable {
  /// One correction: known at `at`, true time is monotonic time and `offsetMilliseconds`.
  package struct Correction: Hashable, Sendable {
    package var at: Instant
    package var offsetMilliseconds: Int64
    package var quality: ClockQuality

    package init(at: Instant, offsetMilliseconds: Int64, quality: ClockQuality) {
      self.at = at
      self.offsetMilliseconds = offsetMilliseconds
      self.quality = quality
    }
  }

  /// In the order in which they became known.
  private var corrections: [String: [Correction]] = [:]

  package init() {}

  /// Takes a correction that became known later than all others of its boot.
  package mutating func add(_ correction: Correction, boot: String) {
    corrections[boot, default: []].append(correction)
  }

  /// The newest correction of a boot.
  package func newest(boot: String) -> Correction? { corrections[boot]?.last }

  /// When something happened.
  package func time(of stamp: Timestamp) -> EventTime {
    if stamp.quality == .ntp || stamp.quality == .hub {
      return EventTime(milliseconds: stamp.wallMilliseconds, certainty: .measured)
    }
    let known = corrections[stamp.boot] ?? []
    guard let correction = known.last(where: { $0.at <= stamp.monotonic }) ?? known.first else {
      return EventTime(
        milliseconds: stamp.wallMilliseconds,
        certainty: stamp.quality == .rtc ? .unconfirmed : .unknown
      )
    }
    return EventTime(
      milliseconds: stamp.monotonic.nanoseconds / 1_000_000 + correction.offsetMilliseconds,
      certainty: .corrected
    )
  }

  init(_ db: Database) throws {
    let rows = try Row.fetchCursor(
      db,
      sql: """
        SELECT w.text AS boot, c.monotonic, c.offset, c.quality FROM correction c
        JOIN word w ON w.id = c.boot ORDER BY c.boot, c.monotonic
        """
    )
    while let row = try rows.next() {
      add(
        Correction(
          at: Instant(nanoseconds: row["monotonic"]),
          offsetMilliseconds: row["offset"],
          quality: ClockQuality(code: row["quality"]) ?? .none
        ),
        boot: row["boot"]
      )
    }
  }
}
