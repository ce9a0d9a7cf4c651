package import Domain
import Drivers
import Ledger
package import Logging
import Synchronization

/// Learns the true time of this boot, and has the ledger note it.
///
/// NTP is believed first, the hub's answers where there is no NTP. The first trusted time of a boot
/// is recorded, later ones only where they contradict it by more than ``bound``; what the ledger
/// already holds is never rewritten.
package final class ClockKeeper: Sendable {
  /// A difference up to this is the drift of a crystal or the jitter of a link.
  package static let bound = Duration.seconds(2)
  /// The time in an answer that took longer says too little.
  package static let longestRoundTrip = Duration.seconds(10)
  /// 2020-01-01: no honest clock has shown less since this program exists.
  private static let earliest: Int64 = 1_577_836_800_000

  private struct Known {
    var offset: Int64
    var quality: ClockQuality
  }

  private let journal: Journal
  private let now: @Sendable () -> Timestamp
  private let logger: Logger
  private let known = Mutex<Known?>(nil)

  package init(journal: Journal, now: @escaping @Sendable () -> Timestamp, logger: Logger) {
    self.journal = journal
    self.now = now
    self.logger = logger
  }

  /// Whether the time of this boot is known from NTP.
  package var isSettled: Bool { known.withLock { $0?.quality == .ntp } }

  /// From where the time of this boot is known.
  package var quality: ClockQuality {
    let own = now().quality
    return own == .ntp ? own : known.withLock { $0?.quality } ?? own
  }

  /// Takes up what an earlier run in the same boot has learnt.
  package func recall() async {
    let boot = now().boot
    let newest = try? await journal.perform { ledger throws(LedgerError) in
      try ledger.reader.clocks().newest(boot: boot)
    }
    guard let correction = newest ?? nil else { return }
    known.withLock {
      $0 = Known(offset: correction.offsetMilliseconds, quality: correction.quality)
    }
  }

  /// Looks whether NTP has set the clock.
  package func check() {
    let now = now()
    guard now.quality == .ntp else { return }
    learn(now.wallMilliseconds, .ntp, at: now.monotonic)
  }

  /// Takes the time in an answer of the hub, as soon as it has come.
  ///
  /// - Parameters:
  ///   - milliseconds: The hub's time, since 1970.
  ///   - roundTrip: How long the answer took; half of it is the way back.
  package func hubTime(_ milliseconds: Int64, roundTrip: Duration) {
    guard roundTrip >= .zero, roundTrip <= Self.longestRoundTrip, !isSettled else { return }
    learn(milliseconds + roundTrip.milliseconds / 2, .hub, at: now().monotonic)
  }

  /// The time to print for people, by what is known of this boot; `nil` while nobody knows it.
  ///
  /// A wrong date on a parcel is worse than none: it is read as a promise, and copied into books. So
  /// a clock that nobody has set is not asked, nor one that shows a year before this program; where
  /// only the hub has told the time, that is printed and not what the clock says.
  package func printed() -> String? {
    var time = now()
    if time.quality != .ntp {
      guard let known = known.withLock(\.self) else { return nil }
      time.wallMilliseconds = known.offset + time.monotonic.nanoseconds / 1_000_000
    }
    guard time.wallMilliseconds >= Self.earliest else { return nil }
    return time.local(hoursAheadOfUTC: 8)
  }

  private func learn(_ milliseconds: Int64, _ quality: ClockQuality, at instant: Instant) {
    guard milliseconds >= Self.earliest else { return }
    let offset = milliseconds - instant.nanoseconds / 1_000_000
    let isNews = known.withLock { known in
      let previous = known
      if let previous, abs(previous.offset - offset) <= Self.bound.milliseconds {
        known = Known(offset: previous.offset, quality: quality)
        return false
      }
      known = Known(offset: offset, quality: quality)
      return true
    }
    guard isNews else { return }
    let entry = Entry.housekeeping(
      .clockCorrected(boot: now().boot, offsetMilliseconds: offset, quality)
    )
    journal.append([entry]) { result in
      switch result {
      case .success: self.logger.info("the clock is known from \(quality.rawValue)")
      case .failure(let error):
        // Not learnt, then: the next look tries again.
        self.known.withLock { $0 = nil }
        self.logger.error("\(error)")
      }
    }
  }
}
