package import Domain
package import Drivers
import Station
import Synchronization

/// What the daemon knows of itself, for whoever asks, and its news for whoever watches.
package final class StatusBoard: Sendable {
  /// How the link to the hub fares.
  package struct Link: Sendable {
    package enum State: String, Hashable, Sendable {
      /// Nothing has been tried yet, or no hub is configured.
      case never
      case online
      case offline
    }

    package var state = State.never
    package var lastError: String?
    package var lastSuccess: Timestamp?
    package var nextTry: Instant?
    /// Somebody told the station not to send.
    package var isPaused = false
    /// What the hub keeps but cannot read, as `records 17`: the last of them, and how many.
    package private(set) var quarantined: [String] = []
    package private(set) var quarantinedCount = 0
    /// Where the hub has another history: a cloned or restored card.
    package private(set) var forks: [String] = []
    private var deliveries: [(at: Instant, count: Int)] = []

    private static let most = 20

    package init() {}

    /// Whether the link wants somebody's eye although the hub answers.
    package var hasAlarm: Bool { !forks.isEmpty }

    /// How many events the hub took in the last minute.
    package func perMinute(at now: Instant) -> Int {
      deliveries.filter { now - $0.at < .seconds(60) }.reduce(0) { $0 + $1.count }
    }

    /// Notes that the hub took events.
    package mutating func sent(_ count: Int, at now: Instant) {
      deliveries = deliveries.filter { now - $0.at < .seconds(60) }.suffix(1000)
      if count > 0 { deliveries.append((now, count)) }
    }

    mutating func note(quarantined: [String], forks: [String]) {
      let fresh = quarantined.filter { !self.quarantined.contains($0) }
      quarantinedCount += fresh.count
      self.quarantined = (self.quarantined + fresh).suffix(Self.most)
      for fork in forks where !self.forks.contains(fork) { self.forks.append(fork) }
      self.forks = self.forks.suffix(Self.most)
    }
  }

  private struct State {
    var meaning = Meaning.starting
    var parcel: ParcelNumber?
    var mass: Mass?
    var reading: Reading?
    var devices: [String: DeviceState] = [:]
    var signals: [MachineSignal: Bool] = [:]
    var link = Link()
    var hint: (role: String, text: String)?
  }

  private let state = Mutex(State())
  private let fan = EventFan()
  private let started = MonotonicClock.now()

  package init() {}

  package var link: Link { state.withLock { $0.link } }

  /// Changes what is known of the link.
  @discardableResult
  package func update(link change: (inout Link) -> Void) -> Link {
    let link = state.withLock { state in
      change(&state.link)
      return state.link
    }
    tell("sync", ["state": .string(link.state.rawValue), "error": .optional(link.lastError)])
    return link
  }

  package func device(_ role: String, _ device: DeviceState) {
    state.withLock { $0.devices[role] = device }
    tell(
      "device",
      [
        "role": .string(role), "state": .string(device.word), "detail": .string(device.detail),
      ]
    )
  }

  /// Something for the technician that does not stop the work.
  package func hint(_ role: String, _ text: String) {
    state.withLock { $0.hint = (role, text) }
    tell("hint", ["role": .string(role), "text": .string(text)])
  }

  /// A code that a scanner brought.
  package func scan(_ role: String, _ text: String) {
    tell("scan", ["role": .string(role), "text": .string(text)])
  }

  package func reading(_ reading: Reading) {
    let isNews = state.withLock { state in
      defer { state.reading = reading }
      return state.reading?.state != reading.state || state.reading?.mass != reading.mass
    }
    guard isNews else { return }
    tell(
      "reading",
      ["state": .string(reading.state.rawValue), "grams": .optional(reading.mass?.grams)]
    )
  }

  package func notice(_ notice: StationCore.Notice) {
    switch notice {
    case .meaning(let meaning, let parcel, let mass):
      state.withLock { state in
        state.meaning = meaning
        state.parcel = parcel
        state.mass = mass
      }
      tell(
        "meaning",
        [
          "id": .string(meaning.rawValue), "zh": .string(meaning.row.text.zh),
          "en": .string(meaning.row.text.en), "parcel": .optional(parcel?.text),
          "grams": .optional(mass?.grams),
        ]
      )
    case .pressed(let button): tell("button", ["button": .string(button.rawValue)])
    case .gesture(let gesture):
      tell(
        "gesture",
        [
          "gesture": .string(gesture.word),
          "keys": .array(gesture.keys.map { .string($0.rawValue) }),
        ]
      )
    case .lampTest(let lamps, let isOver):
      tell(
        "lamp-test",
        ["lit": .array(lamps.map { .string($0.rawValue) }), "over": .bool(isOver)]
      )
    case .signal(let signal, let level):
      state.withLock { $0.signals[signal] = level }
      tell("signal", ["signal": .string(signal.rawValue), "active": .bool(level)])
    case .output(let output, let active):
      guard case .machine(let contact) = output else { return }
      tell("output", ["output": .string(contact.rawValue), "active": .bool(active)])
    case .machine(let event): tell("machine", event.fields)
    case .beep(let beep): tell("beep", ["beep": .string(beep.rawValue)])
    case .edgesLost: tell("edges-lost", [:])
    case .storm(let role, let isWild): device(role, isWild ? .wildLine : .ready)
    case .heartbeat(let lapse): device("heartbeat", lapse.map { .stopped($0) } ?? .ready)
    }
  }

  package func committed(_ events: [Event]) {
    for event in events {
      tell(
        "commit",
        [
          "lane": .string(event.lane.rawValue), "sequence": .int(Int(event.sequence)),
          "type": .string(event.type),
        ]
      )
    }
  }

  /// The news from now on; see ``EventFan``.
  package func events() -> AsyncStream<JSON> { fan.listen() }

  /// Devices with their states, by role.
  package var devices: [(role: String, state: DeviceState)] {
    state.withLock { $0.devices }.sorted { $0.key < $1.key }.map { (role: $0.key, state: $0.value) }
  }

  /// The part of the status that this board knows.
  package var fields: [String: JSON] {
    let now = state.withLock { state in
      (state.meaning, state.parcel, state.mass, state.reading, state.signals)
    }
    let row = now.0.row
    let rhythms: [String: JSON] = [
      Lamp.green.rawValue: .string(row.green.rawValue),
      Lamp.amber.rawValue: .string(row.amber.rawValue),
      Lamp.red.rawValue: .string(row.red.rawValue),
      Lamp.link.rawValue: .string(
        link.state == .online && !link.hasAlarm ? "on" : "slow"
      ),
    ]
    return [
      "meaning": .object([
        "id": .string(now.0.rawValue), "zh": .string(row.text.zh), "en": .string(row.text.en),
      ]),
      "parcel": .optional(now.1?.text),
      "grams": .optional(now.2?.grams),
      "lamps": .object(rhythms),
      "scale": .object([
        "state": .optional(now.3?.state.rawValue), "grams": .optional(now.3?.mass?.grams),
      ]),
      "signals": .object(
        Dictionary(uniqueKeysWithValues: now.4.map { ($0.key.rawValue, .bool($0.value)) })
      ),
      "hint": state.withLock(\.hint).map { hint in
        .object(["role": .string(hint.role), "text": .string(hint.text)])
      } ?? .null,
      "uptimeSeconds": .int(Int((MonotonicClock.now() - started).milliseconds / 1000)),
    ]
  }

  private func tell(_ kind: String, _ fields: [String: JSON]) {
    guard fan.isHeard else { return }
    var fields = fields
    fields["kind"] = .string(kind)
    fields["at"] = .int(Int((MonotonicClock.now() - started).milliseconds))
    fan.publish(.object(fields))
  }
}

