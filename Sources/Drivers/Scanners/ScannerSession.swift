package import Domain

/// What a supervised scanner tells.
package enum ScannerEvent: Hashable, Sendable {
  case state(DeviceState)
  case scan(Scan)
  /// Something came that cannot be used.
  case dropped(reason: String)
}

/// The one loop over a scanner: open it, listen, and begin anew when it is gone.
package struct ScannerSession: Sendable {
  private let supervision: Supervision
  private let profile: ScannerProfile
  private let now: @Sendable () -> Instant

  /// A scanner is silent until somebody scans; now and then the loop looks up all the same.
  private static let longestWait = Duration.seconds(3600)

  /// Sets up the loop; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - opener: Finds the scanner.
  ///   - profile: What it is.
  ///   - now: The monotonic clock.
  ///   - pause: Waits before the next try; a hot-plug event may end it early.
  package init(
    opener: DeviceOpener,
    profile: ScannerProfile,
    now: @escaping @Sendable () -> Instant,
    pause: @escaping @Sendable (Duration) async -> Void
  ) {
    supervision = Supervision(opener: opener, attempted: "reading barcodes", pause: pause)
    self.profile = profile
    self.now = now
  }

  /// Runs until the task is cancelled.
  package func run(_ emit: @Sendable (ScannerEvent) -> Void) async {
    await supervision.run { state in
      emit(.state(state))
    } lost: {
    } use: { port, proven throws(PortError) in
      var decoder = try profile.decoder(descriptor: port.descriptor)
      try await start(port)
      emit(.state(.ready))
      while !Task.isCancelled {
        let wait = decoder.deadline.map { max(.zero, $0 - now()) } ?? Self.longestWait
        let bytes = try await port.receive(within: wait)
        if bytes != nil { proven() }
        let outputs = bytes.map { decoder.receive($0, at: now()) } ?? decoder.pause(at: now())
        for output in outputs {
          switch output {
          case .scan(let scan): emit(.scan(scan))
          case .dropped(let reason): emit(.dropped(reason: reason))
          }
        }
      }
    }
  }

  /// Sends what the scanner must hear before it sends anything.
  private func start(_ port: any DevicePort) async throws(PortError) {
    guard !profile.settings.start.isEmpty else { return }
    do throws(PortError) {
      try await port.sendFeature(profile.settings.start)
    } catch .stalled {
      // Another model of the maker's, which sends without.
    }
  }
}
