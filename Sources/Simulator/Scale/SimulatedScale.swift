package import Domain

/// A weighing platform with a wire: a mass on a pan that swings, settles and is reported.
///
/// The wire is USB HID or a serial line in one of many formats; see ``Wire``.
///
/// Nothing moves by itself: ``advance(to:)`` lets time pass, and all verbs act at the time that it
/// reached last.
package struct SimulatedScale: Sendable {
  /// How a scale misbehaves.
  package enum Fault: String, Hashable, Sendable, CaseIterable {
    case none
    /// It sends nothing any more, as one that has switched itself off.
    case silent
    /// It says of itself that it is broken.
    case faultStatus = "fault"
    /// It never comes to rest, as on a shaking table.
    case stuckMoving = "moving"
    /// It sends its last report for ever, whatever lies on the pan.
    case repeatsLast = "repeats"
    /// In two of three frames one bit is not what was sent.
    case garbled
    /// Each frame loses its beginning or its end.
    case halved
    /// The host listens at another speed: bytes become others, most of them with the high bit.
    case wrongBaud = "wrong-baud"
    /// The host takes the even parity for an eighth data bit.
    case parityBits = "parity"
    /// A second indicator with another weight talks on the same line.
    case twoIndicators = "two-indicators"
    /// The display says OL, and the frames carry that text in the place of digits.
    case overloadText = "overload-text"
  }

  /// Frames that wait at most; as in the kernel's ring, newer ones are dropped beyond that.
  package static let ring = 64

  package let model: Model
  /// The fault that it has now.
  package var fault = Fault.none
  /// Whether it is connected and has power.
  package private(set) var isPlugged = true
  /// How often its plug was pulled: what was open before is dead.
  package private(set) var unpluggings = 0
  /// The grams that lie on the pan.
  package private(set) var load = 0.0
  /// Whether the host has asked that it returns to zero between two weighings (usage 81).
  package private(set) var enforcesZeroReturn = false
  /// The time that it has reached.
  package private(set) var now: Instant

  /// What it gives away by itself, and when.
  enum Habit: Hashable, Sendable {
    case none
    /// A weight each time that it has one.
    case everyWeight
    /// A weight whenever it has come to rest with another one.
    case everyRest(last: Int?)
  }

  /// What is sent to it, and what that has set going.
  var requests: RequestReader
  var habit: Habit
  /// Somebody waits for a weight at rest.
  private var isRestWanted = false
  /// Whether it sends back what it is sent.
  var isEchoing = false

  private var random: SeededRandom
  private var trouble: LineTrouble
  private var platform: Platform
  /// What the load cell shows with nothing on the pan.
  private var zeroPoint = 0.0
  /// What has been tared, above the zero.
  private var tared = 0.0
  private var creep = 0.0
  private var held: Int?
  private var nextReport: Instant
  /// What it has shown last.
  private var shown: Display?
  private var frames: [[UInt8]] = []

  /// Sets up an empty scale that is plugged in.
  package init(_ model: Model = Model(), seed: UInt64 = 1, at start: Instant = .zero) {
    self.model = model
    now = start
    random = SeededRandom(seed: seed)
    trouble = LineTrouble(seed: seed &+ 1)
    requests = RequestReader(cut: model.wire.hearing)
    habit = model.wire.streams ? .everyWeight : .none
    platform = Platform(since: start, from: 0)
    nextReport = start + model.interval
  }

  /// When it does something by itself next; `nil` while it is unplugged.
  package var nextEvent: Instant? { isPlugged ? nextReport : nil }

  /// What it shows now and how it stands.
  package var display: Display { display(noise: 0) }

  /// Lets time pass; reports that fall due are queued.
  package mutating func advance(to instant: Instant) {
    guard instant > now else { return }
    guard isPlugged else {
      now = instant
      return
    }
    // A long sleep yields only as many reports as the ring can hold.
    let backlog = Int64(Self.ring) * model.interval.nanoseconds
    if instant.nanoseconds - nextReport.nanoseconds > backlog {
      let skipped = (instant.nanoseconds - nextReport.nanoseconds - backlog)
      nextReport.nanoseconds += skipped / model.interval.nanoseconds * model.interval.nanoseconds
    }
    while nextReport <= instant {
      now = nextReport
      weigh()
      nextReport = nextReport + model.interval
    }
    now = instant
  }

  /// Puts a weight on the pan, in place of what was there.
  package mutating func place(grams: Double) {
    disturb { $0.load = grams }
  }

  /// Takes everything off the pan.
  package mutating func remove() {
    place(grams: 0)
  }

  /// Lets the load cell wander, as with warmth; small wander is tracked away at zero.
  package mutating func drift(grams: Double) {
    creep += grams
    held = nil
  }

  /// Presses the scale's own tare key: whatever is shown becomes zero.
  package mutating func tare() {
    let gross = load + creep - zeroPoint
    // Below zero there is nothing to tare: the key sets the zero.
    if gross > 0 { tared = gross } else { setZero() }
    held = nil
    shown = display
  }

  /// Presses the scale's own zero key: near zero and at rest, what is shown becomes zero.
  package mutating func pressZero() {
    _ = takeZero()
  }

  /// Takes a HID output report, or bytes on a serial wire.
  ///
  /// The report `02 02` is zero, `02 01` enforced zero return.
  ///
  /// - Returns: Whether it knows such a report; a serial wire takes any bytes.
  package mutating func receive(_ bytes: [UInt8]) -> Bool {
    guard isPlugged else { return false }
    guard model.wire != .hid else { return !model.isControlledByFeature && control(bytes) }
    for byte in bytes {
      // What is echoed is still obeyed.
      if isEchoing { send([byte]) }
      if let request = requests.take(byte) { obey(request) }
    }
    return true
  }

  /// Takes a HID feature report.
  ///
  /// - Returns: Whether it knows such a report.
  package mutating func receiveFeature(_ report: [UInt8]) -> Bool {
    guard isPlugged, model.wire == .hid, model.isControlledByFeature else { return false }
    return control(report)
  }

  private mutating func control(_ report: [UInt8]) -> Bool {
    guard report.count == 2, report[0] == 0x02 else { return false }
    enforcesZeroReturn = report[1] & 0x01 != 0
    if report[1] & 0x02 != 0 { _ = takeZero() }
    return true
  }

  /// Takes the frames that wait; of HID each is a report.
  package mutating func takeReports() -> [[UInt8]] {
    defer { frames = [] }
    return frames
  }

  /// Takes the oldest frame that waits.
  package mutating func takeReport() -> [UInt8]? {
    frames.isEmpty ? nil : frames.removeFirst()
  }

  /// Forgets what a program that opens it now does not get.
  ///
  /// Of a HID device one old report stays in the endpoint's buffer. A serial line keeps nothing, but
  /// whoever begins to listen comes in the middle of a frame.
  package mutating func keepStaleReport() {
    frames = frames.suffix(1).map { model.wire == .hid ? $0 : Array($0.suffix($0.count / 2)) }
  }

  /// Pulls the plug: waiting frames are gone.
  package mutating func unplug() {
    isPlugged = false
    unpluggings += 1
    frames = []
  }

  /// Puts the plug back; many scales then take whatever lies on the pan as zero.
  package mutating func plug() {
    guard !isPlugged else { return }
    isPlugged = true
    startUp()
  }

  /// Switches it off and on while its plug stays in.
  package mutating func restart() {
    guard isPlugged else { return }
    startUp()
  }

  private mutating func startUp() {
    held = nil
    shown = nil
    enforcesZeroReturn = false
    requests = RequestReader(cut: model.wire.hearing)
    habit = model.wire.streams ? .everyWeight : .none
    isRestWanted = false
    isEchoing = false
    tared = 0
    if model.zeroesAtPowerOn { setZero() }
    nextReport = now + model.interval
    if let greeting = model.greeting { send(greeting) }
  }
}

