package import Domain
package import Drivers

extension SimulatedMachine {
  /// The kind of a machine and its physics.
  package struct Model: Hashable, Sendable {
    package var kind: MachineKind
    /// From the start of a cycle to its end, on average; of a belt, how long a bag is before the eye.
    package var cycle: Duration
    /// How far a cycle may be longer or shorter, in hundredths.
    package var spreadPercent: Int
    /// From the start contact to busy.
    package var reaction: Duration
    /// The length of the pulse of a good end.
    package var donePulse: Duration
    /// How long its contacts may chatter.
    package var bounce: Duration
    /// From cold to its temperature; `nil` where it has no heater of its own to wait for.
    package var heatUp: Duration?
    /// When the worker puts a bag on a belt that has begun to run; `nil` if never.
    package var feed: Duration?
    /// The contacts that it has.
    package var signals: Set<MachineSignal>

    package init(
      kind: MachineKind = .impulseSealer,
      cycle: Duration = .milliseconds(2200),
      spreadPercent: Int = 10,
      reaction: Duration = .milliseconds(40),
      donePulse: Duration = .milliseconds(50),
      bounce: Duration = .zero,
      heatUp: Duration? = nil,
      feed: Duration? = .milliseconds(1500),
      signals: Set<MachineSignal>? = nil
    ) {
      precondition((0...90).contains(spreadPercent), "a cycle cannot be over before it began")
      self.kind = kind
      self.cycle = cycle
      self.spreadPercent = spreadPercent
      self.reaction = reaction
      self.donePulse = donePulse
      self.bounce = bounce
      self.heatUp = heatUp
      self.feed = feed
      self.signals = signals ?? Self.usual(kind)
    }

    /// Whether a belt carries the parcel through while its motor is on.
    var hasBelt: Bool { kind == .bandSealer || kind == .cartonTaper }

    private static func usual(_ kind: MachineKind) -> Set<MachineSignal> {
      switch kind {
      case .impulseSealer: [.busy, .done, .fault, .guardClosed, .estopOK]
      case .controlledSealer: [.busy, .done, .fault, .ready, .guardClosed, .estopOK]
      case .bandSealer:
        [.bagPresent, .temperatureReady, .fault, .thermalOK, .guardClosed, .estopOK]
      case .strapper:
        [.busy, .temperatureReady, .materialOK, .fault, .guardClosed, .estopOK]
      case .archStrapper: [.ready, .done, .fault, .materialOK, .guardClosed, .estopOK]
      case .cartonTaper: [.bagPresent, .materialOK, .fault, .thermalOK, .guardClosed, .estopOK]
      }
    }
  }

  /// How a machine misbehaves.
  package enum Fault: String, Hashable, Sendable, CaseIterable {
    case none
    /// The jaws stay shut, or a bag is stuck before the eye: the cycle never ends.
    case jam
    /// Half-way through a cycle it stops and reports a fault.
    case breakdown
    /// The pulse of a good end does not come.
    case lostDone = "lost-done"
    /// The pulse of a good end comes twice.
    case doubleDone = "double-done"
    /// The pulse of a good end comes before busy, and not again.
    case earlyDone = "early-done"
    /// The pulse of a good end lasts 5 ms.
    case shortDone = "short-done"
    /// The contact of a good end sticks from the next cycle on.
    case stuckDone = "stuck-done"
    /// It runs without ever saying so.
    case noBusy = "no-busy"
    /// It does not react to the start contact.
    case deaf
  }

  /// Something that a station must never do to it.
  package enum Violation: String, Hashable, Sendable, CaseIterable {
    case startedWhileBusy = "started-while-busy"
    case startedWithGuardOpen = "started-with-guard-open"
    case startedWhileStopped = "started-while-stopped"
    case heatedWithGuardOpen = "heated-with-guard-open"
    case heatedWhileStopped = "heated-while-stopped"
  }

  /// A change of one of its contacts.
  package struct Change: Hashable, Sendable {
    package var signal: MachineSignal
    package var active: Bool
    package var at: Instant
  }
}