extension JSON {
  package static func optional(_ text: String?) -> JSON { text.map { .string($0) } ?? .null }
  package static func optional(_ number: Int?) -> JSON { number.map { .int($0) } ?? .null }
}

extension DeviceState {
  /// A line with more edges than any contact makes.
  fileprivate static let wildLine = DeviceState.degraded(
    reason: "more than \(EdgeGate.Limit().edges) edges in a second, so it is not listened to: the"
      + " contact chatters or a wire is loose; tighten or replace it; it counts again once it has"
      + " been calm for a second"
  )

  /// The pulses for the watchdog relay have stopped.
  fileprivate static func stopped(_ lapse: Heartbeat.Lapse) -> DeviceState {
    switch lapse {
    case .late:
      .degraded(
        reason: "no pulses for the watchdog relay: the thread that drives the lines came late; see"
          + " `journalctl -u yizhand` for what kept it, and whether LimitRTPRIO is granted"
      )
    case .silent:
      .degraded(
        reason: "no pulses for the watchdog relay: the daemon's other threads do not answer; see"
          + " `journalctl -u yizhand`; `systemctl restart yizhand` if it stays"
      )
    }
  }
}

extension MachineEvent {
  fileprivate var fields: [String: JSON] {
    switch self {
    case .blocked(let blocker):
      ["event": .string("blocked"), "by": .optional(blocker?.rawValue)]
    case .running: ["event": .string("running")]
    case .finished: ["event": .string("finished")]
    case .failed(let fault): ["event": .string("failed"), "fault": .string(fault.rawValue)]
    case .heating(let isOn): ["event": .string(isOn ? "heating" : "heating-off")]
    case .latched(let cause): ["event": .string("latched"), "by": .string(cause.rawValue)]
    case .odd(let oddity): ["event": .string("odd"), "what": .string(oddity.rawValue)]
    }
  }
}
