import Domain
import Ledger
import Logging
import ServiceLifecycle

/// Records the start and the stop, keeps house, and closes the ledger last of all.
package struct JournalService: Service {
  let journal: Journal
  let clock: ClockKeeper
  let inDoubt: Int
  let reactor: Reactor
  let logger: Logger

  package func run() async throws {
    // A start that never held its lines is none: while a chip is missing the unit tries every two
    // seconds, and each record would cost the card a write, for days.
    if await reactor.ask({ _ in true }) != nil { await recordStart() }
    await clock.recall()
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled {
        clock.check()
        await keepHouse()
        try? await Task.sleep(for: clock.isSettled ? .seconds(600) : .seconds(30))
      }
    }
    do throws(LedgerError) {
      _ = try await journal.append([.stopped(reason: "asked to stop")])
      try await journal.perform { ledger throws(LedgerError) in try ledger.close() }
    } catch {
      logger.error("\(error)")
    }
  }

  private func recordStart() async {
    do throws(LedgerError) {
      _ = try await journal.append([.started(version: Version.current, inDoubt: inDoubt)])
    } catch {
      // A full disk is no reason not to start: the worker sees it when the first parcel is saved.
      logger.error("\(error)")
    }
  }

  /// Some small steps, between which the writer is free for parcels.
  private func keepHouse() async {
    do throws(LedgerError) {
      for _ in 0..<20 where !Task.isCancelled {
        let isWorthAnother = try await journal.perform { ledger throws(LedgerError) in
          try ledger.upkeep()
        }
        guard isWorthAnother else { return }
      }
    } catch {
      logger.error("\(error)")
    }
  }
}

/// Listens for devices that are plugged in.
package struct PlugService: Service {
  let watch: @Sendable (@escaping @Sendable (Plugged) -> Void) async -> Void
  let plugged: @Sendable (Plugged) -> Void

  package func run() async throws {
    await cancelWhenGracefulShutdown { await watch(plugged) }
    // A watch that ends early only costs speed: the sessions go on trying by themselves.
    await cancelWhenGracefulShutdown {
      while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
    }
  }
}
