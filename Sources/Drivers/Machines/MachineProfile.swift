package import Domain

/// The kinds of machine that close parcels (`reference` of machine classes).
package enum MachineKind: String, Hashable, Sendable, CaseIterable {
  /// 连续式封口机: the bag travels between hot bands.
  case bandSealer = "band-sealer"
  /// 脉冲封口机: jaws close, heat for a moment and cool.
  case impulseSealer = "impulse-sealer"
  /// 带温控器的脉冲封口机: a controller of the RESISTRON type heats the band.
  case controlledSealer = "controlled-sealer"
  /// 半自动打包机: the worker puts the strap round and into the slot.
  case strapper
  /// 龙门式打包机: the strap comes round by itself.
  case archStrapper = "arch-strapper"
  /// 封箱机: tape on cartons.
  case cartonTaper = "carton-taper"

  /// What one cycle of it does to a parcel.
  package var action: PhysicalAction {
    switch self {
    case .bandSealer, .impulseSealer, .controlledSealer, .cartonTaper: .seal
    case .strapper, .archStrapper: .strap
    }
  }

  /// The kind in people's words.
  package var text: Text {
    switch self {
    case .bandSealer: Text(zh: "连续式封口机", en: "continuous band sealer")
    case .impulseSealer: Text(zh: "脉冲封口机", en: "impulse sealer")
    case .controlledSealer: Text(zh: "温控脉冲封口机", en: "impulse sealer with controller")
    case .strapper: Text(zh: "半自动打包机", en: "semi-automatic strapper")
    case .archStrapper: Text(zh: "龙门打包机", en: "arch strapper")
    case .cartonTaper: Text(zh: "封箱机", en: "carton taper")
    }
  }
}

/// A story of contacts and the end that it must have.
package struct MachineSample: Hashable, Sendable {
  package enum Move: Hashable, Sendable {
    case start
    case wait(Int64)
    case level(MachineSignal, Bool)
  }

  package var moves: [Move]
  /// `finished`, the word of a ``CycleFault`` or, where it may not start, of a ``MachineBlocker``.
  package var end: String

  package init(moves: [Move], end: String) {
    self.moves = moves
    self.end = end
  }
}

/// A model of machine on lines (`Devices/machines/*.yaml`).
package struct MachineProfile: Hashable, Sendable {
  /// A contact that the station closes.
  package struct Output: Hashable, Sendable {
    /// Milliseconds that it may be on at a stretch, whatever the workflow believes.
    package var most: Int
    /// Whether the machine must not be driven without it.
    package var isRequired: Bool

    package init(most: Int, isRequired: Bool) {
      self.most = most
      self.isRequired = isRequired
    }
  }

  package var id: String
  package var maker: String
  package var model: String
  package var kind: MachineKind
  package var drive: MachineRules.Drive
  package var timing: MachineTiming
  package var outputs: [MachineOutput: Output]
  /// Milliseconds that a contact must rest, for each signal that the model has.
  package var debounce: [MachineSignal: Int]
  /// The signals without which it must not be driven.
  package var required: Set<MachineSignal>
  /// Whether nothing but time tells of a cycle's end.
  package var isUnconfirmed: Bool
  /// What a contact means at this model, where its name does not tell enough.
  package var meanings: [MachineSignal: String]
  /// Cycles after which it wants service; `nil` where the maker names none.
  package var serviceCycles: Int?
  package var samples: [MachineSample]

  /// How it is driven with what is wired of it.
  ///
  /// - Parameter outputs: The outputs that are wired.
  /// - Returns: The rules for ``MachineCycle``.
  package func rules(wired outputs: Set<MachineOutput>) -> MachineRules {
    MachineRules(drive: drive, timing: timing, outputs: outputs, isUnconfirmed: isUnconfirmed)
  }

  /// The contact that a cycle drives.
  package var driven: MachineOutput { rules(wired: Set(outputs.keys)).driven }

  /// Plays a sample on a machine with all that the profile has.
  ///
  /// - Returns: What came of it, in the words of ``MachineSample/end``; `nothing` where no cycle
  ///   was begun or none has ended.
  package func play(_ sample: MachineSample) -> String {
    var levels: [MachineSignal: Bool] = [:]
    for signal in debounce.keys {
      levels[signal] =
        signal.isPermissive || [.ready, .materialOK, .temperatureReady].contains(signal)
    }
    var cycle = MachineCycle(rules(wired: Set(outputs.keys)), levels: levels)
    var now = Instant.zero
    var end = "nothing"
    let note = { (events: [MachineEvent]) in
      for event in events {
        switch event {
        case .finished: end = "finished"
        case .failed(let fault): end = fault.rawValue
        case .blocked, .running, .heating, .latched, .odd: break
        }
      }
    }
    if debounce[.temperatureReady] == nil, outputs[.heaterEnable] != nil {
      note(cycle.warm(at: now))
      now = now + .milliseconds(timing.warmUp)
      note(cycle.advance(to: now))
    }
    for move in sample.moves {
      switch move {
      case .start:
        if let blocker = cycle.blocker(at: now) { end = blocker.rawValue }
        _ = cycle.start(at: now)
      case .wait(let milliseconds):
        let until = now + .milliseconds(milliseconds)
        while let due = cycle.deadline, due <= until, due > now {
          now = due
          note(cycle.advance(to: now))
        }
        now = until
        note(cycle.advance(to: now))
      case .level(let signal, let level): note(cycle.input(signal, level, at: now))
      }
    }
    return end
  }
}
