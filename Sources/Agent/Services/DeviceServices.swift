package import Domain
package import Drivers
package import Logging
package import ServiceLifecycle
package import Station

/// Keeps the scale's session running.
package struct ScaleService<Opener: PortOpener>: Service where Opener.Port: HIDPort {
  let session: ScaleSession<Opener>
  let desk: Desk

  package func run() async throws {
    await cancelWhenGracefulShutdown { await session.run { desk.scale($0) } }
  }
}

/// Keeps the printer's session running.
package struct PrinterService<Opener: PortOpener>: Service where Opener.Port: PrinterPort {
  let session: PrinterSession<Opener>
  let desk: Desk

  package func run() async throws {
    await cancelWhenGracefulShutdown { await session.run { desk.printer($0) } }
  }
}

/// Keeps the reactor's thread running, and drains it on a stop.
package struct ReactorService: Service {
  /// The priority of the thread that reads the edges, where the unit grants one.
  static let priority: Int32 = 50

  let reactor: Reactor
  let start: @Sendable () throws -> Void
  let logger: Logger

  package func run() async throws {
    let failure = Failure()
    await withGracefulShutdownHandler {
      await PrivateThread.run("yizhan-reflex", priority: Self.priority) {
        do { try start() } catch { failure.set(error) }
      }
    } onGracefulShutdown: {
      drain()
    }
    if let error = failure.get() { throw error }
  }

  /// Lets a label or a cycle in hand come to its end, then switches everything off.
  private func drain() {
    logger.info("stopping: waiting for what is in hand")
    // The hook is synchronous; the wait belongs to the reactor's own thread.
    reactor.drain(atMost: .seconds(8))
  }
}

/// Pings systemd as long as the reactor answers.
package struct WatchdogService: Service {
  let reactor: Reactor
  let notifier: ServiceNotifier

  package func run() async throws {
    notifier.ready()
    await cancelWhenGracefulShutdown {
      guard let interval = notifier.watchdogInterval else {
        return await sleepForEver()
      }
      while !Task.isCancelled {
        await reactor.ask { _ in }
        notifier.watchdog()
        try? await Task.sleep(for: interval / 2)
      }
    }
    notifier.stopping()
  }

  private func sleepForEver() async {
    while !Task.isCancelled { try? await Task.sleep(for: .seconds(3600)) }
  }
}
