import Domain
import Drivers
import TestSupport
import Testing

/// What a protocol makes of a scanner's bytes, in words short enough for tables of vectors.
///
/// `YT12`, `]C0 YT12` where the symbology is known, `dropped: ` and the reason.
struct Scanning {
  private var decoder: any ScannerProtocol
  private(set) var now = Instant.zero
  private(set) var words: [String] = []

  init(_ kind: any ScannerProtocol.Type, _ settings: ScannerSettings = ScannerSettings())
    throws(PortError)
  {
    decoder = try kind.init(settings)
  }

  static func hex(_ text: String) -> [UInt8] {
    text.split { $0 == " " || $0 == "\n" }.compactMap { UInt8($0, radix: 16) }
  }

  /// What one piece after the other gives, and the pause behind the last.
  static func words(
    of pieces: [[UInt8]],
    _ kind: any ScannerProtocol.Type,
    _ settings: ScannerSettings = ScannerSettings()
  ) throws(PortError) -> [String] {
    var scanning = try Scanning(kind, settings)
    for piece in pieces { scanning.receive(piece) }
    scanning.pause()
    return scanning.words
  }

  /// Expects the same words in one piece, cut in two at every place, and byte by byte.
  static func expect(
    _ bytes: [UInt8],
    _ kind: any ScannerProtocol.Type,
    _ settings: ScannerSettings = ScannerSettings(),
    gives words: [String],
    sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let whole = try Self.words(of: [bytes], kind, settings)
    #expect(whole == words, "\(bytes)", sourceLocation: sourceLocation)
    for cut in bytes.indices.dropFirst() {
      let halves = [Array(bytes[..<cut]), Array(bytes[cut...])]
      let read = try Self.words(of: halves, kind, settings)
      #expect(read == words, "cut at \(cut) of \(bytes)", sourceLocation: sourceLocation)
    }
    let drops = try Self.words(of: bytes.map { [$0] }, kind, settings)
    #expect(drops == words, "byte by byte: \(bytes)", sourceLocation: sourceLocation)
  }

  mutating func receive(_ bytes: [UInt8], after delay: Duration = .zero) {
    now = now + delay
    note(decoder.receive(bytes, at: now))
  }

  mutating func receive(_ text: String, after delay: Duration = .zero) {
    receive(Array(text.utf8), after: delay)
  }

  /// Nothing comes for so long.
  mutating func wait(_ delay: Duration) {
    now = now + delay
    note(decoder.pause(at: now))
  }

  /// Nothing comes until the protocol wants to know.
  mutating func pause() {
    guard let deadline = decoder.deadline else { return }
    now = max(now, deadline)
    note(decoder.pause(at: now))
    #expect(decoder.deadline == nil)
  }

  var isWaiting: Bool { decoder.deadline != nil }

  private mutating func note(_ outputs: [ScannerOutput]) {
    for output in outputs {
      switch output {
      case .scan(let scan):
        #expect(scan.at == now)
        let text = String(decoding: scan.bytes, as: UTF8.self)
        words.append((scan.symbology.map { $0 + " " } ?? "") + text)
      case .dropped(let reason): words.append("dropped: " + reason)
      }
    }
  }
}

/// Input events of the kernel, as a keyboard sends them.
struct Keys {
  private(set) var bytes: [UInt8] = []
  /// The stamp of the next event.
  var now: Instant
  /// Between two events.
  let pace: Duration

  init(pace: Duration = .milliseconds(5), from start: Instant = Instant(nanoseconds: 7_000_000_000))
  {
    self.pace = pace
    now = start
  }

  /// Keys in short, as `42d 21d 21u`: the kernel's code, down, up or repeated.
  init(_ text: String, pace: Duration = .milliseconds(5)) {
    self.init(pace: pace)
    for word in text.split(separator: " ") {
      guard let code = UInt16(word.dropLast()) else { continue }
      key(code, ["u": 0, "d": 1, "r": 2][word.last] ?? 9)
    }
  }

  static func event(_ at: Instant, _ type: UInt16, _ code: UInt16, _ value: Int32) -> [UInt8] {
    let micros = at.nanoseconds / 1000
    func little(_ value: Int64, _ count: Int) -> [UInt8] {
      (0..<count).map { UInt8(truncatingIfNeeded: value >> Int64(8 * $0)) }
    }
    return little(micros / 1_000_000, 8) + little(micros % 1_000_000, 8) + little(Int64(type), 2)
      + little(Int64(code), 2) + little(Int64(value), 4)
  }

  /// A change of a key and the end of its report.
  mutating func key(_ code: UInt16, _ value: Int32) {
    bytes += Self.event(now, 1, code, value) + Self.event(now, 0, 0, 0)
    now = now + pace
  }

  /// One key down and up.
  mutating func press(_ code: UInt16) {
    key(code, 1)
    key(code, 0)
  }

  /// SYN_DROPPED; the end of the report is up to the caller.
  mutating func lose() {
    bytes += Self.event(now, 0, 3, 0)
  }

  mutating func endReport() {
    bytes += Self.event(now, 0, 0, 0)
  }
}
