package import Domain

/// When a weight counts as stable although the protocol cannot say so.
package struct StabilityRule: Hashable, Sendable {
  /// So many frames in a row must agree.
  package var frames: Int
  /// And the first and last of them must lie so far apart.
  package var duration: Duration

  package init(frames: Int = 5, duration: Duration = .milliseconds(500)) {
    self.frames = frames
    self.duration = duration
  }
}

/// Turns what a scale sends into readings, however it is cut into pieces.
///
/// Bytes that belong to no frame are passed over one at a time, so that the next good frame is
/// always found; never more than ``longestFrame`` bytes are kept.
package struct ScaleDecoder: Sendable {
  /// What the bytes meant.
  package enum Output: Hashable, Sendable {
    case reading(Reading)
    case answer(ScaleRequest, ScaleAnswer)
    case restarted
    case notUnderstood
    /// The exchange goes on: send these bytes now.
    case proceed([UInt8])
  }

  /// Longer than any frame of any protocol.
  package static let longestFrame = 256

  /// A frame without an end is taken as it is after so long without a byte.
  package static let gap = Duration.milliseconds(50)

  /// How many bytes were passed over since the start.
  package private(set) var noise = 0
  /// Where the first of them stood, counted from the first byte of all.
  package private(set) var firstNoise: Int?
  /// How many whole frames told nothing, as a tare.
  package private(set) var blanks = 0
  /// How many bytes wait for the rest of their frame.
  package var waiting: Int { buffer.count }
  /// Whether bytes wait for the rest of their frame.
  package var isWaiting: Bool { !buffer.isEmpty }

  private let codec: any ScaleProtocol
  private let hasReports: Bool
  private let mask: UInt8
  private var judge: StabilityJudge
  private var buffer: [UInt8] = []
  private var startsLine = true
  private var startsText = true
  /// How many bytes have gone out of the buffer.
  private var taken = 0

  /// Prepares to read from one opened scale.
  ///
  /// - Parameters:
  ///   - codec: Its protocol.
  ///   - line: The serial line; with 7 data bits the eighth is taken for parity, and dropped.
  ///   - rule: When a weight counts as stable where the protocol cannot say.
  ///   - isCapture: Whether the reports of a HID scale come glued together.
  package init<Codec: ScaleProtocol>(
    _ codec: Codec,
    line: SerialLine?,
    rule: StabilityRule = StabilityRule(),
    isCapture: Bool = false
  ) {
    self.codec = codec
    hasReports = Codec.wire == .hid && !isCapture
    mask = line?.dataBits == 7 ? 0x7F : 0xFF
    judge = StabilityJudge(rule: rule)
  }

  /// Takes bytes; of a HID scale exactly one report.
  ///
  /// - Parameters:
  ///   - bytes: What has come.
  ///   - now: When.
  /// - Returns: What they meant, in order.
  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [Output] {
    if mask == 0xFF {
      buffer += bytes
    } else {
      buffer += bytes.lazy.map { [mask] in $0 & mask }
    }
    return read(isLast: hasReports, at: now)
  }

  /// Notes that the line has gone quiet, or that a capture has come to its end.
  package mutating func pause(at now: Instant) -> [Output] {
    buffer.isEmpty ? [] : read(isLast: true, at: now)
  }

  private mutating func read(isLast: Bool, at now: Instant) -> [Output] {
    var outputs: [Output] = []
    var head = 0
    while head < buffer.count {
      switch match(at: head, isLast: isLast) {
      case .frame(let length, let message):
        if let output = output(message, frame: head..<head + length, at: now) {
          outputs.append(output)
        } else {
          blanks &+= 1
        }
        head += length
        startsLine = true
        startsText = true
        // What a report has beyond its fields is no second one.
        if hasReports { head = buffer.count }
      case .incomplete where !isLast && buffer.count - head < Self.longestFrame:
        buffer.removeFirst(head)
        taken &+= head
        return outputs
      case .incomplete, .noise:
        firstNoise = firstNoise ?? (taken &+ head)
        startsLine = buffer[head] == 0x0A || buffer[head] == 0x0D
        startsText = !(0x20...0x7E).contains(buffer[head])
        head += 1
        noise &+= 1
      }
    }
    taken &+= buffer.count
    buffer.removeAll(keepingCapacity: true)
    return outputs
  }

  private func match(at head: Int, isLast: Bool) -> FrameMatch {
    codec.match(
      buffer.span.extracting(head...),
      FramePlace(startsLine: startsLine, startsText: startsText, isLast: isLast)
    )
  }

  private mutating func output(_ message: ScaleMessage, frame: Range<Int>, at now: Instant)
    -> Output?
  {
    switch message {
    case .weight(let weighing):
      .reading(judge.reading(weighing, raw: Array(buffer[frame]), at: now))
    case .answer(let request, let answer): .answer(request, answer)
    case .restarted: .restarted
    case .notUnderstood: .notUnderstood
    case .proceed(let bytes): .proceed(bytes)
    case .nothing: nil
    }
  }
}

/// Gives each frame its state: the one place where a weight is believed or not.
struct StabilityJudge: Sendable {
  /// A million tonnes: no scale weighs more, and no sum of a few such weights overflows.
  private static let greatest = 1_000_000_000_000

  let rule: StabilityRule
  private var run: (mass: Mass, since: Instant, last: Instant, frames: Int)?

  init(rule: StabilityRule) {
    self.rule = rule
  }

  mutating func reading(_ weighing: Weighing, raw: [UInt8], at now: Instant) -> Reading {
    let (state, mass) = judge(weighing, at: now)
    return Reading(state: state, mass: mass, raw: raw, at: now)
  }

  private mutating func judge(_ weighing: Weighing, at now: Instant) -> (Reading.State, Mass?) {
    guard case .weight(let number, let unit, var motion, let isZero) = weighing else {
      run = nil
      return switch weighing {
      case .zero: (.zero, .zero)
      case .moving: (.moving, nil)
      case .over: (.over, nil)
      case .under: (.under, nil)
      case .fault, .weight: (.fault, nil)
      }
    }
    guard let mass = number.mass(in: unit), (-Self.greatest...Self.greatest).contains(mass.grams)
    else {
      run = nil
      return (.over, nil)
    }
    if motion == .unknown { motion = note(mass, at: now) ? .stable : .moving }
    guard motion == .stable else { return (.moving, mass) }
    if isZero || mass == .zero { return (.zero, mass) }
    return (mass < .zero ? .negative : .stable, mass)
  }

  /// Counts a frame of a scale that cannot say whether it is at rest.
  ///
  /// - Returns: Whether enough of them agree.
  private mutating func note(_ mass: Mass, at now: Instant) -> Bool {
    // After a silence nobody knows what happened meanwhile.
    guard var run, run.mass == mass, now - run.last < .seconds(2) else {
      run = (mass, now, now, 1)
      return rule.frames <= 1 && rule.duration <= .zero
    }
    run.frames += 1
    run.last = now
    self.run = run
    return run.frames >= rule.frames && now - run.since >= rule.duration
  }
}
