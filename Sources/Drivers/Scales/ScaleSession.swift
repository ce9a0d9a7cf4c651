package import Domain
import Synchronization

/// What a supervised scale tells.
package enum ScaleEvent: Hashable, Sendable {
  case state(DeviceState)
  case reading(Reading)
  /// What became of a request to zero or to tare.
  case answer(ScaleRequest, ScaleAnswer)
  /// Something for the technician that does not stop the work.
  case hint(String)
}

/// The one loop over a scale: open it, read it, and begin anew when it is gone.
package final class ScaleSession: Sendable {
  /// An opened scale, for those who ask it for something.
  private struct Line {
    var port: (any DevicePort)?
    var codec: (any ScaleProtocol)?
    /// What was asked for; kept until whoever asked has heard.
    var request: ScaleRequest?
    var isNoted = false
    var answer: ScaleAnswer?
    var waiter: CheckedContinuation<ScaleAnswer, Never>?
  }

  private let supervision: Supervision
  private let profile: ScaleProfile
  private let line: SerialLine?
  private let now: @Sendable () -> Instant
  private let open = Mutex(Line())

  /// Sets up the loop; nothing is opened yet.
  ///
  /// - Parameters:
  ///   - opener: Finds the scale.
  ///   - profile: What it is.
  ///   - line: The serial line as it is set at this point; the profile's otherwise.
  ///   - now: The monotonic clock.
  ///   - pause: Waits before the next try; a hot-plug event may end it early.
  package init(
    opener: DeviceOpener,
    profile: ScaleProfile,
    line: SerialLine? = nil,
    now: @escaping @Sendable () -> Instant,
    pause: @escaping @Sendable (Duration) async -> Void
  ) {
    supervision = Supervision(opener: opener, attempted: "reading the weight", pause: pause)
    self.profile = profile
    self.line = line
    self.now = now
  }

  /// Runs until the task is cancelled.
  package func run(_ emit: @Sendable (ScaleEvent) -> Void) async {
    await supervision.run { state in
      emit(.state(state))
    } lost: {
      emit(.reading(Reading(state: .stale, mass: nil, at: now())))
    } use: { port, proven throws(PortError) in
      defer { release() }
      try await read(port, emit, proven)
    }
  }

  /// Asks the scale for a zero or a tare, and waits for what becomes of it.
  ///
  /// - Returns: `refused` also where the scale is not there or its protocol has no such request.
  package func perform(_ request: ScaleRequest) async -> ScaleAnswer {
    let asked = open.withLock { line -> (any DevicePort, ScaleOrder)? in
      guard let port = line.port, let order = line.codec?.order(for: request) else { return nil }
      guard line.request == nil else { return nil }
      line.request = request
      line.isNoted = false
      return (port, order)
    }
    guard let (port, order) = asked else {
      return .refused(reason: "it is not there, is busy, or its protocol has no such request")
    }
    do throws(PortError) {
      try await send(order, to: port)
    } catch {
      settle(.refused(reason: error.trouble(attempted: "asking", device: "scale").cause))
    }
    return await withCheckedContinuation { waiter in
      let answer = open.withLock { line in
        // The answer may have been quicker; and a scale that is gone will not give one.
        let answer = line.answer ?? (line.port == nil ? .refused(reason: "it is gone") : nil)
        line.waiter = answer == nil ? waiter : nil
        if answer != nil {
          line.request = nil
          line.answer = nil
        }
        return answer
      }
      if let answer { waiter.resume(returning: answer) }
    }
  }

  private func read(
    _ port: any DevicePort,
    _ emit: @Sendable (ScaleEvent) -> Void,
    _ proven: () -> Void
  ) async throws(PortError) {
    var watch = try ScaleWatch(profile, descriptor: port.descriptor, line: line, at: now())
    open.withLock {
      $0.port = port
      $0.codec = watch.codec
    }
    var actions = watch.opened()
    while true {
      for action in actions {
        switch action {
        case .tell(let event): emit(event)
        case .send(let order): try await send(order, to: port)
        case .answered(let request, let answer):
          emit(.answer(request, answer))
          settle(answer)
        case .proven: proven()
        }
      }
      guard !Task.isCancelled else { return }
      let bytes = try await port.receive(within: watch.wait(at: now()))
      guard !Task.isCancelled || bytes != nil else { return }
      let asked = open.withLock { line in
        defer { line.isNoted = true }
        return line.isNoted ? nil : line.request
      }
      if let asked { watch.ask(asked, at: now()) }
      actions = watch.receive(bytes, at: now())
    }
  }

  private func send(_ order: ScaleOrder, to port: any DevicePort) async throws(PortError) {
    switch order {
    case .bytes(let bytes): try await port.send(bytes)
    case .feature(let report): try await port.sendFeature(report)
    }
  }

  private func release() {
    open.withLock {
      $0.port = nil
      $0.codec = nil
    }
    settle(.refused(reason: "it is gone"))
  }

  /// Tells whoever asked, or keeps the answer until they wait for it.
  private func settle(_ answer: ScaleAnswer) {
    let waiter = open.withLock { line -> CheckedContinuation<ScaleAnswer, Never>? in
      guard let waiter = line.waiter else {
        if line.request != nil { line.answer = answer }
        return nil
      }
      line.waiter = nil
      line.request = nil
      return waiter
    }
    waiter?.resume(returning: answer)
  }
}
