package import Drivers
import Logging
import ServiceLifecycle
import Station
import Synchronization

/// Keeps the scale's session running.
package struct ScaleService: Service {
  let session: ScaleSession
  let desk: Desk

  package func run() async throws {
    await cancelWhenGracefulShutdown { await session.run { desk.scale($0) } }
  }
}

/// Keeps the session of one scanner running.
package struct ScannerService: Service {
  let session: ScannerSession
  /// The word for it among several, as `scanner 2`.
  let role: String
  let desk: ScanDesk

  package func run() async throws {
    await cancelWhenGracefulShutdown { await session.run { desk.scanner($0, role) } }
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
  let notifier: ServiceNotifier
  let logger: Logger

  package func run() async throws {
    let failure = Mutex<(any Error)?>(nil)
    defer { reactor.close() }
    try await withTaskCancellationHandler {
      try await withGracefulShutdownHandler {
        try await PrivateThread.run("yizhan-reflex", priority: Self.priority) {
          if !PrivateThread.isRealTime {
            logger.warning(
              "edges are read at ordinary priority; grant LimitRTPRIO=\(Self.priority) in the unit"
            )
          }
          do { try start() } catch { failure.withLock { $0 = error } }
        }
      } onGracefulShutdown: {
        drain()
      }
    } onCancel: {
      // Another service has failed: everything off at once.
      reactor.drain(atMost: .zero)
    }
    if let error = failure.withLock(\.self) {
      // What `systemctl status` shows while the unit waits to start again.
      notifier.status("\(error)")
      throw error
    }
  }

  /// Lets a label or a cycle in hand come to its end, then switches everything off.
  private func drain() {
    logger.info("stopping: waiting for what is in hand")
    // The hook is synchronous; the wait belongs to the reactor's own thread.
    reactor.drain(atMost: .seconds(8))
  }
}

/// Offers the control socket.
package struct ControlService: Service {
  let server: ControlServer

  package func run() async throws {
    try await cancelWhenGracefulShutdown { try await server.run() }
  }
}

/// Tells systemd that the station works, as long as the reactor answers.
package struct WatchdogService: Service {
  let reactor: Reactor
  let notifier: ServiceNotifier
  /// Whether a watchdog relay waits for this as well.
  let feedsRelay: Bool
  /// Whether the daemon ends with it, which systemd is told.
  let isLast: Bool

  package init(
    reactor: Reactor,
    notifier: ServiceNotifier,
    feedsRelay: Bool,
    isLast: Bool = true
  ) {
    self.reactor = reactor
    self.notifier = notifier
    self.feedsRelay = feedsRelay
    self.isLast = isLast
  }

  package func run() async throws {
    // The first answer comes when the lines are held and the core has begun.
    guard await reactor.ask({ _ in true }) != nil else {
      // It could not begin: why is for its own service to say, and whoever ends first is heard.
      try? await gracefulShutdown()
      return
    }
    notifier.ready()
    await cancelWhenGracefulShutdown {
      let interval = notifier.watchdog ?? .seconds(feedsRelay ? 20 : 3600)
      while !Task.isCancelled {
        // It is the pool that runs this, and the thread that hears it.
        if feedsRelay { reactor.live(for: interval) }
        try? await Task.sleep(for: interval / 3)
        guard notifier.watchdog != nil, !Task.isCancelled else { continue }
        guard await reactor.ask({ _ in true }) != nil else { continue }
        notifier.alive()
      }
    }
    if isLast { notifier.stopping() }
  }
}
