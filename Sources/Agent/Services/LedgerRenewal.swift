package import Domain
import Drivers
import Ledger
import Logging
import ServiceLifecycle
import Station

/// Ends the daemon at the worker's next rest once the ledger is known to have forked; the unit
/// starts it again at once, and that start begins a new epoch.
///
/// It happens by itself: 78 points have no screen and nobody who knows the word, and until it has
/// happened the hub takes nothing and numbers are issued that another card may issue as well. It
/// waits for rest because a parcel in hand would be in doubt afterwards, and it goes by way of a
/// start because that is the one path on which a ledger is ever replaced.
package struct LedgerRenewal: Service {
  /// What is said as soon as it is known.
  package static let forked = Text(
    zh: "账本分叉：这张卡被复制过，或恢复成了旧备份；空闲时自动换新账本，记录一条不丢，也不重复。",
    en:
      "the ledger has forked: its card was copied or set back; at the next rest the station goes on"
      + " in a new one by itself, nothing is lost or doubled"
  )
  /// What is said after it.
  package static let renewed = Text(
    zh: "账本分叉后已换新账本；若另有一张同样的卡在用，请收回。",
    en: "the ledger had forked, and a new one has taken its place; if another card of this site is"
      + " in use, take it back"
  )
  /// What is said after a damage.
  package static let salvaged = Text(
    zh: "账本损坏，已另存并换新账本，能读出的照样补传。",
    en:
      "the ledger was damaged and is kept; a new one has taken its place, and brings what could be"
      + " read of it to the hub"
  )
  /// How long nothing may be in hand before, in seconds.
  private static let rest = 10

  let reactor: Reactor
  /// Rung when the fork is on record.
  let bell: Bell
  /// How long to go on with a ledger that could not be replaced, or was just now: whatever hinders
  /// it, or contradicts again, must not keep the station starting.
  let patience: Duration
  /// Whether a fork was on record at the start.
  let isDue: Bool
  let logger: Logger

  package func run() async throws {
    try await cancelWhenGracefulShutdown {
      if !isDue { while !(await bell.wait(within: .seconds(3600))), !Task.isCancelled {} }
      try? await Task.sleep(for: patience)
      var quiet = 0
      while !Task.isCancelled, quiet < Self.rest {
        let isAtRest = await reactor.ask { $0.workflow.isAtRest }
        quiet = isAtRest == true ? quiet + 1 : 0
        try? await Task.sleep(for: .seconds(1))
      }
      guard !Task.isCancelled else { return }
      throw Trouble(
        attempted: "going on with a forked ledger",
        device: "ledger",
        cause: "the hub has another history of it",
        remedy: "nothing: the station starts again in a new ledger"
      )
    }
  }
}
