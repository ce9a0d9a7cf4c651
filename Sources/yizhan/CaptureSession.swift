package import Domain
package import Drivers

/// Shows what a device sends while it comes, and keeps what samples can be made of.
package struct CaptureSession: Sendable {
  /// Bytes further apart than this are shown on lines of their own.
  package static let gap = Duration.milliseconds(30)
  private static let rowLength = 16

  /// The first bytes, for a search of protocols.
  package private(set) var head: [UInt8] = []
  package private(set) var byteCount = 0
  /// How many frames were understood.
  package private(set) var frames = 0
  package private(set) var samples: SampleBook

  private let say: Speech
  private let hasReports: Bool
  private let start: Instant
  private var live: LiveDecoder
  private var last: Instant?
  private var row: [UInt8] = []
  /// Time and pause before the row, where it begins something.
  private var mark: String?

  /// Begins with an opened device.
  ///
  /// - Parameters:
  ///   - format: As what the bytes are read; `nil` shows them only.
  ///   - hasReports: Whether the device sends HID reports, each on its own.
  ///   - start: Now.
  ///   - say: The language.
  /// - Throws: `PortError.unsuitable` where the device is not of that format.
  package init(_ format: CaptureFormat?, hasReports: Bool, start: Instant, _ say: Speech)
    throws(PortError)
  {
    live = try LiveDecoder(format)
    samples = SampleBook(format)
    self.hasReports = hasReports
    self.start = start
    self.say = say
  }

  /// When to look again at the latest.
  package func wait(at now: Instant) -> Duration {
    guard let deadline = live.deadline else { return Self.gap }
    return min(Self.gap, max(.zero, deadline - now))
  }

  /// Takes bytes; of a HID device one report.
  ///
  /// - Returns: The lines that are complete.
  package mutating func receive(_ bytes: [UInt8], at now: Instant) -> [String] {
    var lines: [String] = []
    byteCount += bytes.count
    head += bytes.prefix(max(0, ProtocolSearch.longest - head.count))
    let isNew = last.map { hasReports || now - $0 >= Self.gap } ?? true
    if isNew {
      lines += flush()
      samples.pause()
      mark =
        Self.seconds(now - start, width: 8) + "  " + Self.seconds(now - (last ?? start), width: 7)
    }
    last = now
    samples.note(bytes)
    row += bytes
    while row.count >= Self.rowLength {
      lines.append(line(of: Array(row.prefix(Self.rowLength))))
      row.removeFirst(Self.rowLength)
    }
    if hasReports { lines += flush() }
    return lines + tell(live.receive(bytes, at: now))
  }

  /// Notes that nothing came.
  package mutating func quiet(at now: Instant) -> [String] {
    guard let last, now - last >= Self.gap else { return [] }
    let lines = flush() + (now - last >= ScaleDecoder.gap ? tell(live.quiet(at: now)) : [])
    samples.pause()
    return lines
  }

  /// Ends the capture.
  package mutating func finish(at now: Instant) -> [String] {
    let lines = flush() + tell(live.quiet(at: now))
    samples.pause()
    return lines
  }

  private mutating func tell(_ outputs: [LiveDecoder.Output]) -> [String] {
    guard !outputs.isEmpty else { return [] }
    var lines = flush()
    for output in outputs {
      frames += 1
      samples.note(output)
      lines.append(String(repeating: " ", count: 19) + "→ " + Terminal.plain(output.words(say)))
    }
    return lines
  }

  private mutating func flush() -> [String] {
    defer { row = [] }
    return row.isEmpty ? [] : [line(of: row)]
  }

  private mutating func line(of bytes: [UInt8]) -> String {
    defer { mark = nil }
    let digits = bytes.hex
    let space = String(repeating: " ", count: max(0, Self.rowLength * 3 - 1 - digits.utf8.count))
    let text = bytes.map { (0x20...0x7E).contains($0) ? Character(Unicode.Scalar($0)) : "." }
    let mark = mark ?? String(repeating: " ", count: 17)
    return "\(mark)  \(digits)\(space)  |\(String(text))|"
  }

  /// Seconds with three decimals.
  private static func seconds(_ duration: Duration, width: Int) -> String {
    let (whole, rest) = duration.milliseconds.quotientAndRemainder(dividingBy: 1000)
    let text = "\(whole).\(String(1000 + abs(rest)).dropFirst())"
    return String(repeating: " ", count: max(0, width - text.utf8.count)) + text
  }
}

/// Reads a device while it sends.
package struct LiveDecoder: Sendable {
  /// What was understood.
  package enum Output: Hashable, Sendable {
    case scale(ScaleDecoder.Output)
    case scanner(ScannerOutput)

    /// For people.
    func words(_ say: Speech) -> String {
      switch self {
      case .scale(.reading(let reading)):
        let state = Words.reading(reading.state.rawValue, say)
        return reading.mass.map { "\(state)  \($0)" } ?? state
      case .scale(let output):
        if case .remark(let text) = CaptureReader.Item(output) { return say(text) }
        return ""
      case .scanner(.scan(let scan)):
        let text = String(decoding: scan.bytes, as: UTF8.self)
        return scan.symbology.map { "\(text)  \($0)" } ?? text
      case .scanner(.dropped(let reason)):
        return say("没读成：\(reason)", "not read: \(reason)")
      }
    }
  }

  private var scale: ScaleDecoder?
  private var scanner: (any ScannerProtocol)?

  init(_ format: CaptureFormat?) throws(PortError) {
    switch format {
    case .scale(let profile): scale = try profile.decoder()
    case .scanner(let profile): scanner = try profile.decoder()
    case nil: break
    }
  }

  var deadline: Instant? { scanner?.deadline }

  mutating func receive(_ bytes: [UInt8], at now: Instant) -> [Output] {
    (scale?.receive(bytes, at: now) ?? []).map { .scale($0) }
      + (scanner?.receive(bytes, at: now) ?? []).map { .scanner($0) }
  }

  mutating func quiet(at now: Instant) -> [Output] {
    (scale?.pause(at: now) ?? []).map { .scale($0) }
      + (scanner?.receive([], at: now) ?? []).map { .scanner($0) }
  }
}
