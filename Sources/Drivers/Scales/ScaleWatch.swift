import Domain

/// Follows one opened scale: when to ask it, when it is silent, and whether to believe it.
///
/// It is a value without input or output; ``ScaleSession`` moves the bytes.
struct ScaleWatch: Sendable {
  /// What is to be done, in this order.
  enum Action: Hashable, Sendable {
    case tell(ScaleEvent)
    case send(ScaleOrder)
    case answered(ScaleRequest, ScaleAnswer)
    /// It has proven to work.
    case proven
  }

  /// The longest wait, so that whoever asked for something hears in time.
  private static let longestWait = Duration.seconds(2)
  /// A load that stays so long has been forgotten there, or the scale repeats itself.
  private static let unchanging = Duration.seconds(600)

  private let profile: ScaleProfile
  /// The protocol, prepared for this scale.
  let codec: any ScaleProtocol
  private var decoder: ScaleDecoder
  private var suspicion: WireSuspicion
  private var heard: Instant
  private var lastByte: Instant
  private var nextPoll: Instant
  // The first reading after opening may be one that was kept from before, or half a frame.
  private var isFirst = true
  private var isSilent = false
  private var asked: (request: ScaleRequest, at: Instant)?
  private var lastMass: Mass?
  private var recent: [Mass] = []
  private var isTold = false
  private var steady: (mass: Mass, since: Instant, isTold: Bool)?

  /// Begins with an opened scale.
  ///
  /// - Throws: `PortError.unsuitable` where it is not of the profile's protocol.
  init(_ profile: ScaleProfile, descriptor: [UInt8], line: SerialLine?, at now: Instant)
    throws(PortError)
  {
    self.profile = profile
    let line = line ?? profile.line
    codec = try profile.codec(descriptor: descriptor)
    decoder = ScaleDecoder(codec, line: line, rule: profile.stability)
    suspicion = WireSuspicion(protocolName: profile.scaleProtocol, line: line)
    heard = now
    lastByte = now
    nextPoll = now
  }

  /// How long to wait for bytes from now on.
  func wait(at now: Instant) -> Duration {
    var until = now + Self.longestWait
    if !isSilent { until = min(until, heard + profile.silence) }
    if profile.poll != nil { until = min(until, nextPoll) }
    if decoder.isWaiting { until = min(until, lastByte + ScaleDecoder.gap) }
    return max(.zero, until - now)
  }

  /// Notes that something has been asked for, so that the answer is known for one.
  mutating func ask(_ request: ScaleRequest, at now: Instant) { asked = (request, now) }

  /// What to send first.
  mutating func opened() -> [Action] {
    guard profile.poll == nil, let order = codec.order(for: .stream) else { return [] }
    return [.send(order)]
  }

  /// Takes what came, or the news that nothing did.
  mutating func receive(_ bytes: [UInt8]?, at now: Instant) -> [Action] {
    var actions: [Action] = []
    if let bytes, !bytes.isEmpty {
      lastByte = now
      suspicion.note(bytes)
      take(decoder.receive(bytes, at: now), at: now, &actions)
    } else if decoder.isWaiting, now - lastByte >= ScaleDecoder.gap {
      take(decoder.pause(at: now), at: now, &actions)
    }
    // Bytes without a weight do not keep the last one fresh.
    if !isSilent, now - heard >= profile.silence {
      isSilent = true
      recent = []
      steady = nil
      actions.append(.tell(.reading(Reading(state: .stale, mass: nil, at: now))))
      actions.append(.tell(.state(.degraded(reason: suspicion.words))))
    }
    if let asked, now - asked.at >= .seconds(3) { answer(asked.request, .unanswered, &actions) }
    if let poll = profile.poll, now >= nextPoll, let order = codec.order(for: .weigh) {
      nextPoll = now + poll
      actions.append(.send(order))
    }
    return actions
  }

  private mutating func take(
    _ outputs: [ScaleDecoder.Output],
    at now: Instant,
    _ actions: inout [Action]
  ) {
    for output in outputs {
      switch output {
      case .reading(let reading): weigh(reading, at: now, &actions)
      case .answer(let request, let result): answer(request, result, &actions)
      case .restarted:
        // Its zero and its tare are not what they were: only a zero seen anew will do.
        actions.append(.tell(.reading(Reading(state: .stale, mass: nil, at: now))))
        actions.append(.tell(.state(.degraded(reason: "it was switched on anew"))))
        isSilent = true
        actions += opened()
      case .notUnderstood: suspicion.isNotUnderstood = true
      case .proceed(let bytes): actions.append(.send(.bytes(bytes)))
      }
    }
  }

