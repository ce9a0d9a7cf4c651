package import Domain
package import Drivers
import Glibc
package import Station
import Synchronization

/// The monotonic clock of the kernel, which also stamps GPIO edges.
package enum MonotonicClock {
  package static func now() -> Instant {
    var time = timespec()
    unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return Instant(nanoseconds: Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec))
  }
}

/// Where the core's wishes go that are not line levels; called on the reactor's thread.
package protocol ReactorSink: Sendable {
  /// Hands entries to the ledger; answers with `committed` or `commitFailed`. Must not block.
  func commit(_ token: Int, _ entries: [Entry])
  /// Hands a label to the printer; answers with `label`. Must not block.
  func print(_ intent: Intent)
  /// Asks the ledger for a waybill; answers with `lookedUp`. Must not block.
  func lookUp(_ waybill: String)
  /// Takes news for people. Must not block.
  func notice(_ notice: StationCore.Notice, at now: Instant)
}

/// The thread that reads the edges, runs the core and drives the outputs.
///
/// From an edge to the output that answers it there is no other thread, no lock held by anyone
/// slow, and no disk: `poll`, the core, `set`. News of devices come in by ``post(_:)`` and a wake-up
/// descriptor.
package final class Reactor: Sendable {
  private enum Mail: Sendable {
    case event(StationEvent)
    case link(isUp: Bool)
    case quiet(Bool)
    case testLamps(LampTest.Request, @Sendable (Bool?) -> Void)
    case ask(@Sendable (StationCore?) -> Void)
    case order(MachineOrder, @Sendable (MachineAnswer?) -> Void)
    case finish(by: Instant)

    /// Tells whoever waits for an answer that there will be none.
    func refuse() {
      switch self {
      case .ask(let question): question(nil)
      case .order(_, let answer): answer(nil)
      case .testLamps(_, let answer): answer(nil)
      case .event, .link, .quiet, .finish: break
      }
    }
  }

  private struct Box {
    var mail: [Mail] = []
    var isClosed = false
  }

  private let box = Mutex(Box())
  private let wakeup = WakeUp()
  private let sink: any ReactorSink
  /// When to end at the latest, once a stop has been asked for; used on the thread only.
  private let end = Mutex<Instant?>(nil)

  /// Makes a reactor that does not run yet.
  package init(sink: any ReactorSink) {
    self.sink = sink
  }

  /// Hands an event to the workflow, from any thread.
  package func post(_ event: StationEvent) { send(.event(event)) }

  /// Tells whether the hub can be reached, for the lamp.
  package func link(isUp: Bool) { send(.link(isUp: isUp)) }

  /// Tells whether the beeper is to keep quiet.
  package func quiet(_ isQuiet: Bool) { send(.quiet(isQuiet)) }

  /// Lights lamps for a technician.
  ///
  /// - Returns: Whether the core took it; `nil` once the reactor has ended.
  package func testLamps(_ request: LampTest.Request) async -> Bool? {
    await withCheckedContinuation { continuation in
      send(.testLamps(request) { continuation.resume(returning: $0) })
    }
  }

  /// Asks the core something; the answer proves that the thread is alive.
  ///
  /// - Returns: `nil` once the reactor has ended.
  package func ask<Answer: Sendable>(
    _ question: @escaping @Sendable (StationCore) -> Answer
  ) async -> Answer? {
    await withCheckedContinuation { continuation in
      send(.ask { core in continuation.resume(returning: core.map(question)) })
    }
  }

  /// Lets a technician operate the machine.
  ///
  /// - Returns: `nil` once the reactor has ended.
  package func order(_ order: MachineOrder) async -> MachineAnswer? {
    await withCheckedContinuation { continuation in
      send(.order(order) { continuation.resume(returning: $0) })
    }
  }

  /// Ends the reactor for good: whoever still asks hears so at once.
  package func close() {
    let rest = box.withLock { box in
      box.isClosed = true
      return exchange(&box.mail, with: [])
    }
    for item in rest { item.refuse() }
  }

  /// Makes ``run(_:core:)`` return, with every output off.
  ///
  /// - Parameter limit: How long a label or a cycle in hand may take to its end first.
  package func drain(atMost limit: Duration) {
    send(.finish(by: MonotonicClock.now() + limit))
  }

  private func send(_ item: Mail) {
    let isClosed = box.withLock { box in
      if !box.isClosed { box.mail.append(item) }
      return box.isClosed
    }
    if isClosed { item.refuse() } else { wakeup.signal() }
  }

  /// Runs on the calling thread until ``drain(atMost:)``, or until the lines fail.
  package func run(_ bank: consuming some LineBank, core start: StationCore) throws(PortError) {
    var bank = bank
    var core = start
    do throws(PortError) {
      try carryOut(core.begin(levels: try bank.levels(), at: MonotonicClock.now()), &bank)
      while try turn(&bank, &core) {}
    } catch {
      bank.release()
      throw error
    }
    bank.release()
  }

  /// One wait and all that it brought.
  ///
  /// - Returns: Whether to go on.
  private func turn(_ bank: inout some LineBank, _ core: inout StationCore) throws(PortError)
    -> Bool
  {
    var descriptors = bank.descriptors.map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
    descriptors.append(pollfd(fd: wakeup.descriptor, events: Int16(POLLIN), revents: 0))
    let now = MonotonicClock.now()
    let end = end.withLock(\.self)
    let deadline = [core.deadline(after: now), end].compactMap(\.self).min()
    try wait(&descriptors, until: deadline, now)

    for descriptor in descriptors.dropLast() where descriptor.revents != 0 {
      guard descriptor.revents & Int16(POLLIN) != 0 else { throw .vanished }
      let batch = try bank.edges(of: descriptor.fd)
      for edge in batch.edges {
        try carryOut(core.edge(edge, at: MonotonicClock.now()), &bank)
      }
      if batch.lost {
        try carryOut(core.relevel(try bank.levels(), at: MonotonicClock.now()), &bank)
      }
    }
    try carryOut(core.advance(to: MonotonicClock.now()), &bank)
    try readMail(&bank, &core)
    guard let end = self.end.withLock(\.self) else { return true }
    guard !core.workflow.isBusy || MonotonicClock.now() >= end else { return true }
    try carryOut(core.handle(.stop, at: MonotonicClock.now()), &bank)
    return false
  }

  private func wait(_ descriptors: inout [pollfd], until deadline: Instant?, _ now: Instant)
    throws(PortError)
  {
    // Rounded up: a turn too early would only find that nothing is due yet.
    let left = deadline.map { max(0, ($0 - now).nanoseconds + 999_999) / 1_000_000 }
    let code = unsafe poll(
      &descriptors,
      nfds_t(descriptors.count),
      left.map { Int32(clamping: $0) } ?? -1
    )
    guard code >= 0 || errno == EINTR else { throw .io(operation: "poll", errno: errno) }
  }

  private func readMail(_ bank: inout some LineBank, _ core: inout StationCore) throws(PortError) {
    guard wakeup.drain() else { return }
    for item in box.withLock({ exchange(&$0.mail, with: []) }) {
      let now = MonotonicClock.now()
      switch item {
      case .event(let event): try carryOut(core.handle(event, at: now), &bank)
      case .link(let isUp): try carryOut(core.link(isUp: isUp, at: now), &bank)
      case .quiet(let isQuiet): core.quiet(isQuiet)
      case .testLamps(let request, let answer):
        let (actions, isTaken) = core.test(request, at: now)
        try carryOut(actions, &bank)
        answer(isTaken)
      case .ask(let question): question(core)
      case .order(let order, let answer):
        let (actions, result) = core.operate(order, at: now)
        try carryOut(actions, &bank)
        answer(result)
      case .finish(let limit): end.withLock { $0 = limit }
      }
    }
  }

  private func carryOut(_ actions: [StationCore.Action], _ bank: inout some LineBank)
    throws(PortError)
  {
    let now = MonotonicClock.now()
    for action in actions {
      switch action {
      case .set(let output, let active): try bank.set(output, active)
      case .commit(let token, let entries): sink.commit(token, entries)
      case .print(let intent): sink.print(intent)
      case .lookUp(let waybill): sink.lookUp(waybill)
      case .notice(let notice): sink.notice(notice, at: now)
      }
    }
  }
}

private func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
  defer { value = new }
  return value
}
