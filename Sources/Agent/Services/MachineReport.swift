import Domain
import Drivers
import Ledger

/// How a machine stands at one moment, for whoever asks.
struct MachineReport: Sendable {
  let blocker: MachineBlocker?
  let latch: MachineLatch?
  let isRunning: Bool
  let active: [MachineOutput]
  let signals: [MachineSignal: Bool]
  let counts: MachineCounts
  let trace: CycleTrace

  init(_ machine: MachineCycle) {
    blocker = machine.blocker(at: MonotonicClock.now())
    latch = machine.latch
    isRunning = machine.isRunning
    active = machine.active.sorted { $0.rawValue < $1.rawValue }
    signals = machine.signals
    counts = machine.counts
    trace = machine.trace
  }

  /// The report with what the profile and the ledger know.
  static func json(
    _ profile: MachineProfile,
    _ now: MachineReport?,
    _ counters: Counters?
  ) -> JSON {
    let sinceService = counters.map { $0.cycles - $0.serviced }
    return .object([
      "profile": .string(profile.id),
      "model": .string("\(profile.maker) \(profile.model)"),
      "kind": .string(profile.kind.rawValue),
      "action": .string(profile.kind.action.rawValue),
      "unconfirmed": .bool(profile.isUnconfirmed),
      "outputs": .array(profile.outputs.keys.map(\.rawValue).sorted().map { .string($0) }),
      "meanings": .object(
        Dictionary(uniqueKeysWithValues: profile.meanings.map { ($0.rawValue, .string($1)) })
      ),
      "now": now?.json ?? .null,
      "total": counters.map { counters in
        .object([
          "cycles": .int(counters.cycles), "bad": .int(counters.badCycles),
          "sinceService": .optional(sinceService),
        ])
      } ?? .null,
      "serviceCycles": .optional(profile.serviceCycles),
      "serviceDue": .bool(
        (sinceService ?? 0) >= profile.serviceCycles ?? .max
      ),
    ])
  }

  private var json: JSON {
    .object([
      "blocker": .optional(blocker?.rawValue),
      "latch": .optional(latch?.rawValue),
      "running": .bool(isRunning),
      "active": .array(active.map { .string($0.rawValue) }),
      "signals": .object(
        Dictionary(uniqueKeysWithValues: signals.map { ($0.rawValue, .bool($1)) })
      ),
      "started": .int(counts.started), "finished": .int(counts.finished),
      "donePulses": .int(counts.donePulses), "open": .int(counts.open),
      "failed": .object(
        Dictionary(uniqueKeysWithValues: counts.failed.map { ($0.rawValue, .int($1)) })
      ),
      "odd": .object(Dictionary(uniqueKeysWithValues: counts.odd.map { ($0.rawValue, .int($1)) })),
      "lastCycle": trace.json,
    ])
  }
}