  private mutating func weigh(_ reading: Reading, at now: Instant, _ actions: inout [Action]) {
    heard = now
    suspicion.clear()
    if isFirst || isSilent {
      actions.append(.tell(.state(.ready)))
      actions.append(.proven)
      isSilent = false
    }
    let reading = confirmed(reading)
    defer { isFirst = false }
    guard !isFirst else { return }
    if let asked, asked.request == .zero || asked.request == .tare, reading.state == .zero,
      now - asked.at >= .milliseconds(150)
    {
      answer(asked.request, .done, &actions)
    }
    guard !isOfTwo(reading) else {
      let fault = Reading(state: .fault, mass: nil, raw: reading.raw, at: now)
      actions.append(.tell(.reading(fault)))
      if !isTold {
        actions.append(.tell(.hint("two scales seem to talk on this line: unplug one of them")))
      }
      isTold = true
      return
    }
    isTold = false
    actions.append(.tell(.reading(reading)))
    noteSteady(reading, at: now, &actions)
  }

  /// On a serial line two frames in a row must agree before a weight counts as at rest: most formats
  /// have no checksum, and half a frame glued to another may read as a weight.
  private mutating func confirmed(_ reading: Reading) -> Reading {
    defer { lastMass = reading.mass }
    guard profile.line != nil, lastMass != reading.mass else { return reading }
    switch reading.state {
    case .stable, .negative, .zero:
      var reading = reading
      reading.state = .moving
      return reading
    case .moving, .over, .under, .fault, .stale: return reading
    }
  }

  private mutating func answer(
    _ request: ScaleRequest,
    _ answer: ScaleAnswer,
    _ actions: inout [Action]
  ) {
    guard asked?.request == request else { return }
    asked = nil
    actions.append(.answered(request, answer))
  }

  /// Two weights that take turns exactly are not one load that swings.
  private mutating func isOfTwo(_ reading: Reading) -> Bool {
    guard let mass = reading.mass else {
      recent = []
      return false
    }
    recent.append(mass)
    if recent.count > 8 { recent.removeFirst() }
    guard recent.count == 8, (recent[0] - recent[1]).magnitude > Mass(grams: 20) else {
      return false
    }
    return recent.indices.allSatisfy { recent[$0] == recent[$0 % 2] }
  }

  private mutating func noteSteady(
    _ reading: Reading,
    at now: Instant,
    _ actions: inout [Action]
  ) {
    guard reading.state == .stable, let mass = reading.mass else {
      steady = nil
      return
    }
    guard let steady, steady.mass == mass else {
      self.steady = (mass, now, false)
      return
    }
    guard !steady.isTold, now - steady.since >= Self.unchanging else { return }
    self.steady?.isTold = true
    actions.append(
      .tell(
        .hint(
          "\(mass) for ten minutes: take everything off; if it stays, switch the scale off and on"
        )
      )
    )
  }
}

/// Why bytes come and no weight: the usual mistakes of a line, told by what comes instead.
struct WireSuspicion: Sendable {
  let protocolName: String
  let line: SerialLine?
  var isNotUnderstood = false
  private var bytes = 0
  private var highBytes = 0

  init(protocolName: String, line: SerialLine?) {
    self.protocolName = protocolName
    self.line = line
  }

  mutating func note(_ new: [UInt8]) {
    bytes += new.count
    highBytes += new.count { $0 >= 0x80 }
  }

  mutating func clear() {
    bytes = 0
    highBytes = 0
    isNotUnderstood = false
  }

  /// What is wrong, and what to do next.
  var words: String {
    guard let line else { return "silent; press its power button" }
    let set = "\(line.baud) \(line.framing)"
    if isNotUnderstood {
      return "it does not understand the question: "
        + "choose `\(protocolName)` in its menu, check \(set)"
    }
    guard bytes > 0 else {
      return "silent; check power, cable and that it sends; the line is set to \(set)"
    }
    if highBytes * 4 > bytes, line.dataBits == 8 {
      return "\(bytes) bytes came and none fits: baud or parity differ; the line is set to \(set)"
    }
    return "\(bytes) bytes came, but no frame of `\(protocolName)`: another format or baud? "
      + "see `yizhan capture`, then `yizhan decode`"
  }
}