// MARK: What it can be asked for

extension SimulatedScale {
  /// Why it would not zero or tare.
  enum Refusal: Hashable, Sendable {
    case moving
    case above
    case below
  }

  /// What it has shown last: a request between two weighings is answered with the one before.
  var current: Display { shown ?? display }

  /// Whether it has come to rest.
  var isAtRest: Bool {
    fault != .stuckMoving && swing < model.resolution * 0.25
      && now - platform.since >= .milliseconds(300)
  }

  /// Sets the zero, at rest and near the old one only (OIML R 76, 4.5.1: 4 % of the range in all).
  mutating func takeZero() -> Refusal? {
    guard isAtRest else { return .moving }
    let gross = load + creep - zeroPoint
    guard abs(gross) <= model.capacity * 0.02 else { return gross > 0 ? .above : .below }
    setZero()
    held = nil
    shown = display
    return nil
  }

  /// Tares what lies on the pan, at rest only.
  mutating func takeTare() -> Refusal? {
    guard isAtRest else { return .moving }
    let gross = load + creep - zeroPoint
    guard gross <= model.capacity else { return .above }
    guard gross > -model.resolution else { return .below }
    presetTare(grams: max(0, gross))
    return nil
  }

  /// Takes a number for the tare.
  mutating func presetTare(grams: Double) {
    tared = grams
    held = nil
    shown = display
  }

