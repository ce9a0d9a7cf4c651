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
/// slow, and no disk: wait, read, the core, `set`. Of what edges lead to, outputs come before words,
/// and what a lost permissive switches off comes before everything else. News of devices come in by
/// ``post(_:)`` and a wake-up descriptor.
package final class Reactor: Sendable {
  private enum Mail: Sendable {
    case event(StationEvent)
    case link(isUp: Bool)
    case quiet(Bool)
    case testLamps(LampTest.Request, @Sendable (Bool?) -> Void)
    case ask(@Sendable (StationCore?) -> Void)
    case order(MachineOrder, @Sendable (MachineAnswer?) -> Void)
    case live(until: Instant)
    case check
    case finish(by: Instant)

    /// Tells whoever waits for an answer that there will be none.
    func refuse() {
      switch self {
      case .ask(let question): question(nil)
      case .order(_, let answer): answer(nil)
      case .testLamps(_, let answer): answer(nil)
      case .event, .link, .quiet, .live, .check, .finish: break
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

  /// Tells that Swift's pool works, which is good for so long; the watchdog relay waits for it.
  package func live(for interval: Duration) { send(.live(until: MonotonicClock.now() + interval)) }

  /// Looks whether the lines are still there, as when a chip has been unplugged: not every kernel
  /// wakes those who wait for the edges of a chip that is gone.
  package func checkLines() { send(.check) }

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
      var work = try Work(bank.descriptors, wakeup: wakeup.descriptor)
      try carryOut(core.begin(levels: try bank.levels(), at: MonotonicClock.now()), &bank, &core)
      while try turn(&work, &bank, &core) {}
    } catch {
      bank.release()
      throw error
    }
    bank.release()
  }

  /// What the thread keeps from turn to turn, so that a turn takes nothing from the heap.
  private struct Work {
    let descriptors: [Int32]
    var waiting: WaitList
    var edges: [Edge] = []
    /// When to end at the latest, once a stop has been asked for.
    var end: Instant?

    init(_ descriptors: [Int32], wakeup: Int32) throws(PortError) {
      self.descriptors = descriptors
      waiting = try WaitList(descriptors + [wakeup])
      edges.reserveCapacity(1024)
    }
  }

  /// One wait and all that it brought.
  ///
  /// - Returns: Whether to go on.
  private func turn(_ work: inout Work, _ bank: inout some LineBank, _ core: inout StationCore)
    throws(PortError) -> Bool
  {
    var deadline = core.deadline(after: MonotonicClock.now())
    if let end = work.end { deadline = deadline.map { min($0, end) } ?? end }
    try work.waiting.wait(until: deadline)

    try readEdges(&work, &bank, &core)
    let now = MonotonicClock.now()
    if let deadline, deadline <= now { try carryOut(core.advance(to: now), &bank, &core) }
    if work.waiting.isReady(wakeup.descriptor) { try readMail(&work, &bank, &core) }
    guard let end = work.end else { return true }
    guard !core.workflow.isBusy || MonotonicClock.now() >= end else { return true }
    try carryOut(core.handle(.stop, at: MonotonicClock.now()), &bank, &core)
    return false
  }

  /// Takes a bounded number of edges from every line that has some, reflexes at once.
  private func readEdges(
    _ work: inout Work,
    _ bank: inout some LineBank,
    _ core: inout StationCore
  ) throws(PortError) {
    work.edges.removeAll(keepingCapacity: true)
    var hasLost = false
    for descriptor in work.descriptors where work.waiting.isReady(descriptor) {
      let known = work.edges.count
      if try bank.take(from: descriptor, into: &work.edges) { hasLost = true }
      guard core.reflex(work.edges[known...], at: MonotonicClock.now()) else { continue }
      try carryOut(core.takeActions(), &bank, &core)
    }
    if !work.edges.isEmpty {
      // Lines with descriptors of their own were read one after the other.
      if !Self.isInOrder(work.edges) { work.edges.sort { $0.at < $1.at } }
      core.respond(to: work.edges[...], at: MonotonicClock.now())
      // A start contact first; the lamps can wait for it.
      try carryOut(core.takeActions(), &bank, &core)
      try carryOut(core.settle(at: MonotonicClock.now()), &bank, &core)
    }
    if hasLost {
      try carryOut(core.relevel(try bank.levels(), at: MonotonicClock.now()), &bank, &core)
    }
  }

  private static func isInOrder(_ edges: [Edge]) -> Bool {
    for index in edges.indices.dropFirst() where edges[index].at < edges[index - 1].at {
      return false
    }
    return true
  }

  private func readMail(
    _ work: inout Work,
    _ bank: inout some LineBank,
    _ core: inout StationCore
  ) throws(PortError) {
    wakeup.drain()
    for item in box.withLock({ exchange(&$0.mail, with: []) }) {
      let now = MonotonicClock.now()
      switch item {
      case .event(let event): try carryOut(core.handle(event, at: now), &bank, &core)
      case .link(let isUp): try carryOut(core.link(isUp: isUp, at: now), &bank, &core)
      case .quiet(let isQuiet): core.quiet(isQuiet)
      case .testLamps(let request, let answer):
        let (actions, isTaken) = core.test(request, at: now)
        try carryOut(actions, &bank, &core)
        answer(isTaken)
      case .ask(let question): question(core)
      case .order(let order, let answer):
        let (actions, result) = core.operate(order, at: now)
        try carryOut(actions, &bank, &core)
        answer(result)
      case .live(let until): try carryOut(core.live(until: until, at: now), &bank, &core)
      case .check: try bank.check()
      case .finish(let limit): work.end = limit
      }
    }
  }

  /// Does what the core wants: outputs first, for they are what somebody's hands may wait for.
  private func carryOut(
    _ actions: [StationCore.Action],
    _ bank: inout some LineBank,
    _ core: inout StationCore
  ) throws(PortError) {
    guard !actions.isEmpty else { return }
    for case .set(let output, let active) in actions { try bank.set(output, active) }
    let now = MonotonicClock.now()
    for action in actions {
      switch action {
      case .set: break
      case .commit(let token, let entries): sink.commit(token, entries)
      case .print(let intent): sink.print(intent)
      case .lookUp(let waybill): sink.lookUp(waybill)
      case .readLevels: try carryOut(core.reread(try bank.levels(), at: now), &bank, &core)
      case .notice(let notice): sink.notice(notice, at: now)
      }
    }
  }
}

private func exchange<Value>(_ value: inout Value, with new: Value) -> Value {
  defer { value = new }
  return value
}
