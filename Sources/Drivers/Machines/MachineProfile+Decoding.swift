package import StrictYAML

extension MachineProfile {
  /// Reads a profile.
  ///
  /// - Parameters:
  ///   - text: The whole YAML file.
  ///   - file: Its path; the last part without `.yaml` is the profile's id.
  /// - Throws: All problems of the file with line, column, cause and remedy.
  package init(yaml text: String, file: String) throws(Problems) {
    let document = Document(text, file: file)
    let root = document.root
    let head = ProfileHead(root, file: file, hasUSB: false)
    id = head.id
    maker = head.maker
    model = head.model
    kind = root.choice("kind") ?? .impulseSealer
    drive = root.choice("drive", default: .pulse) ?? .pulse
    timing = MachineTiming(root.fields("timing"), drive)
    isUnconfirmed = root.bool("unconfirmed", default: false)
    outputs = Self.outputs(root.fields("outputs"), timing, drive)
    (debounce, required, meanings) = ([:], [], [:])
    let signals = root.fields("signals")
    for signal in MachineSignal.allCases {
      guard let fields = signals.optionalFields(signal.rawValue) else { continue }
      debounce[signal] = fields.milliseconds("debounce", in: 0...1000)
      if fields.bool("required", default: false) { required.insert(signal) }
      meanings[signal] = fields.optionalString("means")
      fields.finish()
    }
    signals.finish()
    serviceCycles = root.optionalInt("service-cycles", in: 100...10_000_000)
    samples = root.list("samples").compactMap { MachineSample($0) }
    root.finish()
    checkEnd(root)
    checkSamples(root)
    try document.check()
  }

  private static func outputs(
    _ fields: Fields,
    _ timing: MachineTiming,
    _ drive: MachineRules.Drive
  ) -> [MachineOutput: Output] {
    var outputs: [MachineOutput: Output] = [:]
    for output in MachineOutput.allCases {
      guard let own = fields.optionalFields(output.rawValue) else { continue }
      let usual: Int? =
        switch output {
        // The pulse ends by the cycle's own clock; the limit holds even if that is wrong.
        case .start: drive == .pulse ? Int(timing.pulse) + 100 : nil
        case .reset: Int(timing.reset) + 100
        case .heaterEnable, .motorRun: nil
        }
      let most = own.milliseconds("most", in: 50...43_200_000, default: usual)
      let isRequired = own.bool("required", default: false)
      outputs[output] = Output(most: most, isRequired: isRequired)
      own.finish()
    }
    fields.finish()
    let driven: Set<MachineOutput> = drive == .hold ? [.start, .motorRun] : [.start]
    if !driven.contains(where: { outputs[$0]?.isRequired == true }) {
      fields.report(
        "nothing that is required begins a cycle",
        remedy: "set `required: true` at `\(drive == .hold ? "motor-run" : "start")`"
      )
    }
    return outputs
  }

  /// A cycle whose end is a guess must say so.
  private func checkEnd(_ root: Fields) {
    let tells = !required.isDisjoint(with: [.busy, .done, .bagPresent])
    if !tells, !isUnconfirmed {
      root.report(
        at: "signals",
        "nothing that is required tells how a cycle ends",
        remedy: "set `required: true` at `busy`, `done` or `bag-present`; where the machine has "
          + "only a start contact, write `unconfirmed: true`"
      )
    }
    if isUnconfirmed, !debounce.keys.allSatisfy({ ![.busy, .done, .bagPresent].contains($0) }) {
      root.report(
        at: "unconfirmed",
        "a contact tells how a cycle ends, so that it is confirmed",
        remedy: "remove `unconfirmed`, or the contact"
      )
    }
  }

  private func checkSamples(_ root: Fields) {
    for (index, sample) in samples.enumerated() {
      let unknown = sample.moves.contains { move in
        if case .level(let signal, _) = move { debounce[signal] == nil } else { false }
      }
      let end = play(sample)
      if unknown {
        root.report(
          at: "samples",
          "sample \(index + 1) moves a contact that the profile does not have",
          remedy: "add it to `signals`, or take it out of the sample"
        )
      } else if end != sample.end {
        root.report(
          at: "samples",
          "sample \(index + 1) ends with `\(end)`, not `\(sample.end)`",
          remedy: "correct the sample, or timing and signals until it fits what was seen"
        )
      }
    }
  }
}

extension MachineSample {
  /// Reads `play: start 40 busy 2200 -busy done` and `gives: finished`.
  fileprivate init?(_ fields: Fields) {
    let text = fields.string("play")
    end = fields.string("gives")
    moves = []
    for word in text.split(separator: " ") {
      let isOff = word.hasPrefix("-")
      if word == "start" {
        moves.append(.start)
      } else if let time = Int64(word), (0...43_200_000).contains(time) {
        moves.append(.wait(time))
      } else if let signal = MachineSignal(rawValue: String(isOff ? word.dropFirst() : word)) {
        moves.append(.level(signal, !isOff))
      } else {
        fields.report(
          at: "play",
          "`\(word)` is neither `start`, a signal nor a number of milliseconds",
          remedy: "write it as: start 40 busy 2200 -busy done"
        )
      }
    }
    fields.finish()
    if moves.isEmpty { return nil }
  }
}

extension MachineTiming {
  /// The longest times that make sense of a sealer; a pulse beyond them is a latch.
  fileprivate init(_ fields: Fields, _ drive: MachineRules.Drive) {
    let usual = MachineTiming()
    let read = { (key: String, bounds: ClosedRange<Int>, value: Int64?) in
      Int64(fields.milliseconds(key, in: bounds, default: value.map { Int($0) }))
    }
    self.init(
      pulse: read("pulse", 20...1000, drive == .hold ? usual.pulse : nil),
      rest: read("rest", 100...60_000, nil),
      busyWithin: read("busy-within", 50...120_000, usual.busyWithin),
      longest: read("longest", 200...600_000, nil),
      doneWithin: read("done-within", 0...10_000, usual.doneWithin),
      runOn: read("run-on", 0...60_000, usual.runOn),
      reset: read("reset", 50...5000, usual.reset),
      warmUp: read("warm-up", 1000...3_600_000, usual.warmUp),
      idleOff: read("idle-off", 10_000...14_400_000, usual.idleOff)
    )
    fields.finish()
  }
}