  /// Puts bytes on the wire, as its faults leave them.
  mutating func send(_ bytes: [UInt8]) {
    guard fault != .silent else { return }
    put(trouble.spoil(bytes, fault, model.wire))
  }

  /// Sends the weight of a display, where its format has a word for it.
  mutating func sendWeight(_ display: Display) {
    guard let frame = model.frame(display, isText: fault == .overloadText) else { return }
    send(frame)
    guard fault == .twoIndicators, model.wire != .hid else { return }
    if let other = model.frame(Display(status: .stable, grams: 7350)) { put(other) }
  }

  /// Sends the weight as soon as it is at rest.
  mutating func sendWeightAtRest() {
    isRestWanted = current.status == .moving
    if !isRestWanted { sendWeight(current) }
  }

  private mutating func put(_ bytes: [UInt8]) {
    if frames.count < Self.ring { frames.append(bytes) }
  }

  private mutating func setZero() {
    zeroPoint = load + creep
    tared = 0
  }
}

extension SimulatedScale {
  /// How much the platform still swings, in grams either way.
  private var swing: Double {
    platform.envelope(at: now, load: load, settling: model.settling)
  }

  private mutating func disturb(_ change: (inout Self) -> Void) {
    let shown = platform.position(at: now, load: load, settling: model.settling)
    change(&self)
    platform = Platform(since: now, from: shown)
    held = nil
  }

  private func display(noise: Double) -> Display {
    if fault == .faultStatus { return Display(status: .fault, grams: 0) }
    let gross = load + creep - zeroPoint
    let tare = model.rounded(tared)
    guard gross <= model.capacity + 9 * model.resolution else {
      return Display(status: .overLimit, grams: 0, tare: tare)
    }
    guard gross >= -model.capacity * 0.1 else {
      return Display(status: .underLimit, grams: model.rounded(gross - tared), tare: tare)
    }
    guard isAtRest else {
      let swinging = platform.position(at: now, load: load, settling: model.settling)
      let shown = model.rounded(swinging + creep - zeroPoint - tared + noise)
      return Display(status: .moving, grams: shown, tare: tare)
    }
    let shown = held ?? model.rounded(gross - tared)
    guard abs(shown) >= Int(model.resolution.rounded(.up)) else {
      return Display(status: .zero, grams: 0, tare: tare)
    }
    return Display(status: shown < 0 ? .underZero : .stable, grams: shown, tare: tare)
  }

  private mutating func weigh() {
    guard fault != .silent else { return }
    if fault != .repeatsLast || shown == nil {
      // Noise is of the size of the swing, and a little more while the platform cannot rest.
      let reach = min(swing, model.resolution * 2) + (fault == .stuckMoving ? 3 : 0.3)
      let display = display(noise: Double.random(in: -reach...reach, using: &random))
      trackZero(display)
      if isAtRest { held = display.grams }
      shown = display
    }
    tell(current)
  }

  /// Gives away a weight where somebody is to have it.
  private mutating func tell(_ display: Display) {
    if isRestWanted, display.status != .moving {
      isRestWanted = false
      sendWeight(display)
    }
    switch habit {
    case .none: break
    case .everyWeight: sendWeight(display)
    case .everyRest(let last):
      guard display.status != .moving, display.grams != last else { return }
      habit = .everyRest(last: display.grams)
      sendWeight(display)
    }
  }

  /// Zero tracking: at rest at zero, a wander of less than half a division becomes the new zero.
  private mutating func trackZero(_ shown: Display) {
    let net = load + creep - zeroPoint - tared
    if shown.status == .zero, abs(net) <= model.resolution / 2 { zeroPoint += net }
  }
}
