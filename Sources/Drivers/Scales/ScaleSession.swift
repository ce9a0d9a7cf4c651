package import Domain

/// What a supervised scale tells.
package enum ScaleEvent: Hashable, Sendable {
  case state(DeviceState)
  case reading(Reading)
}

/// The one loop over a scale: open it, read it, and begin anew when it is gone.
package struct ScaleSession<Opener: PortOpener>: Sendable where Opener.Port: HIDPort {
  private let opener: Opener
  private let scaleProtocol: any HIDScaleProtocol.Type
  private let now: @Sendable () -> Instant
  private let pause: @Sendable (Duration) async -> Void

  /// After this long without a report the last weight must not be used.
  package static var silence: Duration { .seconds(2) }

  /// Sets up the loop; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - opener: Finds the scale.
  ///   - scaleProtocol: What its reports mean.
  ///   - now: The monotonic clock.
  ///   - pause: Waits before the next try; a hot-plug event may end it early.
  package init(
    opener: Opener,
    scaleProtocol: any HIDScaleProtocol.Type,
    now: @escaping @Sendable () -> Instant,
    pause: @escaping @Sendable (Duration) async -> Void
  ) {
    self.opener = opener
    self.scaleProtocol = scaleProtocol
    self.now = now
    self.pause = pause
  }

  /// Runs until the task is cancelled.
  package func run(_ emit: @Sendable (ScaleEvent) -> Void) async {
    var retry = RetryPause()
    while !Task.isCancelled {
      do throws(PortError) {
        emit(.state(.opening))
        let port = try await opener.open()
        do throws(PortError) {
          try await read(port, emit) { retry = RetryPause() }
        } catch {
          await port.close()
          throw error
        }
        await port.close()
      } catch {
        emit(.reading(Reading(state: .stale, mass: nil, at: now())))
        if retry.isNews(error) {
          emit(.state(DeviceState(error, attempted: "reading the weight", device: opener.label)))
        }
      }
      if !Task.isCancelled { await pause(retry.next()) }
    }
  }

  private func read(
    _ port: Opener.Port,
    _ emit: @Sendable (ScaleEvent) -> Void,
    _ proven: () -> Void
  ) async throws(PortError) {
    let decoder = try scaleProtocol.init(descriptor: port.descriptor)
    // The first report after opening may be one that the kernel kept from before.
    var isFirst = true
    var isSilent = false
    var heard = now()
    while !Task.isCancelled {
      let report = try await port.report(within: Self.silence)
      guard let reading = report.flatMap({ decoder.reading(of: $0, at: now()) }) else {
        // Reports without a weight do not keep the last one fresh.
        let isLate = report == nil || now() - heard >= Self.silence
        if isLate, !isSilent, !Task.isCancelled {
          emit(.reading(Reading(state: .stale, mass: nil, at: now())))
          emit(.state(.degraded(reason: "silent; press its power button")))
        }
        isSilent = isSilent || isLate
        continue
      }
      heard = now()
      if isFirst || isSilent {
        emit(.state(.ready))
        isSilent = false
        proven()
      }
      if !isFirst { emit(.reading(reading)) }
      isFirst = false
    }
  }
}

/// The pauses between tries to open a device: 0.2 s, doubling to 5 s.
struct RetryPause {
  private var milliseconds: Int64 = 200
  private var wasDenied = false

  /// Whether an error is worth telling: a node that has just come is refused for a moment, until
  /// udev has given it its owner.
  mutating func isNews(_ error: PortError) -> Bool {
    guard case .denied = error else { return true }
    defer { wasDenied = true }
    return wasDenied
  }

  mutating func next() -> Duration {
    defer { milliseconds = min(milliseconds * 2, 5000) }
    return .milliseconds(milliseconds)
  }
}

extension DeviceState {
  /// The state that an error of its port puts a device in.
  init(_ error: PortError, attempted: String, device: String) {
    switch error {
    case .absent, .vanished: self = .absent
    default: self = .failed(reason: error.trouble(attempted: attempted, device: device).description)
    }
  }
}
