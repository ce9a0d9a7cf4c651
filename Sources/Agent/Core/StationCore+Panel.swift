package import Domain
package import Drivers
import Station

// MARK: Keys

extension StationCore {
  /// Begins to watch the keys; one that is down already is stuck until it has been up.
  mutating func watchKeys(_ levels: [Bool], at now: Instant) {
    var keys: [PanelKey: Bool] = [:]
    for (input, level) in zip(wiring.inputs, levels) {
      if case .key(let key) = input.role { keys[key] = level }
    }
    gestures = Gestures(keys)
    answer(gestures.stuck.map { .stuck($0) }, at: now)
  }

  /// Counts what the keys' contacts have come to rest at by an instant, in the order of time.
  ///
  /// Edges may be read late and together: who was down when another went down must not depend on
  /// when this thread got round to it.
  mutating func countKeys(until instant: Instant, at now: Instant) {
    let due = debouncers.indices.compactMap { index -> (index: Int, key: PanelKey, at: Instant)? in
      guard case .key(let key) = wiring.inputs[index].role else { return nil }
      guard let deadline = debouncers[index].deadline, deadline <= instant else { return nil }
      return (index, key, deadline)
    }
    for next in due.sorted(by: { $0.at < $1.at }) {
      guard let level = debouncers[next.index].advance(to: instant) else { continue }
      answer(gestures.change(next.key, isDown: level, at: next.at), at: now)
    }
  }

  /// Does what gestures mean.
  mutating func answer(_ gestures: [Gesture], at now: Instant) {
    for gesture in gestures {
      answer(gesture, at: now)
      actions.append(.notice(.gesture(gesture)))
    }
  }

  private mutating func answer(_ gesture: Gesture, at now: Instant) {
    switch gesture {
    case .press(let key):
      answered.remove(key)
      if lampTest != nil {
        endLampTest()
        answered.insert(key)
      } else if key.actsAtOnce {
        press(key, at: now)
      }
    case .short(let key): letGo(key, at: now)
    case .long(let key):
      guard key == .cancel, !answered.contains(key), workflow.takesMachineOff else { return }
      answered.insert(key)
      run(workflow.handle(.machineOff, at: now), at: now)
    // Nothing else has a meaning for a long press: a slow hand pressed it.
    case .longEnded(let key): letGo(key, at: now)
    case .chordHeld: _ = testLamps(.walk, at: now)
    case .stuck, .freed:
      run(workflow.handle(.buttonStuck(!self.gestures.stuck.isEmpty), at: now), at: now)
    case .double, .chord: break
    }
  }

  private mutating func letGo(_ key: PanelKey, at now: Instant) {
    if answered.remove(key) == nil { press(key, at: now) }
  }

  private mutating func press(_ key: PanelKey, at now: Instant) {
    // Only a hand at the panel ever switches a heater on, and each press keeps it on.
    if key.button == .go { tell(machine?.warm(at: now) ?? [], at: now) }
    run(workflow.handle(.pressed(key.button), at: now), at: now)
    actions.append(.notice(.pressed(key.button)))
  }
}

// MARK: Lamps and beeper

extension StationCore {
  /// Lights lamps for a technician, until a key is pressed or its time is over.
  ///
  /// - Returns: What is to be done, and whether it was taken: not with a parcel in hand, and not
  ///   while there is an alarm to be seen.
  package mutating func test(_ request: LampTest.Request, at now: Instant)
    -> (actions: [Action], isTaken: Bool)
  {
    let isTaken = testLamps(request, at: now)
    return (settle(at: now), isTaken)
  }

  /// Hears whether the beeper is to keep quiet, but for alarms.
  package mutating func quiet(_ isQuiet: Bool) { self.isQuiet = isQuiet }

  private mutating func testLamps(_ request: LampTest.Request, at now: Instant) -> Bool {
    guard workflow.isFree, !workflow.meaning.isAlarm else {
      run([.beep(.triple)], at: now)
      return false
    }
    endLampTest()
    if request != .off {
      lampTest = LampTest(request, lamps: wiring.lamps, at: now)
      beginTestStep(at: now)
    }
    return true
  }

  mutating func advanceLampTest(to now: Instant) {
    guard lampTest?.advance(to: now) == true else { return }
    beginTestStep(at: now)
  }

  private mutating func beginTestStep(at now: Instant) {
    guard let step = lampTest?.step else { return endLampTest() }
    // What is tested is heard, also at night.
    panel.sound(step.beep, at: now)
    shown = nil
    actions.append(.notice(.lampTest(step.lit, isOver: false)))
  }

  private mutating func endLampTest() {
    guard lampTest != nil else { return }
    lampTest = nil
    shown = nil
    actions.append(.notice(.lampTest([], isOver: true)))
  }

  /// Makes the lamps say what there is to say.
  mutating func showMeaning(at now: Instant) {
    let meaning = workflow.meaning
    if lampTest != nil, !workflow.isFree || meaning.isAlarm { endLampTest() }
    if meaning != told {
      told = meaning
      actions.append(.notice(.meaning(meaning, parcel: workflow.parcel, mass: workflow.mass)))
    }
    if let step = lampTest?.step {
      guard shown == nil else { return }
      shown = meaning
      for lamp in Lamp.allCases {
        panel.show(step.lit.contains(lamp) ? .on : .off, on: lamp, at: now)
      }
      return
    }
    panel.show(meaning == .stopping ? .off : linkRhythm, on: .link, at: now)
    guard meaning != shown else { return }
    shown = meaning
    panel.show(meaning.row.green, on: .green, at: now)
    panel.show(meaning.row.amber, on: .amber, at: now)
    panel.show(meaning.row.red, on: .red, at: now)
  }

  mutating func sound(_ beep: Beep, at now: Instant) {
    guard !isQuiet || workflow.meaning.isAlarm else { return }
    panel.sound(beep, at: now)
    actions.append(.notice(.beep(beep)))
  }
}
