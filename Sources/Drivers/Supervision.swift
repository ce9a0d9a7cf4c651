internal import Domain

/// The loop around a device that may vanish and come back: open it, use it, and begin anew.
struct Supervision: Sendable {
  let opener: DeviceOpener
  /// What is done with it, for messages, as `reading the weight`.
  let attempted: String
  /// Waits before the next try; a hot-plug event may end it early.
  let pause: @Sendable (Duration) async -> Void

  /// Runs until the task is cancelled.
  ///
  /// The state is told at each change; `lost` is called whenever the device is not there any more.
  /// `use` works with the opened device as long as it can, and calls its last argument once the
  /// device has proven to work, so that tries grow frequent again.
  func run(
    state: (DeviceState) -> Void,
    lost: () -> Void,
    use: (any DevicePort, () -> Void) async throws(PortError) -> Void
  ) async {
    var retry = RetryPause()
    while !Task.isCancelled {
      do throws(PortError) {
        state(.opening)
        let port = try await opener.open()
        do throws(PortError) {
          try await use(port) { retry = RetryPause() }
        } catch {
          await port.close()
          throw error
        }
        await port.close()
      } catch {
        lost()
        if retry.isNews(error) {
          state(DeviceState(error, attempted: attempted, device: opener.label))
        }
      }
      if !Task.isCancelled { await pause(retry.next()) }
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
